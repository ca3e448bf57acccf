"""Checks that the terminal can show the console."""

import os
import sys


def is_terminal() -> bool:
    """True if input and output are a terminal that can do more than print lines.

    Standard error may be redirected, except on Windows, where Textual paints on it. The result is also True
    if `TEXTUAL_DRIVER` names a driver, which has a screen of its own, such as a page in a browser.
    """
    if os.environ.get("TEXTUAL_DRIVER"):
        return True
    ends = (sys.stdin, sys.stdout, *((sys.stderr,) if sys.platform == "win32" else ()))
    return all(end is not None and end.isatty() for end in ends) and os.environ.get("TERM", "") != "dumb"
