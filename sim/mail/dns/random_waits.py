"""Waiting times for random queries and stale caches, drawn with keyed bits, in integers.

Transcendental floating-point functions are avoided, so draws are the same on every processor.
"""

import numpy as np

from sim.kernel.draws import I64, U64, mix, pick, within
from sim.mail.dns.uptake import Population

_SCALE = 40
_STEPS = 128


def _minus_log(part: int, whole: int) -> int:
    """−ln(1 − part/whole) times 2^40, by 2 artanh(z) = 2 Σ z^(2m+1) / (2m+1) in integers."""
    above, below = part, 2 * whole - part
    term, total = (above << 2 * _SCALE) // below, 0
    for m in range(40):
        total += 2 * term // (2 * m + 1)
        term = term * above * above // (below * below)
    return total >> _SCALE


_HALF_LIFE = np.array([_minus_log(i, 2 * _STEPS) for i in range(_STEPS + 1)], dtype=np.int64) >> 16
_LOG_2 = _minus_log(1, 2) >> 16
"""Quantiles of the remaining fraction of a half-life, times 2^24: a random exponential time is a whole
number of half-lives plus such a fraction.
"""


def exponential(bits: U64, mean_ms: int) -> I64:
    """Exponential waiting times with mean `mean_ms` (below 2^34) from random bits, to 2^-16 of it."""
    halves = np.zeros(bits.shape, dtype=np.int64)
    rest = bits.copy()
    for width in (32, 16, 8, 4, 2, 1):
        empty = rest >> np.uint64(64 - width) == 0
        rest = np.where(empty, rest << np.uint64(width), rest)
        halves += np.where(empty, width, 0)
    position = ((rest << np.uint64(1)) >> np.uint64(32)) * np.uint64(_STEPS)
    index = (position >> np.uint64(32)).astype(np.int64)
    part = ((position & np.uint64(0xFFFF_FFFF)) >> np.uint64(12)).astype(np.int64)
    low = _HALF_LIFE[index]
    within_half = low + ((_HALF_LIFE[index + 1] - low) * part >> 20)
    units = halves * _LOG_2 + within_half
    return (units >> 12) * mean_ms >> 12


def stale_ms(population: Population, gap_ms: int, seed: int, count: int) -> I64:
    """How long each of `count` caches keeps the old answer after a change at 0; 0 if it did not hold one.

    `gap_ms`: mean time between random queries, 0 for a name that is queried all the time. The result is the
    quantity of `uptake.share_unmoved`, drawn instead of computed. Shape (count,).
    """
    caches = np.arange(count, dtype=np.int64)
    part = pick(mix(seed, "dns.part", caches), [p.ppm for p in population])
    renewed = np.array([p.life.renewed_ms for p in population], dtype=np.int64)[part]
    usable = np.array([p.life.usable_ms for p in population], dtype=np.int64)[part]
    hidden = np.array([p.life.hidden_ms for p in population], dtype=np.int64)[part]
    if gap_ms:
        renewed = np.where(hidden > 0, usable, renewed)
        hidden = np.zeros_like(hidden)
    moment = within(mix(seed, "dns.moment", caches), renewed + gap_ms)
    wait = exponential(mix(seed, "dns.wait", caches), gap_ms) if gap_ms else np.zeros_like(moment)
    left = np.where(moment < renewed, renewed - moment + hidden, 0) + wait
    if gap_ms:
        since = exponential(mix(seed, "dns.since", caches), gap_ms)
        left = np.where((moment >= renewed) & (since >= usable - renewed), 0, left)
    return np.where(usable > 0, left, 0)
