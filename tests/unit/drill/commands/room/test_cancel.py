"""A command that has not begun can be cancelled: its person is free, and what followed it begins earlier."""

from pathlib import Path

from sim.drill.commands.outcome import Accepted
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from tests.given import done, refused
from tests.offices import office, start
from tests.plays import ONSET_MS, small


def given(session: Session, text: str) -> Accepted:
    answer = session.dispatch(text)
    assert isinstance(answer, Accepted)
    return answer


def began() -> Session:
    session = Session.start(small(), 1)
    session.advance(ONSET_MS + 2 * MINUTE_MS)
    return session


def test_the_last_command_that_has_not_begun_is_cancelled_and_has_no_effect() -> None:
    session = began()
    given(session, "permissions show")
    second = given(session, "deliveries pause inbound")
    before = session.drill.staff.desks[0].free_at_ms(session.now_ms)
    assert done(session, "cancel") == (f"`deliveries pause inbound` cancelled before {second.by} began it")
    assert session.drill.staff.desks[0].free_at_ms(session.now_ms) == before - 3 * MINUTE_MS
    session.advance(session.now_ms + 60 * MINUTE_MS)
    assert not session.drill.world.queue.paused
    assert session.drill.results[second.number] == "cancelled"
    assert "deliveries pause inbound" not in [event.ref for event in session.events() if event.kind == "done"]


def test_what_followed_it_begins_earlier_and_acts_once() -> None:
    session = began()
    given(session, "permissions show")
    given(session, "queue extend inbound 8d")
    third = given(session, "deliveries pause inbound")
    done(session, "cancel queue extend")
    session.advance(third.effective_ms - 15 * MINUTE_MS + 1)
    assert session.drill.world.queue.paused, "15 min earlier: the time of the cancelled command"
    given(session, "deliveries resume inbound")
    session.advance(third.effective_ms + MINUTE_MS)
    assert not session.drill.world.queue.paused, "not carried out a second time at its old moment"


def test_a_call_that_begins_earlier_is_answered_earlier_and_a_cancelled_one_never() -> None:
    def calls() -> Session:
        session = start(office(), ONSET_MS + 20 * MINUTE_MS)
        given(session, "permissions show")
        given(session, "queue extend inbound 8d")
        return session

    session = calls()
    call = given(session, "phone microsoft")
    done(session, "cancel queue")
    (_before, held) = session.drill.room.phone.holds
    assert (held.from_ms, held.until_ms) == tuple(
        t_ms - 15 * MINUTE_MS for t_ms in (call.starts_ms + 5 * MINUTE_MS, call.effective_ms)
    ), "it is on hold from the end of its own talk"
    session.advance(call.effective_ms - 15 * MINUTE_MS + 1)
    assert "case CS-" in session.events()[-1].text
    session.advance(call.effective_ms + MINUTE_MS)
    assert sum("case CS-" in event.text for event in session.events()) == 1
    session = calls()
    call = given(session, "phone microsoft")
    done(session, "cancel phone")
    session.advance(call.effective_ms + MINUTE_MS)
    assert not session.drill.room.phone.tickets


def test_refused_in_one_line_that_says_why() -> None:
    session = began()
    assert refused(session, "cancel") == (
        "no command is waiting for its person; all commands given have taken effect"
    )
    first = given(session, "permissions show")
    assert refused(session, "cancel") == (
        f"{first.by} has begun `permissions show` ({session.drill.clock(first.starts_ms)}); "
        "only a command that has not begun can be cancelled"
    )
    assert (
        refused(session, "cancel mx set") == "no command that begins with `mx set` is waiting for its person"
    )
    given(session, "deliveries pause inbound")
    done(session, "cancel")
    assert refused(session, "cancel deliveries").startswith("no command that begins with `deliveries`")


def test_a_cancelled_decision_is_not_judged() -> None:
    session = began()
    given(session, "permissions show")
    given(session, "deliveries pause inbound")
    done(session, "cancel")
    session.advance(session.now_ms + 60 * MINUTE_MS)
    assert not [one for one in session.drill.room.judged if one.about == "pause"]


def test_a_fork_and_a_replay_come_to_the_same_digest(tmp_path: Path) -> None:
    session = Session.start(small(), 1, tmp_path / "drill.jsonl")
    session.advance(ONSET_MS + 2 * MINUTE_MS)
    for text in ("permissions show", "queue extend inbound 8d", "deliveries pause inbound", "cancel queue"):
        given(session, text)
    session.advance(session.now_ms + 90 * MINUTE_MS)
    assert session.fork(session.now_ms).digest() == session.digest()
    session.close()
    assert Session.replay(tmp_path / "drill.jsonl").digest() == session.digest()
