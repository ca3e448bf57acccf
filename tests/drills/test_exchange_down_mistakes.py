"""The shipped mistakes of `exchange-down` at its own size and defaults: each shows its price."""

import re
from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.runbook import load_runbook
from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.drills.played import SEEDS, Played, reference, run, without
from tests.examples import TIMES
from tests.kept import kept

NAME = "exchange-down"
REFUSES = "back pressure: refuses mail from outside"


@kept
def played(mistake: str = "", outage: str = "31h", seed: int = 1) -> Played:
    """The reference, or one that differs from it in one point; a thousand users."""
    book = load_runbook(f"{NAME}-{mistake}", parse) if mistake else reference(NAME)
    return run(load_scenario(NAME, {"outage": outage}), book, seed)


@kept
def idle() -> Played:
    """Nobody does anything."""
    return run(load_scenario(NAME), None)


def drained_h(one: Played) -> float:
    return (one.milestones["queue.drained"] - one.milestones["outage.end"]) / HOUR_MS


def refusals(one: Played) -> list[str]:
    return [text for text in one.said("fault") if text.startswith(REFUSES)]


def waits_ms(one: Played, at_ms: int) -> int:
    """How long the oldest message in the gateway's queue has waited at a moment."""
    queue = one.session.fork(at_ms).snapshot().queue
    return queue.oldest_ms or 0


def test_the_reference_meets_every_objective_and_the_server_never_refuses_mail() -> None:
    well = played()
    assert set(well.objectives.values()) == {"met"}
    assert not refusals(well)
    assert not well.said("refused")
    looked = [text for text in well.said("report") if text.startswith("mail server: ")][-1]
    assert looked.endswith("4 in its submission queue"), "half the connections are its pace"


@pytest.mark.parametrize("outage", ["120h"] if TIMES == 1 else ["72h", "120h"])
def test_it_does_so_in_longer_outages(outage: str) -> None:
    long = played(outage=outage)
    assert set(long.objectives.values()) == {"met"}
    assert not refusals(long)
    assert (long.outcome.lost.bounced, long.outcome.inbound.queued) == (0, 0)


def test_a_backlog_sent_all_at_once_is_refused_repeatedly() -> None:
    flood = played("all-at-once")
    assert len(refusals(flood)) > 3
    (batch,) = flood.session.drill.batches.all
    assert batch.taken < len(batch.ids) / 2, "the rest was put back"
    assert drained_h(flood) > drained_h(played()) + 4
    assert flood.objectives["queue-drained"] == "failed"


def test_a_retry_before_the_disk_check_waits_for_the_nightly_backup() -> None:
    full = played("retry-before-disk-check")
    assert refusals(full) == [f"{REFUSES}, its disk is full"]
    assert drained_h(full) > drained_h(played()) + 10
    assert full.objectives["queue-drained"] == "failed"


def test_in_a_long_outage_a_full_disk_returns_mail() -> None:
    full = played("retry-before-disk-check", "120h")
    assert full.outcome.lost.bounced > 20_000
    assert full.objectives["no-bounce"] == "failed"


def test_told_by_dead_mail_who_is_in_no_event_goes_without() -> None:
    told, well = played("announce-by-dead-mail").outcome, played().outcome
    assert told.people.user_hours_without_mail > 1.5 * well.people.user_hours_without_mail
    assert told.people.calls > well.people.calls
    assert told.timing.late.count > 2 * well.timing.late.count


def test_an_event_that_lapses_leaves_the_night_and_the_next_day_uncovered() -> None:
    lapsed = played("lapses-at-night")
    assert lapsed.objectives["no-gap"] == "failed"
    assert (
        lapsed.outcome.people.user_hours_without_mail > 20 * played().outcome.people.user_hours_without_mail
    )
    assert lapsed.outcome.people.calls > 2 * played().outcome.people.calls


def test_a_pause_that_nobody_lifts_keeps_the_backlog_where_it_is() -> None:
    paused = played("never-resumed")
    assert "queue.drained" not in paused.milestones
    assert paused.outcome.inbound.queued > 100_000
    assert paused.objectives["queue-drained"] == "failed"
    assert paused.objectives["decided-on-what-was-known"] == "failed"


def test_each_mistake_that_ships_is_played_here() -> None:
    shipped = {name for name in shipped_names("runbooks") if name.startswith(f"{NAME}-")}
    assert shipped == {
        f"{NAME}-{mistake}"
        for mistake in (
            "all-at-once",
            "announce-by-dead-mail",
            "lapses-at-night",
            "never-resumed",
            "retry-before-disk-check",
        )
    }


@pytest.mark.parametrize("seed", SEEDS[: 1 if TIMES == 1 else 2])  # a play of a thousand users takes long
def test_the_event_ends_once_mail_that_arrived_in_the_meantime_is_delivered_too(seed: int) -> None:
    """What came while the backlog was delivered waited behind it."""
    well = played(seed=seed)
    drained_ms, short_ms = well.milestones["queue.drained"], well.milestones["queue.short"]
    assert drained_ms < short_ms < drained_ms + 2 * HOUR_MS
    assert waits_ms(well, short_ms) <= 15 * MINUTE_MS
    assert waits_ms(well, short_ms - MINUTE_MS) > 15 * MINUTE_MS
    assert well.milestones["continuity.ended"] > short_ms


def test_both_monitors_are_acknowledged() -> None:
    assert played().outcome.people.alert_texts == 2


def test_the_other_monitors_alert_repeats_all_day_if_only_one_is_acknowledged() -> None:
    """One repeats itself every half hour, the other every quarter."""
    one = run(load_scenario(NAME), without(reference(NAME), "acknowledge-queue"))
    neither = idle()
    assert one.outcome.people.alert_texts > 31 * 4 * 0.9
    assert neither.outcome.people.alert_texts > 31 * (2 + 4) * 0.9


def test_the_scenarios_page_tells_what_comes_of_it() -> None:
    page = " ".join(
        (Path(__file__).parents[2] / "docs/scenarios/exchange-down.md").read_text("utf-8").split()
    )
    well, nothing, stuck = played().outcome, idle().outcome, played("never-resumed").outcome
    told = {
        r"user-hours without mail \| about ([\d,]+) \|": well.people.user_hours_without_mail,
        r"user-hours without mail \| about [\d,]+ \| ([\d,]+)": nothing.people.user_hours_without_mail,
        r"late messages \| about ([\d,]+) \|": well.timing.late.count,
        r"late messages \| about [\d,]+ \| ([\d,]+)": nothing.timing.late.count,
        r"calls to the helpdesk \| about ([\d,]+) \|": well.people.calls,
        r"calls to the helpdesk \| about [\d,]+ \| ([\d,]+)": nothing.people.calls,
        r"alerts by text message \| 2 \| about ([\d,]+)": nothing.people.alert_texts,
        r"takes about ([\d.]+) h to drain instead": drained_h(played("all-at-once")),
        r"takes about [\d.]+ h to drain instead of ([\d.]+) h": drained_h(played()),
        r"nightly backup, and draining takes about ([\d.]+) h": drained_h(played("retry-before-disk-check")),
        r"already in the event: about ([\d,]+) user-hours": played(
            "announce-by-dead-mail"
        ).outcome.people.user_hours_without_mail,
        r"night` \| about ([\d,]+) user-hours": played(
            "lapses-at-night"
        ).outcome.people.user_hours_without_mail,
        r"about ([\d,]+) messages still at the gateway": stuck.inbound.queued + stuck.internal.queued,
        r"after recovery, ([\d,]+) of them from outside": stuck.inbound.queued,
    }
    for pattern, figure in told.items():
        found = re.search(pattern, page)
        assert found is not None, pattern
        written = found[1].replace(",", "")
        digit = 0.1 if "." in written else 10 ** (len(written) - len(written.rstrip("0")))
        assert abs(float(written) - figure) <= digit / 2, (pattern, figure)
