"""`mxdrill play` and `resume` on a real pseudo-terminal: signals, killing, and real mail in the console."""

import asyncio
import os
import signal
import smtplib
import sys
from pathlib import Path

import pytest

from tests.examples import TIMES
from tests.tui.conftest import Wall
from tui.app import DrillApp
from tui.painting.rows import text_of
from tui.playing.open_drill import NewDrill, begin, go_on
from tui.shell import exit_status
from tui.widgets.frame.pane import Pane

pty = pytest.importorskip("pty", reason="pseudo-terminals are a thing of Unix")

MXDRILL = Path(sys.executable).with_name("mxdrill")


class Terminal:
    """A program on a terminal of its own, 120 × 36."""

    def __init__(self, *words: str, code: str = "", size: tuple[int, int] = (120, 36)) -> None:
        """`code`: Python to be run in place of `mxdrill`."""
        import fcntl
        import struct
        import termios

        self.file, inner = os.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.seen = b""
        environment = {**os.environ, "TERM": "xterm-256color"}
        actions = [(os.POSIX_SPAWN_DUP2, inner, number) for number in range(3)]
        program = [sys.executable, "-c", code, *words] if code else [str(MXDRILL), *words]
        self.pid = os.posix_spawn(program[0], program, environment, file_actions=actions, setsid=True)
        os.close(inner)

    def read_until(self, sign: bytes) -> None:
        while sign not in self.seen:
            self.seen += os.read(self.file, 65536)

    def status(self) -> int:
        """Exit status; the terminal is read until the program is gone."""
        while True:
            try:
                last = os.read(self.file, 65536)
            except OSError:
                break
            if not last:
                break
            self.seen += last
        os.close(self.file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


ANYWHERE = {"empty": b"", "typing": b"contin", "help": b"?", "palette": b"\x10con"}
"""Keys that lead there; `make test` leaves from the empty line and from a list over the screen."""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "drill.jsonl"


@pytest.mark.parametrize(
    ("stop", "status"),
    [
        (signal.SIGTERM, exit_status.INTERRUPTED),
        (signal.SIGHUP, exit_status.INTERRUPTED),
        (None, exit_status.YES),
    ],
)
def test_a_signal_leaves_with_everything_saved(
    journal: Path, stop: signal.Signals | None, status: int
) -> None:
    terminal = Terminal("play", "--set", "users=50", "--journal", str(journal))
    terminal.read_until(b"Internet")
    os.write(terminal.file, b"alerts ack\r")
    terminal.read_until(b"\xe2\x9c\x97")  # refused: there is no alert yet
    if stop is None:
        os.write(terminal.file, b"\x15\x11")
    else:
        os.kill(terminal.pid, stop)
    assert terminal.status() == status
    assert b"alerts ack" in journal.read_bytes()
    assert b'"digest"' in journal.read_bytes().splitlines()[-1]


def test_the_console_needs_no_terminal_on_standard_error(journal: Path, tmp_path: Path) -> None:
    code = (
        "import os, sys; os.dup2(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY), 2); "
        "os.execv(sys.argv[2], sys.argv[2:])"
    )
    error = tmp_path / "error.txt"
    words = ("play", "--set", "users=50", "--journal", str(journal))
    terminal = Terminal(str(error), str(MXDRILL), *words, code=code)
    terminal.read_until(b"Internet")
    os.write(terminal.file, b"\x11")
    assert terminal.status() == exit_status.YES
    assert error.read_text() == f"saved; to continue: mxdrill resume {journal}\n"


@pytest.mark.parametrize("keys", ANYWHERE.values() if TIMES > 1 else [b"", b"\x10con"])
def test_ctrl_c_leaves_from_anywhere_and_says_how_to_go_on(journal: Path, keys: bytes) -> None:
    terminal = Terminal("play", "--set", "users=50", "--mode", "exam", "--journal", str(journal))
    terminal.read_until(b"Internet")
    os.write(terminal.file, keys)
    os.write(terminal.file, b"\x03")
    assert terminal.status() == exit_status.INTERRUPTED
    assert f"saved; to continue: mxdrill resume {journal}".encode() in terminal.seen
    assert b"Traceback" not in terminal.seen
    assert b'"digest"' in journal.read_bytes().splitlines()[-1]


def test_ctrl_c_while_the_drill_is_being_opened_ends_without_a_word(journal: Path) -> None:
    terminal = Terminal("play", "--set", "users=50", "--journal", str(journal))
    terminal.read_until(b"EXERCISE")
    os.write(terminal.file, b"\x03")
    assert terminal.status() == exit_status.INTERRUPTED
    assert b"Warning" not in terminal.seen
    assert b"Traceback" not in terminal.seen


def test_a_killed_drill_is_resumed_with_what_was_answered(journal: Path) -> None:
    terminal = Terminal("play", "--set", "users=50", "--journal", str(journal))
    terminal.read_until(b"Internet")
    os.write(terminal.file, b"note before the kill\r")
    terminal.read_until(b"\xe2\x9c\x93")
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.status() == -signal.SIGKILL
    terminal = Terminal("resume", str(journal))
    terminal.read_until(b"before the kill")
    os.write(terminal.file, b"\x11")
    assert terminal.status() == exit_status.YES


BREAKS = """
import sys
from tui import cli
from tui.screens import panes
def broken(view, width, height):
    raise ZeroDivisionError("no such pane")
panes.DRAWS[{pane!r}] = broken
sys.exit(cli.main())
"""


def test_a_fault_of_the_console_is_a_line_and_a_file_and_the_drill_goes_on_with_resume(journal: Path) -> None:
    broken = Terminal("play", "--set", "users=50", "--journal", str(journal), code=BREAKS.format(pane="zone"))
    broken.read_until(b"Internet")
    os.write(broken.file, b"note before the fault\r")
    broken.read_until(b"\xe2\x9c\x93")
    os.write(broken.file, b"4")
    assert broken.status() == exit_status.FAULT
    painted, _, told = broken.seen.rpartition(b"\x1b[?1049l")  # the terminal is itself again
    assert painted
    assert b"Traceback" not in broken.seen
    lines = [line for line in told.decode().replace("\x1b[?25h", "").splitlines() if "mxdrill" in line]
    assert lines[0].endswith(f"saved; to continue: mxdrill resume {journal}")
    assert "mxdrill: internal error (ZeroDivisionError: no such pane)" in lines[1]
    details = Path(lines[1].rpartition("details are in ")[2].strip())
    assert "ZeroDivisionError" in details.read_text()
    details.unlink()
    again = Terminal("resume", str(journal))
    again.read_until(b"before the fault")
    os.write(again.file, b"\x11")
    assert again.status() == exit_status.YES


async def test_real_mail_is_on_the_screen_under_its_own_subject(journal: Path, wall: Wall) -> None:
    wanted = NewDrill("exchange-down", 3, journal, lab=True, settings=["users=50"])
    app = DrillApp(lambda: begin(wanted), 60, wall)
    async with app.run_test(size=(120, 36)) as pilot:
        while app.desk is None:
            assert app.failure is None, app.failure
            await pilot.pause()
        app.desk.step(2 * 3_600_000)
        await app.desk.pump()
        port = int(app.desk.view(0).lab.rpartition(":")[2])
        await asyncio.to_thread(send, port)
        await pilot.press("2", "full_stop")
        rows = [text_of(row) for row in app.screen.query_one("#mail", Pane)._rows]
        assert any("✉" in row and "Container 4711" in row for row in rows)
        await pilot.press("ctrl+q")
        await pilot.pause()
    again = go_on(journal)
    assert again.lab is not None
    assert any(message.real for message in again.drill.snapshot().mail)
    again.close()


def send(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail(
            "desk@port.example", ["user1@harbour.example"], "Subject: Container 4711\r\n\r\nToday.\r\n"
        )
