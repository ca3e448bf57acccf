"""`track`: what the gateway's console tells of single messages, and what it cannot know."""

import re

import pytest

from sim.drill.commands.outcome import Refused
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import REAL_MAIL
from tests.given import done
from tests.plays import LETTER, ONSET_MS, play


def test_one_letter_from_its_arrival_to_its_mailbox() -> None:
    session = play("4h", [(ONSET_MS + HOUR_MS, LETTER)], ONSET_MS + HOUR_MS + 20 * MINUTE_MS, users=60)
    text = done(session, "track from=anna@example.test since=30m")
    assert text == (
        "message tracking: Mon 10:12 anna@example.test to ben@harbour.example, Quay 4: "
        "in the delivery queue after 4 attempts"
    )
    session.advance(ONSET_MS + 4 * HOUR_MS + 3 * HOUR_MS)
    text = done(session, "track from=ANNA@example since=8h")
    handed = re.search(r"Quay 4: handed to the mail server at (\S+ \S+)", text)
    assert handed
    assert text.startswith("message tracking: ")
    left = session.drill.world.lately.all()
    assert left is not None
    (left_ms,) = left.time_ms[left.id >= REAL_MAIL].tolist()
    assert handed.group(1) == session.drill.clock(left_ms)
    assert done(session, "track from=anna@example.test since=10m").endswith("no match in the last 10 min")


def test_mail_to_a_user_the_newest_first_and_only_theirs() -> None:
    session = play("4h", [], ONSET_MS + 2 * HOUR_MS, users=60)
    rows = session.drill.world.cloud.live()
    text = done(session, "track to=user0007 since=2h")
    theirs = int((rows.user == 7).sum())
    assert theirs > 5
    assert text.count(" to user0007@harbour.example, ") == 5
    assert re.search(r"; \d+ more$", text)
    times = re.findall(r"Mon (\d\d:\d\d) \S+ to user", text)
    assert times == sorted(times, reverse=True)


def grey(minutes: int, name: str = "gateway-grey") -> Session:
    session = Session.start(load_scenario(name, {"users": "60"}), 1)
    session.advance(HOUR_MS + 10 * MINUTE_MS + minutes * MINUTE_MS)
    return session


def test_a_gateway_that_holds_says_that_it_has_the_mail() -> None:
    session = grey(60)
    for _ in range(20):
        text = done(session, "track from=.example since=30m")
        if "did not answer" not in text:
            break
    assert "accepted, in process" in text
    assert "handed to the mail server" not in text


def test_a_console_that_cannot_be_reached_tells_nothing() -> None:
    session = grey(60, "gateway-down")
    text = done(session, "track from=.example since=30m")
    assert text.endswith("the console is unreachable; the command was not carried out")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("track", "a recipient or sender is missing; write track to=user0042"),
        ("track to=boss", "`boss` is unknown; write to=user0000"),
        ("track to=user0001 since=never", "never"),
        ("track message=3", "does not belong here"),
    ],
)
def test_mistakes_get_one_line(text: str, says: str) -> None:
    answer = play("2h", [], ONSET_MS).dispatch(text)
    assert isinstance(answer, Refused)
    assert says in answer.reason
