"""Missed mail: mail that people would miss by now and that has not arrived, as a share of all that they would
miss. Pure.

People do not miss a message at once. The share of people who miss an expected message grows with its age, by
the quantiles of their patience. A late message counts by that share, and so does every message of its age in
the total: if all mail is late, everything that could be missed is missed.
"""

from collections.abc import Sequence

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS

WHOLE = 1000
LONGEST_PATIENCE_MS = 8 * HOUR_MS
"""Lateness from which everyone who expects a message misses it."""


def missed_permille(written_ms: I64, come_ms: I64, now_ms: int, patience_ms: Sequence[int]) -> int:
    """The mail that people miss at `now_ms`, in permille of the mail that they would miss if none had
    arrived.

    `written_ms`: the time at which each message was written, at least as far back as patience lasts;
    `come_ms`: the same for those that have arrived. `patience_ms`: equally spaced quantiles of the time after
    which people miss a message.
    """
    every = _weight(written_ms, now_ms, patience_ms)
    missed = max(0, every - _weight(come_ms, now_ms, patience_ms))
    return (WHOLE * missed + every // 2) // every if every else 0


def late_permille(
    late_ms: I64, written_ms: I64, times: float, now_ms: int, patience_ms: Sequence[int]
) -> int:
    """The same share as `missed_permille`, if the late messages are known. In all, `times` as many
    messages were written as `written_ms` lists.
    """
    every = round(times * _weight(written_ms, now_ms, patience_ms))
    return min(WHOLE * _weight(late_ms, now_ms, patience_ms) // every, WHOLE) if every else 0


def _weight(written_ms: I64, now_ms: int, patience_ms: Sequence[int]) -> int:
    """The sum over the messages of the share of people who miss each of them, in permille."""
    marks, cells = list(patience_ms), len(patience_ms) - 1
    ages_ms = now_ms - written_ms[written_ms >= now_ms - marks[-1]][::-1]
    if (ages_ms[1:] < ages_ms[:-1]).any():  # not in the order in which they were written
        ages_ms.sort()
    first: list[int] = ages_ms.searchsorted(marks).tolist()
    sums = [
        _missing(ages_ms[first[cell] : first[cell + 1]], cell, cells, marks[cell], marks[cell + 1])
        for cell in range(cells)
    ]
    return sum(sums) + WHOLE * (len(ages_ms) - first[-1])


def _missing(ages_ms: I64, cell: int, cells: int, from_ms: int, to_ms: int) -> int:
    """The sum for ages in one cell of the quantiles, between which the share grows evenly."""
    width_ms = max(to_ms - from_ms, 1)
    shares = WHOLE * (ages_ms + (cell * width_ms - from_ms)) + cells * width_ms // 2
    return int((shares // (cells * width_ms)).sum())


def one_of(permille: int, expected: int) -> int:
    """The chance that people who expect `expected` messages miss at least one, in permille."""
    none = (WHOLE - permille) ** expected // WHOLE ** (expected - 1) if expected else WHOLE
    return WHOLE - none
