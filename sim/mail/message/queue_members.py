"""Who is in the inbound queue: what is looked at often, without what only the retry rules need."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64


@dataclass(frozen=True, slots=True)
class Members:
    """See the module. Columns of equal length."""

    NAMES: ClassVar = ("id", "arrival_ms", "user", "worthless_ms")

    id: I64
    arrival_ms: I64
    user: NDArray[np.int32]
    worthless_ms: I64

    def __len__(self) -> int:
        return len(self.id)
