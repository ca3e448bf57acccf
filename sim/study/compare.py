"""Comparisons on the same seeds: two versions of a plan, or a plan with a step at its planned time."""

from collections.abc import Sequence
from dataclasses import replace

from sim.study.check import Check, Checked, Play
from sim.study.one_run import Study
from sim.study.paired import Paired, paired
from sim.study.promises import PromiseResult, answer
from sim.study.why import Why

MOST_COMPARED = 200
"""Runs of a "what if", at most."""
MOST_HELD = 3


def against(new: Check, old: Study, play: Play) -> list[tuple[str, Paired]]:
    """Each promise that both plans make, in the runs of `new` and the same runs of the plan `old`."""
    runs = list(play(old, [run.number for run in new.runs]))
    before = {one.id: [answer(one, run) for run in runs] for one in old.loaded.plan.assumptions}
    return [
        (one.promise.id, paired(before[one.promise.id], one.answers))
        for one in new.promises
        if one.promise.id in before
    ]


def what_if(check: Check, one: Checked, reasons: Why, play: Play) -> list[tuple[str, Paired]]:
    """For the first drivers that are people's durations: the promise if that always took its planned time."""
    names = [driver.name for driver in reasons.drivers if _can_be_held(check, driver.name)][:MOST_HELD]
    return [(name, _held(check, one, name, play)) for name in names]


def _can_be_held(check: Check, name: str) -> bool:
    if name in check.study.loaded.plan.varies.parameters:
        return True
    return any(name in run.drawn for run in check.runs) and not name.endswith("calls in vain")


def _held(check: Check, one: Checked, name: str, play: Play) -> Paired:
    numbers = [run.number for run in check.runs][:MOST_COMPARED]
    study = replace(check.study, planned=check.study.planned | {name})
    after: Sequence[PromiseResult] = [answer(one.promise, run) for run in play(study, numbers)]
    return paired(one.answers[: len(numbers)], after)
