"""Decisions that were due and not taken in time. Judging this does not need the truth: a decision is either
on record or not.

The scenario's objectives set the limits: pausing, the MX, another outbound route, continuity. An action
counts as a decision even if it was not recorded; a decision is late if it fails its objective.
"""

from sim.drill.drill_state import DrillState
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scenario.objective import Deadline, Objective
from sim.drill.scoring.deadlines import due_ms
from sim.kernel.frozen import frozen


@frozen
class Omission:
    """A decision that was not taken in time."""

    about: str
    """The decision: `pause`, `mx`, `outbound` or `continuity`."""
    due_ms: int
    objective: str
    decided_ms: int | None = None
    """The time at which the decision was made, too late; None if it never was."""


def omissions(drill: DrillState) -> list[Omission]:
    """Decisions that became due during the outage and were not taken in time, in order of their limits."""
    came = drill.milestones
    over_ms = min(
        came.get(Milestone.SERVER_REPORTED_BACK, drill.now_ms), came.get(Milestone.OUTAGE_END, drill.now_ms)
    )
    decided = _decided_ms(drill)
    found: dict[str, Omission] = {}
    for objective in drill.scenario.objectives:
        for deadline in objective.met:
            about = MILESTONES[deadline.milestone].facts.wants_decided
            if not about:
                continue
            taken = [ms for ms in (decided.get(about), came.get(deadline.milestone)) if ms is not None]
            taken_ms = min(taken, default=None)
            due = _limit_ms(objective, deadline, came, late=taken_ms is not None)
            if due is None or due >= over_ms or (taken_ms is not None and taken_ms <= due):
                continue
            if about not in found or due < found[about].due_ms:
                found[about] = Omission(about, due, objective.id, taken_ms)
    return sorted(found.values(), key=lambda one: (one.due_ms, one.about))


def _decided_ms(drill: DrillState) -> dict[str, int]:
    """The time of the first decision on each matter."""
    first: dict[str, int] = {}
    taken = [(one.about, one.t_ms) for one in drill.room.decisions]
    for about, t_ms in (*taken, *((one.about, one.t_ms) for one in drill.room.judged)):
        first[about] = min(t_ms, first.get(about, t_ms))
    return first


def _limit_ms(objective: Objective, deadline: Deadline, came: dict[str, int], *, late: bool) -> int | None:
    """The time by which the decision was due, in ms; if it was made (`late`), the last time allowed for
    it.
    """
    last = [one for one in objective.failed if late and one.milestone == deadline.milestone]
    return due_ms(last[0] if last else deadline, came)
