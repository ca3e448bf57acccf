"""The spread of a count over other runs: its average there, estimated from this run, and chance in both."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor, isqrt

from sim.kernel.frozen import frozen

DEVIATIONS = 4
"""Number of standard deviations between this run's estimate and another run's count that a band covers."""


@frozen
class AverageCount:
    """The average count of other runs, as estimated from this run, and the variance of this estimate.

    Messages and calls are counted as in a Poisson process: the variance of a count is the count itself, and a
    multiple of a count has a variance that is larger by the square of the factor.
    """

    count: Fraction
    variance: Fraction

    def times(self, factor: Fraction) -> "AverageCount":
        """The average count if this number is `factor` times as large."""
        return AverageCount(self.count * factor, self.variance * factor * factor)

    def plus(self, other: "AverageCount") -> "AverageCount":
        """The average of both counts together; neither depends on the other."""
        return AverageCount(self.count + other.count, self.variance + other.variance)

    @property
    def lowest(self) -> int:
        """The lowest count of another run, chance included."""
        return max(0, floor(self.count) - self._chance())

    @property
    def highest(self) -> int:
        """The highest count of another run, chance included."""
        return ceil(self.count) + self._chance()

    def _chance(self) -> int:
        """The other run's count has a variance of its own: its average."""
        return isqrt(ceil(DEVIATIONS * DEVIATIONS * (self.variance + self.count)))


def counted(count: int) -> AverageCount:
    """The estimate from a count of this run, under the same assumptions."""
    return AverageCount(Fraction(count), Fraction(count))


def weighted(counts: Mapping[str, int], own: Mapping[str, int], other: Mapping[str, int]) -> AverageCount:
    """The estimate from counts of this run by platform, whose shares are `own`, for another mix of senders.

    Every platform of `other` has to send in this run. If other platforms have a count, a platform without one
    may have it by chance; its variance is that of a single message.
    """
    least = min(1, sum(counts.values()))
    found = counted(0)
    for name in filter(other.get, other):
        here = counts.get(name, 0)
        one = AverageCount(Fraction(here), Fraction(max(here, least)))
        found = found.plus(one.times(Fraction(other[name], own[name])))
    return found
