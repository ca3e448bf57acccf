"""Progress of many runs on standard error: the number of runs done, and the remaining time."""

import sys
from time import perf_counter

from sim.kernel.duration import SECOND_MS, in_words
from tui.shell.standard_streams import redraw

SHOWN_AFTER_S = 1.0
APART_S = 0.5


class RunProgress:
    """A line that is overwritten, if standard error is a terminal; otherwise nothing is written."""

    def __init__(self) -> None:
        self._began_s = self._shown_s = perf_counter()
        self._done = self._most = 0
        self._shown = False

    def expect(self, runs: int) -> None:
        """Add runs that are still to be made."""
        self._most += runs

    def told(self, runs: int) -> None:
        """Count runs that are done."""
        self._done += runs
        now_s = perf_counter()
        early = now_s - self._began_s < SHOWN_AFTER_S or now_s - self._shown_s < APART_S
        if early or not sys.stderr.isatty():
            return
        self._shown_s, self._shown = now_s, True
        left_ms = round((now_s - self._began_s) / self._done * max(self._most - self._done, 0)) * SECOND_MS
        told = f"{self._done} of at most {self._most} runs, {in_words(left_ms)} left"
        redraw(told)

    def clear(self) -> None:
        """Remove the line."""
        if self._shown:
            redraw("")
            self._shown = False
