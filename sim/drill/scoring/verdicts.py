"""The verdict on an objective: its deadlines and its figures together. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from sim.drill.scenario.objective import Objective
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
    if figures.state == moments.state == "met":
        return replace(figures, cause=f"{moments.cause}; {figures.cause}")
    return min(figures, moments, key=lambda one: _WORST_FIRST.index(one.state))


def limit_of(objective: Objective) -> str:
    """The objective's limits in words: `within 10 min of the first alert`."""
    return "; ".join([*asked_in_time(objective), *(asked_of(target) for target in objective.targets)])


def limit_and_cause(objective: Objective, verdict: ObjectiveVerdict) -> str:
    """The objective's limits and the cause of `verdict`: `within 10 min of the first alert: in time`. A limit
    that the cause contains is not repeated: `false statements: 2 (at most 0)`.
    """
    in_time = asked_in_time(objective)
    limits_in_cause = verdict.state == "met" or (not in_time and verdict.state != "open")
    limits = "; ".join(in_time) if limits_in_cause else limit_of(objective)
    return f"{limits}: {verdict.cause}" if limits else verdict.cause
