"""Messages that hosts accepted so recently that their senders may still wait for the reply."""

import numpy as np

from sim.kernel.draws import I64
from sim.mail.message.growing_columns import Columns
from sim.mail.senders.arrivals import Arrivals

ANSWERED_MS = 600_000
"""The longest time that a sender waits for the reply after the end of a message (RFC 5321 section
4.5.3.2.6).
"""


class RecentlyAccepted:
    """The messages that came within the last ANSWERED_MS."""

    def __init__(self) -> None:
        self._come = Columns({"id": np.int64, "time_ms": np.int64, "host": np.int16})

    def note(self, gone: Arrivals, to_ms: int) -> None:
        """Add messages that left their senders before `to_ms`, and forget those that came too long ago."""
        self._come.append([gone.id, gone.time_ms, gone.host])
        self._come.drop(int(self._come["time_ms"].searchsorted(to_ms - ANSWERED_MS)))

    def at(self, host: int, since_ms: int) -> I64:
        """The messages that came to `host`, an index of an arrival, at `since_ms` or later."""
        here = (self._come["time_ms"] >= since_ms) & (self._come["host"] == host)
        ids: I64 = self._come["id"][here]
        return ids
