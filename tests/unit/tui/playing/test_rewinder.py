"""Earlier moments on the console come from copies once a drill is long; if they are killed, from a replay."""

import os
import signal
from collections.abc import Iterator

import pytest

from sim.drill.session.earlier import Earlier
from sim.drill.session.session import Session
from sim.forks.copies import AVAILABLE, DrillCopies
from sim.kernel.duration import HOUR_MS
from tests.plays import ONSET_MS, play
from tui.playing import rewinder
from tui.playing.rewinder import Rewinder

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="copies are made by fork on Linux")


@pytest.fixture
def session() -> Session:
    return play("2h", ((ONSET_MS + HOUR_MS, "alerts ack"),), ONSET_MS + 2 * HOUR_MS)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, session: Session) -> Iterator[Rewinder]:
    monkeypatch.setattr(rewinder, "COPIES_FROM", 1)
    watched = Rewinder(session)
    yield watched
    watched.close()


def copies_of(watched: Rewinder) -> DrillCopies:
    assert watched._at_work is not None
    watched._at_work.result()
    assert watched._copies is not None
    return watched._copies


def test_killed_copies_are_replaced_by_a_replay(watched: Rewinder, session: Session) -> None:
    at_ms = ONSET_MS + 90 * 60_000
    wanted = Earlier(session, at_ms).run()
    assert watched.kept() == ""
    watched.follow()
    copies = copies_of(watched)
    assert watched.kept().endswith(" MB")
    found = watched.earlier(at_ms)
    assert found.run() == wanted
    assert found.reached_ms == 0, "nothing was replayed"
    os.kill(copies.pid, signal.SIGKILL)
    found = watched.earlier(at_ms)
    assert found.run() == wanted
    assert found.reached_ms == at_ms
    session.advance(session.now_ms + HOUR_MS)
    watched.follow()
    assert watched._at_work is not None
    watched._at_work.result()
    assert watched.kept() == ""
    watched.follow()
    assert watched.earlier(at_ms).run() == wanted


def test_a_short_drill_and_an_exam_have_none(monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    short = Rewinder(session)
    short.follow()
    assert short._at_work is None
    monkeypatch.setattr(rewinder, "COPIES_FROM", 1)
    session.launch = {"mode": "exam"}
    exam = Rewinder(session)
    exam.follow()
    assert exam._at_work is None
    for one in (short, exam):
        one.close()
