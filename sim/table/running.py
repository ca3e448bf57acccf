"""The script during the exercise: injects with their states, and expected actions, ticked by the world or
overdue.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sim.drill.facilitation.stops import stop_horizon_ms
from sim.drill.people.scripted_injects import InjectState
from sim.drill.scenario.anchor import resolve
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scoring.deadlines import due_ms
from sim.drill.session.session import Session
from sim.table.msel.of_scenario import seat_of
from sim.table.pack.questions import HOT_WASH, questions

RowState = InjectState | Literal["done", "done late", "overdue", "open", "no longer required"]


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """One inject, one action that an objective expects, or one stop of the clock."""

    kind: Literal["inject", "expected action", "stop"]
    id: str
    """The id of the inject or the objective, or the stop as it was entered."""
    to: str
    """The seat or person that the inject is for; empty for an action."""
    text: str
    due_ms: int | None
    """The time at which the entry is due, if known; None while it waits for `waits_for`."""
    state: RowState
    at_ms: int | None
    """The time at which the inject fired, or the action was taken."""
    waits_for: str = ""
    """The moment or condition as written in the scenario: `outage.start + 20m`, `queue > 5000`."""


def running_script(session: Session) -> list[ScriptRow]:
    """Every row, in the order of their times; those without a time come last. The truth, for the
    facilitator.
    """
    rows = [*_injects(session), *_actions(session), *_stops(session)]
    last = 1 << 62
    return sorted(rows, key=lambda one: _first(one.at_ms, one.due_ms, last))


def _first(*moments: int | None) -> int:
    return next(one for one in moments if one is not None)


def questions_now(session: Session) -> tuple[str, ...]:
    """Questions to discuss: for the present phase, or for the hot wash when the exercise is over."""
    if session.ended:
        return HOT_WASH
    come = session.drill.milestones
    phase = 2 if Milestone.OUTAGE_END in come else 1 if Milestone.DIAGNOSIS_STATED in come else 0
    return questions(session.scenario, phase)


def _injects(session: Session) -> Iterator[ScriptRow]:
    drill, scenario = session.drill, session.scenario
    for one in drill.scripted.as_now.values():
        moment_ms = None
        if one.at is not None:
            moment_ms = resolve(one.at, drill.milestones, scenario.starts_utc_ms, scenario.zone)
        yield ScriptRow(
            "inject",
            one.id,
            seat_of(one.to),
            f"{one.kind} from {one.from_}: {one.text}",
            moment_ms,
            drill.scripted.states[one.id],
            drill.scripted.came_ms.get(one.id),
            one.at.text if one.at is not None else one.when.text if one.when is not None else "",
        )


def _actions(session: Session) -> Iterator[ScriptRow]:
    drill, now_ms = session.drill, session.now_ms
    hinted = {one.about for one in drill.table.hints}
    for objective in session.scenario.objectives:
        for deadline in objective.met:
            limit_ms, came_ms = due_ms(deadline, drill.milestones), drill.milestones.get(deadline.milestone)
            hint = " (hint given)" if objective.id in hinted else ""
            marks = MILESTONES[deadline.milestone].facts.marks
            spared = any(name in drill.milestones for name in objective.unless)
            state = _state(limit_ms, came_ms, now_ms, spared=spared)
            yield ScriptRow("expected action", objective.id, "", f"{marks}{hint}", limit_ms, state, came_ms)


def _stops(session: Session) -> Iterator[ScriptRow]:
    for one in session.drill.table.stops:
        due = stop_horizon_ms(session.drill, one)
        yield ScriptRow("stop", one, "", "the clock stops for everyone", due, "to come", None, one)


def _state(limit_ms: int | None, came_ms: int | None, now_ms: int, *, spared: bool) -> RowState:
    if came_ms is not None:
        return "done" if limit_ms is None or came_ms <= limit_ms else "done late"
    if spared:
        return "no longer required"
    return "overdue" if limit_ms is not None and limit_ms < now_ms else "open"
