"""Quantiles by order statistics: nearest rank, distribution-free, and infinite where nothing came."""

import numpy as np
import pytest

from sim.study.statistics.order_statistics import NEVER, quantile, share_below


def test_the_nearest_rank_is_taken() -> None:
    sample = [float(n) for n in range(1, 101)]
    assert [quantile(sample, q, 0.05).value for q in (0.1, 0.5, 0.9, 0.95)] == [10, 50, 90, 95]
    assert share_below(sample, 37) == 0.37


def test_what_never_came_is_later_than_everything() -> None:
    sample = [1.0] * 80 + [NEVER] * 20
    assert quantile(sample, 0.5, 0.05).value == 1.0
    assert quantile(sample, 0.9, 0.05).value == NEVER
    assert quantile([], 0.5, 0.05).value == NEVER


def test_a_small_sample_has_no_upper_limit() -> None:
    found = quantile([1.0, 2.0, 3.0], 0.9, 0.05)
    assert found.high is None
    assert quantile([1.0, 2.0, 3.0], 0.1, 0.05).low is None
    assert quantile([1.0] * 50 + [NEVER] * 50, 0.5, 0.05).high == NEVER, "known, and it is never"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_over_many_studies_the_interval_covers_as_often_as_it_says(share: float) -> None:
    draws = np.sort(np.random.default_rng(5).random((600, 60)), axis=1)
    covering = sum(
        found.low <= share <= found.high for found in (quantile(row.tolist(), share, 0.05) for row in draws)
    )
    assert covering / 600 >= 0.95 - 0.02
