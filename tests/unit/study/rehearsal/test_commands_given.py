"""The commands of a drill, each with its own outcome: also when the same text is given twice."""

from sim.drill.commands.command import Assignment
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.rehearsal.commands_given import CommandPlayed, commands_played
from tests.given import accepted, done, refused
from tests.offices import office, start
from tests.plays import ONSET_MS


def begun() -> Session:
    return start(office(), ONSET_MS + 20 * MINUTE_MS)


def given(session: Session, first_words: str) -> list[CommandPlayed]:
    drill = session.drill
    all_ = commands_played(session.events(), drill.work.all, drill.results)
    return [one for one in all_ if one.text.startswith(first_words)]


def test_a_cancelled_command_is_left_out_and_does_not_take_the_outcome_of_the_next() -> None:
    session = begun()
    accepted(session, "permissions show")
    accepted(session, "sms numbers")
    done(session, "cancel sms")
    assert given(session, "sms") == []
    session.advance(session.now_ms + 5 * MINUTE_MS)
    second = accepted(session, "sms numbers")
    session.advance(session.now_ms + HOUR_MS)
    (one,) = given(session, "sms")
    assert (one.given_ms, one.ended_ms) == (second.starts_ms, second.effective_ms)
    assert one.outcome in ("done", "failed")


def test_a_call_that_was_given_up_has_failed_and_the_second_one_is_answered() -> None:
    session = begun()
    accepted(session, "phone microsoft")
    session.advance(session.now_ms + 7 * MINUTE_MS)
    ended_ms = session.now_ms
    done(session, "phone end microsoft")
    second = accepted(session, "phone microsoft")
    session.advance(second.effective_ms + MINUTE_MS)
    first, again = given(session, "phone microsoft")
    assert (first.outcome, first.reason, first.ended_ms) == ("failed", "given up", ended_ms)
    assert (again.outcome, again.reason, again.ended_ms) == ("done", "", second.effective_ms)


def test_a_call_of_a_plan_that_is_refused_after_its_talk_leaves_the_first_on_hold() -> None:
    session = begun()
    for draws in (1 << 30, 1 << 31):
        session.assign(
            "phone microsoft", Assignment("messaging-admin", session.now_ms, 5 * MINUTE_MS, draws=draws)
        )
    session.advance(session.now_ms + 11 * MINUTE_MS)
    first, second = given(session, "phone microsoft")
    assert first.outcome == "under way"
    assert (second.outcome, second.ended_ms) == ("failed", ONSET_MS + 30 * MINUTE_MS)
    assert "is on hold with microsoft already" in second.reason
    session.advance(session.now_ms + 3 * HOUR_MS)
    assert [one.outcome for one in given(session, "phone microsoft")] == ["done", "failed"]


def test_a_command_that_is_refused_or_needs_no_time_is_there_once() -> None:
    session = begun()
    refused(session, "queue retry outbound")
    done(session, "note the lock is ours")
    assert [(one.outcome, one.reason) for one in given(session, "queue")] == [
        ("refused", "the outbound queue is empty")
    ]
    assert [one.outcome for one in given(session, "note")] == ["done"]
    assert [one.number for one in given(session, "")] == [0, 1]
