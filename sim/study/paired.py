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

    @property
    def difference(self) -> float:
        return self.after - self.before


def paired(before: Sequence[PromiseResult], after: Sequence[PromiseResult], error: float = 0.05) -> Paired:
    """Compare the runs to which the promise applies in both versions."""
    both = [(a.kept, b.kept) for a, b in zip(before, after, strict=True) if a.applies and b.applies]
    n = len(both)
    better = sum(b and not a for a, b in both)
    worse = sum(a and not b for a, b in both)
    gain, loss = interval(better, n, error / 2), interval(worse, n, error / 2)
    return Paired(
        n,
        sum(a for a, _ in both) / n if n else 0.0,
        sum(b for _, b in both) / n if n else 0.0,
        better,
        worse,
        gain[0] - loss[1],
        gain[1] - loss[0],
        sign_test(better, worse),
    )
