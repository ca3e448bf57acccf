"""The messages in the inbound queue without the columns of the retry rules, for frequent look-ups."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen


@frozen
class Members:
    """Messages in the inbound queue. Columns of equal length."""

    NAMES: ClassVar = ("id", "arrival_ms", "user", "worthless_ms")

    id: I64
    arrival_ms: I64
    user: NDArray[np.int32]
    worthless_ms: I64

    def __len__(self) -> int:
        return len(self.id)
