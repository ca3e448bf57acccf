"""Due times of messages between two attempts, while the receiver answers."""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import MINUTE_MS, NEVER_MS
from sim.kernel.series import order_of
from sim.mail.message.growing_columns import BLOCK, Columns
from sim.mail.message.rows import Rows
from sim.mail.queue.attempt_times import Slots

_AHEAD_MS = 15 * MINUTE_MS
"""How far beyond the requested time offers are sorted, because each sort has to examine all rows."""
_NOT_OFFERED = -NEVER_MS
_LONG_AGO = _NOT_OFFERED + 1
_NONE: I64 = np.empty(0, dtype=np.int64)


class Timetable:
    """Parked rows by number, with their offers and limits, both in chronological order. Offers are sorted as
    they are requested.

    The first `_seen` offers have been made (some of them ahead of time, up to `_looked_ms`), the first
    `_done` limits are past.
    """

    def __init__(self, rows: Rows, slots: Slots) -> None:
        """Add `rows`: each is offered at its next slot, unless its limit comes first."""
        next_ms, over, limit_ms = _in_blocks(rows, slots)
        order = order_of(limit_ms)
        self._over: NDArray[np.intp] = over[order]
        self._limit_ms: I64 = limit_ms[order]
        self._failed_limit_ms: I64 = self._limit_ms[rows.failed[self._over]]
        """For rows that have failed, the age limits that are not past yet."""
        self._least_over = np.minimum.accumulate(self._over[::-1])[::-1]
        """For each position in `_over`, the lowest row number from there to the end."""
        next_ms[over] = _NOT_OFFERED
        self._next_ms, self._failed = next_ms, rows.failed
        self._offers = Columns({"ms": np.int64, "row": np.int64, "failed": np.int32})
        """The offers before `_ordered_ms`. `failed`: for each offer, how many offers up to and including
        it are of rows that have failed.
        """
        self._ordered_ms = _LONG_AGO
        self._all_failed = int(np.count_nonzero(rows.failed)) - len(self._failed_limit_ms)
        self._seen, self._done, self._looked_ms = 0, 0, _LONG_AGO

    def _order(self, until_ms: int) -> None:
        """Sort the offers before `until_ms` by time, then by number."""
        if until_ms <= self._ordered_ms or len(self._offers) + len(self._over) == len(self._next_ms):
            return
        until_ms += _AHEAD_MS
        some = np.flatnonzero((self._next_ms >= self._ordered_ms) & (self._next_ms < until_ms))
        self._ordered_ms, some_ms = until_ms, self._next_ms[some]
        order = order_of(some_ms)
        some = some[order]
        failed = np.cumsum(self._failed[some], dtype=np.int32)
        self._offers.append([some_ms[order], some, failed + np.int32(self._failed_before(len(self._offers)))])

    def _failed_before(self, count: int) -> int:
        """The number of offers, among the first `count`, of rows that have failed."""
        return int(self._offers["failed"][count - 1]) if count else 0

    def offers(self, bound_ms: int) -> tuple[NDArray[np.intp], I64]:
        """Rows that are offered before `bound_ms` and have not been returned yet, with their times."""
        self._order(bound_ms)
        some = slice(self._seen, int(self._offers["ms"].searchsorted(bound_ms)))
        self._seen, self._looked_ms = some.stop, bound_ms
        return self._offers["row"][some], self._offers["ms"][some]

    def limits(self, to_ms: int) -> tuple[NDArray[np.intp], I64]:
        """Rows that reach their limit before `to_ms` and have not been returned yet, with their times."""
        some = slice(self._done, int(self._limit_ms.searchsorted(to_ms)))
        self._done = some.stop
        return self._over[some], self._limit_ms[some]

    def rewind(self, now_ms: int) -> None:
        """Cancel offers at `now_ms` and later; all before it have been returned."""
        self._seen, self._looked_ms = int(self._offers["ms"].searchsorted(now_ms)), now_ms

    def due(self, now_ms: int) -> NDArray[np.bool_]:
        """For each row: True if its offer or its limit is at `now_ms` or later."""
        due = self._next_ms >= max(now_ms, _LONG_AGO)
        due[self._over[self._limit_ms.searchsorted(now_ms) :]] = True
        return due

    def failed_to_come(self) -> int:
        """The number of failed rows with a future offer that has not been returned yet."""
        return self._all_failed - self._failed_before(self._seen)

    def failed_limits(self) -> I64:
        """For rows that have failed, the limits that have not been reached yet."""
        past, limits_ms = 0, self._failed_limit_ms
        if self._done:
            past = int(limits_ms.searchsorted(self._limit_ms[self._done - 1], side="right"))
        return limits_ms[past:]

    def leaves_unseen(self, count: int) -> bool:
        """True if the offer or limit of one of the first `count` rows is beyond the end of the forecast."""
        least = self._least_over[self._limits_seen() :][:1]
        unseen = len(self._offers) + len(self._over) < len(self._next_ms) or self._seen < len(self._offers)
        if len(least) and least[0] < count:
            return True
        blocks = (slice(first, min(first + BLOCK, count)) for first in range(0, count, BLOCK))
        return unseen and any((self._next_ms[some] >= self._looked_ms).any() for some in blocks)

    def coming_limits(self) -> tuple[NDArray[np.intp], I64]:
        """Rows that reach their limit up to the end of the forecast and are not past, with their times."""
        some = slice(self._done, max(self._limits_seen(), self._done))
        return self._over[some], self._limit_ms[some]

    def next_limit(self) -> int | None:
        """The time at which the next row reaches its limit; None if no row does."""
        return int(self._limit_ms[self._done]) if self._done < len(self._limit_ms) else None

    def _limits_seen(self) -> int:
        return int(self._limit_ms.searchsorted(self._looked_ms))


def _in_blocks(rows: Rows, slots: Slots) -> tuple[I64, NDArray[np.intp], I64]:
    """The next slot of each row; the rows whose limit comes first, ascending, and their limits."""
    next_ms, over, limits_ms = np.empty(len(rows), dtype=np.int64), [_NONE], [_NONE]
    for piece, step in slots.first_steps(rows):
        arrival_ms = rows.arrival_ms[piece]
        next_ms[piece] = some_ms = slots.slots_ms(arrival_ms, step)
        limit_ms = slots.give_ups_ms(arrival_ms)
        bounces = np.flatnonzero(limit_ms < some_ms + (not slots.last_try))
        over.append(bounces + piece.start)
        limits_ms.append(limit_ms[bounces])
    return next_ms, np.concatenate(over), np.concatenate(limits_ms)
