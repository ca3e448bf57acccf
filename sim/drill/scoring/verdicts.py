"""The verdict on an objective: its deadlines and its figures together. Pure."""

from collections.abc import Mapping

from sim.drill.scenario.scenario import Objective
from sim.drill.scoring.deadlines import asked_in_time, by_moments
from sim.drill.scoring.targets import Beyond, Measured, asked_of, by_figures
from sim.drill.scoring.verdict import ObjectiveVerdict, State

_WORST_FIRST: tuple[State, ...] = ("failed", "missed", "late", "open", "met")


def judge(
    objective: Objective,
    milestones: Mapping[str, int],
    now_ms: int,
    ended: bool,
    measured: Measured | None = None,
    beyond: Beyond = lambda figure, number: None,
) -> ObjectiveVerdict:
    """The verdict at `now_ms`; at the drill's end, everything that can be decided is decided.

    A verdict on a figure is dated by `beyond`, the time at which the figure became too large, otherwise at
    `now_ms`.
    """
    figures = by_figures(objective, now_ms, ended, measured or {}, beyond)
    if not objective.met and not objective.never:
        return figures
    moments = by_moments(objective, milestones, now_ms, ended)
    if not objective.targets or moments.state == "failed":
        return moments
    if moments.state == "met" and figures.state == "open" and ended:
        return moments  # there was nothing to measure
    return min(figures, moments, key=lambda one: _WORST_FIRST.index(one.state))


def limit_of(objective: Objective) -> str:
    """The objective's limits in words: `within 10 min of the first alert`."""
    return " and ".join([*asked_in_time(objective), *(asked_of(target) for target in objective.targets)])
