"""`queue retry|reject|bounce inbound message=N`: one message by the number that the console lists."""

import pytest

from sim.drill.commands.gateway.queue import QueueRetry
from sim.drill.commands.grammar import format_command, parse
from sim.drill.room.work_given import Turn
from sim.drill.session.session import Session
from sim.drill.snapshot.console import MailView
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.rows import Rows
from sim.mail.message.traffic import EMPTY, INBOUND, INTERNAL, REAL_MAIL, direction_of
from sim.mail.queue.regimes import Parked, Which
from tests.given import done, refused
from tests.plays import LETTER, ONSET_MS, check_conservation, play

HALF_MS = ONSET_MS + HOUR_MS // 2


def listed(session: Session) -> list[MailView]:
    return list(session.snapshot().mail)


def test_a_number_is_one_messages_and_leads_back_to_it() -> None:
    session = play("4h", [(HALF_MS, "continuity start via=console"), (HALF_MS, LETTER)], HALF_MS + HOUR_MS)
    world = session.drill.world
    ids = world.cloud.live().id
    assert {INBOUND, INTERNAL} <= set(direction_of(ids[ids < REAL_MAIL]).tolist())
    assert (ids >= REAL_MAIL).sum() == 1
    numbers = [world.numbering.number(one) for one in ids.tolist()]
    assert len(set(numbers)) == len(ids)
    assert min(numbers) >= 1
    assert max(numbers) < 10_000, "short enough to be typed"
    assert [world.numbering.identity(one, session.now_ms) for one in numbers] == ids.tolist()
    shown = [mail.number for mail in listed(session)]
    assert set(shown) <= set(numbers)
    assert shown[0] == 3, "the first real message stands first"
    later = world.numbering.number(int(ids[0]))
    session.advance(session.now_ms + HOUR_MS)
    assert session.drill.world.numbering.number(int(ids[0])) == later


def test_numbers_cover_every_message_of_a_stream_without_a_gap() -> None:
    session = play("1h", [], 0)
    world = session.drill.world
    stream = world._stream
    mail = stream.between(0, 5 * HOUR_MS)
    assert mail is not EMPTY
    ordinals = [stream.ordinal(one) for one in mail.id.tolist()]
    assert ordinals == list(range(ordinals[0], ordinals[0] + len(mail)))
    assert [stream.identity(one, 5 * HOUR_MS) for one in ordinals] == mail.id.tolist()
    assert stream.identity(-1, 5 * HOUR_MS) is None
    assert stream.identity(10**9, 5 * HOUR_MS) is None


@pytest.mark.parametrize(
    ("word", "account", "said"),
    [
        ("reject", "rejected", "rejected; its sender is notified"),
        ("bounce", "bounced", "returned to its sender"),
    ],
)
def test_one_message_leaves_and_the_others_stay(word: str, account: str, said: str) -> None:
    session = play("4h", [], ONSET_MS + 2 * HOUR_MS)
    message = listed(session)[3]
    before = set(session.drill.world.cloud.live().id.tolist())
    named = session.drill.world.numbering.identity(message.number, session.now_ms)
    text = done(session, f"queue {word} inbound message={message.number}")
    assert text == f"message {message.number} {said}"
    after = set(session.drill.world.cloud.live().id.tolist())
    assert before - after == {named}
    assert sum(accounts.get(account, 0) for accounts in session.drill.world.custody().values()) == 1
    check_conservation(session)
    reason = refused(session, f"queue {word} inbound message={message.number}")
    assert reason == (
        f"there is no message {message.number} in the inbound queue; use a number from the queue's list"
    )


def test_one_message_is_tried_again_and_the_others_wait_for_their_own_time() -> None:
    session = play("4h", [], ONSET_MS + 2 * HOUR_MS)
    quiet = play("4h", [], ONSET_MS + 2 * HOUR_MS)
    message = listed(session)[0]
    text = done(session, f"queue retry inbound message={message.number}")
    assert text == f"retry forced for message {message.number}: connection refused at Mon 11:17"
    assert "queue.retried" not in session.drill.milestones, "that is a retry of all"
    quiet.advance(session.now_ms)
    tries = {mail.number: mail.attempts for mail in listed(quiet)}
    more = {mail.number: mail.attempts - tries[mail.number] for mail in listed(session)}
    assert {number: count for number, count in more.items() if count} == {message.number: 1}


BACK_MS = ONSET_MS + 2 * HOUR_MS + 1


def test_one_message_is_delivered_when_the_server_answers() -> None:
    quiet = play("2h", [], BACK_MS + 6 * MINUTE_MS)
    late = quiet.drill.world.cloud.live().id
    session = play("2h", [], BACK_MS)
    message = next(int(one) for one in session.drill.world.cloud.live().id if one in late)
    number = session.drill.world.numbering.number(message)
    text = done(session, f"queue retry inbound message={number}")
    assert text == f"retry forced for message {number}; the server is accepting mail"
    session.advance(BACK_MS + 6 * MINUTE_MS)
    assert set(late.tolist()) - set(session.drill.world.cloud.live().id.tolist()) == {message}


def test_what_cannot_be_tried_again_now_is_refused() -> None:
    session = play("2h", [], BACK_MS)
    done(session, "queue retry inbound")
    number = listed(session)[-1].number
    being = f"message {number} is being delivered now; wait for the result"
    assert refused(session, f"queue retry inbound message={number}") == being
    paused = play("2h", [], ONSET_MS + HOUR_MS)
    done(paused, "deliveries pause inbound")
    number = listed(paused)[0].number
    assert "are paused" in refused(paused, f"queue retry inbound message={number}")
    assert done(paused, f"queue reject inbound message={number}").startswith(f"message {number} rejected")


@pytest.mark.parametrize("word", ["retry", "reject", "bounce"])
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("0", "there is no message 0 in the inbound queue; use a number from the queue's list"),
        ("999999999", "there is no message 999999999 in the inbound queue; use a number"),
        ("9" * 40, "there is no message 9999999"),
        ("oldest", "`oldest` is not a message number; use one from the queue's list, such as message=4711"),
        ("-1", "`-1` is not a message number"),
        ("٣", "`٣` is not a message number"),
        ("3", "there is no message 3 in the inbound queue"),
    ],
)
def test_what_is_no_message_is_refused_in_one_line(word: str, given: str, reason: str) -> None:
    """3 would be the first real message; there is none."""
    session = play("2h", [], ONSET_MS + HOUR_MS)
    depth = session.snapshot().queue.depth
    told = refused(session, f"queue {word} inbound message={given}")
    assert told.startswith(reason)
    assert "\n" not in told
    assert session.snapshot().queue.depth == depth


def test_it_is_written_out_as_it_is_typed() -> None:
    for text in ("queue retry inbound", "queue retry inbound message=4711"):
        assert format_command(parse(text)) == text


def test_a_retry_of_the_whole_queue_reads_each_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session, read = play("2h", [], BACK_MS), 0
    waiting = len(session.drill.world.queue.between_attempts())
    original = Parked.rows

    def counting(parked: Parked, which: Which) -> Rows:
        nonlocal read
        rows = original(parked, which)
        read += len(rows)
        return rows

    monkeypatch.setattr(Parked, "rows", counting)
    QueueRetry("inbound").act(session.drill, Turn("an administrator"))
    assert waiting > 0
    assert read == waiting
    assert not len(session.drill.world.queue.between_attempts())
