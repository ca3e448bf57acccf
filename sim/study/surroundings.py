"""Circular dependencies that a check has found, in the files or in runs."""

from dataclasses import dataclass
from typing import Literal

from sim.drill.plan.circular import circles
from sim.study.check import Check


@dataclass(frozen=True, slots=True)
class FoundCircle:
    """A step that needs a place whose sign-in depends on a service that is down."""

    step: str
    needs: str
    because: str
    found: Literal["files", "run"]
    runs: int
    """Number of runs in which the step had to wait for the place."""


def circular(check: Check) -> list[FoundCircle]:
    """Each dependency once, whether it occurred in a run or only follows from the files. Pure."""
    plan = check.study.loaded.plan
    met: dict[tuple[str, str], tuple[str, int]] = {}
    for run in check.runs:
        for step, place, why, _moment in run.hung:
            met[step, place] = (why, met.get((step, place), (why, 0))[1] + 1)
    found = [FoundCircle(step, place, why, "run", runs) for (step, place), (why, runs) in met.items()]
    for one in circles(plan, check.study.loaded.scenario):
        step = plan.steps[one.step].id
        if (step, one.place) not in met:
            found.append(FoundCircle(step, one.place, one.because, "files", 0))
    return sorted(found, key=lambda one: (one.step, one.needs))
