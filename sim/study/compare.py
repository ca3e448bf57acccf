"""Comparisons on the same seeds: two versions of a plan, or a plan with a step at its planned time."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from sim.study.cause_walk import REACHING
from sim.study.check import Check, Checked, Play
from sim.study.check import check as plain_check
from sim.study.one_run import Study
from sim.study.paired import Paired, paired
from sim.study.promises import PromiseResult, answer
from sim.study.why import ANSWERS, Why

MOST_COMPARED = 200
"""Maximum number of runs for a "what if"."""
MOST_HELD = 3


def against(new: Check, old: Study, play: Play) -> list[tuple[str, Paired]]:
    """Each promise that both plans make, in the runs of `new` and in the runs of `old` with the same
    numbers.
    """
    digested = replace(old, digests=new.study.digests)
    runs = list(play(digested, [run.number for run in new.runs]))
    before = {one.id: [answer(one, run) for run in runs] for one in old.loaded.plan.assumptions}
    return [
        (one.promise.id, paired(before[one.promise.id], one.answers))
        for one in new.promises
        if one.promise.id in before
    ]


def what_if(check: Check, one: Checked, reasons: Why, play: Play) -> list[tuple[str, Paired]]:
    """For each of the main drivers that are durations of people: the promise if the durations always took
    their planned time.
    """
    names = [driver.name for driver in reasons.drivers if _draws(check, driver.name)][:MOST_HELD]
    return [(name, _held(check, one, name, play)) for name in names]


def _draws(check: Check, name: str) -> frozenset[str]:
    """The draws behind a driver, if they can take their planned time; empty for waits and for times that
    the simulation determines.
    """
    if name.startswith(REACHING):
        step = name.removeprefix(REACHING)
        return frozenset(f"{step}.{purpose}" for purpose in ANSWERS)
    drawn = name in check.study.loaded.plan.varies.parameters or any(name in run.drawn for run in check.runs)
    return frozenset({name}) if drawn else frozenset()


def _held(check: Check, one: Checked, name: str, play: Play) -> Paired:
    numbers = [run.number for run in check.runs][:MOST_COMPARED]
    study = replace(check.study, planned=check.study.planned | _draws(check, name))
    after: Sequence[PromiseResult] = [answer(one.promise, run) for run in play(study, numbers)]
    return paired(one.answers[: len(numbers)], after)


def cells(check: Check, play: Play, most: int, *, family: bool) -> list[tuple[dict[str, str], Check]]:
    """A separate check for each combination of `varies.readiness`: (settings, check)."""
    wanted = check.study.loaded.plan.varies.readiness
    found = []
    for values in product(*wanted.values()) if wanted else ():
        settings = {name: str(value) for name, value in zip(wanted, values, strict=True)}
        study = replace(check.study, settings={**check.study.settings, **settings})
        found.append((settings, plain_check(study, play, most, family=family)))
    return found
