"""Plan weather: the probability that all promises hold, for each hour of the week in which the outage may
begin.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sim.drill.plan.promise import PlanPromise
from sim.drill.session.plan_run import PlanRun
from sim.study.check import Play
from sim.study.one_run import Study
from sim.study.promises import answer

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Weather:
    """The share of runs in which every promise that applies is kept, by weekday and hour."""

    runs: int
    """Number of runs for each hour, with the same seeds."""
    shares: tuple[tuple[float | None, ...], ...]
    """Seven rows (days) of 24 shares (hours); None where no promise applied in any run."""


def weather(study: Study, play: Play, runs: int) -> Weather:
    """The map of a plan, from 168 times `runs` runs."""
    promises = study.loaded.plan.assumptions
    numbers = range(1, runs + 1)
    shares = [
        _share(list(play(replace(study, onset_min=hour * 60), numbers)), promises) for hour in range(7 * 24)
    ]
    return Weather(runs, tuple(tuple(shares[day * 24 : (day + 1) * 24]) for day in range(7)))


def _share(runs: Sequence[PlanRun], promises: Sequence[PlanPromise]) -> float | None:
    given = [[one for one in (answer(promise, run) for promise in promises) if one.applies] for run in runs]
    asked = [answers for answers in given if answers]
    if not asked:
        return None
    return sum(all(one.kept for one in answers) for answers in asked) / len(asked)
