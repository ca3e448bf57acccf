"""Stores messages between two attempts while nothing changes, with their known future.

A lane is one regime: `Held` (deliveries are paused), `Refusing` (no attempt succeeds), `Answering` (every
attempt succeeds). `sim.mail.queue.mixed_regime` has the fourth, in which only some attempts succeed.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.mail.message.growing_columns import Columns
from sim.mail.message.queue_counts import QueuePart
from sim.mail.message.rows import CHANGING, NO_ROWS, NOBODY, ROW_TYPES, Gone, Rows, bounced, joined
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.next_attempts import Timetable

Which = slice | NDArray[np.intp]


class Parked:
    """Rows by arrival; new rows are added at the end."""

    def __init__(self, rows: Rows) -> None:
        self.columns = Columns(ROW_TYPES)
        self.columns.adopt(rows.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def arrival_ms(self) -> I64:
        arrival_ms: I64 = self.columns["arrival_ms"]
        return arrival_ms

    def part(self, which: Which) -> QueuePart:
        """Some of the rows, as consoles count them."""
        return QueuePart(self.columns["id"][which], self.columns["arrival_ms"][which])

    def rows(self, which: Which) -> Rows:
        """Some of the rows; columns that may change are copied."""
        columns = [self.columns[name][which] for name in ROW_TYPES]
        if isinstance(which, slice):
            columns = [
                column.copy() if name in CHANGING else column
                for name, column in zip(ROW_TYPES, columns, strict=True)
            ]
        return Rows(*columns)


class Lane(Protocol):
    """The delivery queue's interface to its waiting rows. All times are absolute."""

    parked: Parked

    def take_in(self, rows: Rows, bound_ms: int) -> tuple[Rows, I64]:
        """Add new mail up to `bound_ms`, by arrival; returns all rows offered before it, with their times."""

    def give_up(self, to_ms: int) -> Gone:
        """Messages that bounce before `to_ms`; everything before `to_ms` has been added."""

    def forget(self, now_ms: int) -> None:
        """Forget the messages that were added for `now_ms` and later."""

    def present(self, now_ms: int) -> Which:
        """Parked rows that are waiting now, by arrival. Later rows have not been read yet, or do not
        matter.
        """

    def part(self, now_ms: int) -> QueuePart:
        """The rows of `present`, as consoles count them."""

    def counted(self, which: Which, now_ms: int) -> Rows:
        """Some parked rows with their attempts up to now."""

    def on_retry(self, grid_ms: I64) -> I64:
        """The number of failed messages still in the lane at each of the given times, up to the end of the
        forecast; messages that are in the waiting line, or join it before that end, are not counted.
        """

    def failed_windows(
        self, windows: FailureWindows, first: int, after: int, bound_ms: int
    ) -> NDArray[np.bool_]:
        """True for windows with a failed attempt, from the regime's beginning to the bound."""

    def last_failure_ms(self, now_ms: int) -> int | None:
        """The time of the latest attempt that has failed in this regime."""

    def next_bounce(self) -> int | None:
        """The time at which the next message bounces, within the forecast."""

    def coming_returns(self, bound_ms: int) -> I64:
        """The times at which messages bounce or are rejected before the bound, within the forecast;
        ascending.
        """

    def last_limit(self, before_ms: int) -> int | None:
        """The time at which the last of the messages that arrived before the given time bounces (-1: there
        are none); None if some of them do not bounce.
        """


class _KeepingLane:
    """The default behaviour of a lane, which only stores arriving messages."""

    def __init__(self, rows: Rows) -> None:
        self.parked = Parked(rows)

    def take_in(self, rows: Rows, bound_ms: int) -> tuple[Rows, I64]:
        self.parked.columns.append(rows.columns)
        return NO_ROWS, NO_ROWS.arrival_ms

    def give_up(self, to_ms: int) -> Gone:
        return NOBODY

    def forget(self, now_ms: int) -> None:
        self.parked.columns.cut(int(self.parked.arrival_ms.searchsorted(now_ms)))

    def present(self, now_ms: int) -> Which:
        return slice(0, int(self.parked.arrival_ms.searchsorted(now_ms)))

    def part(self, now_ms: int) -> QueuePart:
        return self.parked.part(self.present(now_ms))

    def counted(self, which: Which, now_ms: int) -> Rows:
        return self.parked.rows(which)

    def on_retry(self, grid_ms: I64) -> I64:
        return np.zeros(len(grid_ms), dtype=np.int64)

    def failed_windows(
        self, windows: FailureWindows, first: int, after: int, bound_ms: int
    ) -> NDArray[np.bool_]:
        return np.zeros(max(after - first, 0), dtype=np.bool_)

    def last_failure_ms(self, now_ms: int) -> int | None:
        return None

    def next_bounce(self) -> int | None:
        return None

    def coming_returns(self, bound_ms: int) -> I64:
        return NO_ROWS.arrival_ms

    def last_limit(self, before_ms: int) -> int | None:
        return None if (self.parked.arrival_ms < before_ms).any() else -1


class Held(_KeepingLane):
    """The regime while deliveries are paused: no attempts and no expiries."""


class Refusing(_KeepingLane):
    """The regime in which every attempt fails at once, so each message waits for its limit, and the number
    of its attempts follows from a formula.
    """

    def __init__(self, rows: Rows, slots: Slots, now_ms: int) -> None:
        super().__init__(rows)
        self._slots, self._entered_ms, self._head = slots, now_ms, 0

    def give_up(self, to_ms: int) -> Gone:
        slots = self._slots
        until = int(self.parked.arrival_ms.searchsorted(to_ms - slots.give_up_ms))
        if until <= self._head:
            return NOBODY
        rows, self._head = self.parked.rows(slice(self._head, until)), until
        time_ms = rows.arrival_ms + slots.give_up_ms
        until_ms = time_ms + slots.last_try
        used, tried_ms = slots.attempted(rows, slots.steps_at(rows.arrival_ms, until_ms))
        np.add(rows.attempts, used, out=rows.attempts, casting="same_kind")
        return bounced(rows, time_ms, tried_ms)

    def present(self, now_ms: int) -> Which:
        after = int(self.parked.arrival_ms.searchsorted(now_ms))
        return slice(self._head, max(after, self._head))

    def counted(self, which: Which, now_ms: int) -> Rows:
        rows = self.parked.rows(which)
        for piece, after in self._slots.pieces(rows.arrival_ms, now_ms):
            some = rows.take(piece)  # views
            used, some.tried_ms[:] = self._slots.attempted(some, after)
            np.add(some.attempts, used, out=some.attempts, casting="same_kind")
            np.logical_or(some.failed, np.greater(used, 0), out=some.failed)
        return rows

    def on_retry(self, grid_ms: I64) -> I64:
        arrival_ms = self.parked.arrival_ms
        over = arrival_ms.searchsorted(grid_ms - self._slots.give_up_ms)
        waiting: I64 = arrival_ms.searchsorted(grid_ms) - np.maximum(over, self._head)
        return waiting

    def failed_windows(
        self, windows: FailureWindows, first: int, after: int, bound_ms: int
    ) -> NDArray[np.bool_]:
        edges_ms = windows.starts_ms(first, max(after, first) + 1)
        edges_ms = np.minimum(np.maximum(edges_ms, self._entered_ms), max(bound_ms, self._entered_ms))
        return self._slots.any_between(self.parked.arrival_ms, edges_ms)

    def last_failure_ms(self, now_ms: int) -> int | None:
        last_ms = self._slots.latest_before(self.parked.arrival_ms, now_ms)
        return last_ms if last_ms is not None and last_ms >= self._entered_ms else None

    def next_bounce(self) -> int | None:
        oldest_ms = self.parked.arrival_ms[self._head : self._head + 1] + self._slots.give_up_ms
        return int(oldest_ms[0]) if len(oldest_ms) else None

    def coming_returns(self, bound_ms: int) -> I64:
        arrival_ms = self.parked.arrival_ms
        until = int(arrival_ms.searchsorted(bound_ms - self._slots.give_up_ms))
        returns_ms: I64 = arrival_ms[self._head : max(until, self._head)] + self._slots.give_up_ms
        return returns_ms

    def last_limit(self, before_ms: int) -> int | None:
        arrival_ms = self.parked.arrival_ms
        until = int(arrival_ms.searchsorted(before_ms))
        return int(arrival_ms[until - 1]) + self._slots.give_up_ms if until > self._head else -1


class Answering(_KeepingLane):
    """The regime in which every attempt succeeds: each message is offered at its next slot, and new mail
    at once.
    """

    def __init__(self, rows: Rows, slots: Slots) -> None:
        super().__init__(rows)
        self._timetable = Timetable(rows, slots)

    def take_in(self, rows: Rows, bound_ms: int) -> tuple[Rows, I64]:
        again, due_ms = self._timetable.offers(bound_ms)
        return joined([self.parked.rows(again), rows]), np.concatenate([due_ms, rows.arrival_ms])

    def give_up(self, to_ms: int) -> Gone:
        over, time_ms = self._timetable.limits(to_ms)
        rows = self.parked.rows(over)
        return bounced(rows, time_ms, rows.tried_ms)  # they have had no attempt since the receiver recovered

    def forget(self, now_ms: int) -> None:
        self._timetable.rewind(now_ms)

    def present(self, now_ms: int) -> Which:
        due = self._timetable.due(now_ms)
        return slice(0, len(due)) if due.all() else np.flatnonzero(due)

    def part(self, now_ms: int) -> QueuePart:
        due = self._timetable.due(now_ms)
        return self.parked.part(slice(0, len(due)))._replace(present=None if due.all() else due)

    def on_retry(self, grid_ms: I64) -> I64:
        later, limits_ms = self._timetable.failed_to_come(), self._timetable.failed_limits()
        waiting: I64 = later + len(limits_ms) - limits_ms.searchsorted(grid_ms)
        return waiting

    def next_bounce(self) -> int | None:
        return self._timetable.next_limit()

    def coming_returns(self, bound_ms: int) -> I64:
        limits_ms = self._timetable.coming_limits()[1]
        return limits_ms[: limits_ms.searchsorted(bound_ms)]

    def last_limit(self, before_ms: int) -> int | None:
        arrival_ms = self.parked.arrival_ms
        if self._timetable.leaves_unseen(int(arrival_ms.searchsorted(before_ms))):
            return None
        over, limits_ms = self._timetable.coming_limits()
        return int(max(limits_ms[arrival_ms[over] < before_ms][-1:].tolist(), default=-1))
