"""The times at which mail was returned or permanently rejected, by the system that returned it; they are
used to judge objectives.
"""

from typing import Literal

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.series import Times

Who = Literal[
    "gateway expired",  # inbound mail that the gateway returned at its limit
    # messages that left the gateway's queue as rejected: by hand, or by the receiver's 5xx
    "gateway refused",
    "backup expired",
    "backup refused",
    "senders gave up",
    "senders were refused",  # self-inflicted: a 5xx to mail from outside
    "server refused senders",  # the part of them that the mail server itself rejected, as its log shows
    "server was refused",  # mail in the mail server's own outbound queue
    "server expired",  # the same, returned by the mail server at its limit
]
_ROOM = 1 << 10


class Returns:
    """Times in ascending order, by the system that returned the mail. Look-ups do not change anything."""

    def __init__(self) -> None:
        self._of: dict[str, Times] = {}

    def add(self, who: Who, times_ms: I64) -> None:
        """Add returns at these times, none of them earlier than the last return of `who`."""
        if len(times_ms):
            self._of.setdefault(who, Times(_ROOM)).extend(np.sort(times_ms))

    def beyond(self, number: int, *who: Who) -> int | None:
        """The time in ms at which the total of returns by the systems `who` exceeded `number`; None if it
        has not.
        """
        firsts = [self._of[name].since(0)[: number + 1] for name in who if name in self._of]
        moments_ms = np.sort(np.concatenate(firsts)) if firsts else np.empty(0, dtype=np.int64)
        return int(moments_ms[number]) if number < len(moments_ms) else None

    def count(self, *who: Who) -> int:
        """The number of returns by the systems `who`."""
        return sum(len(self._of[name]) for name in who if name in self._of)

    def since(self, moment_ms: int, *who: Who) -> int:
        """The number of returns by the systems `who` at `moment_ms` or later."""
        return sum(
            len(self._of[name]) - int(self._of[name].before(moment_ms)) for name in who if name in self._of
        )

    def last(self, who: Who) -> int | None:
        """The time of the last return by `who`; None if there is none."""
        return self._of[who].last if who in self._of else None

    def first_since(self, moment_ms: int, who: Who) -> int | None:
        """The time of the first return by `who` at that time or later; None if there is none."""
        if who not in self._of:
            return None
        later_ms = self._of[who].since(int(self._of[who].before(moment_ms)))
        return int(later_ms[0]) if len(later_ms) else None
