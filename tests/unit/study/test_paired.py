"""Comparisons on the same seeds."""

import pytest

from sim.study.paired import paired
from sim.study.promises import PromiseResult


def results(kept: str) -> list[PromiseResult]:
    """`+` kept, `-` not kept, `.` does not apply."""
    return [PromiseResult(one != ".", 0.0, one == "+") for one in kept]


def test_pairs_that_differ_decide() -> None:
    found = paired(results("+-" * 20 + "----------"), results("+-" * 20 + "+++++++++-"))
    assert (found.runs, found.better, found.worse) == (50, 9, 0)
    assert found.difference == pytest.approx(9 / 50)
    assert found.low < found.difference < found.high
    assert found.p == pytest.approx(2 / 512)


def test_runs_to_which_it_does_not_apply_in_both_are_left_out() -> None:
    found = paired(results("+.+"), results("-+."))
    assert (found.runs, found.better, found.worse, found.p) == (1, 0, 1, 1.0)
    assert paired(results("."), results(".")).runs == 0
