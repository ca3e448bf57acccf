"""The gateway's outbound queue in a drill: receivers put off what it brings; what people can do about it."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sim.drill.instruments.mail_addresses import from_addresses
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.given import done, refused
from tests.plays import check_conservation
from tests.scenario_files import exchange_down_with

BEGIN_MS, END_MS = 3 * HOUR_MS, 9 * HOUR_MS
REPLY = "451 4.7.1 temporarily deferred, poor reputation of the sending address"


def session_of(folder: Path, *, share: str = "", for_: str = "6h") -> Session:
    """For ten minutes, 100 users; from T+3h receivers put off the gateway's mail."""
    listed = f"at: T+3h, for: {for_}, fault: receivers answer 4xx{share}"
    return exchange_down_with(folder, listed, users="100", outage="10m")


def out(session: Session) -> dict[str, int]:
    return session.drill.world.custody()["outbound"]


def test_what_receivers_put_off_waits_and_its_writers_are_told_after_an_hour(tmp_path: Path) -> None:
    session = session_of(tmp_path, share=", share_percent: 40")
    session.advance(BEGIN_MS - 1)
    assert not session.drill.world.writers.outgoing.modelled, "nobody asks for single messages before"
    session.advance(BEGIN_MS + 50 * MINUTE_MS)
    queue = session.snapshot().queue
    assert queue.outbound > 20
    assert queue.outbound_error == REPLY
    assert session.drill.last_seen.gateway().outgoing.notified == 0
    passed = out(session)["delivered"]
    session.advance(BEGIN_MS + 3 * HOUR_MS)
    assert out(session)["delivered"] > passed + 100, "the other receivers take it"
    seen = session.drill.last_seen.gateway().outgoing
    assert 0 < seen.notified < seen.depth
    told = done(session, "status check gateway")
    assert re.search(
        r"; outbound queue: \d+, most for .*, the oldest for 3 h \d+ min, \d+ senders notified", told
    )
    assert REPLY in told
    session.advance(END_MS + 5 * HOUR_MS)
    assert "gateway_queue" not in out(session), "each went at its own next time"
    check_conservation(session)


def tickets(session: Session) -> list[str]:
    return [one.text for one in session.events() if one.kind == "ticket" and one.ref == "delay-notice"]


def test_authors_call_about_delay_notices_unless_they_have_been_notified(tmp_path: Path) -> None:
    silent, told = session_of(tmp_path), session_of(tmp_path)
    for session in (silent, told):
        session.advance(BEGIN_MS + 20 * MINUTE_MS)
        if session is told:
            done(session, "notify users via=phone text=what you send to the outside comes late")
        session.advance(BEGIN_MS + 59 * MINUTE_MS)
        assert tickets(session) == [], "nobody gets a notice before the hour is over"
        session.advance(BEGIN_MS + 4 * HOUR_MS)
    first, *_more, last = tickets(silent)
    assert re.fullmatch(
        r"I got a notice that my mail of Mon \d\d:\d\d to \S+\.example is delayed; will it arrive\?.*", first
    )
    found = re.search(r"; (\d+) users have asked so far$", last)
    assert found
    notified = silent.drill.last_seen.gateway().outgoing.notified
    assert 10 < int(found[1]) < notified / 3, "a few of those who had a notice"
    assert len(tickets(told)) < len(tickets(silent)) / 2
    whole, writer = told_by(silent, first)
    assert whole.startswith("message tracking: Mon ")
    assert f" {writer} to " in whole
    assert re.search(
        r"in the outbound delivery queue after \d+ attempts, its sender notified of the delay", whole
    )


def told_by(session: Session, ticket: str) -> tuple[str, str]:
    """What tracking says of the mail of whoever has asked, and who that is."""
    (writer,) = [one.source for one in session.events() if one.text == ticket]
    (domain,) = re.findall(r"\S+\.example", ticket)
    return done(session, f"track from={writer} to={domain} since=6h"), writer


def test_tracking_follows_outbound_mail_to_its_receiver(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    session.advance(BEGIN_MS + 2 * HOUR_MS)
    ((domain, _count), *_others) = session.drill.last_seen.gateway().outgoing.most_for
    assert f" to {domain}, " in done(session, f"track to={domain} since=2h")
    done(session, f"queue bounce outbound to={domain}")
    assert "bounced, retention expired at Mon " in done(session, f"track to={domain} since=3h")
    session.advance(END_MS + 2 * HOUR_MS)
    assert "handed to the receiver at Mon " in done(session, f"track to={domain} since=2h")
    assert "is unknown; write to=user0000" in refused(session, "track to=nobody.example")


def test_the_other_way_out_is_not_concerned(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    session.advance(BEGIN_MS + 30 * MINUTE_MS)
    before = session.snapshot().queue.outbound
    assert before > 20
    assert out(session).get("server_queue", 0) == 0, "the mail server has got rid of it"
    session.drill.world.connect("secondary", session.now_ms)
    passed = out(session)["delivered"]
    session.advance(BEGIN_MS + 90 * MINUTE_MS)
    assert session.snapshot().queue.outbound == before
    assert out(session)["delivered"] > passed + 50


def test_paused_outbound_mail_waits_and_goes_when_it_is_resumed(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    session.advance(2 * HOUR_MS)
    assert refused(session, "deliveries resume outbound") == (
        "outbound deliveries are not paused; `queue retry outbound` forces an attempt"
    )
    assert done(session, "deliveries pause outbound") == (
        "outbound deliveries paused, 0 messages in the queue"
    )
    assert "pause.decided" not in session.drill.milestones, "that was about inbound mail"
    assert "are already paused" in refused(session, "deliveries pause outbound")
    passed = out(session)["delivered"]
    session.advance(BEGIN_MS - MINUTE_MS)
    waiting = session.snapshot().queue.outbound
    assert waiting > 50
    assert out(session)["delivered"] == passed
    assert session.snapshot().queue.outbound_paused
    assert "paused" in refused(session, "queue retry outbound")
    session.advance(END_MS)
    assert done(session, "deliveries resume outbound").endswith("messages offered")
    session.advance(session.now_ms + MINUTE_MS)
    assert "gateway_queue" not in out(session)


def test_mail_to_one_receiver_is_returned_and_other_mail_stays_queued(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    session.advance(BEGIN_MS + 2 * HOUR_MS)
    told = done(session, "status check gateway")
    found = re.search(r"most for (\S+\.example) \((\d+)\), ", told)
    assert found
    before = session.drill.world.writers.outgoing.live()
    done(session, f"queue bounce outbound to={found[1]}")
    after = session.drill.world.writers.outgoing.live()
    gone = ~np.isin(before.id, after.id)
    assert out(session)["bounced"] >= gone.sum() >= int(found[2]) > 5
    (number,) = np.unique(before.user[gone])
    assert not (after.user == number).any()
    assert set(before.id[before.user != number]) <= set(after.id)
    writer = from_addresses(session.drill, after.id[:1])[0]
    assert "write from=user0000 to from=user0099" in refused(
        session, f"queue reject outbound from={found[1]}"
    )
    assert f"`{writer}` is not a known domain" in refused(session, f"queue retry outbound to={writer}")
    done(session, f"queue reject outbound from={writer}")
    assert out(session)["rejected"] >= 1
    assert writer not in from_addresses(session.drill, session.drill.world.writers.outgoing.live().id)


@pytest.mark.parametrize(("word", "account"), [("reject", "rejected"), ("bounce", "bounced")])
def test_mail_bounced_by_hand_is_returned_to_its_authors(tmp_path: Path, word: str, account: str) -> None:
    session = session_of(tmp_path)
    session.advance(BEGIN_MS + HOUR_MS)
    done(session, f"queue {word} outbound oldest=5")
    assert out(session)[account] == 5
    assert session.drill.last_seen.gateway().rejected[1] == (5 if word == "reject" else 0)
    done(session, f"queue {word} outbound")
    assert out(session)[account] > 20
    assert "gateway_queue" not in out(session) or out(session)["gateway_queue"] < 5


def test_a_forced_attempt_and_a_longer_retention(tmp_path: Path) -> None:
    session = session_of(tmp_path, for_="110h")
    assert refused(session, "queue retry outbound") == "the outbound queue is empty"
    session.advance(BEGIN_MS + HOUR_MS)
    assert "select outbound mail by `oldest`, `to` or `from`" in refused(
        session, "queue retry outbound message=3"
    )
    attempts = partial(lambda: int(session.drill.world.writers.outgoing.live().attempts.sum()))
    before, depth = attempts(), session.snapshot().queue.outbound
    text = done(session, "queue retry outbound")
    assert "the server" not in text
    assert attempts() >= before + depth
    assert done(session, "queue extend outbound 5d") == "support: outbound retention is now 5 d"
    session.advance(BEGIN_MS + 100 * HOUR_MS)
    assert out(session).get("bounced", 0) == 0, "without it they had come back after 96 h"
    unextended = session_of(tmp_path, for_="110h")
    unextended.advance(BEGIN_MS + 100 * HOUR_MS)
    assert out(unextended)["bounced"] > 20
    assert unextended.drill.last_seen.gateway().returned[1] == out(unextended)["bounced"]
