"""The start of the program, and Ctrl-C at its worst moments."""

import signal
import subprocess
import sys

import pytest

INTERRUPTED = """
import os, signal, sys, weakref

class Interrupts:
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

def interrupt(*_):
    os.kill(os.getpid(), signal.SIGINT)

class Thing:
    pass

def in_a_callback(args=None):
    thing = Thing()
    kept = weakref.ref(thing, interrupt)
    del thing
    return 0

sys.meta_path.insert(0, Interrupts())
sys.argv = ["mxdrill", *{words!r}]
from tui.start import main
{before}
sys.exit(main())
"""
LISTS = ("platforms", "list")
BEFORE = {
    "in a callback": "from tui import cli; cli.main = in_a_callback",
    "before it is heard": "from tui import cli; cli.gc.set_threshold = interrupt",
    "after the last line": "import atexit; from tui import cli; cli.main = int; atexit.register(interrupt)",
}

unix = pytest.mark.skipif(sys.platform == "win32", reason="needs Unix signals")


def started(module: str = "", words: tuple[str, ...] = LISTS, before: str = "") -> tuple[int, str]:
    """Exit status and standard error of the program."""
    program = INTERRUPTED.format(module=module, words=words, before=before)
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    return done.returncode, done.stderr


FIRST_LINES = """
import _signal, os, sys
seen = []

class Names:
    def find_spec(self, name, path, target=None):
        seen.append(name)

def heard(*_):
    os.write(1, " ".join(seen).encode())
    os._exit(0)

sys.meta_path.insert(0, Names())
_signal.signal = heard
import tui.start
"""


@unix
def test_ctrl_c_is_handled_before_any_other_module_loads() -> None:
    """Python's own module `signal` loads `enum` and others, which takes 3 ms."""
    done = subprocess.run([sys.executable, "-c", FIRST_LINES], check=True, capture_output=True, text=True)
    assert done.stdout == "tui tui.start"


@unix
@pytest.mark.parametrize("module", ["tui.cli", "tui.commands.platforms", "pydantic"])
def test_ctrl_c_while_a_module_loads_is_no_traceback(module: str) -> None:
    """A library that is interrupted while it loads reports a broken installation."""
    assert started(module) == (-signal.SIGINT, "")


@unix
@pytest.mark.parametrize("moment", BEFORE)
def test_ctrl_c_at_any_moment_is_no_traceback(moment: str) -> None:
    """Python ignores an interrupt in a callback, and prints a traceback."""
    status, told = started(before=BEFORE[moment])
    assert (status in {-signal.SIGINT, 130}, told) == (True, "")


@unix
def test_ctrl_c_that_the_shell_has_switched_off_stays_off() -> None:
    ignored = "import _signal; _signal.signal(2, _signal.SIG_IGN)\n" + INTERRUPTED.format(
        module="pydantic", words=LISTS, before=""
    )
    done = subprocess.run([sys.executable, "-c", ignored], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@unix
@pytest.mark.parametrize("words", [["--help"], ["run", "exchange-down"], ["check", "--help"]])
def test_ctrl_c_at_the_lines_of_a_start(words: list[str]) -> None:
    """Also if the signal arrives at a line of a library."""
    trace = """
count = 0
def traced(frame, event, arg):
    global count
    count += 1
    if count == {at}:
        sys.settrace(None)
        os.kill(os.getpid(), signal.SIGINT)
    return traced
sys.settrace(traced)
"""
    for at in (1, 3, 10, 100, 1_000, 10_000, 100_000, 300_000, 1_000_000):
        status, told = started(words=tuple(words), before=trace.format(at=at))
        assert status in {-signal.SIGINT, 130, 0}, told
        assert told == ""
