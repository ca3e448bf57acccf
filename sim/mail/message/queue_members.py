"""The messages in a queue without the columns of the retry rules, for frequent look-ups."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.kernel.series import in_order, time_order


@frozen
class Members:
    """Messages in a queue. Columns of equal length."""

    NAMES: ClassVar = ("id", "arrival_ms", "user", "worthless_ms")

    id: I64
    arrival_ms: I64
    user: NDArray[np.int32]
    worthless_ms: I64

    def __len__(self) -> int:
        return len(self.id)

    def in_arrival_order(self) -> "Members":
        """Sorted by (arrival, id), the order of messages."""
        if in_order(self.arrival_ms, self.id):
            return self
        order = time_order(self.arrival_ms, self.id)
        return Members(self.id[order], self.arrival_ms[order], self.user[order], self.worthless_ms[order])
