"""A receiver that distrusts sudden volume: a source without history has a limit within a window.

Microsoft 365 answers 451 4.7.500 to addresses without a history of mail once their volume is high, unless a
partner connector names them. In this simulation the server regularly checks the mail that it has accepted in
the preceding window, and defers everything until a check finds less.
"""

from collections.abc import Callable

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.queue.receiver_condition import Condition
from sim.mail.server.back_pressure import SubmissionSource
from sim.mail.server.guard import Gates


@frozen
class ThrottleRules:
    """Every `every_ms`, the server checks whether a source has sent `most` messages within `window_ms`;
    `reply`: its answer to senders beyond that.
    """

    most: int
    reply: str
    window_ms: int = HOUR_MS
    every_ms: int = MINUTE_MS


class Throttle:
    """A watcher of the mail accepted from one source; `act` is called when the source is throttled, and
    when it no longer is.
    """

    def __init__(self, source: SubmissionSource, rules: ThrottleRules, act: Callable[[], None]) -> None:
        self._source, self._act = source, act
        self.rules, self.throttles = rules, False
        """`throttles`: True if the source had sent too much mail at the last check."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The first check in [a, b) that changes the state, if nothing else changes."""
        every_ms = self.rules.every_ms
        looks_ms = np.arange(-(-max(a_ms, 1) // every_ms) * every_ms, b_ms, every_ms, dtype=np.int64)
        if not len(looks_ms):
            return None
        coming_ms = self._source.coming_deliveries(int(looks_ms[-1]))
        changes = np.flatnonzero((self._taken(looks_ms, coming_ms) >= self.rules.most) != self.throttles)
        return int(looks_ms[changes[0]]) if len(changes) else None

    def cross(self, moment_ms: int) -> None:
        """Check at `moment_ms`."""
        look_ms = np.array([moment_ms], dtype=np.int64)
        taken = self._taken(look_ms, np.empty(0, dtype=np.int64))
        self.throttles = bool(taken[0] >= self.rules.most)
        self._act()

    def _taken(self, looks_ms: I64, coming_ms: I64) -> I64:
        """Messages accepted in the window before each check, including those still to come."""
        since_ms = looks_ms - self.rules.window_ms
        known = self._source.delivered
        taken = known.before(looks_ms) - known.before(since_ms)
        more: I64 = coming_ms.searchsorted(looks_ms) - coming_ms.searchsorted(since_ms)
        return taken + more


def throttled(met: Condition, throttle: Throttle | None, gates: Gates) -> Condition:
    """The condition for the backup, which without throttling would be `met`; a connector that names the
    backup prevents throttling.
    """
    if throttle is None or not throttle.throttles or met.total or gates.knows("backup"):
        return met
    return Condition("defer", reply=throttle.rules.reply)
