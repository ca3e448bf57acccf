"""Exact binomial intervals and the sign test, by bisection, without approximation. Pure."""

from functools import lru_cache
from math import exp, lgamma, log, log1p

_STEPS = 50
"""Number of times that [0, 1] is halved; this is beyond the precision of a double."""


@lru_cache(maxsize=65536)
def interval(successes: int, runs: int, error: float) -> tuple[float, float]:
    """The Clopper-Pearson interval of a share, with an error of at most `error` (half of it at each end)."""
    if runs == 0:
        return 0.0, 1.0
    low = 0.0 if successes == 0 else _root(successes - 1, runs, 1 - error / 2)
    high = 1.0 if successes == runs else _root(successes, runs, error / 2)
    return low, high


def at_most(count: int, runs: int, share: float) -> float:
    """P(X <= count) of a binomial X."""
    if count < 0:
        return 0.0
    if count >= runs:
        return 1.0
    if share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    if 2 * count > runs:
        return 1.0 - sum(_mass(one, runs, share) for one in range(count + 1, runs + 1))
    return sum(_mass(one, runs, share) for one in range(count + 1))


def sign_test(better: int, worse: int) -> float:
    """Two-sided p-value for the hypothesis that `better` and `worse` pairs come from a fair coin; ties are
    left out.
    """
    pairs = better + worse
    if pairs == 0:
        return 1.0
    return min(1.0, 2 * at_most(min(better, worse), pairs, 0.5))


def _root(count: int, runs: int, wanted: float) -> float:
    """The share at which P(X <= count) is `wanted`; the probability falls as the share grows."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if at_most(count, runs, middle) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _mass(count: int, runs: int, share: float) -> float:
    return exp(_choose(count, runs) + count * log(share) + (runs - count) * log1p(-share))


@lru_cache(maxsize=65536)
def _choose(count: int, runs: int) -> float:
    return lgamma(runs + 1) - lgamma(count + 1) - lgamma(runs - count + 1)
