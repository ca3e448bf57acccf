"""Quantiles of times by order statistics, with distribution-free intervals. Pure.

A moment that was never reached counts as later than any other: it is infinite, not missing. A moment that a
run ended too early to show counts as later than those that were reached, and as earlier than never.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sim.study.statistics.binomial import at_most

NEVER = float("inf")
UNKNOWN = sys.float_info.max
"""The time of a moment that a run ended too early to show. It may have come later, or never."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile of a sample, with its interval; NEVER if the moment was not reached within the runs, UNKNOWN
    if the quantile is among runs that ended too early to show it.
    """

    value: float
    low: float | None
    """The lower limit; None if the sample is too small for one."""
    high: float | None
    """The upper limit; None if the sample is too small for one."""


def quantile(
    ordered: Sequence[float], share: float, error: float, earliest: Sequence[float] | None = None
) -> Quantile:
    """The nearest-rank quantile of `ordered` (ascending), and its interval with at most `error`.

    `earliest`: the sample (ascending) with the earliest possible time in place of each UNKNOWN. The lower
    limit is taken from it, because a run that ended too early may have been the earliest of all.

    The q quantile of any distribution lies below the r-th smallest of n values with probability P(Binomial(n,
    q) <= r - 1).
    """
    n = len(ordered)
    if n == 0:
        return Quantile(NEVER, None, None)
    rank = min(max(-(-n * round(share * 1000) // 1000), 1), n)
    low = 0  # the largest rank whose probability of lying above the quantile is small enough
    while low < n and at_most(low, n, share) <= error / 2:
        low += 1
    high = rank
    while high <= n and 1 - at_most(high - 1, n, share) > error / 2:
        high += 1
    return Quantile(
        ordered[rank - 1],
        (ordered if earliest is None else earliest)[low - 1] if low else None,
        ordered[high - 1] if high <= n else None,
    )


def share_below(ordered: Sequence[float], limit: float) -> float:
    """Share of the sample at or below `limit`."""
    return sum(one <= limit for one in ordered) / len(ordered) if ordered else 0.0
