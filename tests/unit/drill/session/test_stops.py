"""The clock stops at what the trainee may know: the next event, a matter that is due, a lost objective."""

import pytest

from sim.drill.room.events import REGISTER
from sim.drill.session.session import Session
from sim.drill.session.stops import NOTICE_MS, QUIET_MS, StopAt, StopWatch, dues, ending
from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from tests.plays import ONSET_MS, small


def run(session: Session, *wanted: StopAt, judged: bool = True, slice_ms: int = 15 * MINUTE_MS) -> str:
    """Advance in slices until there is a reason, as the console does."""
    watch = StopWatch(session, frozenset(wanted), judged=judged)
    while not session.ended:
        horizon_ms = watch.horizon_ms()
        to_ms = session.now_ms + slice_ms
        session.advance(
            to_ms if horizon_ms is None else min(to_ms, max(horizon_ms, session.now_ms + 1)),
            lambda: bool(watch.reason()),
        )
        if reason := watch.reason():
            return reason
    return ""


@pytest.fixture
def session() -> Session:
    return Session.start(small(), 1)


@pytest.mark.parametrize("slice_ms", [7_001, 15 * MINUTE_MS])
def test_it_stops_just_after_the_event_however_time_is_divided(session: Session, slice_ms: int) -> None:
    reason = run(session, "alert", slice_ms=slice_ms)
    assert reason.startswith("the first alert: ")
    event = next(one for one in session.events() if one.kind in {"call", "ticket", "monitor", "sms"})
    assert session.now_ms == event.t_ms + 1
    assert event.t_ms > ONSET_MS


def test_the_truth_is_no_reason(session: Session) -> None:
    run(session, "event")
    first = next(one for one in session.events() if one.kind == "fault")
    assert first.t_ms == ONSET_MS
    assert session.now_ms > ONSET_MS + 1, "not at the fault, which nobody sees"


def test_a_promise_is_announced_before_it_is_due_and_when_it_is(session: Session) -> None:
    session.advance(ONSET_MS + 20 * MINUTE_MS)
    session.dispatch("notify users via=sms next=1h text=We look into it.")
    session.advance(session.now_ms + 6 * MINUTE_MS)
    (due,) = [one for one in dues(session, judged=False) if "promised" in one.what]
    assert run(session, "decision", judged=False).endswith("the next update that was promised to users")
    assert session.now_ms == due.t_ms - NOTICE_MS
    assert run(session, "decision", judged=False).endswith("the next update that was promised to users")
    assert session.now_ms == due.t_ms


def test_limits_of_objectives_are_known_only_to_those_who_see_them(session: Session) -> None:
    session.advance(ONSET_MS + 20 * MINUTE_MS)
    assert dues(session, judged=True)
    assert not dues(session, judged=False)
    reason = run(session, "objective")
    assert reason.startswith("objective not met in time: ")
    exam = Session.start(small(), 1)
    assert run(exam, "objective", judged=False) == ""
    assert exam.complete


def test_a_person_is_free_again_at_that_minute(session: Session) -> None:
    session.advance(ONSET_MS + 20 * MINUTE_MS)
    given = session.dispatch("queue extend inbound 8d")
    assert run(session, "free") == f"free again: {given.by}"  # type: ignore[union-attr]
    assert session.now_ms == ONSET_MS + 35 * MINUTE_MS, (
        "the change takes effect later, the person is free now"
    )


def test_watching_changes_nothing(session: Session) -> None:
    run(session, "objective", "decision", "free", "alert")
    run(session, "decision")
    plain = Session.start(small(), 1)
    plain.advance(session.now_ms)
    assert plain.digest() == session.digest()


def test_the_end_is_told_by_its_rule_until_the_queue_has_drained(session: Session) -> None:
    assert ending(session) == (
        "The drill ends 6 h after the service has recovered and the queue has drained, "
        "and 2 d after the recovery at the latest."
    )
    session.advance(20 * HOUR_MS)
    ends = ending(session)
    assert ends.startswith("The queue has drained: the drill ends at Mon ")
    session.advance(200 * HOUR_MS)
    assert session.drill.clock(session.events()[-1].t_ms) in ends


def test_a_jump_to_the_next_event_stops_in_silence_before_it_ends_the_drill() -> None:
    """The last mail has drained, and nothing happens before the end of the drill."""
    short = small("30m")
    ends = short.ends.model_copy(update={"wind_down_ms": 20 * HOUR_MS})
    session = Session.start(short.model_copy(update={"ends": ends}), 1)
    while run(session, "event") != f"no news for {in_words(QUIET_MS)}":
        assert not session.ended
    assert not session.ended
    last_ms = session.events()[-1].t_ms
    assert session.now_ms == last_ms + 1 + QUIET_MS


def test_a_note_in_the_register_of_openings_is_news_and_a_note_of_ones_own_is_not(session: Session) -> None:
    watch = StopWatch(session, frozenset({"event"}))
    session.drill.say("note", "Nadia Rahman", "ask about the lock")
    assert watch.reason() == ""
    session.drill.say("note", REGISTER, "the approval has expired, but the opening is still open")
    assert watch.reason() == "note in the register of openings"


def test_the_reason_is_named_as_people_say_it(session: Session) -> None:
    watch, told = StopWatch(session, frozenset({"event"})), []
    for kind in ("done", "failed", "monitor", "sms", "call"):
        session.drill.say(kind, "Nadia Rahman", "")  # type: ignore[arg-type]
        told.append(watch.reason())
        watch = StopWatch(session, frozenset({"event"}))
    assert told == [
        "command completed by Nadia Rahman",
        "failed command by Nadia Rahman",
        "message from Nadia Rahman",
        "SMS from Nadia Rahman",
        "call from Nadia Rahman",
    ]
