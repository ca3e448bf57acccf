"""One snapshot for all seats that paint at nearly the same moment, because a snapshot costs more than
painting a seat.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sim.drill.snapshot.console import Snapshot

KEPT_S = 0.15
"""Wall time for which seats share a snapshot; it is less than the time between two frames of a seat."""


@dataclass(frozen=True, slots=True)
class _Taken:
    at_s: float
    snapshot: Snapshot


class Glance:
    """The latest snapshot for each number of listed messages."""

    def __init__(self) -> None:
        self._taken: dict[int, _Taken] = {}

    def forget(self) -> None:
        """Record that a command was given: the next reading takes a new snapshot."""
        self._taken.clear()

    def at(
        self, now_ms: int, now_s: float, listed: int, stands: bool, look: Callable[[], Snapshot]
    ) -> Snapshot:
        """The snapshot of `now_ms`, or a slightly older one; `look` takes a new one.

        `stands`: the clock is stopped, so that an older one would not be corrected later.
        """
        last = self._taken.get(listed)
        if last is not None:
            passed_ms = now_ms - last.snapshot.t_ms
            fresh = passed_ms == 0 or (passed_ms > 0 and not stands)
            if fresh and now_s - last.at_s < KEPT_S:
                return last.snapshot
        snapshot = look()
        self._taken[listed] = _Taken(now_s, snapshot)
        return snapshot
