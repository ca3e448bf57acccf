"""The start of the program."""

import signal
import subprocess
import sys

import pytest

INTERRUPTED_WHILE_LOADING = """
import os, signal, sys

class Interrupts:
    def find_spec(self, name, path, target=None):
        if name == "tui.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
from tui.start import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs Unix signals")
def test_ctrl_c_while_the_program_loads_is_no_traceback() -> None:
    program = [sys.executable, "-c", INTERRUPTED_WHILE_LOADING]
    done = subprocess.run(program, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
