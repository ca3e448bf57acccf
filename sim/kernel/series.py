"""Growing, sorted event times, and the counts that can be looked up in them at any moment."""

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.growing import Columns


class Times:
    """Event times in milliseconds, appended in ascending order, looked up by bisection.

    Observing is looking up: asking for a count at any past moment changes nothing.
    """

    def __init__(self) -> None:
        self._columns = Columns({"t_ms": np.int64})

    def extend(self, times_ms: I64) -> None:
        """Append `times_ms`, sorted, none earlier than the last one held."""
        self._columns.append([times_ms])

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def all(self) -> I64:
        """Every time held, ascending."""
        return self._columns["t_ms"]

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
