"""A console that is killed while it rewinds or begins a branch: the drill is whole, and so is any branch."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from tests.examples import KILLS, TIMES
from tests.tui.test_terminal import Terminal

pytest.importorskip("pty", reason="pseudo-terminals are a thing of Unix")

MOMENTS = KILLS or (2 if TIMES == 1 else 100)


@pytest.mark.fuzz
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(MOMENTS))
def test_nothing_is_lost(tmp_path: Path, number: int) -> None:
    journal, draw = tmp_path / "drill.jsonl", random.Random(number)
    terminal = Terminal("play", "--set", "users=50", "--journal", str(journal))
    terminal.read_until(b"Internet")
    os.write(terminal.file, b">>>>>>note kept\r")
    terminal.read_until(b"\xe2\x9c\x93")
    os.write(terminal.file, b"<<")
    terminal.read_until(b"present")
    if number % 2:
        os.write(terminal.file, b"\r")
    time.sleep(draw.random() / 2)
    os.kill(terminal.pid, signal.SIGKILL)
    os.waitpid(terminal.pid, 0)
    os.close(terminal.file)
    again = Session.resume(journal)
    assert [text for _, text in again.commands] == ["note kept"]
    assert again.now_ms == 90 * 60_000
    again.close()
    for branch in tmp_path.glob("drill-branch-*.jsonl"):
        if branch.stat().st_size:
            other = Session.replay(branch)
            assert other.parent["drill"] == "drill"
            assert other.now_ms <= 60 * 60_000
