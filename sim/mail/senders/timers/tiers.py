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

    def __bool__(self) -> bool:
        return bool(self._known)

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
    for number in sorted(set(timer.tolist())):
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
    there = np.flatnonzero(in_last_tier(by, arrival_ms, due_ms, timer))
    numbers = timer[there]
    for number in sorted(set(numbers.tolist())):
        tier, here = by.timers[number].last_tier, there[numbers == number]
        if tier is not None:
            steps = tier.first_steps(at_ms - arrival_ms[here])
            waits = due_ms[here] >= at_ms
            due_ms[here[waits]] = arrival_ms[here[waits]] + tier.ages_ms(steps[waits])
            for step in sorted(set(steps.tolist())):
                timer[here[steps == step]] = by.moved(number, step + tier.attempts - 1)
    return due_ms, timer
