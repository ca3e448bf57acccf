"""The line in front of the mail server: messages that have been offered, in the order they are served."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.growing import Columns
from sim.mail.rows import ROW_TYPES, Gone, Rows, delivered
from sim.mail.service import Receiver, service_starts

_DROP_AT = 1 << 16


class Line:
    """First come, first served: a message's start is known as soon as it is offered.

    Rows are held in serving order. The first `_done` of them have been delivered; starts and ends
    never descend, so that what happens up to a moment is found by bisection.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._columns = Columns({**ROW_TYPES, "offered_ms": np.int64, "start_ms": np.int64})
        self._done, self._firm = 0, 0

    def offer(self, rows: Rows, offered_ms: I64, *, firm: bool = False) -> None:
        """Add `rows`, to be served by (offered, arrival, id); none is offered before a row that is held.

        `firm`: a change offers them now, so that they are no forecast and `cut` leaves them.
        """
        if not len(rows):
            return
        order = np.lexsort((rows.id, rows.arrival_ms, offered_ms))
        offered_ms = offered_ms[order]
        free_ms = np.full(self._receiver.connections, -(1 << 60), dtype=np.int64)
        last = self._columns["start_ms"][-len(free_ms) :]
        free_ms[: len(last)] = last + self._receiver.per_message_ms
        starts_ms = service_starts(offered_ms, free_ms, self._receiver.per_message_ms)
        self._columns.append([*rows.take(order).columns, offered_ms, starts_ms])
        if firm:
            self._firm = len(self._columns)

    def leave(self, to_ms: int) -> Gone:
        """Those whose service ends before `to_ms`."""
        until = int(np.searchsorted(self._columns["start_ms"], to_ms - self._receiver.per_message_ms))
        some = slice(self._done, max(until, self._done))
        out = delivered(self._counted(some), self._ends(some))
        self._done = some.stop
        spare = self._done - self._receiver.connections
        if spare > _DROP_AT:
            self._columns.drop(spare)
            self._done -= spare
            self._firm = max(self._firm - spare, 0)
        return out

    def cut(self, now_ms: int) -> None:
        """Forget what is only going to be offered at `now_ms` or later."""
        self._columns.cut(self._offered(now_ms))

    def take_waiting(self, now_ms: int) -> Rows:
        """Remove those for whom no connection has been opened before `now_ms`."""
        begun = int(np.searchsorted(self._columns["start_ms"], now_ms))
        rows = self._rows(slice(begun, len(self._columns)))
        self._columns.cut(begun)
        self._firm = min(self._firm, begun)
        return rows

    def take_begun(self) -> Rows:
        """Remove those that are being taken, their connection counted."""
        rows = self._counted(slice(self._done, len(self._columns)))
        self._columns.cut(0)
        self._done, self._firm = 0, 0
        return rows

    def live(self, now_ms: int) -> Rows:
        """Everyone in the line at `now_ms`, connections opened before it counted."""
        offered = self._offered(now_ms)
        rows = self._rows(slice(self._done, offered))
        rows.attempts[:] += self._columns["start_ms"][self._done : offered] < now_ms
        return rows

    def column(self, name: str, now_ms: int) -> NDArray[Any]:
        """One column of everyone in the line at `now_ms`, in the order of `live`."""
        return self._columns[name][self._done : self._offered(now_ms)]

    def times(self, now_ms: int) -> tuple[I64, I64]:
        """When each row of `live(now_ms)` was offered, and when it begins or began to be taken."""
        return self.column("offered_ms", now_ms), self.column("start_ms", now_ms)

    def ends_of_failed(self) -> I64:
        """Ascending ends of service still to come, of rows that had failed before."""
        some = slice(self._done, len(self._columns))
        failed: NDArray[np.bool_] = self._columns["failed"][some]
        ends_ms: I64 = self._ends(some)[failed]
        return ends_ms

    def last_end_of(self, before_ms: int) -> int | None:
        """End of service of the last row that arrived before `before_ms`."""
        old: NDArray[np.intp] = np.flatnonzero(self._columns["arrival_ms"][self._done :] < before_ms)
        return int(self._ends(slice(self._done, None))[old[-1]]) if len(old) else None

    def _offered(self, now_ms: int) -> int:
        """How many rows have been offered by `now_ms`, those that a change has just offered included."""
        return max(self._firm, int(np.searchsorted(self._columns["offered_ms"], now_ms)))

    def _rows(self, some: slice) -> Rows:
        return Rows(*(self._columns[name][some].copy() for name in ROW_TYPES))

    def _counted(self, some: slice) -> Rows:
        rows = self._rows(some)
        rows.attempts[:] += 1
        return rows

    def _ends(self, some: slice) -> I64:
        ends_ms: I64 = self._columns["start_ms"][some] + self._receiver.per_message_ms
        return ends_ms
