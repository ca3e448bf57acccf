"""The line in front of the mail server: offered messages, in the order in which they will be delivered."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.series import in_order
from sim.mail.message.growing_columns import BLOCK, Columns
from sim.mail.message.rows import NO_ROWS, NOBODY, ROW_TYPES, Gone, Rows, delivered, joined, merged
from sim.mail.queue.receiver import Receiver, service_starts

_DROP_AT = 1 << 16


class WaitingLine:
    """First come, first served: a message's start is known as soon as it is offered.

    Rows are stored in the order of service. The first `_done` of them have been delivered; starts and ends
    never descend, so the events up to a moment are found by bisection. Transfers in progress at a change of
    the receiver's pace end at their old pace, and are kept separately (`_before`, by end).
    """

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self._columns = Columns({**ROW_TYPES, "offered_ms": np.int64, "start_ms": np.int64})
        self._done, self._firm = 0, 0
        self._before, self._before_times = NO_ROWS, np.empty((3, 0), dtype=np.int64)
        """Rows whose transfer began at another pace, with their offered, start and end times. The
        connection already counts as an attempt in these rows.
        """

    def offer(self, rows: Rows, offered_ms: I64, *, firm: bool = False, from_ms: int | None = None) -> None:
        """Add `rows`, to be served by (offered, arrival, id); none is offered before an existing row.

        `firm`: a change offers them now, so they are not part of the forecast, and `cut` keeps them.
        `from_ms`: the earliest start of any of them, regardless of its offer.
        """
        if not len(rows):
            return
        if not in_order(offered_ms, rows.arrival_ms, rows.id):
            order = np.lexsort((rows.id, rows.arrival_ms, offered_ms))
            rows, offered_ms = rows.take(order), offered_ms[order]
        able_ms = offered_ms if from_ms is None else np.maximum(offered_ms, from_ms)
        starts_ms = service_starts(able_ms, self._free_ms(), self.receiver.per_message_ms)
        self._columns.append([*rows.columns, offered_ms, starts_ms])
        if firm:
            self._firm = len(self._columns)

    def _free_ms(self) -> I64:
        """The time at which each connection is free for the next message: the latest ends of the transfers
        in progress.
        """
        free_ms = np.full(self.receiver.connections, -(1 << 60), dtype=np.int64)
        ends_ms = self._columns["start_ms"][-len(free_ms) :] + self.receiver.per_message_ms
        if len(self._before):
            ends_ms = np.sort(np.concatenate([self._before_times[2], ends_ms]))[-len(free_ms) :]
        free_ms[: len(ends_ms)] = ends_ms
        return free_ms

    def leave(self, to_ms: int) -> Gone:
        """The rows whose service ends before `to_ms`."""
        until = int(self._columns["start_ms"].searchsorted(to_ms - self.receiver.per_message_ms))
        if until <= self._done and not len(self._before):
            return NOBODY
        some = slice(self._done, max(until, self._done))
        out = delivered(self._counted(some), self._ends(some))
        self._done = some.stop
        spare = self._done - self.receiver.connections
        if spare > _DROP_AT:
            self._columns.drop(spare)
            self._done -= spare
            self._firm = max(self._firm - spare, 0)
        if not len(self._before):
            return out
        ended = self._before_times[2] < to_ms
        early = delivered(self._before.take(ended), self._before_times[2][ended])
        self._keep_before(~ended)
        return merged([early, out])

    def cut(self, now_ms: int) -> None:
        """Forget the rows that are offered only at `now_ms` or later."""
        self._columns.cut(self._offered(now_ms))

    def take_waiting(self, now_ms: int) -> tuple[Rows, I64]:
        """Remove rows for which no connection has been opened before `now_ms`; returns the time at which
        each was offered.
        """
        begun = int(self._columns["start_ms"].searchsorted(now_ms))
        some = slice(begun, len(self._columns))
        rows, offered_ms = self._rows(some), self._columns["offered_ms"][some].copy()
        self._columns.cut(begun)
        self._firm = min(self._firm, begun)
        return rows, offered_ms

    def begun(self) -> Rows:
        """Rows that are being transferred, with their connection counted as an attempt; must be read when
        no row waits.
        """
        return joined([self._before, self._counted(slice(self._done, len(self._columns)))])

    def take_begun(self, which: NDArray[np.bool_]) -> Rows:
        """Remove some of the rows of `begun`; their connections become free."""
        rows = self.begun().take(which)
        early, kept = len(self._before), ~which
        some = slice(self._done, len(self._columns))
        columns = [self._columns[name][some][kept[early:]] for name in (*ROW_TYPES, "offered_ms", "start_ms")]
        self._keep_before(kept[:early])
        self._columns.cut(0)
        self._columns.append(columns)
        self._done, self._firm = 0, len(self._columns)
        return rows

    def change_pace(self, receiver: Receiver, now_ms: int) -> None:
        """Set the receiver's new pace from now on; transfers in progress end at their old pace. Must be
        called after a `cut`.
        """
        waiting, offered_ms = self.take_waiting(now_ms)
        some = slice(self._done, len(self._columns))
        times = np.stack(
            [self._columns["offered_ms"][some], self._columns["start_ms"][some], self._ends(some)]
        )
        times = np.concatenate([self._before_times, times], axis=1)
        rows, order = self.begun(), np.argsort(times[2], kind="stable")
        self._before, self._before_times = rows.take(order), times[:, order]
        self._columns.cut(0)
        self._done, self._firm, self.receiver = 0, 0, receiver
        self.offer(waiting, offered_ms, firm=True, from_ms=now_ms)

    def live(self, now_ms: int, which: NDArray[np.intp] | None = None) -> Rows:
        """All messages in the line at `now_ms`, or those with the given indices (ascending); connections
        opened before then count as attempts.
        """
        some: slice | NDArray[np.intp] = slice(self._done, self._offered(now_ms))
        before = self._before
        if which is not None:
            early = which < len(before)
            before, some = before.take(which[early]), which[~early] - len(before) + self._done
        rows = self._rows(some)
        rows.attempts[:] += self._columns["start_ms"][some] < now_ms
        return joined([before, rows])

    def column(self, name: str, now_ms: int) -> NDArray[Any]:
        """One column for all messages in the line at `now_ms`, in the order of `live`."""
        column = self._columns[name][self._done : self._offered(now_ms)]
        if not len(self._before):
            return column
        before = {"offered_ms": self._before_times[0], "start_ms": self._before_times[1]}
        return np.concatenate([before[name] if name in before else getattr(self._before, name), column])

    def times(self, now_ms: int) -> tuple[I64, I64, I64]:
        """The time at which each row of `live(now_ms)` was offered, when its transfer begins or began, and
        when it ends.
        """
        ends_ms = self._ends(slice(self._done, self._offered(now_ms)))
        ends_ms = np.concatenate([self._before_times[2], ends_ms])
        return self.column("offered_ms", now_ms), self.column("start_ms", now_ms), ends_ms

    def failed_at(self, grid_ms: I64) -> I64:
        """The number of rows that had failed before and whose transfer has not ended, at each of the
        ascending times.
        """
        if not len(grid_ms):
            return grid_ms
        failed = self._columns["failed"]
        ended = self._columns["start_ms"].searchsorted(grid_ms - self.receiver.per_message_ms)
        ended = np.maximum(ended, self._done)
        first, last = int(ended[0]), int(ended[-1])
        until = np.append(0, np.cumsum(failed[first:last]))  # running count of failed rows from `first` on
        still: I64 = int(np.count_nonzero(failed[last:])) + until[-1] - until[ended - first]
        if len(self._before):
            early_ms = self._before_times[2][self._before.failed]
            still += len(early_ms) - early_ms.searchsorted(grid_ms)
        return still

    def ends_before(self, bound_ms: int) -> I64:
        """The times of transfers' ends before `bound_ms` that are still to come, ascending."""
        until = int(self._columns["start_ms"].searchsorted(bound_ms - self.receiver.per_message_ms))
        ends_ms = self._ends(slice(self._done, max(until, self._done)))
        if not len(self._before):
            return ends_ms
        early_ms = self._before_times[2]
        return np.sort(np.concatenate([early_ms[early_ms < bound_ms], ends_ms]), kind="stable")

    def last_end_of(self, before_ms: int) -> int | None:
        """The end of transfer of the last row that arrived before `before_ms`."""
        ends_ms = self._before_times[2][self._before.arrival_ms < before_ms].tolist()
        last = self._last_arrived(before_ms)
        if last is not None:
            ends_ms.append(int(self._columns["start_ms"][last]) + self.receiver.per_message_ms)
        return max(ends_ms, default=None)

    def _last_arrived(self, before_ms: int) -> int | None:
        """The last row that arrived before `before_ms` and has not been delivered; found from the end, where
        it usually is.
        """
        arrival_ms = self._columns["arrival_ms"]
        for until in range(len(arrival_ms), self._done, -BLOCK):
            first = max(until - BLOCK, self._done)
            old = np.flatnonzero(arrival_ms[first:until] < before_ms)
            if len(old):
                return first + int(old[-1])
        return None

    def _keep_before(self, which: NDArray[np.bool_]) -> None:
        self._before, self._before_times = self._before.take(which), self._before_times[:, which]

    def _offered(self, now_ms: int) -> int:
        """The number of rows offered by `now_ms`, including rows that a change has just offered."""
        return max(self._firm, int(self._columns["offered_ms"].searchsorted(now_ms)))

    def _rows(self, some: slice | NDArray[np.intp]) -> Rows:
        return Rows(*(self._columns[name][some].copy() for name in ROW_TYPES))

    def _counted(self, some: slice) -> Rows:
        rows = self._rows(some)
        rows.attempts[:] += 1
        return rows

    def _ends(self, some: slice) -> I64:
        ends_ms: I64 = self._columns["start_ms"][some] + self.receiver.per_message_ms
        return ends_ms
