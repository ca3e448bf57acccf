"""Shares of the variance: in proportion to the variances of a sum, and nothing that is noise."""

import numpy as np
import pytest

from sim.study.statistics.drivers import drivers, explained
from sim.study.statistics.order_statistics import NEVER

RNG = np.random.default_rng(2)


def rows(**columns: np.ndarray) -> list[dict[str, int]]:
    return [dict(zip(columns, map(int, row), strict=True)) for row in zip(*columns.values(), strict=True)]


def test_a_sum_is_shared_out_by_the_variances_of_its_parts() -> None:
    a, b, noise = (RNG.uniform(0, width, 2_000) * 1_000 for width in (20, 10, 10))
    found = drivers((a + b).tolist(), rows(a=a, b=b, noise=noise))
    assert [one.name for one in found] == ["a", "b"]
    assert [one.share for one in found] == pytest.approx([0.8, 0.2], abs=0.04)
    assert {one.sign for one in found} == {1}


def test_pure_noise_drives_nothing() -> None:
    y = RNG.uniform(0, 10, 400).tolist()
    columns = {f"x{n}": RNG.uniform(0, 1e6, 400) for n in range(100)}
    assert len(drivers(y, rows(**columns))) <= 2


def test_moments_that_never_came_are_later_than_all() -> None:
    a = RNG.uniform(0, 10_000, 500)
    values = [NEVER if one > 8_000 else float(one) for one in a]
    (found,) = drivers(values, rows(a=a))
    assert found.share > 0.9
    assert found.sign == 1


def test_runs_that_lack_a_duration_say_nothing_about_it() -> None:
    a = RNG.uniform(0, 10_000, 400)
    late = [NEVER] * 200
    table = [*rows(a=a), *({} for _ in late)]
    few = drivers([*a.tolist(), *late], table)
    assert few[0].share < 0.5, "half of the variance is between those with and those without"


def test_too_few_runs_and_equal_values_have_no_driver() -> None:
    assert drivers([1.0] * 10, [{"a": n} for n in range(10)]) == []
    assert drivers([1.0] * 100, [{"a": n} for n in range(100)]) == []


def test_a_rare_delay_that_most_runs_do_without_is_a_driver() -> None:
    rare = np.where(RNG.random(400) < 0.05, 900_000, 0)
    usual = RNG.uniform(0, 300_000, 400)
    found = drivers((rare + usual).tolist(), rows(rare=rare, usual=usual))
    assert {one.name for one in found} == {"rare", "usual"}
    assert found[0].name == "rare"


def test_correlated_durations_explain_no_more_together_than_there_is() -> None:
    step, noise = RNG.uniform(0, 20_000, 600), RNG.uniform(0, 12_000, 600)
    wait = step + RNG.uniform(0, 3_000, 600)
    table, values = rows(step=step, wait=wait), (step + noise).tolist()
    alone = {one.name: one.share for one in drivers(values, table)}
    assert sum(alone.values()) > 1.3, "each alone explains nearly three quarters"
    both = explained(values, table, ["step", "wait"])
    assert both == pytest.approx(step.var() / (step.var() + noise.var()), abs=0.04)


def test_the_parts_of_a_sum_explain_together_what_each_explains() -> None:
    a, b, noise = (RNG.uniform(0, width, 2_000) * 1_000 for width in (20, 10, 10))
    table, values = rows(a=a, b=b, noise=noise), (a + b).tolist()
    assert explained(values, table, ["a", "b"]) == pytest.approx(1.0, abs=0.04)
    assert explained(values, table, ["a"]) == pytest.approx(0.8, abs=0.04)
    assert explained(values, table, ["noise"]) == pytest.approx(0.0, abs=0.02)
    assert explained(values, table, []) == 0.0


def test_noise_explains_nothing_however_many_durations_there_are() -> None:
    y = RNG.uniform(0, 10, 400).tolist()
    columns = {f"x{n}": RNG.uniform(0, 1e6, 400) for n in range(6)}
    assert explained(y, rows(**columns), list(columns)) < 0.1


def test_the_absence_of_a_duration_explains_nothing() -> None:
    failed = RNG.random(400) < 0.3
    spent = RNG.uniform(0, 10, 400)
    values = [100.0 + one if bad else 0.0 for bad, one in zip(failed, spent, strict=True)]
    table = [{"x": int(one * 1_000)} if bad else {} for bad, one in zip(failed, spent, strict=True)]
    assert explained(values, table, ["x"]) < 0.02, "nearly all of it is whether it failed"


def test_what_nearly_always_happens_is_told_apart_from_the_rest() -> None:
    failed = np.arange(400) % 20 != 0
    (found,) = drivers((failed * 60.0).tolist(), rows(failed=failed))
    assert found.share > 0.95
