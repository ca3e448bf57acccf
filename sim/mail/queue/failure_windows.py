"""A monitor's windows with at least one failed delivery attempt, for the settled past."""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64


class FailureWindows:
    """A bitmap over consecutive windows of `width_ms`, the first of which starts at `phase_ms` <= 0."""

    def __init__(self, width_ms: int, phase_ms: int) -> None:
        self.width_ms, self.phase_ms = width_ms, phase_ms
        self._seen = np.zeros(1024, dtype=np.bool_)
        self.last_ms: int | None = None
        """The time of the latest failed attempt that can no longer change."""

    def index(self, moment_ms: int) -> int:
        """The window that contains `moment_ms`."""
        return (moment_ms - self.phase_ms) // self.width_ms

    def starts_ms(self, first: int, after: int) -> I64:
        """The times at which the windows from first to after - 1 begin."""
        return self.phase_ms + np.arange(first, after, dtype=np.int64) * self.width_ms

    def mark(self, moment_ms: int) -> None:
        """Record a failed attempt at `moment_ms`, which is not earlier than those recorded before."""
        self.mark_windows(self.index(moment_ms), np.ones(1, dtype=np.bool_))
        self.last_ms = moment_ms

    def mark_windows(self, first: int, failed: NDArray[np.bool_]) -> None:
        """Record the windows, from `first` on, that have a failed attempt."""
        after = first + len(failed)
        if after > len(self._seen):
            self._seen = np.concatenate([self._seen, np.zeros(after, dtype=np.bool_)])
        self._seen[first:after] |= failed

    def mark_moments(self, moments_ms: I64) -> None:
        """Record failed attempts at `moments_ms`, in any order; `last_ms` does not change."""
        if not len(moments_ms):
            return
        numbers = (moments_ms - self.phase_ms) // self.width_ms
        failed = np.zeros(int(np.max(numbers)) + 1, dtype=np.bool_)
        failed[numbers] = True
        self.mark_windows(0, failed)

    def seen(self, first: int, after: int) -> NDArray[np.bool_]:
        """True for each window from first to after - 1 that is known to have a failed attempt."""
        known = np.zeros(max(after - first, 0), dtype=np.bool_)
        part = self._seen[first:after]
        known[: len(part)] = part
        return known
