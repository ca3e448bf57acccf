"""When each message between two attempts comes due, while the receiver answers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.mail.rows import Rows
from sim.mail.slots import Slots


@dataclass(slots=True)
class Timetable:
    """Entries by time: a parked row's number, and whether it is offered then or reaches its limit.

    The first `seen` entries have been offered (some of them ahead of time), the first `done` are past.
    """

    time_ms: I64
    row: NDArray[np.intp]
    bounces: NDArray[np.bool_]
    seen: int = 0
    done: int = 0

    def offers(self, bound_ms: int) -> tuple[NDArray[np.intp], I64]:
        """Rows that are offered before `bound_ms` and have not been returned, and when."""
        some = slice(self.seen, int(np.searchsorted(self.time_ms, bound_ms)))
        self.seen = some.stop
        tried = ~self.bounces[some]
        return self.row[some][tried], self.time_ms[some][tried]

    def limits(self, to_ms: int) -> tuple[NDArray[np.intp], I64]:
        """Rows that reach their limit before `to_ms` and have not been returned, and when."""
        some = slice(self.done, int(np.searchsorted(self.time_ms, to_ms)))
        self.done = some.stop
        over = self.bounces[some]
        return self.row[some][over], self.time_ms[some][over]

    def rewind(self, now_ms: int) -> None:
        """Offers at `now_ms` and later have not been made after all."""
        self.seen = int(np.searchsorted(self.time_ms, now_ms))

    def remaining(self, now_ms: int) -> NDArray[np.intp]:
        """Rows that are due at `now_ms` or later, ascending."""
        return np.sort(self.row[np.searchsorted(self.time_ms, now_ms) :])

    def not_seen(self) -> NDArray[np.intp]:
        """Rows whose entry has not been returned by `offers`' bound."""
        return self.row[self.seen :]

    def coming_limits(self) -> tuple[NDArray[np.intp], I64]:
        """Rows that reach their limit in what has been seen and is not past, and when."""
        some = slice(self.done, self.seen)
        over = self.bounces[some]
        return self.row[some][over], self.time_ms[some][over]

    def next_limit(self) -> int | None:
        """When the next row reaches its limit, None if none does."""
        over = np.flatnonzero(self.bounces[self.done :])
        return int(self.time_ms[self.done + over[0]]) if len(over) else None


def timetable(rows: Rows, slots: Slots) -> Timetable:
    """The timetable of `rows`: each is offered at its next slot, unless its limit comes first."""
    next_ms, limit_ms = slots.next_ms(rows), rows.arrival_ms + slots.give_up_ms
    bounces = limit_ms < next_ms + (not slots.last_try)
    time_ms = np.where(bounces, limit_ms, next_ms)
    order = np.argsort(time_ms, kind="stable")
    return Timetable(time_ms[order], order, bounces[order])
