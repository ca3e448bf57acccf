"""What each preparation is worth, alone and combined, and the cheapest sufficient sets.

The value of a preparation is its Shapley value: its gain in probability, averaged over all orders in which
the preparations could be made. The value is exact, over every subset of at most five preparations, on the
same seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial

from sim.drill.plan.plan_file import Plan, prepared
from sim.drill.plan.promise import PlanPromise
from sim.study.check import Play
from sim.study.looks import ERROR, fewest, look
from sim.study.one_run import Study
from sim.study.promises import answer

Subset = frozenset[str]
LEAST_RUNS = 100
"""Minimum number of runs for each set of preparations, unless fewer are requested."""


@dataclass(frozen=True, slots=True)
class PreparationWorth:
    """One promise under every set of preparations."""

    promise: str
    runs: int
    probabilities: Mapping[Subset, float]
    worth: Mapping[str, float]
    """For each preparation, its Shapley value as a probability; these values sum to the gain of all
    preparations together.
    """
    enough: tuple[tuple[str, ...], ...]
    """Sets of preparations that turn the verdict into `holds`, the cheapest first; no smaller subset of
    such a set does.
    """
    fewest_runs: int | None
    """The lowest number of runs that can show a set to be enough; None if no number of runs can show 100
    %.
    """


def shapley(values: Mapping[Subset, float], names: Sequence[str]) -> dict[str, float]:
    """The Shapley value of each of `names`; `values`: the value of every subset of `names`. Pure."""
    n, found = len(names), {}
    for name in names:
        others = [one for one in names if one != name]
        found[name] = sum(
            factorial(size)
            * factorial(n - size - 1)
            / factorial(n)
            * (values[frozenset(some) | {name}] - values[frozenset(some)])
            for size in range(n)
            for some in combinations(others, size)
        )
    return found


def runs_each(plan: Plan, most: int) -> int:
    """The number of runs for each set of preparations, at most `most`.

    The number is twice the lowest one that can show a set to be enough, so that some runs may break the
    promise.
    """
    sets = int(2 ** len(plan.preparations))
    needed = [_fewest(one, sets) or 0 for one in plan.assumptions]
    return min(most, max(LEAST_RUNS, *(2 * runs for runs in needed)))


def _fewest(promise: PlanPromise, sets: int) -> int | None:
    return fewest(promise.sure / 10_000, ERROR / sets)


def readiness(study: Study, play: Play, runs: int) -> list[PreparationWorth]:
    """The worth for each promise of the plan; it takes 2^k times `runs` runs for k preparations."""
    plan = study.loaded.plan
    names = [one.id for one in plan.preparations]
    subsets = [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]
    kept: dict[Subset, list[tuple[int, int]]] = {}
    for some in subsets:
        changed = with_preparations(study, some)
        rows = list(play(changed, range(1, runs + 1)))
        given = [[answer(one, run) for run in rows] for one in changed.loaded.plan.assumptions]
        kept[some] = [(sum(a.kept for a in one), sum(a.applies for a in one)) for one in given]
    return [_of(plan, index, names, kept, runs) for index in range(len(plan.assumptions))]


def with_preparations(study: Study, names: Subset) -> Study:
    """The study of the plan with those preparations made."""
    chosen = [one for one in study.loaded.plan.preparations if one.id in names]
    settings = dict(study.settings)
    for one in chosen:
        settings |= {name: str(value) for name, value in one.settings.items()}
    plan = prepared(study.loaded.plan, chosen)
    return replace(study, loaded=replace(study.loaded, plan=plan), settings=settings)


def _of(
    plan: Plan, index: int, names: list[str], kept: Mapping[Subset, list[tuple[int, int]]], runs: int
) -> PreparationWorth:
    promise = plan.assumptions[index]
    shares = {some: k[index][0] / k[index][1] if k[index][1] else 0.0 for some, k in kept.items()}
    holding = {
        some
        for some, k in kept.items()
        if look(*k[index], promise.sure / 10_000, len(kept), ERROR).verdict == "holds"
    }
    least = [some for some in holding if not any(other < some for other in holding)]
    cost = {one.id: one.costs_ms for one in plan.preparations}
    least.sort(key=lambda some: (sum(cost[name] for name in some), sorted(some)))
    enough = tuple(tuple(name for name in names if name in some) for some in least)
    needed = _fewest(promise, len(kept))
    return PreparationWorth(promise.id, runs, shares, shapley(shares, names), enough, needed)
