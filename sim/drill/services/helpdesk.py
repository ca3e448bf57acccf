"""Calls to the helpdesk, all or on one subject, with a watcher that reports them at round numbers."""

from collections.abc import Callable, Sequence

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.series import Times

_STEPS: tuple[int, ...] = (1, 5, *(step * 10**power for power in range(1, 7) for step in (1, 2, 5)))


def nothing_else(a_ms: int, b_ms: int) -> I64:
    """No calls: none is counted separately."""
    return np.empty(0, dtype=np.int64)


class Helpdesk:
    """Counts calls, and reports them when their number reaches 1, 5, 10, 20, 50, 100, 200, 500 …"""

    def __init__(
        self,
        calls: Callable[[int, int], I64],
        say: Callable[[int], None],
        about: Callable[[int, int], I64] = nothing_else,
    ) -> None:
        """`calls`: the sorted times of calls in [a, b), if nothing changes before b; `about`: those of the
        calls on one subject that is counted separately, in any order.
        """
        self._fresh, self._say, self._about = calls, say, about
        self._on_subject, self._subject_to_ms = 0, 0
        self._calls, self._counted_to_ms, self._reported = 0, 0, 0
        self._made = Times()
        """The time in ms of each counted call."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        report_at = next(step for step in _STEPS if step > self._reported)
        if self._calls >= report_at:
            return a_ms
        calls_ms = self._fresh(self._counted_to_ms, b_ms)
        past = int(calls_ms.searchsorted(a_ms))
        self._take(calls_ms[:past], a_ms)
        if self._calls >= report_at:
            return a_ms
        needed = report_at - self._calls
        if len(calls_ms) - past < needed:
            return None
        # the report is sent in the millisecond after the call
        moment_ms = int(calls_ms[past + needed - 1]) + 1
        return moment_ms if moment_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        self.count(moment_ms)
        self._reported = self._calls
        self._say(self._calls)

    def count(self, to_ms: int) -> None:
        """Count the calls before `to_ms` as made; must be called before any change of the users."""
        self._take(self._fresh(self._counted_to_ms, to_ms), to_ms)
        self._on_subject, self._subject_to_ms = self.on_subject(to_ms), max(to_ms, self._subject_to_ms)

    def on_subject(self, to_ms: int) -> int:
        """Number of calls on the one subject before `to_ms`, which must not be earlier than the last count;
        pure.
        """
        return self._on_subject + len(self._about(self._subject_to_ms, to_ms))

    def _take(self, calls_ms: I64, to_ms: int) -> None:
        """Add the calls from the last count up to `to_ms`."""
        self._made.extend(calls_ms)
        self._calls = len(self._made)
        self._counted_to_ms = max(to_ms, self._counted_to_ms)

    def calls_before(self, to_ms: int) -> int:
        """Number of calls before `to_ms`, which must not be earlier than the last count; pure."""
        return self._calls + len(self._fresh(self._counted_to_ms, to_ms))

    def calls_between(self, a_ms: int, b_ms: int) -> int:
        """Number of calls in [a, b); `b_ms` must not be earlier than the last count; pure."""
        fresh_ms = self._fresh(self._counted_to_ms, b_ms)
        return self._made.between(a_ms, b_ms) + int((fresh_ms >= a_ms).sum())

    def calls_in(self, edges_ms: Sequence[int]) -> tuple[int, ...]:
        """Number of calls between consecutive edges. The last edge is not earlier than the last count.
        Pure.
        """
        fresh_ms = self._fresh(self._counted_to_ms, edges_ms[-1])
        edges = np.array(edges_ms, dtype=np.int64)
        upto = self._made.before(edges) + fresh_ms.searchsorted(edges, side="left")
        return tuple(int(count) for count in np.diff(upto))

    def beyond(self, number: int, to_ms: int) -> int | None:
        """The time of the call that follows the first `number` calls, before `to_ms`; None if there was
        none; pure.
        """
        if number < len(self._made):
            return int(self._made.since(number)[0])
        fresh_ms = self._fresh(self._counted_to_ms, to_ms)
        number -= len(self._made)
        return int(fresh_ms[number]) if number < len(fresh_ms) else None
