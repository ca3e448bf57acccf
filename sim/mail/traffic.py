"""When people send mail: the curve of the week, and the messages it makes.

Arrivals are an inhomogeneous Poisson process, made in bins of 15 minutes of absolute time. Every
bin is drawn by its own key, so that no message depends on when the drill was looked at, how long
it runs, or what else arrived; a message's identity is (direction, bin, rank in the bin).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, further, mix, poisson_counts, within
from sim.mail.mailshots import Density, Mailshot, density

BIN_MS = 15 * 60_000
AT_A_TIME = 8
"""Bins that are drawn together: it saves time, and nothing else depends on it."""
INBOUND, OUTBOUND, INTERNAL = 0, 1, 2
DIRECTIONS = ("inbound", "outbound", "internal")

_RANK_BITS, _BIN_BITS = 22, 36
REAL_MAIL = 1 << 61
"""Identities from here on belong to mail that came through a socket."""


@dataclass(frozen=True, slots=True)
class Week:
    """How a day's volume is spread. All integers."""

    zone: str
    weekday_permille: tuple[int, ...]
    """24 shares of a working day's volume, hour by hour of local time; they sum to 1,000."""
    day_percent: tuple[int, ...]
    """Volume of Monday … Sunday, in percent of a plain working day."""

    def share_micro(self, moment_utc_ms: int) -> int:
        """Share of a plain working day's volume (10^-6) that falls into the bin at `moment_utc_ms`.

        Between the middles of two hours the curve is a straight line; a day's shares still sum to
        its percentage. Local time, and so summer time, decides the hour and the day.
        """
        local = datetime.fromtimestamp(moment_utc_ms / 1000, UTC).astimezone(ZoneInfo(self.zone))
        hour, quarter = local.hour, local.minute // 15
        here = self.weekday_permille[hour]
        neighbour = self.weekday_permille[hour - 1 if quarter < 2 else (hour + 1) % 24]
        near, far = ((5, 3), (7, 1), (7, 1), (5, 3))[quarter]
        eighths = near * here + far * neighbour
        return eighths * 1000 * self.day_percent[local.weekday()] // (8 * 4 * 100)


@dataclass(frozen=True, slots=True)
class Volume:
    """How much mail of one direction there is, and when."""

    week: Week
    per_workday: int
    """Messages of the whole organisation on a plain working day."""
    mailshots: tuple[Mailshot, ...] = ()

    def usual_micro(self, number: int) -> int:
        """Messages (10^-6, mean) in bin `number` by the curve alone."""
        return self.per_workday * self.week.share_micro(number * BIN_MS)

    def density(self, number: int) -> Density | None:
        """How they are spread over bin `number`; None: evenly, since no mailshot reaches into it."""
        if not self.mailshots:
            return None
        usual_micro = self.usual_micro(number)
        return density(self.mailshots, self.week.zone, number * BIN_MS, BIN_MS, usual_micro)


Bin = tuple[int, Density | None]
"""How many messages it has, and how they are spread over it; None: evenly."""


@lru_cache(maxsize=1 << 14)
def _bins(seed: int, direction: int, volume: Volume, block: int) -> tuple[Bin, ...]:
    """A block's bins; kept, since a drill that is played again asks again."""
    numbers = np.arange(block * AT_A_TIME, (block + 1) * AT_A_TIME, dtype=np.int64)
    spreads = [volume.density(number) for number in numbers.tolist()]
    means_micro = [
        volume.usual_micro(number) if spread is None else spread.mean_micro
        for number, spread in zip(numbers.tolist(), spreads, strict=True)
    ]
    bits = mix(seed, "bin count", direction, numbers)
    counts = poisson_counts(bits, np.array(means_micro, dtype=np.int64)).tolist()
    return tuple(zip(counts, spreads, strict=True))


@dataclass(frozen=True, slots=True)
class Messages:
    """Columns of some messages, sorted by (arrival, id). All int64, times in milliseconds."""

    id: I64
    arrival_ms: I64

    def __len__(self) -> int:
        return len(self.id)

    def take(self, which: NDArray[np.bool_] | I64 | slice) -> "Messages":
        """Some of them, in the order that `which` gives."""
        return Messages(self.id[which], self.arrival_ms[which])

    def until(self, bound_ms: int) -> "tuple[Messages, Messages]":
        """Those that arrive before `bound_ms`, and the rest."""
        cut = int(np.searchsorted(self.arrival_ms, bound_ms))
        return Messages(self.id[:cut], self.arrival_ms[:cut]), Messages(self.id[cut:], self.arrival_ms[cut:])


EMPTY = Messages(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def joined(parts: Sequence[Messages]) -> Messages:
    """All `parts`, one after the other; a single one with anything in it is not copied."""
    parts = [part for part in parts if len(part)] or [EMPTY]
    if len(parts) == 1:
        return parts[0]
    return Messages(
        np.concatenate([part.id for part in parts]), np.concatenate([part.arrival_ms for part in parts])
    )


def direction_of(ids: I64) -> I64:
    """INBOUND, OUTBOUND or INTERNAL for each identity."""
    return (ids >> (_RANK_BITS + _BIN_BITS)) & 3


def direction_of_one(identity: int) -> int:
    """The same for one identity."""
    return (identity >> (_RANK_BITS + _BIN_BITS)) & 3


class Stream:
    """The messages of one direction, made some bins at a time and only as far as somebody looks."""

    def __init__(self, seed: int, direction: int, volume: Volume, starts_utc_ms: int) -> None:
        self._seed, self._direction, self._volume = seed, direction, volume
        self._starts_utc_ms = starts_utc_ms
        first = starts_utc_ms // BIN_MS
        self._first, self._after, self._made = first, first, EMPTY
        """What has been made: the messages of bins first <= n < after."""
        self._begins, self._totals = first, [0]
        """Messages before bin `_begins` + n, as far as somebody has asked."""
        self._known: dict[int, tuple[Bin, ...]] = {}
        """Blocks of bins that somebody has asked for."""

    def between(self, a_ms: int, b_ms: int) -> Messages:
        """Messages that arrive in [a_ms, b_ms), a_ms >= 0; asking changes nothing that is seen."""
        if b_ms <= a_ms:
            return EMPTY
        first, after = self._bins_of(a_ms, b_ms)
        if first < self._first:
            made = self._make(first, after)
        else:
            if after > self._after:
                if not len(self._made):
                    self._first = self._after = first
                until = max(after, self._after + AT_A_TIME)
                self._made = joined([self._made, self._make(self._after, until)])
                self._after = until
            made = self._made
        a, b = (int(made.arrival_ms.searchsorted(moment_ms)) for moment_ms in (a_ms, b_ms))
        return Messages(made.id[a:b], made.arrival_ms[a:b])

    def count(self, a_ms: int, b_ms: int) -> int:
        """How many arrive in [a_ms, b_ms); messages of whole bins are counted, not made."""
        first, after = self._bins_of(a_ms, b_ms)
        total = 0
        for number in range(first, after):
            starts_ms = number * BIN_MS - self._starts_utc_ms
            if a_ms <= starts_ms and starts_ms + BIN_MS <= b_ms:
                total += self._bin(number)[0]
            else:
                total += len(self.between(max(a_ms, starts_ms), min(b_ms, starts_ms + BIN_MS)))
        return total

    def ordinal(self, identity: int) -> int:
        """How many messages of this direction come before it, counted from the drill's first bin."""
        number = (identity >> _RANK_BITS) & ((1 << _BIN_BITS) - 1)
        return self._total(number - self._begins) + (identity & ((1 << _RANK_BITS) - 1))

    def identity(self, ordinal: int, before_ms: int) -> int | None:
        """The message that so many come before; None if it is in no bin that begins before `before_ms`."""
        bins = -(-(before_ms + self._starts_utc_ms) // BIN_MS) - self._begins
        if not 0 <= ordinal < self._total(bins):
            return None
        place = bisect_right(self._totals, ordinal) - 1
        number, rank = self._begins + place, ordinal - self._totals[place]
        return (((self._direction << _BIN_BITS) | number) << _RANK_BITS) | rank

    def _total(self, bins: int) -> int:
        """Messages in the first so many bins."""
        while len(self._totals) <= bins:
            self._totals.append(self._totals[-1] + self._bin(self._begins + len(self._totals) - 1)[0])
        return self._totals[bins]

    def forget(self, before_ms: int) -> None:
        """What arrives before `before_ms` will hardly be asked for again."""
        current = (before_ms + self._starts_utc_ms) // BIN_MS
        if current - self._first < AT_A_TIME:
            return
        past = int(np.searchsorted(self._made.arrival_ms, current * BIN_MS - self._starts_utc_ms))
        self._made = Messages(self._made.id[past:].copy(), self._made.arrival_ms[past:].copy())
        self._first, self._after = current, max(current, self._after)

    def _bins_of(self, a_ms: int, b_ms: int) -> tuple[int, int]:
        if b_ms <= a_ms:
            return 0, 0
        return (a_ms + self._starts_utc_ms) // BIN_MS, (b_ms - 1 + self._starts_utc_ms) // BIN_MS + 1

    def _bin(self, number: int) -> Bin:
        block, place = divmod(number, AT_A_TIME)
        if block not in self._known:
            self._known[block] = _bins(self._seed, self._direction, self._volume, block)
        return self._known[block][place]

    def _make(self, first: int, after: int) -> Messages:
        """The messages of bins first <= n < after."""
        numbers = np.arange(first, after, dtype=np.int64)
        bins = [self._bin(number) for number in numbers.tolist()]
        counts = np.array([count for count, _spread in bins], dtype=np.int64)
        ranks = np.arange(counts.sum(), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
        of_bin = mix(self._seed, "arrival", self._direction, numbers)
        arrival_ms = within(further(np.repeat(of_bin, counts), ranks), BIN_MS)
        _crowd(arrival_ms, bins)
        arrival_ms += np.repeat(numbers * BIN_MS - self._starts_utc_ms, counts)
        arrival_ms.sort()  # bins do not overlap: a bin's messages stay in its part
        ids = ranks
        ids |= np.repeat(((self._direction << _BIN_BITS) | numbers) << _RANK_BITS, counts)
        return Messages(ids, arrival_ms)


def _crowd(arrival_ms: I64, bins: Sequence[Bin]) -> None:
    """Move what has been drawn evenly over its bin to where mailshots are under way, in place."""
    end = 0
    for count, spread in bins:
        end += count
        if count and spread is not None:
            arrival_ms[end - count : end] = spread.place(arrival_ms[end - count : end])
