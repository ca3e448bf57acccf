"""The first page's facts: eight moments, delays with what happened meanwhile, the objectives' standing."""

from sim.drill.commands.outcome import Accepted
from sim.drill.scenario.milestones import Milestone
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.accounts.return_times import Returns, Who
from sim.report.outcome import outcome, verdicts
from sim.report.paper.curves import Curve, Curves
from sim.report.paper.delays import NO_WAITS, delays
from sim.report.paper.facts import facts_of
from sim.report.paper.moments import SHOWN, moments
from sim.report.paper.objective_rows import objective_rows
from sim.report.paper.tiles import lost, queued
from tests.gateway_office import ONSET_MS as ONSET_OF_GATEWAY_MS
from tests.gateway_office import drill
from tests.given import done
from tests.kept import kept
from tests.plays import ONSET_MS, play

LATE_ACK_MS = ONSET_MS + 3 * HOUR_MS


@kept
def late() -> Session:
    """A drill of four hours in which the alert is acknowledged after three, and users are never notified."""
    given = ((LATE_ACK_MS, "alerts ack"), (LATE_ACK_MS + MINUTE_MS, "decide pause no because=it lasts"))
    return play("4h", given, 100 * HOUR_MS)


def test_at_most_eight_moments_in_order_with_both_ends_of_the_outage() -> None:
    told = moments(late())
    assert 2 < len(told) <= SHOWN
    assert [one.t_ms for one in told] == sorted(one.t_ms for one in told)
    assert {ONSET_MS, late().drill.milestones[Milestone.OUTAGE_END]} <= {one.t_ms for one in told}


def test_the_middle_of_great_losses_is_among_them_also_long_after_the_last_command() -> None:
    written, end_ms = sum(late().drill.world.generated()), late().now_ms

    def told(lost: int) -> list[tuple[int, str]]:
        curve = Curve("lost", "lost", (0, lost // 2 - 1, lost // 2 + 1, lost), total=True)
        drawn = Curves((0, ONSET_MS, end_ms - 9, end_ms), (curve,))
        return [(one.t_ms, one.text) for one in moments(late(), drawn) if "lost in total" in one.text]

    many = written // 10
    assert told(many) == [(end_ms - 9, f"Half of the {many:,} messages lost in total are lost by now")]
    assert told(written // 100) == []
    assert len(moments(late())) <= SHOWN


def test_the_middle_of_the_losses_is_dated_to_the_message() -> None:
    """By hand: all times at which mail was rejected or never sent; the samples are minutes apart."""
    session = drill(MINUTE_MS, phoning=False)
    assert isinstance(session.dispatch("mx set backup"), Accepted)
    session.advance(4 * HOUR_MS)
    ledger = session.drill.world.ledger
    whos: tuple[Who, ...] = ("backup refused", "backup expired", "senders gave up", "senders were refused")
    times_ms = [at for who in whos for at in _times(ledger.returns, who)]
    times_ms = sorted([*times_ms, *ledger.suppressed_ms.since(0).tolist()])
    (half,) = [one for one in moments(session) if "lost in total" in one.text]
    assert f"Half of the {len(times_ms):,} messages" in half.text
    assert half.t_ms == times_ms[-(-len(times_ms) // 2) - 1] + 1, "the first millisecond after it"


def _times(returns: Returns, who: Who) -> list[int]:
    return [at for n in range(returns.count(who)) if (at := returns.beyond(n, who)) is not None]


def test_a_failed_objective_and_a_decision_are_among_them() -> None:
    kinds = {one.kind for one in moments(late())}
    assert {"decision", "lost"} <= kinds


def test_what_mail_was_lost_for_is_among_them_also_if_it_failed_last() -> None:
    """A lock that is closed before the MX leads back rejects mail, after many other failures."""
    session = drill(ONSET_OF_GATEWAY_MS, phoning=False)
    for text in (
        "continuity start",
        "notify users via=email state=down until=1h next=1h",
        "connector set outbound direct",
        "lock open backup",
        "mx set backup ttl=300",
    ):
        done(session, text)
    session.advance(session.now_ms + 6 * HOUR_MS)
    done(session, "lock close")
    session.advance(session.scenario.outage_end_ms + 200 * HOUR_MS)
    failed = [one.id for one in verdicts(session) if one.state == "failed"]
    assert len(failed) > 3
    assert "Objective failed: no-own-goals" in [one.text for one in moments(session)]


def test_a_delay_runs_from_its_limit_to_the_deed_and_counts_what_happened_meanwhile() -> None:
    found = {one.who: one for one in delays(late())}
    acknowledged = found["alert-acknowledged"]
    came_ms = late().drill.milestones[Milestone.ALERT_ACKNOWLEDGED]
    assert acknowledged.came_ms == came_ms
    assert acknowledged.span_ms == came_ms - acknowledged.due_ms > 2 * HOUR_MS
    assert 0 < acknowledged.user_hours < outcome(late()).people.user_hours_without_mail
    never = found["users-told"]
    assert never.came_ms is None
    over_ms = late().drill.milestones[Milestone.OUTAGE_END]
    assert never.due_ms < over_ms < late().now_ms
    assert never.span_ms == over_ms - never.due_ms, "nobody waits for news of an outage that is over"


def test_the_longest_wait_comes_first() -> None:
    spans_ms = [one.span_ms for one in delays(late())]
    assert len(spans_ms) > 1
    assert spans_ms == sorted(spans_ms, reverse=True)


def test_an_objective_of_a_drill_that_ended_by_hand_has_its_standing_up_to_then() -> None:
    session = play("4h", ((LATE_ACK_MS, "alerts ack"),), ONSET_MS + 3 * HOUR_MS + 10 * MINUTE_MS)
    session.finish()
    rows = objective_rows(session)
    assert [one.state for one in rows] == [one.state for one in verdicts(session)]
    assert any(one.so_far in {"met", "failed", "missed"} for one in rows if one.state == "open")
    assert not any(one.so_far for one in rows if one.state != "open")
    facts = facts_of(session)
    assert facts.state == "ended by hand"
    failing = sum(one.so_far in {"failed", "missed"} for one in rows)
    left = sum(one.state == "open" for one in rows)
    assert failing > 1
    assert facts.tiles[-1].beside == f"{left} not judged ({failing} of them have failed so far)"


def test_undelivered_messages_are_those_lost_and_those_in_queues() -> None:
    session = play("4h", (), ONSET_MS + 2 * HOUR_MS)
    figures = outcome(session)
    custody = session.drill.world.custody()
    queues = {"gateway_queue", "server_queue", "relay_queue", "held"}  # users' Outboxes are none of them
    waiting = sum(accounts.get(name, 0) for accounts in custody.values() for name in queues)
    waiting += custody["inbound"].get("at_sender", 0)
    assert queued(figures) == waiting - figures.backlog.on_the_way > 0
    assert lost(figures) == 0
    assert facts_of(session).tiles[0].value == f"{queued(figures):,}"


def test_a_gateway_that_waits_for_the_mail_server_has_held_mail() -> None:
    """Mail of two hours is queued at the gateway; after half an hour no message is an hour old."""
    assert facts_of(play("4h", (), ONSET_MS + 2 * HOUR_MS)).gateway_held
    assert not facts_of(play("4h", (), ONSET_MS + HOUR_MS // 2)).gateway_held


def test_deadlines_that_have_not_come_are_not_called_met() -> None:
    """A drill that ended a minute after the onset, before any deadline."""
    session = play("4h", (), ONSET_MS + MINUTE_MS)
    assert delays(session) == ()
    assert not any(row.state == "met" for row in objective_rows(session))
    assert NO_WAITS == "No deadline was missed by a minute or more, and no approval took that long."
