"""The times at which rows leave a store: a sorted list of times, to which rows are added as they arrive."""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS

Indices = NDArray[np.intp]
_STRIDE_MS = 6 * HOUR_MS
_DROP_AT = 1 << 12


class Exits:
    """Entries by (moment, row). The first `seen` have been returned, the first `done` are past.

    Rows that leave long after their arrival stay unsorted until their departure is near, so adding new rows
    costs nothing for waiting rows.
    """

    def __init__(self, time_ms: I64, row: Indices) -> None:
        self._time_ms, self._row = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.intp)
        self._reach_ms = 0
        """Time before which entries are already sorted."""
        self._late: list[tuple[I64, Indices]] = []
        self._seen, self._done = 0, 0
        self.add(time_ms, row)

    def add(self, time_ms: I64, row: Indices) -> None:
        """Add entries, none of which is earlier than the last bound reached; their row numbers are higher
        than all before.
        """
        soon = time_ms < self._reach_ms
        self._merge(time_ms[soon], row[soon])
        if not soon.all():
            self._late.append((time_ms[~soon], row[~soon]))

    def look(self, bound_ms: int) -> Indices:
        """Rows that leave before `bound_ms` and have not been checked, by (moment, row)."""
        if bound_ms > self._reach_ms:
            self._draw_near(bound_ms + _STRIDE_MS)
        until = max(int(self._time_ms.searchsorted(bound_ms)), self._seen)
        rows = self._row[self._seen : until]
        self._seen = until
        return rows

    def past(self, to_ms: int) -> Indices:
        """Rows that leave before `to_ms` and had not passed before; already checked."""
        until = int(np.searchsorted(self._time_ms[: self._seen], to_ms))
        rows = self._row[self._done : until]
        self._done = until
        if until > _DROP_AT:
            self._time_ms, self._row = self._time_ms[until:], self._row[until:]
            self._seen, self._done = self._seen - until, 0
        return rows

    @property
    def coming(self) -> tuple[I64, Indices]:
        """Times and rows that have been returned and are not past."""
        some = slice(self._done, self._seen)
        return self._time_ms[some], self._row[some]

    def forget(self, now_ms: int, rows: int) -> None:
        """Discard results at `now_ms` or later, and rows after the first `rows`."""
        self._seen = int(self._time_ms.searchsorted(now_ms))
        keep = np.ones(len(self._row), dtype=np.bool_)
        keep[self._seen :] = self._row[self._seen :] < rows
        if not keep.all():
            self._time_ms, self._row = self._time_ms[keep], self._row[keep]
        for n in range(len(self._late) - 1, -1, -1):
            time_ms, row = self._late[n]
            kept = row < rows
            if n and len(row) and kept.all():
                break  # rows ascend within each part
            self._late[n] = time_ms[kept], row[kept]

    def _draw_near(self, reach_ms: int) -> None:
        self._reach_ms = reach_ms
        if not self._late:
            return
        time_ms = np.concatenate([part[0] for part in self._late])
        row = np.concatenate([part[1] for part in self._late])
        near = time_ms < reach_ms
        self._merge(time_ms[near], row[near])
        self._late = [(time_ms[~near], row[~near])]

    def _merge(self, time_ms: I64, row: Indices) -> None:
        if not len(time_ms):
            return
        time_ms = np.concatenate([self._time_ms[self._seen :], time_ms])
        row = np.concatenate([self._row[self._seen :], row])
        order = np.lexsort((row, time_ms))
        self._time_ms = np.concatenate([self._time_ms[: self._seen], time_ms[order]])
        self._row = np.concatenate([self._row[: self._seen], row[order]])
