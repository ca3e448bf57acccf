"""Sizes of messages: a pure function of each message's identity, drawn only when needed."""

from collections.abc import Sequence
from math import isqrt

import numpy as np

from sim.kernel.draws import I64, mix, quantile
from sim.mail.message.traffic import REAL_MAIL

_SURE = 80
"""The chance that a sum of sizes exceeds its bound is below e^-80."""


class MessageSizes:
    """Sizes in bytes, from a table of equally spaced quantiles. Real mail has its own sizes."""

    def __init__(self, seed: int, quantiles_bytes: Sequence[int]) -> None:
        """`quantiles_bytes`: 0 % first, 100 % last, ascending."""
        self._seed, self._points = seed, np.array(quantiles_bytes, dtype=np.int64)
        self._real: dict[int, int] = {}
        low, high = self._points[:-1].tolist(), self._points[1:].tolist()
        pieces = list(zip(low, high, strict=True))
        self.mean_bytes: int = -(-sum(a + b for a, b in pieces) // (2 * len(pieces)))
        """The mean of the size table, rounded up."""
        square: int = -(-sum(a * a + a * b + b * b for a, b in pieces) // (3 * len(pieces)))
        self._variance = max(square - (self.mean_bytes - 1) ** 2, 0)
        self._most: int = max(high)
        self._added: tuple[I64, int] = np.empty(0, dtype=np.int64), 0
        """The messages that were added up last, and the sum of their sizes."""

    def received(self, identity: int, size_bytes: int) -> None:
        """Register a real message and its size."""
        self._real[identity] = size_bytes

    def of(self, ids: I64) -> I64:
        """The size of each message."""
        sizes = quantile(mix(self._seed, "size", ids), self._points)
        for row in np.flatnonzero(ids >= REAL_MAIL).tolist() if self._real else ():
            sizes[row] = self._real.get(int(ids[row]), int(sizes[row]))
        return sizes

    def total(self, ids: I64) -> int:
        """The sum of the sizes. If the messages of the last call come first, only the others are drawn."""
        known, total = self._added
        if not np.array_equal(ids[: len(known)], known):
            known, total = known[:0], 0
        total += int(self.of(ids[len(known) :]).sum())
        self._added = ids.copy(), total
        return total

    def surely_within(self, count: int, room_bytes: int) -> bool:
        """True if any `count` messages are together no larger than `room_bytes`, without a draw.

        The check uses Bernstein's inequality over the table; the chance of a wrong result is below e^-80.
        Real mail counts at its full size.
        """
        spread = isqrt(2 * count * self._variance * _SURE) + 1 + 2 * self._most * _SURE // 3
        return count * self.mean_bytes + spread + sum(self._real.values()) <= room_bytes
