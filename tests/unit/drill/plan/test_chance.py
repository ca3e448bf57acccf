"""Draws of plans: keyed by step and purpose, and slow together on a bad day."""

import numpy as np
import pytest

from sim.drill.plan.chance import Chance, together
from sim.drill.plan.spread import parse_spread
from sim.kernel.draws import mix_one

SPREAD = parse_spread("5m..15m")


def test_a_draw_belongs_to_its_step_its_purpose_and_its_repetition() -> None:
    chance = Chance(7)
    drawn = {
        chance.duration(step, purpose, SPREAD, number)
        for step in ("a", "b")
        for purpose in ("takes", "answers")
        for number in (0, 1)
    }
    assert len(drawn) == 8
    assert chance.duration("a", "takes", SPREAD) == Chance(7).duration("a", "takes", SPREAD)


def test_a_draw_that_is_held_takes_its_planned_time() -> None:
    chance = Chance(7, planned=frozenset({"a.takes"}))
    assert chance.duration("a", "takes", SPREAD) == SPREAD.planned_ms
    assert chance.duration("b", "takes", SPREAD) == Chance(7).duration("b", "takes", SPREAD)


def test_a_chance_of_ten_in_a_hundred_comes_so_often() -> None:
    came = sum(Chance(seed).happens("a", "fails", 1_000) for seed in range(5_000))
    assert came / 5_000 == pytest.approx(0.1, abs=0.015)
    assert not any(Chance(seed).happens("a", "fails", 0) for seed in range(50))
    assert all(Chance(seed).happens("a", "fails", 10_000) for seed in range(50))


@pytest.mark.parametrize("permille", [0, 300, 800])
def test_durations_have_the_rank_correlation_and_stay_uniform(permille: int) -> None:
    pairs = np.array(
        [
            [together(mix_one(n, "day"), mix_one(n, one), permille) / 2**64 for one in ("a", "b")]
            for n in range(6_000)
        ]
    )
    assert np.corrcoef(pairs.T)[0, 1] == pytest.approx(permille / 1000, abs=0.035)
    assert np.quantile(pairs[:, 0], [0.05, 0.5, 0.95]) == pytest.approx([0.05, 0.5, 0.95], abs=0.02)
