"""A console that is killed while it rewinds or begins a branch: the drill is whole, and so is any branch."""

import os
import random
import select
import signal
import time
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from sim.forks.copies import AVAILABLE
from tests.examples import KILLS, TIMES
from tests.tui.test_terminal import Terminal

pytest.importorskip("pty", reason="pseudo-terminals are a thing of Unix")

MOMENTS = KILLS or (2 if TIMES == 1 else 100)
WITH_COPIES = """
import sys
from tui.playing import rewinder
from tui.cli import main
rewinder.COPIES_FROM = 1
sys.exit(main(sys.argv[1:]))
"""
"""The console with copies of earlier moments from the first one on: else so short a drill has none."""


def children_of(pid: int) -> list[int]:
    """Of all its threads."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


@pytest.mark.fuzz
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(MOMENTS))
def test_nothing_is_lost(tmp_path: Path, number: int) -> None:
    journal, draw = tmp_path / "drill.jsonl", random.Random(number)
    terminal = Terminal("play", "--set", "users=50", "--journal", str(journal), code=WITH_COPIES)
    terminal.read_until(b"Internet")
    os.write(terminal.file, b">>>>>>note kept\r")
    terminal.read_until(b"\xe2\x9c\x93")
    os.write(terminal.file, b"<<")
    terminal.read_until(b"present")
    copies = [os.pidfd_open(pid) for pid in children_of(terminal.pid)] if AVAILABLE else []
    assert bool(copies) == AVAILABLE
    if number % 2:
        os.write(terminal.file, b"\r")
    time.sleep(draw.random() / 2)
    os.kill(terminal.pid, signal.SIGKILL)
    os.waitpid(terminal.pid, 0)
    os.close(terminal.file)
    for one in copies:
        assert select.select([one], [], [], 20)[0], "a copy outlives the console"
        os.close(one)
    again = Session.resume(journal)
    assert [text for _, text in again.commands] == ["note kept"]
    assert again.now_ms == 90 * 60_000 + 1, "a step includes its minute"
    again.close()
    for branch in tmp_path.glob("drill-branch-*.jsonl"):
        if branch.stat().st_size:
            other = Session.replay(branch)
            assert other.parent["drill"] == "drill"
            assert other.now_ms <= 60 * 60_000
