"""Time for the oracle: a SimPy clock in whole milliseconds that keeps the documented order within one.

Within a millisecond: changes, then expiries, then ends of service (and of attempts), then attempts by
message, then sessions for all that has come due by then, then starts of service by (queued at, message).
SimPy sorts what happens at one time by priority and then by age; here the priority is the kind of happening
and the number of the message.
"""

from collections.abc import Iterable
from enum import IntEnum

import simpy

Looks = Iterable[int]
"""The moments, ascending, at which a server looks through its queue: scans, queue runs."""


class Rank(IntEnum):
    """What comes first within one millisecond."""

    CHANGE = 1
    EXPIRY = 2
    END = 3
    ATTEMPT = 4
    SESSION = 5
    START = 6


class Clockwork(simpy.Environment):
    """A SimPy environment whose waits say what they wait for."""

    def until(self, time_ms: int, rank: Rank, message: int = 0) -> simpy.Event:
        """An event at `time_ms`, in its place among the other happenings of that millisecond."""
        event = simpy.Event(self)
        event._ok, event._value = True, None
        self.schedule(event, priority=(rank << 64) + message, delay=time_ms - self.time_ms)  # type: ignore[arg-type]
        return event

    @property
    def time_ms(self) -> int:
        """Now."""
        return int(self.now)
