"""Draws against independent definitions: pure-Python arithmetic, exact probabilities, fixed seeds."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest

from sim.kernel import draws

MASK = 2**64 - 1
SEED = 20_260_302


def stir_by_hand(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def mix_by_hand(seed: int, purpose: str, *keys: int) -> int:
    purpose_key = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little")
    state = stir_by_hand((((seed ^ purpose_key) & MASK) + 0x9E3779B97F4A7C15) & MASK)
    for key in keys:
        state = stir_by_hand(((state ^ (key & MASK)) + 0x9E3779B97F4A7C15) & MASK)
    return state


@pytest.mark.parametrize("keys", [(), (0,), (1, 2), (-1,), (2**63 - 1, 7, -(2**63)), (2**64 - 1,)])
def test_mix_is_splitmix64_in_plain_integers(keys: tuple[int, ...]) -> None:
    assert draws.mix_one(SEED, "arrival", *keys) == mix_by_hand(SEED, "arrival", *keys)


def test_splitmix64_gives_its_published_first_value() -> None:
    assert stir_by_hand(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF  # seed 0, as printed by the authors' C code


def test_arrays_single_keys_and_slices_agree() -> None:
    messages = np.arange(-500, 500, dtype=np.int64)
    whole = draws.mix(SEED, "size", messages, 3)
    assert [int(bits) for bits in whole] == [draws.mix_one(SEED, "size", int(key), 3) for key in messages]
    cut = np.concatenate([draws.mix(SEED, "size", part, 3) for part in np.split(messages, [1, 17, 400, 999])])
    assert np.array_equal(whole, cut)
    grid = draws.mix(SEED, "size", messages[:, None], np.arange(4)[None, :])
    assert grid.shape == (1000, 4)
    assert np.array_equal(grid[:, 3], whole)


@pytest.mark.parametrize("bound", [1, 7, 1000, 1 << 31])
def test_one_draw_below_a_bound_is_that_of_an_array(bound: int) -> None:
    bits = draws.mix(SEED, "share", np.arange(200, dtype=np.int64))
    assert [draws.below_one(int(one), bound) for one in bits] == draws.below(bits, bound).tolist()


def test_purpose_seed_and_order_of_keys_matter() -> None:
    bits = {
        draws.mix_one(SEED, "a", 1, 2),
        draws.mix_one(SEED, "a", 2, 1),
        draws.mix_one(SEED, "b", 1, 2),
        draws.mix_one(SEED + 1, "a", 1, 2),
        draws.mix_one(SEED, "a", 1),
    }
    assert len(bits) == 5


def test_neighbouring_keys_share_no_bits() -> None:
    keys = np.arange(20_000, dtype=np.int64)
    flipped = draws.mix(SEED, "x", keys) ^ draws.mix(SEED, "x", keys + 1)
    ones = np.bitwise_count(flipped).astype(np.int64)
    # Binomial(64, 1/2): mean 32, standard deviation 4; five standard errors of the mean.
    assert abs(ones.mean() - 32) < 5 * 4 / len(keys) ** 0.5
    assert abs(ones.var() - 16) < 1


@pytest.mark.parametrize("bound", [1, 2, 7, 1000, 2**31])
def test_below_covers_its_range_evenly(bound: int) -> None:
    bits = draws.mix(SEED, "below", np.arange(100_000, dtype=np.int64))
    values = draws.below(bits, bound)
    assert values.min() >= 0
    assert values.max() < bound
    expected = (bound - 1) / 2
    spread = ((bound**2 - 1) / 12) ** 0.5
    assert abs(values.mean() - expected) <= 5 * spread / len(values) ** 0.5
    every = np.array([0, MASK], dtype=np.uint64)
    assert list(draws.below(every, bound)) == [0, bound - 1]


def test_within_reaches_both_ends_of_each_span() -> None:
    ends = np.array([0, MASK], dtype=np.uint64)
    for span in (1, 2, 300_000, 2**40):
        assert list(draws.within(ends, span)) == [0, span - 1]
    spans = np.array([10, 1000, 2**40], dtype=np.int64)
    bits = draws.mix(SEED, "phase", np.arange(3, dtype=np.int64))
    each = [int(draws.within(bits[i : i + 1], int(spans[i]))[0]) for i in range(3)]
    assert list(draws.within(bits, spans)) == each
    exact = [int(bit) * int(span) >> 64 for bit, span in zip(bits, spans, strict=True)]
    assert all(0 <= one - other <= 1 for one, other in zip(exact, each, strict=True))


def test_pick_follows_its_weights() -> None:
    weights = [0, 40, 0, 35, 25, 0]
    bits = draws.mix(SEED, "platform", np.arange(200_000, dtype=np.int64))
    counts = np.bincount(draws.pick(bits, weights), minlength=6)
    for count, weight in zip(counts, weights, strict=True):
        share = weight / 100
        assert abs(count - share * 200_000) <= 5 * (200_000 * share * (1 - share)) ** 0.5


def test_quantile_is_monotonic_and_follows_its_table() -> None:
    table = [10, 10, 50, 1_000, 2**39]
    bits = np.linspace(0, MASK, 100_001, dtype=np.float64).clip(max=float(2**64 - 2**12)).astype(np.uint64)
    values = draws.quantile(np.sort(bits), table)
    assert np.all(np.diff(values) >= 0)
    assert values[0] == 10
    assert values[-1] <= 2**39
    for index, point in enumerate(table[:-1]):
        exact = np.array([index * 2**62], dtype=np.uint64)
        assert draws.quantile(exact, table)[0] == point
    halfway = np.array([3 * 2**61], dtype=np.uint64)
    assert draws.quantile(halfway, table)[0] == 30


def exact_cdf(mean: Fraction, most: int) -> list[Fraction]:
    """P(X <= k) of a Poisson count, k = 0 … most, from its own weights; the tail beyond is nothing."""
    weight, weights = Fraction(1), []
    for k in range(most + 1):
        weights.append(weight)
        weight = weight * mean / (k + 1)
    total = sum(weights)
    running, cdf = Fraction(0), []
    for one in weights:
        running += one
        cdf.append(running / total)
    return cdf


@pytest.mark.parametrize("mean_micro", [1_000, 700_000, 1_000_000, 3_250_000, 40_000_000])
def test_poisson_inverts_the_exact_distribution(mean_micro: int) -> None:
    most = 20 + 3 * (mean_micro // 1_000_000)
    cdf = exact_cdf(Fraction(mean_micro, 1_000_000), most)
    edge = 2**40  # far more than rounding, far less than any probability that is looked at
    for k, share in enumerate(cdf[:-1]):
        border = int(share * 2**64)
        if edge <= border < MASK - edge and (k == 0 or cdf[k] - cdf[k - 1] > Fraction(1, 2**20)):
            assert draws.poisson(border - edge, mean_micro) == k
        if border + edge < MASK and cdf[k + 1] - cdf[k] > Fraction(1, 2**20):
            assert draws.poisson(border + edge, mean_micro) == k + 1


@pytest.mark.parametrize("mean", [0.5, 80.0, 4_800.0])
def test_poisson_draws_have_their_mean_and_variance(mean: float) -> None:
    count = 4_000
    bits = draws.mix(SEED, "count", np.arange(count, dtype=np.int64))
    values = np.array([draws.poisson(int(one), int(mean * 1_000_000)) for one in bits])
    assert abs(values.mean() - mean) < 5 * (mean / count) ** 0.5
    # Variance of the sample variance of a Poisson count: (mean + 2 mean^2) / n, nearly.
    assert abs(values.var() - mean) < 5 * ((mean + 2 * mean**2) / count) ** 0.5


def test_no_mail_where_the_mean_is_nothing() -> None:
    assert draws.poisson(MASK, 0) == 0
    assert draws.poisson(MASK, -5) == 0
    assert draws.poisson(0, 1) == 0


def test_one_draw_within_a_span_is_that_of_an_array() -> None:
    bits = draws.mix(SEED, "one", np.arange(200, dtype=np.int64))
    for span_ms in (1, 2, 1000, 86_400_000, 2**40 - 1):
        expected = draws.within(bits, span_ms).tolist()
        assert [draws.within_one(int(one), span_ms) for one in bits] == expected
