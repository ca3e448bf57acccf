"""Comparisons on the same seeds."""

import pytest

from sim.study.paired import paired
from sim.study.promises import PromiseResult


def results(kept: str) -> list[PromiseResult]:
    """`+` kept, `-` not kept, `?` ended too early to tell, `.` does not apply."""
    return [PromiseResult(one != ".", 0.0, one == "+", unknown=one == "?") for one in kept]


def test_pairs_that_differ_decide() -> None:
    found = paired(results("+-" * 20 + "----------"), results("+-" * 20 + "+++++++++-"))
    assert (found.runs, found.better, found.worse) == (50, 9, 0)
    assert found.difference == pytest.approx(9 / 50)
    assert found.low < found.difference < found.high
    assert found.p == pytest.approx(2 / 512)


def test_a_run_that_ended_too_early_decides_no_comparison() -> None:
    """As in a single check: the interval allows for either result, and no such pair is better or worse."""
    stopped = paired(results("+" * 40), results("?" * 40))
    assert (stopped.better, stopped.worse, stopped.unknown, stopped.p) == (0, 0, 40, 1.0)
    assert stopped.low == stopped.difference == -1 < 0 < stopped.high
    some = paired(results("-" * 20 + "----"), results("+" * 20 + "??+?"))
    assert (some.better, some.worse, some.unknown) == (21, 0, 3)
    sure = paired(results("-" * 24), results("+" * 20 + "--+-"))
    assert (some.low, some.p) == (sure.low, sure.p)
    assert some.high == paired(results("-" * 24), results("+" * 24)).high
    assert paired(results("----+?"), results("++++??")).p == paired(results("----++"), results("++++--")).p


def test_runs_to_which_it_does_not_apply_in_both_are_left_out() -> None:
    found = paired(results("+.+"), results("-+."))
    assert (found.runs, found.better, found.worse, found.p) == (1, 0, 1, 1.0)
    assert paired(results("."), results(".")).runs == 0
