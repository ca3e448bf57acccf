"""Times at which people send mail: the curve of the week, and the messages that follow from it.

Arrivals are an inhomogeneous Poisson process, made in bins of 15 minutes of absolute time. Every bin is drawn
with a key of its own, so that a message does not depend on when the drill is read, on the drill's length, or
on other arrivals. A message's identity is (direction, bin, rank in the bin).
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, further, mix, poisson_counts, within
from sim.kernel.frozen import frozen
from sim.mail.message.mailshots import Density
from sim.mail.message.weekly_curve import BIN_MS, Volume

AT_A_TIME = 8
"""Number of bins drawn together. The number only affects speed and does not change the result."""
INBOUND, OUTBOUND, INTERNAL = 0, 1, 2
DIRECTIONS = ("inbound", "outbound", "internal")

_RANK_BITS, _BIN_BITS = 22, 36
REAL_MAIL = 1 << 61
"""Identities from here on belong to real mail: direction, correspondent, number."""
_REAL_BITS = 30
_WHOM_BITS = _RANK_BITS + _BIN_BITS - _REAL_BITS


Bin = tuple[int, Density | None]
"""(number of messages in a bin, their spread over it); the spread is None if they are spread evenly."""


@lru_cache(maxsize=1 << 14)
def _bins(seed: int, direction: int, volume: Volume, block: int) -> tuple[Bin, ...]:
    """The bins of one block; they are kept, because a replay requests them again."""
    numbers = np.arange(block * AT_A_TIME, (block + 1) * AT_A_TIME, dtype=np.int64)
    spreads = [volume.density(number) for number in numbers.tolist()]
    means_micro = [
        volume.usual_micro(number) if spread is None else spread.mean_micro
        for number, spread in zip(numbers.tolist(), spreads, strict=True)
    ]
    bits = mix(seed, "bin count", direction, numbers)
    counts = poisson_counts(bits, np.array(means_micro, dtype=np.int64)).tolist()
    return tuple(zip(counts, spreads, strict=True))


@frozen
class Messages:
    """Columns of some messages, sorted by (arrival, id). All int64, times in milliseconds."""

    id: I64
    arrival_ms: I64

    def __len__(self) -> int:
        return len(self.id)

    def take(self, which: NDArray[np.bool_] | I64 | slice) -> "Messages":
        """The messages selected by `which`, in its order."""
        return Messages(self.id[which], self.arrival_ms[which])

    def until(self, bound_ms: int) -> "tuple[Messages, Messages]":
        """The messages that arrive before `bound_ms`, and the rest."""
        cut = int(self.arrival_ms.searchsorted(bound_ms))
        return Messages(self.id[:cut], self.arrival_ms[:cut]), Messages(self.id[cut:], self.arrival_ms[cut:])


EMPTY = Messages(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def joined(parts: Sequence[Messages]) -> Messages:
    """All `parts`, one after the other; if only one of them contains anything, it is not copied."""
    parts = [part for part in parts if len(part)] or [EMPTY]
    if len(parts) == 1:
        return parts[0]
    return Messages(
        np.concatenate([part.id for part in parts]), np.concatenate([part.arrival_ms for part in parts])
    )


def real_identity(number: int, direction: int = INBOUND, whom: int | None = None) -> int:
    """The identity of the `number`-th real message. `whom`: the recipient (a user, or an organisation if
    the message is outbound); None: the recipient is drawn.
    """
    given = 0 if whom is None else whom + 1
    return REAL_MAIL | (direction << (_RANK_BITS + _BIN_BITS)) | (given << _REAL_BITS) | number


def real_number(identity: int) -> int:
    """The number of a real message."""
    return identity & ((1 << _REAL_BITS) - 1)


def real_whom(ids: I64) -> I64:
    """The given recipient of each real message, -1 if it is drawn; -1 for simulated messages."""
    whom: I64 = np.where(ids >= REAL_MAIL, ((ids >> _REAL_BITS) & ((1 << _WHOM_BITS) - 1)) - 1, -1)
    return whom


def direction_of(ids: I64) -> I64:
    """INBOUND, OUTBOUND or INTERNAL for each identity."""
    return (ids >> (_RANK_BITS + _BIN_BITS)) & 3


def count_directions(ids: I64, which: NDArray[np.bool_] | None = None) -> I64:
    """The number of identities of each direction; `which`: counts only those for which it is True."""
    directions = (ids >> (_RANK_BITS + _BIN_BITS)).astype(np.int8)
    directions &= 3
    found = [directions == direction for direction in range(len(DIRECTIONS))]
    counted = found if which is None else [these & which for these in found]
    return np.array([np.count_nonzero(these) for these in counted], dtype=np.int64)


def direction_of_one(identity: int) -> int:
    """The result for one identity."""
    return (identity >> (_RANK_BITS + _BIN_BITS)) & 3


class Stream:
    """The messages of one direction, generated one block of bins at a time, and only when needed."""

    def __init__(self, seed: int, direction: int, volume: Volume, starts_utc_ms: int) -> None:
        self._seed, self._direction, self._volume = seed, direction, volume
        self._starts_utc_ms = starts_utc_ms
        self._made: dict[int, Messages] = {}
        self._kept_from = starts_utc_ms // BIN_MS // AT_A_TIME
        """Blocks of bins from this one on are kept once they have been made."""
        self._cut, self._cut_ms = -1, EMPTY.arrival_ms
        """The last bin that was divided, and the arrival times of its messages as drawn, counted from the
        bin's beginning.
        """
        self._begins, self._totals = starts_utc_ms // BIN_MS, [0]
        """`_totals[n]`: messages before bin `_begins` + n, as far as requested."""
        self._known: dict[int, tuple[Bin, ...]] = {}
        """The blocks of bins that have been requested."""

    def between(self, a_ms: int, b_ms: int) -> Messages:
        """Messages that arrive in [a_ms, b_ms); a request does not change anything visible."""
        if b_ms <= a_ms:
            return EMPTY
        parts = []
        for block in range(self._bin_of(a_ms) // AT_A_TIME, self._bin_of(b_ms - 1) // AT_A_TIME + 1):
            made = self._block(block)
            a, b = (int(made.arrival_ms.searchsorted(moment_ms)) for moment_ms in (a_ms, b_ms))
            parts.append(made.take(slice(a, b)))
        return joined(parts)

    def count(self, a_ms: int, b_ms: int) -> int:
        """The number of arrivals in [a_ms, b_ms); messages of whole bins are counted, not generated."""
        if b_ms <= a_ms:
            return 0
        whole = sum(self._bin(number)[0] for number in range(self._bin_of(a_ms), self._bin_of(b_ms)))
        before_a = self._in_its_bin_before(a_ms)
        return whole + self._in_its_bin_before(b_ms) - before_a

    def _in_its_bin_before(self, moment_ms: int) -> int:
        """The number of messages in the bin that arrive before the given moment in it."""
        number, past_ms = divmod(moment_ms + self._starts_utc_ms, BIN_MS)
        if not past_ms:
            return 0
        made = self._made.get(number // AT_A_TIME)
        if made is not None:
            begin_ms = moment_ms - past_ms
            return int(made.arrival_ms.searchsorted(moment_ms) - made.arrival_ms.searchsorted(begin_ms))
        if self._cut != number:
            self._cut, (self._cut_ms, _ranks) = number, self._drawn(number, [self._bin(number)])
        return int(np.count_nonzero(self._cut_ms < past_ms))

    def ordinal(self, identity: int) -> int:
        """The number of messages of this direction before the given one, counted from the drill's first
        bin.
        """
        number = (identity >> _RANK_BITS) & ((1 << _BIN_BITS) - 1)
        return self._total(number - self._begins) + (identity & ((1 << _RANK_BITS) - 1))

    def identity(self, ordinal: int, before_ms: int) -> int | None:
        """The message that follows that many others; None if its bin does not begin before `before_ms`."""
        bins = -(-(before_ms + self._starts_utc_ms) // BIN_MS) - self._begins
        if not 0 <= ordinal < self._total(bins):
            return None
        place = bisect_right(self._totals, ordinal) - 1
        number, rank = self._begins + place, ordinal - self._totals[place]
        return (((self._direction << _BIN_BITS) | number) << _RANK_BITS) | rank

    def _total(self, bins: int) -> int:
        """The number of messages in that many bins from the start."""
        while len(self._totals) <= bins:
            self._totals.append(self._totals[-1] + self._bin(self._begins + len(self._totals) - 1)[0])
        return self._totals[bins]

    def forget(self, before_ms: int) -> None:
        """Drop blocks, because messages that arrive before `before_ms` will rarely be requested again."""
        self._kept_from = max(self._kept_from, self._bin_of(before_ms) // AT_A_TIME)
        for block in [block for block in self._made if block < self._kept_from]:
            del self._made[block]

    def _bin_of(self, moment_ms: int) -> int:
        return (moment_ms + self._starts_utc_ms) // BIN_MS

    def _bin(self, number: int) -> Bin:
        block, place = divmod(number, AT_A_TIME)
        if block not in self._known:
            self._known[block] = _bins(self._seed, self._direction, self._volume, block)
        return self._known[block][place]

    def _block(self, block: int) -> Messages:
        """The messages of a block of bins."""
        made = self._made.get(block)
        if made is None:
            made = self._make(block)
            if block >= self._kept_from:
                self._made[block] = made
        return made

    def _make(self, block: int) -> Messages:
        first = block * AT_A_TIME
        bins = [self._bin(number) for number in range(first, first + AT_A_TIME)]
        in_bin_ms, ids = self._drawn(first, bins)
        short_ms = in_bin_ms.astype(np.int32)  # narrow numbers in short parts are sorted faster
        end = 0
        for count, _spread in bins:
            end += count
            short_ms[end - count : end].sort()
        numbers, counts = np.arange(first, first + AT_A_TIME, dtype=np.int64), _counts(bins)
        ids |= np.repeat(((self._direction << _BIN_BITS) | numbers) << _RANK_BITS, counts)
        arrival_ms = np.repeat(numbers * BIN_MS - self._starts_utc_ms, counts)
        arrival_ms += short_ms
        return Messages(ids, arrival_ms)

    def _drawn(self, first: int, bins: Sequence[Bin]) -> tuple[I64, I64]:
        """Arrival times of the messages of the bins from `first` on, each counted from the beginning of
        its bin, and the messages' ranks in it.
        """
        counts = _counts(bins)
        ranks = np.arange(counts.sum(), dtype=np.int64)
        ranks -= np.repeat(np.cumsum(counts) - counts, counts)
        numbers = np.arange(first, first + len(bins), dtype=np.int64)
        of_bin = mix(self._seed, "arrival", self._direction, numbers)
        in_bin_ms = within(further(np.repeat(of_bin, counts), ranks), BIN_MS)
        _crowd(in_bin_ms, bins)
        return in_bin_ms, ranks


def _counts(bins: Sequence[Bin]) -> I64:
    return np.array([count for count, _spread in bins], dtype=np.int64)


def _crowd(in_bin_ms: I64, bins: Sequence[Bin]) -> None:
    """Move messages drawn evenly over their bin to the times of mailshots, in place."""
    end = 0
    for count, spread in bins:
        end += count
        if count and spread is not None:
            in_bin_ms[end - count : end] = spread.place(in_bin_ms[end - count : end])
