"""Shows errors of a door's library as a line for the facilitator, instead of a traceback on the terminal."""

import logging
import time
from collections.abc import Callable

PAUSE_S = 10.0
"""Minimum wall time between two lines, so that bad input from a client does not fill the facilitator's
screen.
"""


class _Lines(logging.Handler):
    def __init__(self, door: str, report: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._door, self._report = door, report
        self._next_s = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + PAUSE_S
        error = record.exc_info[1] if record.exc_info else None
        what = f"{type(error).__name__}: {error}" if error is not None else record.getMessage()
        self._report(f"{self._door} door: {' '.join(what.split())[:160]}")


def door_log(door: str, report: Callable[[str], None]) -> logging.Logger:
    """A logger whose errors go to `report`, at most one line in `PAUSE_S`."""
    logger = logging.Logger(f"mxdrill.{door}")
    logger.addHandler(_Lines(door, report))
    return logger
