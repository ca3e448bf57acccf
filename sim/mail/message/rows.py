"""Messages as columns: one numpy array per fact, one row per message."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.kernel.series import in_order, time_order

BOUNCED, DELIVERED, REJECTED = 0, 1, 2
"""The ways in which a message leaves. Within one millisecond, expiries come first, then ends of service, then
attempts. `REJECTED`: returned at once, by the receiver's 5xx or by an administrator.
"""


@frozen
class Rows:
    """Messages in a delivery queue. Columns of equal length; times are milliseconds of the drill."""

    id: I64
    arrival_ms: I64
    user: NDArray[np.int32]
    """The number of the recipient."""
    attempts: NDArray[np.int32]
    """Connections opened for the message, up to the time at which these rows were read."""
    failed: NDArray[np.bool_]
    """True if at least one attempt has failed, which means that the message is *on retry*."""
    since_ms: I64
    """The message's own retry slots count from this time; earlier slots are in `attempts` or were not
    used.
    """
    worthless_ms: I64
    """The time from which the message is useless to its recipient; NEVER_MS if it stays useful."""
    tried_ms: I64
    """The time of the last failed attempt before `since_ms`; only meaningful if `failed`."""

    def __len__(self) -> int:
        return len(self.id)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Rows":
        """Some of the rows, in the order that `which` gives."""
        return Rows(*[column[which] for column in self.columns])

    def split(self, which: NDArray[np.bool_]) -> "tuple[Rows, Rows]":
        """The rows where `which` is true, and the others; these rows themselves, not a copy, if `which` is
        the same for all rows.
        """
        count = np.count_nonzero(which)
        if count == len(which):
            return self, self.take(slice(0, 0))
        return (self.take(which), self.take(~which)) if count else (self.take(slice(0, 0)), self)

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        return _columns(self)

    def in_arrival_order(self) -> "Rows":
        """Sorted by (arrival, id), the order of messages."""
        if in_order(self.arrival_ms, self.id):
            return self
        return self.take(time_order(self.arrival_ms, self.id))


_columns = attrgetter(*(field.name for field in fields(Rows)))

ROW_TYPES: dict[str, DTypeLike] = {
    "id": np.int64,
    "arrival_ms": np.int64,
    "user": np.int32,
    "attempts": np.int32,
    "failed": np.bool_,
    "since_ms": np.int64,
    "worthless_ms": np.int64,
    "tried_ms": np.int64,
}
CHANGING = ("attempts", "failed", "since_ms", "tried_ms")
"""The columns of a row that may change while the message waits."""


def fresh_rows(ids: I64, arrival_ms: I64, user: NDArray[np.int32], worthless_ms: I64) -> Rows:
    """Messages that have just been accepted."""
    attempts, failed = np.zeros(len(ids), dtype=np.int32), np.zeros(len(ids), dtype=np.bool_)
    return Rows(ids, arrival_ms, user, attempts, failed, arrival_ms, worthless_ms, arrival_ms)


def joined(parts: Sequence[Rows]) -> Rows:
    """The rows of all `parts`, one after the other."""
    parts = [part for part in parts if len(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    return Rows(*(np.concatenate(columns) for columns in zip(*(part.columns for part in parts), strict=True)))


_NONE = np.empty(0, dtype=np.int64)
NO_ROWS = fresh_rows(_NONE, _NONE, np.empty(0, dtype=np.int32), _NONE)


@frozen
class Gone:
    """Messages that left the queue, by (time, kind), then in their order in the queue."""

    time_ms: I64
    kind: NDArray[np.int8]
    id: I64
    arrival_ms: I64
    user: NDArray[np.int32]
    attempts: NDArray[np.int32]
    worthless_ms: I64
    tried_ms: I64
    """The time of the last failed attempt of each returned message; NEVER_MS for all others."""

    def __len__(self) -> int:
        return len(self.id)


def gone(rows: Rows, kind: int | NDArray[np.int8], time_ms: I64, tried_ms: I64) -> Gone:
    """`rows` as messages that left at `time_ms` as `kind`, after a last failed attempt at `tried_ms`."""
    kinds = np.full(len(rows), kind, dtype=np.int8) if isinstance(kind, int) else kind
    return Gone(
        time_ms, kinds, rows.id, rows.arrival_ms, rows.user, rows.attempts, rows.worthless_ms, tried_ms
    )


def delivered(rows: Rows, time_ms: I64) -> Gone:
    """`rows` as messages delivered at `time_ms`."""
    return gone(rows, DELIVERED, time_ms, np.full(len(rows), NEVER_MS, dtype=np.int64))


def bounced(rows: Rows, time_ms: I64, tried_ms: I64) -> Gone:
    """`rows` as messages bounced at `time_ms` after a last attempt at `tried_ms`."""
    return gone(rows, BOUNCED, time_ms, tried_ms)


def merged(parts: Sequence[Gone]) -> Gone:
    """All `parts`, each sorted by time, as one; within a millisecond, bounces come before deliveries."""
    parts = [part for part in parts if len(part)] or list(parts[:1])
    if len(parts) == 1:
        return parts[0]
    columns = [np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Gone)]
    order = np.lexsort((columns[1], columns[0]))
    return Gone(*(column[order] for column in columns))


NOBODY = delivered(NO_ROWS, NO_ROWS.arrival_ms)
