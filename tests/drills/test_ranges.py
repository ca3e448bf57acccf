"""What hangs on who writes, with other mixes: weighed from one play, against plays with these mixes."""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from math import sqrt

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.scenario.assumptions import (
    FILTER,
    WHO_WRITES,
    assumptions,
    sent_by,
    share_factor,
    with_capacity,
    with_life,
    with_other_expiry,
    with_schedule,
    with_writing_again,
)
from sim.drill.scenario.runbook import load_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.mail.platforms.platform import read_platform
from sim.mail.platforms.sender_mixes import read_sender_mixes, with_mix
from sim.report.chance import counted
from sim.report.debrief import debrief
from sim.report.document.run_document import document
from sim.report.outcome import outcome
from sim.report.range_text import range_text, span
from sim.report.sender_ranges import OWN, Ranges, played, weighed
from sim.report.table import comparison_rows
from sim.report.text import debrief_text
from tests.kept import kept
from tests.shipped import FILES

MIXES = {name: mix.shares for name, mix in read_sender_mixes(FILES).mixes.items()}


@cache
def scenario(outage: str, mix: str = OWN) -> Scenario:
    one = load_scenario("gateway-down", {"users": "300", "outage": outage})
    return one if mix == OWN else sent_by(one, MIXES[mix])


@kept
def gateway_down(outage: str, seed: int, mix: str = OWN, runbook: str = "") -> Session:
    """That outage, with its mail written by that mix of senders."""
    return run(scenario(outage, mix), seed, runbook)


def run(one: Scenario, seed: int, runbook: str = "") -> Session:
    session = Session(one, seed, None)
    play(session, load_runbook(runbook, parse) if runbook else None)
    return session


def gave_up(session: Session) -> dict[str, int]:
    return session.drill.world.inbound.given_up


def chance(counts: Mapping[str, int], own: Mapping[str, int], other: Mapping[str, int], real: int) -> float:
    """A standard deviation of the difference: of what was drawn there, and of what was weighed here."""
    return sqrt(real + sum(counts.get(name, 0) * (share / own[name]) ** 2 for name, share in other.items()))


def untouched() -> Session:
    return gateway_down("14h", 1)


@cache
def untouched_with_each() -> Ranges:
    return played(untouched())


@pytest.mark.parametrize(("outage", "seed"), [("14h", 1), ("14h", 2), ("40h", 1)])
def test_weighing_comes_within_chance_of_a_run_with_that_mix(outage: str, seed: int) -> None:
    one, session = scenario(outage), gateway_down(outage, seed)
    found, counts = weighed(session).gave_up.mixes, gave_up(session)
    own = {part.platform: part.share_percent for part in one.organisation.correspondents.mix}
    assert found[OWN] == sum(counts.values()) > 300
    for name, shares in MIXES.items():
        real = sum(gave_up(gateway_down(outage, seed, name)).values())
        told = found[name]
        assert told is not None
        assert abs(told - real) <= 4 * chance(counts, own, shares, real), name
        assert (told == 0) is (real == 0)
    few, many = (found[name] for name in MIXES)
    assert few is not None
    assert many is not None
    assert few < sum(counts.values()) < many, "no mix is like another"


def flags(session: Session) -> tuple[int, int]:
    """Messages that were late, and that came twice."""
    found = session.drill.world.flags()
    return found["late"], found["duplicates"]


@pytest.mark.parametrize(("outage", "seed", "apart"), [("8h", 1, 1.0), ("14h", 2, 1.5), ("40h", 1, 1.5)])
def test_so_does_what_comes_late_and_what_comes_twice(outage: str, seed: int, apart: float) -> None:
    one, session = scenario(outage), gateway_down(outage, seed)
    told = weighed(session)
    assert (told.late.mixes[OWN], told.copies.mixes[OWN]) == flags(session)
    assert told.why == ""
    world, hop = session.drill.world, session.drill.world.inbound.hop
    assert hop is not None
    own = {part.platform: part.share_percent for part in one.organisation.correspondents.mix}
    parts = []
    for ids in (world.late(), world.copies.again_outside(hop)):
        counts = hop.who.by_platform(ids).tolist()
        parts.append({platform.id: count for platform, count in zip(hop.who.platforms, counts, strict=True)})
    for name, shares in MIXES.items():
        real = flags(gateway_down(outage, seed, name))
        for found, counts, truth in zip((told.late, told.copies), parts, real, strict=True):
            weighted = found.mixes[name]
            assert weighted is not None
            assert abs(weighted - truth) <= 4 * chance(counts, own, shares, truth), (name, weighted, truth)
    low, high = told.late.low, told.late.high
    assert low is not None
    assert high is not None
    assert high > apart * low, "no mix is like another"


def test_where_no_sender_tries_again_nothing_hangs_on_who_writes() -> None:
    """A grey gateway takes everything; before a mail server that is down nobody outside notices anything."""
    for name, settings in (("gateway-grey", {}), ("exchange-down", {"outage": "20h"})):
        one = load_scenario(name, {"users": "100"} | settings)
        session = run(one, 1)
        late, copies = flags(session)
        assert late > 100
        found = weighed(session)
        assert found.late.mixes == dict.fromkeys((OWN, *MIXES), late)
        assert found.copies.mixes == dict.fromkeys((OWN, *MIXES), copies)
        assert found.gave_up.band == (0, 0)
        most, least = counted(late).times(Fraction(2)), counted(late).times(Fraction(1, 2))
        assert found.late.band == (least.lowest, most.highest), "how long mail is of use is assumed"


def test_once_the_mx_was_changed_only_runs_of_their_own_tell() -> None:
    session = gateway_down("14h", 2, runbook="gateway-down")
    told = weighed(session)
    own = (sum(gave_up(session).values()), *flags(session))
    own_shares = {
        part.platform: part.share_percent for part in scenario("14h").organisation.correspondents.mix
    }
    for one, count in zip((told.gave_up, told.late, told.copies), own, strict=True):
        assert one.mixes == {OWN: count, **dict.fromkeys(MIXES)}
        assert (one.low, one.high) == (None, None)
    assert told.why.startswith("after an MX change")
    plays = played(session, [one for one in assumptions(session.scenario) if one.subject == WHO_WRITES])
    assert plays.why == ""
    real = plays.gave_up
    for name in MIXES:
        alone = gateway_down("14h", 2, name, "gateway-down")
        assert real.mixes[name] == sum(gave_up(alone).values())
        assert (plays.late.mixes[name], plays.copies.mixes[name]) == flags(alone)
    counts = gave_up(session)
    as_if = {name: with_mix(counts, own_shares, shares) for name, shares in MIXES.items()}
    off = [
        abs(as_if[name] - (real.mixes[name] or 0)) / chance(counts, own_shares, shares, real.mixes[name] or 0)
        for name, shares in MIXES.items()
    ]
    assert max(off) > 4, "weighing would have been a wrong number that looks right"


def test_the_ranges_are_in_the_json_the_table_the_debrief_and_beside_doing_nothing() -> None:
    session, ghost = gateway_down("14h", 1, runbook="gateway-down"), gateway_down("14h", 1)
    by_mix, nothing, figures = weighed(ghost), outcome(ghost), outcome(session)
    told = document(ghost, "none", 1.0)
    for key, one in (
        ("senders_gave_up", by_mix.gave_up),
        ("late_by_mix", by_mix.late),
        ("duplicates_by_mix", by_mix.copies),
    ):
        assert told[key] == {
            "own_mix": one.mixes[OWN],
            "low": one.low,
            "high": one.high,
            "assumed": [],
            "mixes": [{"mix": name, "count": one.mixes[name]} for name in MIXES],
            "played": False,
            "why": None,
        }
    assert (nothing.lost.at_senders.low, nothing.lost.at_senders.high) == by_mix.gave_up.band
    assert (nothing.timing.late.low, nothing.timing.late.high) == (by_mix.late.low, by_mix.late.high)
    rows = comparison_rows(figures, nothing)
    ranges = [row[1:] for row in rows if row[0] == "  band"]
    by_senders = (nothing.lost.at_senders, nothing.timing.late, nothing.timing.copies)
    both = [span(one.low, one.high) for one in by_senders]
    assert ranges == [("see --range", each.replace(" to ", "–")) for each in both]
    assert all(" to " in each for each in both)
    findings = debrief(session, nothing).findings
    (text,) = (one for one in findings if "at the sender (retry" in one and one[0].isdigit())
    assert f"(band: {both[0]})" in text.partition("without any action")[2]
    (why,) = (one for one in findings if "own mix of senders only" in one)
    assert why.endswith("`--range` also runs the other mixes.")
    (twice,) = (one for one in debrief(ghost, nothing).findings if "arrived twice" in one)
    assert twice.startswith(f"416 messages arrived twice (band: {both[2]}): ")
    assert not any("own mix of senders only" in one for one in debrief(ghost, nothing).findings)
    mine = document(ghost, "x", 1.0, untouched_with_each())["late_by_mix"]
    assert mine["played"] is True
    assert mine["low"] < mine["own_mix"] < mine["high"]
    plays = untouched_with_each()
    *blocks, covers = range_text(plays, plays).split("\n\n")[1:]
    assert covers == plays.covers
    assert [block.split("  ")[0] for block in blocks] == [
        "Bounced at the sender",
        "Messages too late to be useful",
        "Messages that arrived twice",
        "Time to clear the backlog",
    ]
    lines = [line for block in blocks for line in block.splitlines()]
    assert max(map(len, lines)) <= 80
    assert {len(re.split("  +", line)) for line in lines} == {3}, "a name, and a figure for each run"
    for block, one in zip(blocks, (plays.gave_up, plays.late, plays.copies), strict=False):
        *lines, last = block.splitlines()[1:]
        counts = {**one.mixes, **one.assumed}
        assert [line.split("  ")[0] for line in lines] == list(counts)
        assert [int(line.split()[-1].replace(",", "")) for line in lines] == list(counts.values())
        assert last.split()[-1] == span(one.low, one.high).replace(" to ", "–")


def test_the_unpublished_numbers_move_the_figures_and_the_band_holds_each_and_all_together() -> None:
    """300 users at 14 h with seed 1, and the same with other values of unpublished numbers."""
    plays, one = untouched_with_each(), scenario("14h")
    assert plays.backlog_ms is not None
    hours = {name: round(count / HOUR_MS, 1) for name, count in plays.backlog_ms.assumed.items()}
    assert hours["schedules: sparse"] == 8.0
    assert plays.backlog_ms.mixes[OWN] == plays.backlog_ms.assumed["useful life: 1/2 of the shares"]
    assert (plays.late.mixes[OWN], plays.copies.mixes[OWN]) == (605, 416)
    assert [plays.late.assumed[f"useful life: {much} of the shares"] for much in ("1/2",)] == [302]
    assert plays.late.assumed["useful life: 2 times the shares"] == 1209
    assert plays.copies.assumed["writing again: 1/2 of the shares"] == 192
    assert plays.copies.assumed["writing again: 2 times the shares"] == 821
    found = (plays.gave_up, plays.late, plays.copies, plays.backlog_ms)
    for figure in found:
        low, high = figure.band or (0, 0)
        assert all(low <= count <= high for count in (*figure.known, *figure.assumed.values()))
    for name, schedule, more, less in (
        ("many short-lived", "sparse", 2, 1),
        ("two large hosts", "dense", 1, 2),
    ):
        worst = with_schedule(sent_by(one, MIXES[name]), schedule)
        session = run(with_writing_again(with_life(worst, more, less), more, less), 1)
        counts = (sum(gave_up(session).values()), *flags(session))
        for figure, count in zip(found, counts, strict=False):
            low, high = figure.band or (0, 0)
            assert low <= count <= high, (name, schedule)


def test_the_band_of_one_seed_holds_the_others_and_says_what_it_covers() -> None:
    """The band of duplicates of seed 1 at 14 h held 6 of 20 seeds."""
    found = document(untouched(), "none", 1.0)
    seeds = [flags(gateway_down("14h", seed)) for seed in range(2, 6)]
    for key, counts in (
        ("late_by_mix", [a for a, _b in seeds]),
        ("duplicates_by_mix", [b for _a, b in seeds]),
    ):
        assert all(found[key]["low"] <= count <= found[key]["high"] for count in counts)
    assert "do not cover the unpublished retry schedules" in found["bands"]["covers"]
    assert found["bands"]["backlog_low_s"] is None
    lines = debrief_text(debrief(untouched(), outcome(untouched()))).splitlines()
    assert sum(line == found["bands"]["covers"] for line in lines) == 1
    ran = document(untouched(), "none", 1.0, untouched_with_each())
    assert "Each of these values had a run of its own. The band of the time" in ran["bands"]["covers"]
    assert "does not cover chance" in ran["bands"]["covers"]
    assert ran["bands"]["backlog_low_s"] < 14_400
    assert 28_500 < ran["bands"]["backlog_high_s"] < 28_801
    assert {one["assumption"] for one in ran["late_by_mix"]["assumed"]} == {
        one.name for one in assumptions(scenario("14h")) if one.subject != "senders"
    }


@pytest.mark.parametrize(
    ("mix", "seed"), [("two large hosts", 4), ("many short-lived", 2), ("many short-lived", 3)]
)
def test_the_band_holds_other_seeds_with_other_mixes_too(mix: str, seed: int) -> None:
    """4 % of the mail of seed 1 comes from Mailgun; in one of the other mixes it is 35 %."""
    one = load_scenario("gateway-down", {"users": "150", "outage": "26h"})
    band = weighed(run(one, 1)).gave_up.band
    assert band is not None
    other = sum(gave_up(run(sent_by(one, MIXES[mix]), seed)).values())
    assert band[0] <= other <= band[1]


def test_a_figure_that_only_chance_makes_0_has_a_band() -> None:
    """Of the five messages that could be sent again with seed 1, none is; with seed 4, five of ten are."""
    one = load_scenario("m365-offline", {"users": "150"})
    none, some = run(one, 1), run(one, 4)
    assert (flags(none)[1], flags(some)[1]) == (0, 5)
    assert none.drill.world.copies.own_since(0) == (5, 0)
    band = weighed(none).copies.band
    assert band is not None
    assert band[0] <= 5 <= band[1]
    assert played(none, []).copies.band == band
    quiet = Session(one, 1, None)
    quiet.advance(HOUR_MS)
    assert weighed(quiet).copies.band == (0, 0), "before the onset nothing could be sent twice"
    people, other = outcome(none).people, outcome(some).people
    assert people.calls_low <= other.calls <= people.calls_high
    assert outcome(quiet).people.calls_high == 0


def test_each_assumption_is_a_scenario_of_its_own_that_adds_up() -> None:
    one = scenario("14h")
    factor = share_factor(one)
    assert factor == 2
    for changed in (with_life(one, 1, factor), with_life(one, factor, 1), with_life(one, 40, 1)):
        shares = [kind.share_permille for kind in changed.organisation.useful_life]
        assert sum(shares) == 1000 or shares[-1] == 0
    assert with_writing_again(one, 40, 1).organisation.resending.notice_permille == 1000
    slow = with_capacity(one, factor, 1).organisation
    assert slow.server.per_message_ms == 2 * one.organisation.server.per_message_ms
    assert slow.secondary.per_message_ms == 2 * one.organisation.secondary.per_message_ms
    other = with_other_expiry(one)
    assert read_platform(other.files, "mailgun").parameters["expiry"].value == "next-attempt"
    assert read_platform(other.files, "postfix") == read_platform(one.files, "postfix")
    sparse = with_schedule(one, "sparse")
    assert read_platform(sparse.files, "gmail").parameters["schedule"].value == "sparse"
    assert read_platform(one.files, "gmail").parameters["schedule"].value == "middle"


def test_the_filter_s_capacity_is_varied_where_mail_queues_before_it() -> None:
    """100 users, a slow gateway: the time of the backlog depends on the filter's unpublished capacity."""
    slow, refusing = load_scenario("gateway-slow", {"users": "100", "filter": "40s"}), scenario("14h")
    assert [one for one in assumptions(refusing) if one.subject == FILTER] == []
    varied = [one for one in assumptions(slow) if one.subject == FILTER]
    assert len(varied) == 4
    found = played(run(slow, 1), varied)
    assert found.backlog_ms is not None
    low_ms, high_ms = found.backlog_ms.band or (0, 0)
    assert low_ms < high_ms, "nobody publishes it, and the time of the backlog depends on it"
    assert low_ms <= found.backlog_ms.known[0] <= high_ms
    assert "the capacity of the gateway's filter" in found.covers
    assert "the capacity of the gateway's filter" not in played(run(refusing, 1), []).covers
