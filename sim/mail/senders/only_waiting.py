"""Messages that have done nothing but wait since they arrived, as columns. Pure."""

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen

_NONE: I64 = np.empty(0, dtype=np.int64)


@frozen
class OnlyWaiting:
    """Messages neither attempted nor deferred, in order of arrival. Columns of equal length, never written
    to.
    """

    arrival_ms: I64
    id: I64

    def __len__(self) -> int:
        return len(self.id)

    def followed_by(self, arrival_ms: I64, ids: I64) -> "OnlyWaiting":
        """These messages followed by others, which arrived later."""
        return OnlyWaiting(np.concatenate([self.arrival_ms, arrival_ms]), np.concatenate([self.id, ids]))

    def split(self, count: int) -> "tuple[OnlyWaiting, OnlyWaiting]":
        """The first `count` messages, and the remaining ones."""
        first = OnlyWaiting(self.arrival_ms[:count], self.id[:count])
        return first, OnlyWaiting(self.arrival_ms[count:], self.id[count:])

    def arrived_before(self, moment_ms: int) -> int:
        """The number of messages that arrived before `moment_ms`."""
        return int(self.arrival_ms.searchsorted(moment_ms))

    def first(self) -> tuple[int, int]:
        """(arrival_ms, id) of the first message; there must be at least one."""
        return int(self.arrival_ms[0]), int(self.id[0])


NOTHING_WAITS = OnlyWaiting(_NONE, _NONE)
