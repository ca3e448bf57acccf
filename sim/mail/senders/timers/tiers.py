"""Schedules with tiers: after a success, queued mail in the last tier is attempted more often again.

The rule applies to all messages of one organisation. A move takes effect in the millisecond after the
success, before that millisecond's attempts.
"""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.mail.senders.timers.schedule import Schedules


class Moves:
    """The times at which organisations' mail was moved out of the last tier; times beyond now are a
    forecast.
    """

    def __init__(self) -> None:
        self._known: list[tuple[int, int]] = []
        """(at_ms, organisation), ascending."""

    def add(self, at_ms: int, organisation: int) -> None:
        """Record that the mail of `organisation` in its last tier at `at_ms` leaves it then."""
        self._known.insert(bisect_left(self._known, (at_ms, organisation)), (at_ms, organisation))

    def since(self, from_ms: int) -> list[tuple[int, int]]:
        """(at_ms, organisation) of the moves at `from_ms` or later, ascending."""
        return self._known[bisect_left(self._known, (from_ms,)) :]

    def forget(self, from_ms: int) -> set[int]:
        """Cancel the moves at `from_ms` or later; returns their organisations."""
        gone = self.since(from_ms)
        del self._known[len(self._known) - len(gone) :]
        return {organisation for _, organisation in gone}


def in_last_tier(by: Schedules, arrival_ms: I64, due_ms: I64, timer: I64) -> NDArray[np.bool_]:
    """True for messages that wait in their last tier, or are at an attempt that was due in it."""
    found = np.zeros(len(timer), dtype=np.bool_)
    for number in np.unique(timer).tolist():
        tier = by.timers[number].last_tier
        if tier is not None:
            here = timer == number
            found[here] = due_ms[here] - arrival_ms[here] > tier.age_ms(tier.until)
    return found


def moved(by: Schedules, arrival_ms: I64, due_ms: I64, timer: I64, at_ms: int) -> tuple[I64, I64]:
    """The due times and schedules of messages once messages in the last tier have left it at `at_ms`.

    An attempt in progress continues.
    """
    due_ms, timer = due_ms.copy(), timer.copy()
    for n in np.flatnonzero(in_last_tier(by, arrival_ms, due_ms, timer)).tolist():
        tier = by.timers[int(timer[n])].last_tier
        if tier is not None:
            first = tier.first_step(at_ms - int(arrival_ms[n]))
            timer[n] = by.moved(int(timer[n]), first + tier.attempts - 1)
            if due_ms[n] >= at_ms:
                due_ms[n] = arrival_ms[n] + tier.age_ms(first)
    return due_ms, timer
