"""What senders give up with other mixes: weighed from one play, against plays with these mixes."""

from collections.abc import Mapping
from functools import cache
from math import sqrt

import pytest

from sim.drill.grammar import parse
from sim.drill.player import play
from sim.drill.runbook import load_runbook
from sim.drill.scenario import Scenario
from sim.drill.scenario_file import load_scenario
from sim.drill.session import Session
from sim.mail.sender_mixes import read_sender_mixes
from sim.report.debrief import debrief, ghost_of
from sim.report.outcome import document, outcome
from sim.report.ranges import OWN, played, range_text, sent_by, weighed

MIXES = {name: mix.shares for name, mix in read_sender_mixes().mixes.items()}


@cache
def scenario(outage: str) -> Scenario:
    return load_scenario("gateway-down", {"users": "300", "outage": outage})


def run(one: Scenario, seed: int, runbook: str = "") -> Session:
    session = Session(one, seed, None)
    play(session, load_runbook(runbook, parse) if runbook else None)
    return session


def gave_up(session: Session) -> dict[str, int]:
    return session.drill.world.inbound.given_up


def chance(counts: Mapping[str, int], own: Mapping[str, int], other: Mapping[str, int], real: int) -> float:
    """A standard deviation of the difference: of what was drawn there, and of what was weighed here."""
    return sqrt(real + sum(counts.get(name, 0) * (share / own[name]) ** 2 for name, share in other.items()))


@pytest.mark.parametrize("outage", ["14h", "40h"])
@pytest.mark.parametrize("seed", [1, 2])
def test_weighing_comes_within_chance_of_a_run_with_that_mix(outage: str, seed: int) -> None:
    one = scenario(outage)
    session = run(one, seed)
    found, counts = weighed(session).mixes, gave_up(session)
    own = {part.platform: part.share_percent for part in one.organisation.correspondents.mix}
    assert found[OWN] == sum(counts.values()) > 300
    for name, shares in MIXES.items():
        real = sum(gave_up(run(sent_by(one, shares), seed)).values())
        told = found[name]
        assert told is not None
        assert abs(told - real) <= 4 * chance(counts, own, shares, real), name
        assert (told == 0) is (real == 0)
    few, many = (found[name] for name in MIXES)
    assert few is not None
    assert many is not None
    assert few < sum(counts.values()) < many, "no mix is like another"


def test_once_the_mx_was_changed_only_runs_of_their_own_tell() -> None:
    session = run(scenario("14h"), 2, "gateway-down")
    told = weighed(session)
    assert told.mixes == {OWN: sum(gave_up(session).values()), **dict.fromkeys(MIXES)}
    assert (told.low, told.high) == (None, None)
    real = played(session)
    for name, shares in MIXES.items():
        alone = run(sent_by(scenario("14h"), shares), 2, "gateway-down")
        assert real.mixes[name] == sum(gave_up(alone).values())
    weighed_high = sum(gave_up(session).values()) * 5
    assert real.high is not None
    assert real.high > 2 * weighed_high, "weighing would have been a wrong number that looks right"


def test_the_range_is_in_the_json_the_debrief_and_beside_doing_nothing() -> None:
    session = run(scenario("14h"), 1, "gateway-down")
    ghost = ghost_of(session)
    by_mix, nothing = weighed(ghost), outcome(ghost)
    found = document(ghost, "none", 1.0)["senders_gave_up"]
    assert found == {
        "own_mix": by_mix.mixes[OWN],
        "low": 0,
        "high": by_mix.mixes["many short-lived"],
        "mixes": [{"mix": name, "count": by_mix.mixes[name]} for name in MIXES],
        "played": False,
    }
    assert (nothing.returned, nothing.returned_low, nothing.returned_high) == (
        by_mix.mixes[OWN], 0, by_mix.mixes["many short-lived"],
    )  # fmt: skip
    (text,) = (one for one in debrief(session, nothing).findings if one.startswith("Senders gave up"))
    assert "(0 to 3,200 by who writes to you) if nobody had acted" in text
    assert text.endswith("With the MX changed, `--range` plays other mixes.")
    mine = document(session, "x", 1.0, played(session))["senders_gave_up"]
    assert mine["played"] is True
    assert mine["low"] <= mine["own_mix"] <= mine["high"]
    shown = range_text(played(session), by_mix).splitlines()
    assert [line.split("  ")[0] for line in shown[3:]] == [OWN, *MIXES]
    assert shown[3].split()[-2:] == [str(mine["own_mix"]), str(by_mix.mixes[OWN])]
