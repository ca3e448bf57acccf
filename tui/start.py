"""The start of the program `mxdrill`: from its first line on, Ctrl-C ends it without a traceback.

A Ctrl-C before that, while Python itself starts, is reported by Python.
"""

# The built-in part of `signal`: `signal` itself first loads other modules, which takes 3 ms.
import _signal  # type: ignore[import-not-found]

if (_before := _signal.getsignal(_signal.SIGINT)) is _signal.default_int_handler:
    # otherwise, Ctrl-C would be ignored in the background of a script
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import signal
import sys
from types import FrameType

INTERRUPTED = 130
"""Exit status of a command that Ctrl-C ended."""


def main() -> int:
    """Load and run the command; returns its exit status."""
    from tui import cli

    if _before is not signal.default_int_handler:
        return cli.main()
    sys.unraisablehook = _unraisable
    try:
        signal.signal(signal.SIGINT, _interrupt)
        return cli.main()
    except KeyboardInterrupt:  # just before or after the code in `cli.main` that handles it
        return INTERRUPTED
    finally:
        if signal.getsignal(signal.SIGINT) is _interrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; but while a module loads, end the process: libraries report an interrupt of
    their initialisation as a fault of their own, or ignore it.
    """
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib."):
            _end_the_process()
        frame = frame.f_back
    raise KeyboardInterrupt


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    """Report an exception that cannot be raised. If it is an interrupt, Ctrl-C would be ignored: end."""
    if issubclass(found.exc_type, KeyboardInterrupt):
        _end_the_process()
    sys.__unraisablehook__(found)


def _end_the_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.raise_signal(signal.SIGINT)
