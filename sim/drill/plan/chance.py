"""A plan's random draws, keyed by the run's seed, the step and the purpose, so that an additional step does
not change any other draw.

With `together`, people's durations have a rank correlation: a normal copula in integers, whose common part is
drawn once per run.
"""

from bisect import bisect_left
from functools import lru_cache
from math import pi, sin, sqrt
from statistics import NormalDist

from sim.drill.plan.spread import Spread
from sim.kernel.draws import mix_one
from sim.kernel.frozen import frozen

PESSIMISTIC = (9 << 64) // 10
"""Bits that give the 90 % quantile of a draw."""
_CELLS = 1 << 13
_ONE = 1 << 20
"""One standard deviation, in the same unit as the draws."""


@frozen
class Chance:
    """The random draws of one run. `together_permille`: rank correlation of people's durations."""

    seed: int
    together_permille: int = 0
    planned: frozenset[str] = frozenset()
    """Names of draws that use the planned time in this run, for the question "what if these durations were
    as planned?".
    """
    pessimistic: frozenset[str] = frozenset()
    """Names of draws that take the value that is exceeded one time in ten."""

    def duration(self, key: str, purpose: str, spread: Spread, number: int = 0, person: str = "") -> int:
        """A duration of people's work, in ms. `number`: the number of the repetition, from 0; `person`: the
        person with whose own spread it is drawn, or empty for a spread of the plan.
        """
        name = f"{key}.{purpose}"
        if not spread.drawn or name in self.planned:
            return spread.planned_ms
        if name in self.pessimistic:
            return max(spread.at(PESSIMISTIC), spread.planned_ms)
        bits = self._bits(key, f"{purpose} of {person}" if person else purpose, number)
        return spread.at(together(self._bits("", "one bad day", 0), bits, self.together_permille))

    def happens(self, key: str, purpose: str, permyriad: int, number: int = 0) -> bool:
        """True in `permyriad` of 10,000 cases."""
        return permyriad > 0 and (self._bits(key, purpose, number) >> 32) * 10_000 >> 32 < permyriad

    def bits(self, purpose: str) -> int:
        """64 random bits for a purpose outside any step."""
        return self._bits("", purpose, 0)

    def _bits(self, key: str, purpose: str, number: int) -> int:
        return mix_one(self.seed, f"plan: {key}: {purpose}", number)


def command_key(step: str, attempt: int, check: int = 0) -> int:
    """Key of the draws of a step's command, such as its time on hold: the command of that attempt, from 1, or
    the number of its check that verifies the step, from 1. The key is the same in every run, because each
    drill has its own seed.
    """
    purpose = f"plan: {step}: check {check}" if check else f"plan: {step}"
    return mix_one(0, purpose, attempt) >> 33


def together(common: int, own: int, permille: int) -> int:
    """64 uniform random bits, whose rank correlation with others that share `common` is `permille`."""
    if not permille:
        return own
    shared, rest = _weights(permille)
    z = (shared * _normal(common) + rest * _normal(own)) // _ONE
    table = _table()
    index = bisect_left(table, z)
    if index == 0:
        return 0
    if index == len(table):
        return (1 << 64) - 1
    low, high = table[index - 1], table[index]
    return min((((index - 1) << 32) + ((z - low << 32) // (high - low))) * (1 << 32) // _CELLS, (1 << 64) - 1)


def _normal(bits: int) -> int:
    """The normal deviate of 64 uniform bits, in units of 2^-20."""
    table, position = _table(), (bits >> 32) * _CELLS
    index, fraction = position >> 32, (position >> 12) & 0xFFFFF
    return table[index] + ((table[index + 1] - table[index]) * fraction >> 20)


@lru_cache(maxsize=1)
def _table() -> tuple[int, ...]:
    normal, outer = NormalDist(), 1 / (8 * _CELLS)
    shares = [min(max(n / _CELLS, outer), 1 - outer) for n in range(_CELLS + 1)]
    return tuple(round(normal.inv_cdf(share) * _ONE) for share in shares)


@lru_cache(maxsize=64)
def _weights(permille: int) -> tuple[int, int]:
    """Weights of the common part and of each draw's own part: a rank correlation of r needs 2 sin(pi r /
    6).
    """
    linear = 2 * sin(pi * permille / 6000)
    return round(sqrt(linear) * _ONE), round(sqrt(1 - linear) * _ONE)
