"""Inbound messages that left each place within the last minute; they show where the end of a backlog was
waiting.
"""

from typing import Final

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import MINUTE_MS

SENDERS: Final = "at the senders"
GATEWAY_QUEUE: Final = "at the gateway"
RELAY_QUEUE: Final = "at the backup"
SERVER_QUEUE: Final = "being processed by the mail server"
PLACES = (SENDERS, GATEWAY_QUEUE, RELAY_QUEUE, SERVER_QUEUE)
"""The places through which an inbound message passes, in order."""


class LastMinute:
    """Departures from each place, recorded in chronological order."""

    def __init__(self) -> None:
        self._parts: dict[str, list[tuple[I64, I64]]] = {place: [] for place in PLACES}

    def note(self, place: str, left_ms: I64, came_ms: I64) -> None:
        """Record that messages left `place` at `left_ms`, having been there since `came_ms`."""
        if not len(left_ms):
            return
        last_ms = int(left_ms.max())
        kept = [part for part in self._parts[place] if int(part[0].max()) >= last_ms - MINUTE_MS]
        late = left_ms >= last_ms - MINUTE_MS
        self._parts[place] = [*kept, (left_ms[late], came_ms[late])]

    def were_there(self, place: str, at_ms: int, before_ms: int) -> int:
        """The number of messages that arrived before `before_ms`, were in that place at `at_ms`, and have
        left it since.
        """
        return sum(
            int(np.count_nonzero((left_ms >= at_ms) & (came_ms < min(at_ms, before_ms))))
            for left_ms, came_ms in self._parts[place]
        )
