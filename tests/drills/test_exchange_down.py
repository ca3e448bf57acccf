"""The shipped outage, played well, badly and not at all: the numbers that a trainee sees differ."""

from dataclasses import dataclass
from functools import cached_property

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import Runbook, reference_runbook
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, parse_duration
from sim.mail.message.rows import BOUNCED, Gone
from sim.report.debrief import debrief
from sim.report.outcome import RunOutcome, outcome, verdicts
from tests.drills.played import SEEDS
from tests.kept import kept
from tests.plays import ONSET_MS, check_conservation, small

LIMIT_MS = 96 * HOUR_MS
OWN_TIMERS = {"31h": 4 * HOUR_MS, "90h": 8 * HOUR_MS}
"""After an outage so long, the longest wait for one's own next attempt: the gap of the published table."""


@dataclass
class Played:
    """A drill to its end, and every message that left the gateway's queue."""

    session: Session
    outcome: RunOutcome
    bounced: list[tuple[int, int]]
    """(arrival, moment) of each bounced message."""

    @cached_property
    def objectives(self) -> dict[str, str]:
        return {verdict.id: verdict.state for verdict in verdicts(self.session)}


def run(outage: str, book: Runbook | None, seed: int) -> Played:
    session = Session.start(small(outage), seed)
    bounced: list[tuple[int, int]] = []
    watch = session.drill.world._watch_gone

    def seen(out: Gone) -> None:
        some = out.kind == BOUNCED
        bounced.extend(zip(out.arrival_ms[some].tolist(), out.time_ms[some].tolist(), strict=True))
        watch(out)

    session.drill.world._watch_gone = seen
    play(session, book)
    check_conservation(session)
    assert session.ended
    return Played(session, outcome(session), bounced)


@kept
def waiting(outage: str, seed: int = 1) -> Played:
    """Nobody does anything."""
    return run(outage, None, seed)


@kept
def reference(outage: str, seed: int = 1) -> Played:
    book = reference_runbook(small(outage), parse)
    assert book is not None
    return run(outage, book, seed)


def steps(*given: tuple[str, str]) -> Runbook:
    rows = [{"id": f"s{n}", "at": at, "do": do} for n, (at, do) in enumerate(given)]
    return Runbook.model_validate({"mxdrill": 1, "id": "r", "scenario": "exchange-down", "steps": rows})


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_runbook_meets_every_objective(seed: int) -> None:
    assert set(reference("31h", seed).objectives.values()) == {"met"}


@pytest.mark.parametrize("seed", SEEDS)
def test_waiting_loses_where_playing_wins(seed: int) -> None:
    lost, won = waiting("31h", seed), reference("31h", seed)
    states = lost.objectives
    assert [name for name, state in states.items() if state == "met"] == [
        "no-bounce", "all-sent", "no-own-goals", "asked-first", "openings-closed",
    ], "who does nothing loses nothing for good, and opens nothing"  # fmt: skip
    assert states["queue-drained"] == "missed"
    everyone = 20 * 31
    assert lost.outcome.people.user_hours_without_mail == everyone
    assert won.outcome.people.user_hours_without_mail < everyone / 10
    assert lost.outcome.backlog.drained_after_ms is not None
    assert won.outcome.backlog.drained_after_ms is not None
    assert 2 * HOUR_MS < lost.outcome.backlog.drained_after_ms <= OWN_TIMERS["31h"] + MINUTE_MS
    assert won.outcome.backlog.drained_after_ms < HOUR_MS
    assert won.outcome.timing.late.count < lost.outcome.timing.late.count / 4
    assert won.outcome.people.calls <= lost.outcome.people.calls


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_bounces_in_31_hours_and_pausing_is_needless(seed: int) -> None:
    for played in (waiting("31h", seed), reference("31h", seed)):
        assert played.outcome.lost.bounced == 0
        assert (
            played.outcome.inbound.generated
            == played.outcome.inbound.delivered + played.outcome.inbound.queued
        )
        assert "bounce.first" not in played.session.drill.milestones
    told = debrief(reference("31h", seed).session, waiting("31h", seed).outcome)
    assert any(
        "so it bounced none. A pause was not needed, and deliveries were not paused." in line
        for line in told.findings
    )
    assert any("Users were without a mailbox for" in line for line in told.findings)


def test_a_needless_pause_is_told_and_costs_when_it_is_never_lifted() -> None:
    paused = run("31h", steps(("outage.start + 2h", "deliveries pause inbound")), 1)
    told = debrief(paused.session, waiting("31h").outcome).findings
    assert any("The pause was not needed." in line for line in told)
    assert any("Deliveries were never resumed" in line for line in told)
    assert paused.outcome.inbound.queued > 1000
    assert paused.outcome.backlog.drained_after_ms is None
    assert paused.objectives["queue-drained"] == "failed"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_alert_before_the_monitors_can_detect_the_outage(seed: int) -> None:
    monitor = small("31h").organisation.gateway.continuity_monitor
    service = small("31h").organisation.gateway.service_monitor
    session = waiting("31h", seed).session
    spoken = {event.source: event.t_ms for event in reversed(session.events()) if event.kind == "monitor"}
    # the first failure is an arrival or later; so many windows must have ended since
    assert spoken["Continuity Monitor"] > ONSET_MS + (monitor.threshold - 1) * monitor.window_ms
    assert spoken["Continuity Monitor"] < ONSET_MS + 2 * monitor.threshold * monitor.window_ms
    assert spoken.get("Service Monitor", 1 << 60) > ONSET_MS
    assert service.threshold > 0
    first_ms = session.drill.milestones["alert.first"]
    assert first_ms > min(spoken.values())
    assert min(event.t_ms for event in session.events() if event.kind == "sms") == first_ms


@pytest.mark.parametrize("seed", SEEDS)
def test_without_action_each_message_bounces_at_an_age_of_96_h(seed: int) -> None:
    played = waiting("120h", seed)
    assert len(played.bounced) > 1000
    assert {moment - arrival for arrival, moment in played.bounced} == {LIMIT_MS}
    arrivals = sorted(arrival for arrival, _moment in played.bounced)
    first_ms = played.session.drill.milestones["bounce.first"]
    assert first_ms == arrivals[0] + LIMIT_MS
    assert first_ms > ONSET_MS + LIMIT_MS, "not at hour 96 of the outage, and not all at once"
    # 90 h is a message's last attempt before its limit: whoever had it during the outage bounces,
    # up to six hours after the server is back, because nobody pressed retry
    assert ONSET_MS + 29 * HOUR_MS < arrivals[-1] < ONSET_MS + (120 - 90) * HOUR_MS
    assert played.bounced[-1][1] > played.session.drill.milestones["outage.end"]
    assert played.objectives["no-bounce"] == "failed"
    assert (
        played.outcome.inbound.delivered + played.outcome.lost.bounced + played.outcome.inbound.queued
        == played.outcome.inbound.generated
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_with_the_pause_of_the_reference_no_message_bounces(seed: int) -> None:
    played = reference("120h", seed)
    assert played.bounced == []
    assert played.outcome.inbound.queued == 0
    assert set(played.objectives.values()) == {"met"}
    told = debrief(played.session, waiting("120h", seed).outcome)
    lost = waiting("120h", seed).outcome.lost.bounced
    saved = f"without any action, it would have bounced {lost:,}. Deliveries were paused for "
    assert any(saved in line for line in told.findings)


def test_paused_mail_is_not_attempted_and_bounces_at_once_if_resumed_too_early() -> None:
    """Resumed while the server is still down: what is past its limit bounces, the rest goes on waiting."""
    book = steps(
        ("outage.start + 60h", "deliveries pause inbound"),
        ("outage.start + 110h", "deliveries resume inbound"),
    )
    played = run("120h", book, 1)
    resumed_ms = played.session.drill.milestones["deliveries.resumed"]
    late_ms = resumed_ms - (ONSET_MS + 110 * HOUR_MS + 3 * MINUTE_MS)
    assert 5 * MINUTE_MS <= late_ms <= 45 * MINUTE_MS, "it is night: somebody is called out"
    at_once = [arrival for arrival, moment in played.bounced if moment == resumed_ms]
    later = [(arrival, moment) for arrival, moment in played.bounced if moment != resumed_ms]
    assert len(at_once) > 500
    assert max(at_once) <= resumed_ms - LIMIT_MS
    assert min(at_once) >= ONSET_MS
    assert all(moment - arrival == LIMIT_MS and moment > resumed_ms for arrival, moment in later)
    expected = [arrival for arrival, _moment in waiting("120h").bounced]
    assert sorted([*at_once, *(arrival for arrival, _moment in later)]) == sorted(expected)


def test_the_backlog_is_told_with_what_continuity_has_put_into_it() -> None:
    """Hours alone make acting look slower: colleagues' mail waits at the gateway only while an event runs."""
    lost, won = waiting("31h"), reference("31h")
    for one in (lost, won):
        end_ms = one.session.drill.milestones["outage.end"]
        before = one.session.fork(end_ms).drill.world
        assert one.outcome.backlog.messages == before.queue.depth()
    assert lost.outcome.backlog.internal == 0
    assert 0 < won.outcome.backlog.internal < won.outcome.backlog.messages
    assert lost.outcome.backlog.messages < won.outcome.backlog.messages
    (found,) = (one for one in debrief(won.session, lost.outcome).findings if "the backlog of" in one)
    for count in (won.outcome.backlog.messages, won.outcome.backlog.internal, lost.outcome.backlog.messages):
        assert f"{count:,}" in found


def test_a_longer_retention_saves_the_mail_too() -> None:
    played = run("120h", steps(("outage.start + 2h", "queue extend inbound 8d")), 1)
    assert played.bounced == []
    assert played.outcome.backlog.drained_after_ms is not None
    assert played.outcome.backlog.drained_after_ms > HOUR_MS, "nobody pressed retry"


def test_a_longer_retention_too_late_saves_the_rest() -> None:
    """The case is closed between 100 and 105 h: what was older has bounced at its own 96 h."""
    played = run("120h", steps(("outage.start + 100h", "queue extend inbound 8d")), 1)
    closed_ms = played.session.drill.milestones["queue.extended"]
    assert ONSET_MS + 101 * HOUR_MS < closed_ms < ONSET_MS + 105 * HOUR_MS
    expected = [pair for pair in waiting("120h").bounced if pair[1] < closed_ms]
    assert played.bounced == expected
    assert 0 < len(expected) < len(waiting("120h").bounced)


@pytest.mark.parametrize("outage", ["31h", "90h"])
def test_without_a_retry_the_last_messages_wait_for_their_own_timers(outage: str) -> None:
    drained = waiting(outage).outcome.backlog.drained_after_ms
    assert drained is not None
    assert OWN_TIMERS[outage] / 2 < drained <= OWN_TIMERS[outage] + MINUTE_MS
    assert (
        waiting(outage).outcome.timing.longest_delay_ms
        <= parse_duration(outage) + OWN_TIMERS[outage] + MINUTE_MS
    )


def test_a_retry_and_an_update_to_users_in_the_same_minute_lose_no_mail() -> None:
    """Two people finish in the same millisecond: one offers the queue, the other tells the users."""
    book = steps(
        ("outage.start + 1h", "continuity start for=10d"),
        ("outage.end + 10m", "queue retry inbound"),
        ("outage.end + 10m", "notify users via=sms state=down"),
    )
    played = run("31h", book, 1)
    times = [event.t_ms for event in played.session.events() if event.kind == "done"][-2:]
    assert times[0] == times[1]
    assert (
        played.outcome.inbound.delivered + played.outcome.inbound.queued == played.outcome.inbound.generated
    )
    assert played.outcome.backlog.drained_after_ms is not None
    assert played.outcome.backlog.drained_after_ms < 20 * MINUTE_MS


def test_an_event_that_lapses_at_night_leaves_users_without_mail_again() -> None:
    kept = reference("31h").outcome.people.user_hours_without_mail
    lapsed = run(
        "31h",
        steps(
            ("outage.start + 15m", "continuity start for=8h"),
            ("outage.start + 20m", "notify users via=sms state=down"),
        ),
        1,
    )
    assert "continuity.ended" in lapsed.session.drill.milestones
    after = 31 - 8.5
    assert lapsed.outcome.people.user_hours_without_mail > kept + 20 * (after - 1)
    ended_ms = lapsed.session.drill.milestones["continuity.ended"]
    assert lapsed.session.true_series("without_mail", ended_ms, ended_ms, 1) == [20]


def test_email_tells_nobody_while_the_server_is_down() -> None:
    played = run("31h", steps(("outage.start + 10m", "notify users via=email state=down")), 1)
    assert played.objectives["users-told"] == "failed"
    assert "users.told" not in played.session.drill.milestones
