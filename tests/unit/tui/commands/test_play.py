"""The console's program is set up before it is loaded."""

import subprocess
import sys

CODE = """
import sys, types

class Console:
    kept, failure = "", None

    def __init__(self, *arguments, **named):
        from textual import constants

        print(constants.MAX_FPS)

    def run(self):
        return 0

sys.modules["tui.app"] = types.SimpleNamespace(DrillApp=Console)
from tui.commands.play import show

show(lambda: None, 60)
"""


def test_the_screen_is_updated_120_times_a_second() -> None:
    """With Textual's 60, a key during the recovery in m365-offline waited for up to 64 ms, now 37."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["120"]
