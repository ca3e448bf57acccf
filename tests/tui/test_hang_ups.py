"""A terminal that is closed or hangs, and signals, at random moments: no process is left, nothing is lost."""

import os
import random
import select
import signal
import time
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from tests.examples import KILLS, TIMES
from tests.tui.test_terminal import Terminal
from tui.shell import signals

pytest.importorskip("pty", reason="pseudo-terminals are a thing of Unix")

MOMENTS = KILLS // 5 or (4 if TIMES == 1 else 60)
ENDS = ("hang up", "hang up", "stop reading, then hang up", "TERM and hang up", "HUP", "TERM")
"""The last two without a lab or with one are also in `test_terminal` and in `live/test_lab_command`."""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "drill.jsonl"


def end(terminal: Terminal, how: str, draw: random.Random) -> None:
    """Do to the program what `how` says, at a moment that the draw chooses."""
    for _ in range(draw.randrange(20)):
        if select.select([terminal.file], [], [], 0.2)[0]:
            os.read(terminal.file, 65536)
    if how.startswith("stop reading"):
        time.sleep(1 + draw.random())
    for name in ("TERM", "HUP"):
        if name in how.split():
            os.kill(terminal.pid, getattr(signal, f"SIG{name}"))
    if "hang up" in how:
        os.close(terminal.file)
    else:
        drain(terminal.file)


def drain(file: int) -> None:
    """Read to the end, as a terminal does that is still there."""
    while True:
        try:
            if not os.read(file, 65536):
                break
        except OSError:
            break
    os.close(file)


def has_ended(pid: int, within_s: float) -> bool:
    """Is the process gone within that time? One that is not is killed."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


@pytest.mark.fuzz
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(MOMENTS))
def test_no_process_is_left(journal: Path, number: int) -> None:
    how, lab = ENDS[number % len(ENDS)], number % 2 == 0
    words = ("--lab",) if lab else ()
    terminal = Terminal("play", "--set", "users=50", "--speed", "3600", "--journal", str(journal), *words)
    terminal.read_until(b"Internet")
    os.write(terminal.file, b"note kept\r")
    terminal.read_until(b"\xe2\x9c\x93")
    if number % 4:  # in each fourth play the clock still stands, and nothing is painted
        os.write(terminal.file, b" ")
    end(terminal, how, random.Random(number))
    assert has_ended(terminal.pid, 3 * signals.LONGEST_GOODBYE_S), how
    assert "note kept" in [text for _, text in Session.replay(journal).commands]


@pytest.mark.timeout(300)
def test_a_terminal_that_stops_reading_and_comes_back_shows_the_present(journal: Path) -> None:
    terminal = Terminal("play", "--set", "users=50", "--speed", "3600", "--journal", str(journal))
    terminal.read_until(b"Internet")
    os.write(terminal.file, b" ")
    time.sleep(2)  # some forty frames are more than the terminal's own buffer holds
    terminal.seen = b""
    os.write(terminal.file, b"note after\r")
    terminal.read_until(b"\xe2\x9c\x93")
    os.write(terminal.file, b"\x15\x11")
    assert terminal.status() == 0


@pytest.mark.timeout(300)
def test_a_signal_ends_a_loop_that_is_held_up(journal: Path) -> None:
    held = """
import sys, time
from tui import cli
from tui.screens import panes
def held_up(view, width, height):
    while True:
        time.sleep(1)
panes.DRAWS["zone"] = held_up
sys.exit(cli.main())
"""
    terminal = Terminal("play", "--set", "users=50", "--journal", str(journal), code=held)
    terminal.read_until(b"Internet")
    os.write(terminal.file, b"4")
    time.sleep(1)
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.status() == 130
