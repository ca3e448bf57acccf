"""Copies answer from the nearest moment; one that dies is a missing answer; their memory is bounded."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from sim.drill.session.earlier import Earlier, read_moment
from sim.drill.session.session import Session
from sim.forks.copies import AVAILABLE, CopiesLost, DrillCopies
from sim.forks.origin import ReplayedDrill, origin_of
from sim.kernel.duration import HOUR_MS
from tests.plays import LETTER, ONSET_MS, play

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="copies are made by fork on Linux")

TO_MS = ONSET_MS + 4 * HOUR_MS


def fall_dead(_session: Session) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail(_session: Session) -> None:
    raise ValueError("as it was asked to")


def open_files(_session: Session) -> list[str]:
    return [os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]


@pytest.fixture(scope="module")
def session() -> Session:
    return play("2h", ((ONSET_MS, LETTER), (ONSET_MS + HOUR_MS, "alerts ack")), TO_MS)


@pytest.fixture(scope="module")
def copies(session: Session) -> Iterator[DrillCopies]:
    copies = DrillCopies(origin_of(session))
    copies.follow(session.inputs, HOUR_MS)
    copies.follow(session.inputs, session.now_ms)
    yield copies
    copies.close()


def test_an_earlier_moment_is_that_of_a_replay(copies: DrillCopies, session: Session) -> None:
    for at_ms in (0, ONSET_MS, ONSET_MS + 90 * 60_000, TO_MS):
        inputs = [one for one in session.inputs if one[0] <= at_ms]
        assert copies.play(inputs, at_ms, read_moment) == Earlier(session, at_ms).run()


def test_a_copy_that_fails_or_dies_is_a_missing_answer(copies: DrillCopies, session: Session) -> None:
    with pytest.raises(CopiesLost, match="ValueError: as it was asked to"):
        copies.play((), HOUR_MS, fail)
    for at_ms in (HOUR_MS, TO_MS):
        with pytest.raises(CopiesLost, match="the copy of the process has died"):
            copies.play(session.inputs, at_ms, fall_dead)
    assert copies.play(session.inputs, TO_MS, Session.digest) == session.digest(), "it goes on answering"


def test_no_copy_holds_a_terminal_a_file_or_a_socket(copies: DrillCopies) -> None:
    found = copies.play((), HOUR_MS, open_files)
    assert {one.partition(":")[0] for one in found} <= {"pipe", "/dev/null", "/proc/self/fd"}, found


def test_its_memory_is_known(copies: DrillCopies) -> None:
    assert copies.kept.copies >= 1
    assert 20_000 < copies.kept.kib < 600_000


def meet(at: Path, flags: int, session: Session) -> str:
    """Wait until the other run opens the same FIFO."""
    os.close(os.open(at, flags))
    return session.digest()


@pytest.mark.timeout(60)
def test_shared_copies_serve_two_runs_at_the_same_time(session: Session, tmp_path: Path) -> None:
    copies, at = DrillCopies(origin_of(session), at_once=2), tmp_path / "fifo"
    os.mkfifo(at)
    copies.follow(session.inputs, TO_MS)
    copies.share()
    with ThreadPoolExecutor(2) as threads:
        runs = [
            threads.submit(copies.play, session.inputs[:1], TO_MS, partial(meet, at, flags))
            for flags in (os.O_RDONLY, os.O_WRONLY)
        ]
        digests = [one.result() for one in runs]
    copies.close()
    assert digests == [ReplayedDrill(origin_of(session)).play(session.inputs[:1], TO_MS, Session.digest)] * 2


@pytest.mark.parametrize("at_once", [1, 2])
def test_killed_or_closed_they_are_lost_and_nothing_is_left_behind(session: Session, at_once: int) -> None:
    for end in ("kill", "close"):
        copies = DrillCopies(origin_of(session), at_once)
        copies.follow(session.inputs, HOUR_MS)
        if at_once > 1:
            copies.share()
        sleepers = children_of(copies.pid)
        assert len(sleepers) >= at_once
        if end == "kill":
            os.kill(copies.pid, signal.SIGKILL)
        else:
            copies.close()
        with pytest.raises(CopiesLost):
            copies.play((), HOUR_MS, Session.digest)
        copies.close()
        for one in sleepers:
            wait_for_the_end_of(one)


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for_the_end_of(pid: int) -> None:
    handle = os.pidfd_open(pid) if Path(f"/proc/{pid}").exists() else None
    if handle is not None:
        import select

        assert select.select([handle], [], [], 20)[0], "a copy outlives the process that it belongs to"
        os.close(handle)
