"""The live rows of a delivery queue: one numpy column per fact, one row per message."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64

WAIT, LINE, SERVICE, HELD = 0, 1, 2, 3
"""Between two attempts · offered, waiting for a connection · being taken · deliveries are paused."""

BOUNCED, DELIVERED = 0, 1
"""How a message leaves. In one millisecond expiries come before ends of service."""

NEVER_MS = 1 << 60


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of equal length, in no particular order. Times are milliseconds of the drill."""

    id: I64
    arrival_ms: I64
    user: NDArray[np.int32]
    """The recipient."""
    state: NDArray[np.int8]
    touch_ms: I64
    """WAIT: when the next attempt is due."""
    offered_ms: I64
    """LINE: since when it has been waiting for a connection."""
    end_ms: I64
    """SERVICE: when it will have been taken."""
    attempts: NDArray[np.int32]
    """Connections opened for it so far."""
    failed: NDArray[np.bool_]
    """It has met at least one failure: it is *on retry*."""
    tried_ms: I64
    """When the last attempt failed; NEVER_MS before the first."""

    def __len__(self) -> int:
        return len(self.id)

    def where(self, mask: NDArray[np.bool_]) -> "Rows":
        return Rows(*(getattr(self, field.name)[mask] for field in fields(self)))

    def copy(self) -> "Rows":
        """Columns that change are copied, the others shared."""
        return replace(
            self,
            state=self.state.copy(),
            touch_ms=self.touch_ms.copy(),
            offered_ms=self.offered_ms.copy(),
            end_ms=self.end_ms.copy(),
            attempts=self.attempts.copy(),
            failed=self.failed.copy(),
            tried_ms=self.tried_ms.copy(),
        )


def fresh_rows(ids: I64, arrival_ms: I64, user: NDArray[np.int32], state: int) -> Rows:
    """Rows of messages that have just been accepted; their first attempt is due at once."""
    count = len(ids)
    nothing = np.full(count, NEVER_MS, dtype=np.int64)
    return Rows(
        id=ids,
        arrival_ms=arrival_ms,
        user=user,
        state=np.full(count, state, dtype=np.int8),
        touch_ms=arrival_ms.copy(),
        offered_ms=nothing,
        end_ms=nothing.copy(),
        attempts=np.zeros(count, dtype=np.int32),
        failed=np.zeros(count, dtype=np.bool_),
        tried_ms=nothing.copy(),
    )


def joined(first: Rows, second: Rows) -> Rows:
    """The rows of both, `first` before `second`."""
    return Rows(*(np.concatenate([getattr(first, f.name), getattr(second, f.name)]) for f in fields(first)))


@dataclass(frozen=True, slots=True)
class Gone:
    """Messages that left for good, sorted by (time, kind, id)."""

    time_ms: I64
    kind: NDArray[np.int8]
    id: I64
    arrival_ms: I64
    user: NDArray[np.int32]
    attempts: NDArray[np.int32]
    tried_ms: I64
    """When the last attempt failed; NEVER_MS if none did."""

    def __len__(self) -> int:
        return len(self.id)


def gone(rows: Rows, time_ms: I64, kind: NDArray[np.int8]) -> Gone:
    """`rows`, leaving at `time_ms` as `kind`."""
    return in_order(Gone(time_ms, kind, rows.id, rows.arrival_ms, rows.user, rows.attempts, rows.tried_ms))


def in_order(some: Gone, other: Gone | None = None) -> Gone:
    """One or two sets of departures, sorted by (time, kind, id)."""
    names = [field.name for field in fields(Gone)]
    columns = [
        getattr(some, n) if other is None else np.concatenate([getattr(some, n), getattr(other, n)])
        for n in names
    ]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    return Gone(*(column[order] for column in columns))
