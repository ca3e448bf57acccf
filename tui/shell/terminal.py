"""The check for a terminal that can show the console."""

import os
import sys


def is_terminal() -> bool:
    """True if input and both outputs are a terminal that can do more than print lines.

    Also true if `TEXTUAL_DRIVER` names a driver: it brings its own screen, such as a page in a browser.
    """
    if os.environ.get("TEXTUAL_DRIVER"):
        return True
    ends = (sys.stdin, sys.stdout, sys.stderr)  # Textual paints on standard error
    return all(end is not None and end.isatty() for end in ends) and os.environ.get("TERM", "") != "dumb"
