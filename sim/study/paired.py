"""Compares two versions of a plan on the same seeds: which is better, by how much, and how certain this
is. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.study.promises import PromiseResult
from sim.study.statistics.binomial import interval, sign_test


@dataclass(frozen=True, slots=True)
class Paired:
    """A promise before and after a change, in the same runs."""

    runs: int
    before: float
    after: float
    better: int
    """Number of runs in which the promise is kept only after the change."""
    worse: int
    low: float
    high: float
    """`low` and `high`: the interval of the difference between the two probabilities."""
    p: float
    """Probability of such a result if the change made no difference (exact two-sided sign test)."""
    unknown: int = 0
    """Number of runs that ended too early to tell, before or after the change. They are neither `better`
    nor `worse`, and `before` and `after` count them as not kept, but the interval and `p` allow for either
    result.
    """

    @property
    def difference(self) -> float:
        return self.after - self.before

    @property
    def moved(self) -> bool:
        """True if any run's result is known to differ, or is known in one version only."""
        return bool(self.better or self.worse or self.before != self.after)


def paired(before: Sequence[PromiseResult], after: Sequence[PromiseResult], error: float = 0.05) -> Paired:
    """Compare the runs to which the promise applies in both versions."""
    both = [(a, b) for a, b in zip(before, after, strict=True) if a.applies and b.applies]
    n = len(both)
    better, most_better = _gained(both)
    worse, most_worse = _gained([(b, a) for a, b in both])
    gain_low, gain_high = interval(better, n, error / 2)[0], interval(most_better, n, error / 2)[1]
    loss_low, loss_high = interval(worse, n, error / 2)[0], interval(most_worse, n, error / 2)[1]
    return Paired(
        n,
        sum(a.kept for a, _ in both) / n if n else 0.0,
        sum(b.kept for _, b in both) / n if n else 0.0,
        better,
        worse,
        gain_low - loss_high,
        gain_high - loss_low,
        _largest_p((better, most_better), (worse, most_worse)),
        sum(a.unknown or b.unknown for a, b in both),
    )


def _gained(both: Sequence[tuple[PromiseResult, PromiseResult]]) -> tuple[int, int]:
    """Number of pairs in which only the second result is kept: those that are certain, and with those that
    ended too early to tell.
    """
    open_ones = [(a, b) for a, b in both if not a.kept and (b.kept or b.unknown)]
    return sum(b.kept and not a.unknown for a, b in open_ones), len(open_ones)


def _largest_p(better: tuple[int, int], worse: tuple[int, int]) -> float:
    """The largest p-value of the sign test for any numbers within these ranges: the p-value of those that
    differ least.
    """
    if better[0] > worse[1]:
        return sign_test(better[0], worse[1])
    return sign_test(better[1], worse[0]) if worse[0] > better[1] else 1.0
