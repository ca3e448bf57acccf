"""Whether there is a terminal that a console can be shown on."""

import os
import sys


def is_terminal() -> bool:
    """True if a person sits at all ends and the terminal can do more than print lines."""
    ends = (sys.stdin, sys.stdout, sys.stderr)  # Textual paints on standard error
    return all(end is not None and end.isatty() for end in ends) and os.environ.get("TERM", "") != "dumb"
