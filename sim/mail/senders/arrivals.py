"""Messages that have left their senders, as a log in chronological order, and those still in a sender's
queue.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.mail.senders.timers.answers import CAUSES

FOR_GOOD = ("greeting_5xx", "reject")
REJECTED = tuple(CAUSES.index(cause) for cause in FOR_GOOD)
"""Causes that mean a permanent rejection by the other side."""


@frozen
class Arrivals:
    """Messages that have left their senders, by (time, id). Columns of equal length."""

    NAMES: ClassVar = ("time_ms", "id", "written_ms", "host", "tries", "put_off", "cause", "notified")

    time_ms: I64
    id: I64
    written_ms: I64
    host: NDArray[np.int16]
    """Index of the host that accepted the message; -1 if it bounced at its sender."""
    tries: NDArray[np.int32]
    put_off: NDArray[np.int32]
    cause: NDArray[np.int16]
    """For messages that bounced, the index of the last failure."""
    notified: NDArray[np.int8]
    """1 if a machine sent a delay notice to the message's sender; `Notices` has all other notices."""

    def __len__(self) -> int:
        return len(self.id)

    def at(self, *hosts: int) -> NDArray[np.bool_]:
        """True for messages that one of `hosts` has accepted."""
        if not hosts:
            return np.zeros(len(self), dtype=np.bool_)
        first, *others = hosts
        here: NDArray[np.bool_] = self.host == first
        for host in others:
            here |= self.host == host
        return here

    @property
    def rejected(self) -> NDArray[np.bool_]:
        """True for messages that bounced because of a permanent rejection by the other side."""
        returned: NDArray[np.bool_] = self.host < 0
        if not returned.any():
            return returned
        refused = np.zeros(len(self), dtype=np.bool_)
        for cause in REJECTED:
            refused |= self.cause == cause
        return refused & returned


@frozen
class Still:
    """Messages in their senders' queues. Columns of equal length."""

    id: I64
    written_ms: I64
    tries: I64
    put_off: I64
