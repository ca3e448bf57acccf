"""Keyed draws: chance as a pure function of (seed, purpose, keys), never a sequence.

A draw does not depend on the number of earlier draws, on the steps in which time advances, or on the
processor: it uses 64-bit integer arithmetic (the splitmix64 finaliser, Steele, Lea and Flood, OOPSLA 2014),
and integer tables for every distribution but one. The same functions work for arrays and for single keys.
"""

import hashlib
from functools import lru_cache
from math import isqrt

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_BY_27, _BY_30, _BY_31, _BY_32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
_STEP_ONE, _FIRST_ONE, _SECOND_ONE = int(_STEP), int(_FIRST), int(_SECOND)
_MASK = 0xFFFF_FFFF_FFFF_FFFF


@lru_cache(maxsize=4096)
def _begun(seed: int, purpose: str) -> int:
    """The start value of `mix`."""
    return _stirred(seed & _MASK, int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little"))


def _stirred(bits: int, key: int) -> int:
    """`further` for one draw with one more key, as a Python integer."""
    bits = ((bits ^ key) + _STEP_ONE) & _MASK
    bits = ((bits ^ (bits >> 30)) * _FIRST_ONE) & _MASK
    bits = ((bits ^ (bits >> 27)) * _SECOND_ONE) & _MASK
    return bits ^ (bits >> 31)


def _stir(x: U64) -> U64:
    """Apply the finaliser in place."""
    x ^= x >> _BY_30
    x *= _FIRST
    x ^= x >> _BY_27
    x *= _SECOND
    x ^= x >> _BY_31
    return x


def mix(seed: int, purpose: str, *keys: int | I64) -> U64:
    """64 uniform random bits for each element of the broadcast `keys` (shape of the broadcast).

    `purpose` names the use of the draw; two purposes never share bits. Keys are taken modulo 2^64, so
    negative identities are fine.
    """
    bits = _begun(seed, purpose)
    for place, key in enumerate(keys):
        if not isinstance(key, int):
            return further(np.array([bits], dtype=np.uint64), *keys[place:])
        # plain integers cost less than arrays, so they are used up to the first array
        bits = _stirred(bits, key & _MASK)
    return np.array([bits], dtype=np.uint64)


def further(bits: U64, *keys: int | I64) -> U64:
    """Draws with more keys: `further(mix(seed, purpose, a), b)` is `mix(seed, purpose, a, b)`."""
    for key in keys:
        bits = bits ^ _bits_of(key)
        bits += _STEP
        _stir(bits)
    return bits


def _bits_of(key: int | I64) -> U64 | np.uint64:
    """A key as 64 bits, without a copy where its type allows."""
    if isinstance(key, int):
        return np.uint64(key & _MASK)
    return key.view(np.uint64) if key.dtype == np.int64 else key.astype(np.int64).view(np.uint64)


def mix_one(seed: int, purpose: str, *keys: int) -> int:
    """`mix` for one set of keys, as a Python integer: plain integers cost less than an array of one."""
    bits = _begun(seed, purpose)
    for key in keys:
        bits = _stirred(bits, int(key) & _MASK)
    return bits


def below(bits: U64, bound: int | I64) -> I64:
    """Integers uniform in [0, bound) from random bits, with one bound for all or one for each; 1 <= bound <=
    2^31.

    Bias below 2^-32.
    """
    scaled = bits >> _BY_32
    scaled *= np.uint64(bound) if isinstance(bound, int) else np.asarray(bound, dtype=np.uint64)
    scaled >>= _BY_32
    return scaled.view(np.int64)


def below_one(bits: int, bound: int) -> int:
    """`below` for one draw, as a Python integer."""
    return ((bits >> 32) * bound) >> 32


def within(bits: U64, span_ms: I64 | int) -> I64:
    """Integers uniform in [0, span_ms), one per element; spans up to 2^40 ms (34 years)."""
    span = np.asarray(span_ms).astype(np.uint64)
    low = bits >> np.uint64(16)
    low &= np.uint64(0xFFFFFF)
    low = low * span
    low >>= np.uint64(24)
    low += (bits >> np.uint64(40)) * span
    low >>= np.uint64(24)
    return low.view(np.int64)


def within_one(bits: int, span_ms: int) -> int:
    """`within` for one draw, as a Python integer."""
    high, low = (bits >> 40) * span_ms, ((bits >> 16) & 0xFFFFFF) * span_ms
    return (high + (low >> 24)) >> 24


def pick(bits: U64, weights: list[int] | I64) -> I64:
    """Indices drawn with integer `weights` (sum below 2^31)."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.int64))
    return cumulative.searchsorted(below(bits, int(cumulative[-1])), side="right").astype(np.int64)


def quantile(bits: U64, table: list[int] | I64) -> I64:
    """Draws from a distribution given by equally spaced quantiles, 0 % first and 100 % last.

    Between two table entries the value is interpolated in integers; entries may differ by less
    than 2^40. Monotonic in `bits`.
    """
    points = np.asarray(table, dtype=np.int64)
    position = (bits >> np.uint64(32)) * np.uint64(len(points) - 1)
    index = (position >> np.uint64(32)).astype(np.int64)
    fraction = ((position >> np.uint64(12)) & np.uint64(0xFFFFF)).astype(np.int64)
    return points[index] + ((points[index + 1] - points[index]) * fraction >> 20)


def poisson(bits: int, mean_micro: int) -> int:
    """A Poisson count with mean `mean_micro` / 10^6 from 64 random bits, by inversion."""
    one = np.array([bits], dtype=np.uint64), np.array([mean_micro], dtype=np.int64)
    return int(poisson_counts(*one)[0])


def poisson_counts(bits: U64, means_micro: I64) -> I64:
    """Poisson counts, each with its own mean / 10^6 and independent of the others; 0 for means <= 0.

    Weights start from the mode at 1 and follow p(k+1) = p(k) mean / (k+1) both ways, some ten standard
    deviations far. Only single multiplications, divisions and running sums of doubles are used, which IEEE
    754 rounds alike everywhere; no exponential is computed. Outside its own range a row has zeros, which do
    not change products and sums.
    """
    some = np.maximum(means_micro, 1)
    mode = some // 1_000_000
    reach = np.array([10 * isqrt(one) + 40 for one in mode.tolist()], dtype=np.int64)[:, None]
    step = np.arange(1, int(np.max(reach, initial=1)) + 1, dtype=np.int64)
    modes, mean = mode[:, None], (some / 1_000_000)[:, None]
    up = np.where(step <= reach, mean / (modes + step), 0)
    down = np.where(step <= np.minimum(reach, modes), (modes + 1 - step) / mean, 0)
    weights = np.empty((len(mode), 2 * len(step) + 1))
    np.cumprod(up, axis=1, out=weights[:, len(step) + 1 :])
    np.cumprod(down, axis=1, out=weights[:, len(step) - 1 :: -1])
    weights[:, len(step)] = 1
    np.cumsum(weights, axis=1, out=weights)
    target = (bits >> np.uint64(11)) / (1 << 53) * weights[:, -1]
    under = (weights <= target[:, None]).sum(axis=1)
    return np.where(means_micro > 0, under - len(step) + mode, 0)
