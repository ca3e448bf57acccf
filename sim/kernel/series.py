"""Growing, sorted event times, and the counts that can be looked up in them at any moment."""

import numpy as np

from sim.kernel.draws import I64


class Times:
    """Event times in milliseconds, appended in ascending order, looked up by bisection.

    Observing is looking up: asking for a count at any past moment changes nothing.
    """

    def __init__(self) -> None:
        self._room = np.empty(1024, dtype=np.int64)
        self._count = 0

    def extend(self, times_ms: I64) -> None:
        """Append `times_ms`, sorted, none earlier than the last one held."""
        need = self._count + len(times_ms)
        if need > len(self._room):
            grown = np.empty(max(need, 2 * len(self._room)), dtype=np.int64)
            grown[: self._count] = self._room[: self._count]
            self._room = grown
        self._room[self._count : need] = times_ms
        self._count = need

    def __len__(self) -> int:
        return self._count

    @property
    def all(self) -> I64:
        return self._room[: self._count]

    def before(self, moment_ms: I64 | int) -> I64:
        """How many happened before each moment (half-open: an event at the moment is not counted)."""
        return np.searchsorted(self.all, moment_ms, side="left").astype(np.int64)

    def between(self, a_ms: int, b_ms: int) -> int:
        """How many happened in [a_ms, b_ms)."""
        return int(np.searchsorted(self.all, b_ms) - np.searchsorted(self.all, a_ms))


def sample_grid(a_ms: int, b_ms: int, points: int) -> I64:
    """`points` moments evenly spread over [a_ms, b_ms], both ends included, in integers."""
    if points < 2:
        return np.array([b_ms], dtype=np.int64)
    steps = np.arange(points, dtype=np.int64)
    return a_ms + steps * (b_ms - a_ms) // (points - 1)
