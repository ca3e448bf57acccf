"""Checks after growing numbers of runs: each may give the verdict, and false verdicts do not become more
likely. Pure.

Checking one interval again and again would mislead: close to the limit, in a third of studies, the truth is
outside a 95 % interval at one of many checks. Therefore the error is divided: with K checks, each interval
may err in at most 1/K of the 5 %, and all intervals together hold in at least 95 of 100 studies.
"""

from dataclasses import dataclass
from math import ceil, log
from typing import Literal

from sim.study.statistics.binomial import interval

ERROR = 0.05
FIRST = 50
Verdict = Literal["holds", "fails", "undecided"]


@dataclass(frozen=True, slots=True)
class RunsLook:
    """The state of one promise after a number of runs."""

    runs: int
    """Number of runs to which the promise applies."""
    kept: int
    """Number of runs in which the promise was kept."""
    low: float
    high: float
    """`low` and `high`: the interval of the probability, at the confidence level of a single check."""
    verdict: Verdict
    unknown: int = 0
    """Number of runs that ended too early to show whether the promise is kept. They are not in `kept`, but
    `high` allows for the case that all of them keep it.
    """

    @property
    def probability(self) -> float:
        """Share of runs in which the promise was kept; 0 without any run."""
        return self.kept / self.runs if self.runs else 0.0


def sizes(runs: int, first: int = FIRST) -> tuple[int, ...]:
    """Numbers of runs at which to check: doubling from `first` to `runs`."""
    found = []
    size = min(first, runs)
    while size < runs:
        found.append(size)
        size *= 2
    return (*found, runs)


def look(kept: int, runs: int, sure: float, looks: int, error: float = ERROR, unknown: int = 0) -> RunsLook:
    """The check of a promise kept in `kept` of `runs` runs, one of `looks` checks; `sure`: the required
    probability; `unknown`: number of other runs that may have kept it.
    """
    low, high = interval(kept, runs, error / looks)[0], interval(kept + unknown, runs, error / looks)[1]
    if not runs:
        return RunsLook(0, 0, 0.0, 1.0, "undecided")
    verdict: Verdict = "holds" if low >= sure else "fails" if high < sure else "undecided"
    return RunsLook(runs, kept, low, high, verdict, unknown)


def fewest(sure: float, error: float) -> int | None:
    """The smallest number of runs that can show `holds` at one check with that error, if all of them keep the
    promise.

    The lower bound for n of n is the n-th root of half the error. None: no number shows 100 %.
    """
    if sure >= 1:
        return None
    return max(1, ceil(log(error / 2) / log(sure))) if sure > 0 else 1
