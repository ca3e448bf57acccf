"""Times for which people wait: keyed draws from quantile tables in minutes. Pure."""

from collections.abc import Sequence

from sim.kernel.draws import mix, mix_one, quantile
from sim.kernel.duration import MINUTE_MS


def wait_ms(seed: int, purpose: str, key: int, minutes: Sequence[int]) -> int:
    """One waiting time in ms; `minutes` are equally spaced quantiles, from 0 % to 100 %."""
    return int(quantile(mix(seed, purpose, key), [minute * MINUTE_MS for minute in minutes])[0])


def cause_key(cause: str, number: int = 0) -> int:
    """Key of the draws that follow from `cause`, such as a call of executives; `number`: its time in ms, or
    another number that identifies it. The key is the same in every run, because each drill has its own seed.
    """
    return mix_one(0, cause, number) >> 33


def happens(seed: int, purpose: str, key: int, percent: int) -> bool:
    """True in `percent` of 100 cases, by a keyed draw."""
    return mix_one(seed, purpose, key) % 100 < percent
