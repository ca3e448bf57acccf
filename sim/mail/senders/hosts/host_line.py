"""The line at a host that accepts a limited number of messages at a time: first come, first served.

A message that has joined will be accepted regardless of later changes, so its time is known once all messages
that join before it or in the same millisecond have joined. Messages of machines join one by one, as the
agenda reaches them; messages with timers of their own are announced in advance, many at a time.
"""

from bisect import bisect_left
from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.mail.message.growing_columns import Columns


class Announced(NamedTuple):
    """Messages that join without a machine, by (time, id). Columns of equal length."""

    time_ms: I64
    """The time at which each message joins the line; for messages that leave the line, the time at which
    they are accepted.
    """
    id: I64
    written_ms: I64
    tries: NDArray[np.int32]


class HostLine:
    """The line of one host. Everything before the last bound of `taken` has happened."""

    def __init__(self, servers: int | None, service_ms: int) -> None:
        """`servers`: the number of messages that the host accepts at a time (None: any number), each for
        `service_ms`.
        """
        self._service_ms = service_ms
        self._free_ms = None if servers is None else deque([0] * servers, servers)
        """The times at which the host's servers become free, ascending; every message takes equally long."""
        self.joining: list[tuple[int, int]] = []
        """(message, sender) of messages that machines have brought in the present millisecond."""
        self._rows = Columns({"id": np.int64, "written_ms": np.int64, "tries": np.int32})
        self._joins_ms: list[int] = []
        self._messages: list[int] = []
        """The announced messages, by (time of joining, message)."""
        self._ends_ms: list[int] = []
        """The times at which the first of these messages were accepted, as far as known; ascending."""
        self._told = 0
        """The number of these times that `taken` has returned."""
        self._held: tuple[deque[int] | None, int] = (self._free_ms, 0)

    def announce(self, some: Announced) -> None:
        """Add messages that join later than everything announced before, if nothing changes."""
        self._joins_ms += some.time_ms.tolist()
        self._messages += some.id.tolist()
        self._rows.append([some.id, some.written_ms, some.tries])

    def serve(self, now_ms: int) -> list[tuple[int, int, int]]:
        """(time of acceptance, message, sender) of all messages that machines have just brought.

        Must be called when all messages that join in this millisecond have joined.
        """
        ends = [(self.takes(now_ms, message), message, sender) for message, sender in sorted(self.joining)]
        self.joining.clear()
        return ends

    def takes(self, now_ms: int, message: int) -> int:
        """The time of acceptance of a message that joins now, behind all messages that have joined earlier
        in this millisecond.
        """
        self._pass(self._before(now_ms, message))
        free_ms = self._free_ms
        if free_ms is None:
            return now_ms + self._service_ms
        end_ms = max(now_ms, free_ms[0]) + self._service_ms
        free_ms.append(end_ms)  # this replaces the first
        return end_ms

    def taken(self, to_ms: int) -> Announced:
        """Announced messages accepted before `to_ms` and not returned yet."""
        self._pass(self._before(to_ms))
        some = slice(self._told, bisect_left(self._ends_ms, to_ms))
        self._told = some.stop
        ends_ms = np.array(self._ends_ms[some], dtype=np.int64)
        return Announced(ends_ms, *(self._rows[name][some].copy() for name in ("id", "written_ms", "tries")))

    def _before(self, time_ms: int, message: int = 0) -> int:
        """The number of announced messages that join before a message that joins at that time."""
        joins_ms = self._joins_ms
        until = bisect_left(joins_ms, time_ms, len(self._ends_ms))
        while until < len(joins_ms) and joins_ms[until] == time_ms and self._messages[until] < message:
            until += 1
        return until

    def _pass(self, until: int) -> None:
        """Accept that number of the first announced messages in their turn."""
        if until > len(self._ends_ms):
            self._ends_ms += self._taken_ms(self._joins_ms[len(self._ends_ms) : until])

    def _taken_ms(self, joins_ms: list[int]) -> list[int]:
        """The times of acceptance for messages that join at these times, one after the other."""
        service_ms, free_ms, ends_ms = self._service_ms, self._free_ms, list[int]()
        if free_ms is None:
            return [join_ms + service_ms for join_ms in joins_ms]
        for join_ms in joins_ms:
            end_ms = (join_ms if join_ms > free_ms[0] else free_ms[0]) + service_ms
            free_ms.append(end_ms)  # this replaces the first
            ends_ms.append(end_ms)
        return ends_ms

    # Going back

    def hold(self) -> None:
        """Save the present state, in which no announced message may still have to join."""
        for kept in (self._joins_ms, self._messages, self._ends_ms):
            del kept[: self._told]
        self._rows.drop(self._told)
        self._told = 0
        self._held = (None if self._free_ms is None else self._free_ms.copy(), len(self._ends_ms))

    def go_back(self) -> None:
        """Undo all acceptances since `hold`; messages announced since then join again."""
        free_ms, served = self._held
        self._free_ms = None if free_ms is None else free_ms.copy()
        del self._ends_ms[served:]
        self.joining.clear()
        self._told = 0

    def forget(self, now_ms: int) -> None:
        """Withdraw messages that were announced for `now_ms` and later."""
        rows = bisect_left(self._joins_ms, now_ms)
        del self._joins_ms[rows:], self._messages[rows:]
        self._rows.cut(rows)

    # Looking up

    def waiting(self) -> Announced:
        """Announced messages that have joined and have not been accepted yet; no others will join."""
        some = slice(self._told, None)
        joined_ms = np.array(self._joins_ms[some], dtype=np.int64)
        return Announced(
            joined_ms, *(self._rows[name][some].copy() for name in ("id", "written_ms", "tries"))
        )
