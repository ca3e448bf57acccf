"""Sorted event times that grow at their end, with counts for any moment."""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64


class Times:
    """Event times in milliseconds, appended in ascending order, looked up by bisection.

    Look-ups do not change anything, even for past moments. Times are kept in blocks, so adding more does not
    copy existing ones.
    """

    def __init__(self, room: int = 1 << 16) -> None:
        """`room`: number of times in a block."""
        self._room, self._full = room, list[I64]()
        self._last = np.empty(room, dtype=np.int64)
        self._filled = 0
        """The number of moments in the last block."""

    def extend(self, times_ms: I64) -> None:
        """Append `times_ms`, which are sorted and not earlier than the last one."""
        while len(times_ms):
            if self._filled == self._room:
                self._full.append(self._last)
                self._last, self._filled = np.empty(self._room, dtype=np.int64), 0
            some = times_ms[: self._room - self._filled]
            self._last[self._filled : self._filled + len(some)] = some
            self._filled += len(some)
            times_ms = times_ms[len(some) :]

    def __len__(self) -> int:
        return len(self._full) * self._room + self._filled

    @property
    def last(self) -> int | None:
        """The latest time."""
        return int(self._last[self._filled - 1]) if self._filled else None

    def since(self, number: int) -> I64:
        """Every time except the first `number`, ascending."""
        if number >= len(self):
            return np.empty(0, dtype=np.int64)
        block = number // self._room
        return np.concatenate(self._blocks()[block:])[number - block * self._room :]

    def before(self, moment_ms: I64 | int) -> I64:
        """The number of events before each given time (half-open: an event at the time itself is not
        counted).
        """
        count = self._last[: self._filled].searchsorted(moment_ms)
        for block in self._full:
            count = count + block.searchsorted(moment_ms)
        return np.asarray(count, dtype=np.int64)

    def between(self, a_ms: int, b_ms: int) -> int:
        """The number of moments in [a_ms, b_ms)."""
        a, b = self.before(np.array([a_ms, b_ms], dtype=np.int64)).tolist()
        return int(b - a)

    def _blocks(self) -> list[I64]:
        return [*self._full, self._last[: self._filled]]


BITS = 62
"""Number of bits reserved for the index in a number that combines a time and an index."""


_GROUP = 256
"""Number of times of which `latest` first compares only the greatest."""


def latest(times_ms: I64, count: int) -> NDArray[np.intp]:
    """Indices of the `count` latest of many unordered times, in chronological order; of equal times, those
    with the highest indices.
    """
    whole = len(times_ms) // _GROUP * _GROUP
    tops_ms = times_ms[:whole].reshape(-1, _GROUP).max(axis=1)
    least_ms = np.partition(tops_ms, -count)[-count] if 0 < count <= len(tops_ms) else np.iinfo(np.int64).min
    some = np.flatnonzero(times_ms >= least_ms)
    return some[np.argsort(times_ms[some], kind="stable")][max(0, len(some) - count) :]


def order_of(times_ms: I64) -> I64:
    """Indices that put `times_ms` in ascending order; equal moments keep their order.

    Moment and index are sorted as one number, which is several times faster in Numpy than an argsort.
    """
    if not len(times_ms):
        return np.empty(0, dtype=np.int64)
    least_ms, most_ms = int(np.min(times_ms)), int(np.max(times_ms))
    bits = len(times_ms).bit_length()
    if (most_ms - least_ms).bit_length() + bits > BITS:
        return np.argsort(times_ms, kind="stable").astype(np.int64)
    keys: I64 = times_ms - least_ms
    keys <<= bits
    keys |= np.arange(len(times_ms), dtype=np.int64)
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def time_order(times_ms: I64, ids: I64) -> NDArray[np.intp]:
    """Indices that put rows in the order of (time, id), like `numpy.lexsort`.

    Rows are sorted by time, which is fast for columns that were joined from ascending parts; ids are compared
    only within a millisecond.
    """
    order = np.argsort(times_ms, kind="stable")
    placed_ms = times_ms[order]
    as_before = placed_ms[1:] == placed_ms[:-1]
    if as_before.any():
        rows = np.flatnonzero(np.append(as_before, False) | np.append(False, as_before))
        some = order[rows]
        order[rows] = some[np.lexsort((ids[some], placed_ms[rows]))]
    return order


def among(numbers: I64, some: I64) -> NDArray[np.bool_]:
    """True for each of `numbers` that is in `some`; faster than `numpy.isin` if there are many of both."""
    if not len(some):
        return np.zeros(len(numbers), dtype=np.bool_)
    some = np.sort(some)
    at = np.minimum(some.searchsorted(numbers), len(some) - 1)
    return np.asarray(some[at] == numbers, dtype=np.bool_)


def distinct(keys: I64) -> tuple[I64, NDArray[np.intp]]:
    """The distinct `keys`, ascending, and for each key its place among them, like `numpy.unique`.

    Keys from 0 to a few times their number are marked in a table, which is several times faster than sorting.
    """
    if not len(keys) or int(np.min(keys)) < 0 or int(np.max(keys)) > 4 * len(keys):
        found, which = np.unique(keys, return_inverse=True)
        return found, which.reshape(-1)
    seen = np.zeros(int(np.max(keys)) + 1, dtype=np.bool_)
    seen[keys] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[keys]


def in_order(*keys: I64) -> bool:
    """True if rows are ordered by the first of `keys`, rows with equal keys by the next key, and so on, and
    if no two rows are equal in all keys.

    Sorting by the keys would then not change anything; this check costs much less than sorting.
    """
    at: I64 | None = None
    """The rows that are equal to the row before them in all keys so far; None: all rows but the first."""
    for key in keys:
        before, after = (key[:-1], key[1:]) if at is None else (key[at - 1], key[at])
        if (after < before).any():
            return False
        same = after == before
        if at is None and len(same) and same.all():
            continue
        equal = np.flatnonzero(same)
        at = equal + 1 if at is None else at[equal]
        if not len(at):
            return True
    return False


def sample_grid(a_ms: int, b_ms: int, points: int) -> I64:
    """`points` times evenly spaced over [a_ms, b_ms], both ends included, in integers."""
    if points < 2:
        return np.array([b_ms], dtype=np.int64)
    steps = np.arange(points, dtype=np.int64)
    return a_ms + steps * (b_ms - a_ms) // (points - 1)
