"""Exact binomial intervals and the sign test, against closed forms."""

from math import comb

import pytest

from sim.study.statistics.binomial import at_most, interval, sign_test


def test_with_no_or_every_success_the_limits_are_roots() -> None:
    assert interval(0, 50, 0.05)[1] == pytest.approx(1 - 0.025 ** (1 / 50), abs=1e-9)
    assert interval(50, 50, 0.05) == pytest.approx((0.025 ** (1 / 50), 1.0), abs=1e-9)
    assert interval(0, 0, 0.05) == (0.0, 1.0)


def test_published_limits_are_reproduced() -> None:
    """Clopper and Pearson (1934): 8 of 20 and 95 %: 0.191 to 0.639."""
    assert interval(8, 20, 0.05) == pytest.approx((0.1912, 0.6395), abs=1e-4)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("runs", [7, 50])
def test_the_interval_covers_at_least_as_often_as_it_says(share: float, runs: int) -> None:
    covering = sum(
        comb(runs, k) * share**k * (1 - share) ** (runs - k)
        for k in range(runs + 1)
        if interval(k, runs, 0.05)[0] <= share <= interval(k, runs, 0.05)[1]
    )
    assert covering >= 0.95


def test_the_distribution_is_a_plain_sum() -> None:
    plain = sum(comb(30, k) * 0.2**k * 0.8 ** (30 - k) for k in range(9))
    assert at_most(8, 30, 0.2) == pytest.approx(plain, abs=1e-12)
    assert (at_most(-1, 30, 0.2), at_most(30, 30, 0.2)) == (0.0, 1.0)


def test_the_sign_test_is_that_of_a_fair_coin() -> None:
    assert sign_test(9, 1) == pytest.approx(2 * 11 / 1024)
    assert sign_test(0, 0) == sign_test(3, 3) == 1.0
