"""Worker processes: Ctrl-C reaches the parent only, from their first moment."""

import signal
import subprocess
import sys

import pytest

from sim.study.workers import uninterrupted

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="needs Unix signals")
BLOCKED = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"


def blocked_in_a_child() -> str:
    return subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=True).stdout


def test_a_process_that_is_started_within_is_never_interrupted() -> None:
    """A worker that was loading modules wrote a traceback."""
    assert uninterrupted(blocked_in_a_child) == "True\n"
    assert blocked_in_a_child() == "False\n"


def test_the_parent_is_interrupted_afterwards() -> None:
    waited, before = list[bool](), signal.signal(signal.SIGINT, signal.default_int_handler)

    def start() -> None:
        signal.raise_signal(signal.SIGINT)
        waited.append(True)

    try:
        with pytest.raises(KeyboardInterrupt):
            uninterrupted(start)
    finally:
        signal.signal(signal.SIGINT, before)
    assert waited
