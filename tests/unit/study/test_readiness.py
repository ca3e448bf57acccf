"""The value of preparations: Shapley values of games whose answer is known, and of a small plan."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest

from sim.drill.session.plan_run import PlanRun
from sim.study.one_run import Study, run_of
from sim.study.readiness import Subset, readiness, runs_each, shapley
from tests.plans import loaded

NAMES = ("a", "b", "c")


def every_subset() -> list[Subset]:
    return [frozenset(some) for size in range(4) for some in combinations(NAMES, size)]


def test_gains_that_add_up_are_the_worth() -> None:
    gains = {"a": 0.5, "b": 0.25, "c": 0.0}
    values = {some: sum(gains[name] for name in some) for some in every_subset()}
    assert shapley(values, NAMES) == pytest.approx(gains)


def test_the_glove_game_is_shared_out_by_four_one_and_one() -> None:
    """One left glove (a), two right ones: a pair is worth 1. Shapley (1953): 2/3, 1/6, 1/6."""
    values = {some: float("a" in some and len(some) > 1) for some in every_subset()}
    assert shapley(values, NAMES) == pytest.approx({"a": 2 / 3, "b": 1 / 6, "c": 1 / 6})


def test_the_cheapest_preparation_that_suffices_is_named_first(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
steps:
  - { id: declare, owner: lead, takes: 20m, manual: Declare }
  - { id: call, after: [declare], owner: lead, takes: 20m, manual: Call }
preparations:
  - { id: costly, costs: 5d, done: [declare] }
  - { id: cheap, costs: 1h, takes: { call: 5m } }
  - { id: useless, costs: 1m, takes: { declare: 19m } }
assumptions: [{ id: p, to: call.done, within: 30m }]
""",
    )

    def alike(study: Study, numbers: Sequence[int]) -> list[PlanRun]:
        """Nothing is drawn in this plan, so that its runs are alike."""
        return [run_of(study, 1)] * len(numbers)

    (found,) = readiness(Study(plan, 1), alike, 60)
    assert found.enough == (("cheap",), ("costly",))
    assert found.worth == pytest.approx({"costly": 0.5, "cheap": 0.5, "useless": 0.0})


@pytest.mark.parametrize(("sure", "runs"), [("80%", 100), ("90%", 100), ("95%", 172), ("100%", 100)])
def test_a_demanding_promise_gets_runs_enough_to_be_shown(sure: str, runs: int, tmp_path: Path) -> None:
    """Two sets at an error of 2.5 % each: 0.95^86 is 1.2 %, and half of the error is 1.25 %."""
    plan = loaded(
        tmp_path,
        "people: [{ role: lead }]\n"
        "steps: [{ id: call, owner: lead, takes: 20m, manual: Call }]\n"
        "preparations: [{ id: cheap, costs: 1h, takes: { call: 5m } }]\n"
        f"assumptions: [{{ id: p, to: call.done, within: 30m, with: {sure} }}]\n",
    ).plan
    assert runs_each(plan, 800) == runs
    assert runs_each(plan, 60) == 60
