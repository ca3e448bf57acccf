"""Inbound mail that hosts of the gateway have accepted and hold, while they do not pass it on."""

import numpy as np

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.mail.message.growing_columns import Columns


class HeldInbound:
    """The held messages, and the hosts that hold mail now."""

    def __init__(self) -> None:
        self.hosts: frozenset[str] = frozenset()
        """The gateway's hosts that accept mail but hold it."""
        self._kept = Columns({"id": np.int64, "since_ms": np.int64})

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def ids(self) -> I64:
        """The held messages."""
        ids: I64 = self._kept["id"]
        return ids

    def since(self) -> tuple[I64, I64]:
        """The held messages, with the arrival time of each."""
        return self._kept["id"].copy(), self._kept["since_ms"].copy()

    def keep(self, ids: I64, since_ms: I64) -> None:
        """Hold these messages, which arrived at `since_ms`."""
        self._kept.append([ids, since_ms])

    def released(self) -> tuple[I64, I64]:
        """All held messages with their arrival times, by (arrival, id); none of them is held any more."""
        ids, since_ms = self.since()
        self._kept.cut(0)
        order = np.lexsort((ids, since_ms))
        return ids[order], since_ms[order]

    def digest(self, record: Fingerprint) -> None:
        """Add the held messages to `record`."""
        # the order in which they were recorded depends on the division of time
        order = np.argsort(self._kept["id"])
        record.rows(self._kept["id"][order], self._kept["since_ms"][order])
