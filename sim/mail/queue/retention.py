"""How long, and for how many attempts, a queue keeps each message.

A longer retention may also apply to queued messages, or only to later arrivals; then a message keeps the
terms that were in force at its arrival. If time during which the queue is stopped does not count, every
message in it is kept for that much longer.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64

NO_END = int(np.iinfo(np.int32).max)


@dataclass(slots=True)
class Retention:
    """The limits for each message, which depend only on its arrival."""

    limit_ms: int
    """Age at which a message that arrives from now on bounces."""
    most_attempts: int | None
    """Number of failed attempts at which a message bounces as well; None: no such limit."""
    _before: list[tuple[int, int, int | None]] = field(default_factory=list)
    """(moment, limit, most attempts): terms of messages that arrived before that moment; ascending."""
    _stood: list[tuple[int, int]] = field(default_factory=list)
    """Periods that do not count as age, in chronological order."""

    @property
    def uniform(self) -> bool:
        """True if the present terms apply to all messages."""
        return not self._before and not self._stood

    @property
    def longest_ms(self) -> int:
        """The longest time for which a message is kept, ms."""
        return self.limit_ms + sum(b_ms - a_ms for a_ms, b_ms in self._stood)

    def extend(self, limit_ms: int, most_attempts: int | None, arriving_from_ms: int | None = None) -> None:
        """Set new terms, for all messages, or only for messages that arrive at `arriving_from_ms` or
        later.
        """
        if arriving_from_ms is None:
            self._before.clear()
        else:
            self._before.append((arriving_from_ms, self.limit_ms, self.most_attempts))
        self.limit_ms, self.most_attempts = limit_ms, most_attempts

    def stood(self, a_ms: int, b_ms: int) -> None:
        """Exclude the period [a, b), which is over, from ages."""
        if b_ms > a_ms:
            self._stood.append((a_ms, b_ms))

    def limits_ms(self, arrival_ms: I64) -> I64:
        """The age at which each message bounces; a single number if it is the same for all."""
        if self.uniform:
            return np.array(self.limit_ms, dtype=np.int64)
        limits_ms: I64 = np.array([*(one[1] for one in self._before), self.limit_ms])[self._terms(arrival_ms)]
        for a_ms, b_ms in self._stood:
            limits_ms = limits_ms + np.maximum(b_ms - np.maximum(arrival_ms, a_ms), 0)
        return limits_ms

    def mosts(self, arrival_ms: I64) -> I64:
        """The number of failed attempts at which each message bounces; a single number if it is the same
        for all.
        """
        mosts: I64 = np.array(
            [*(one[2] or NO_END for one in self._before), self.most_attempts or NO_END], dtype=np.int64
        )
        return mosts[self._terms(arrival_ms)] if self._before else mosts[0]

    def _terms(self, arrival_ms: I64) -> NDArray[np.intp]:
        """The index of the terms under which each message arrived."""
        return np.searchsorted(np.array([one[0] for one in self._before]), arrival_ms, side="right")

    @property
    def terms(self) -> tuple[int, ...]:
        """All terms as numbers, for a fingerprint."""
        before = (number or 0 for one in self._before for number in one)
        return (self.limit_ms, self.most_attempts or 0, *before, *(ms for span in self._stood for ms in span))
