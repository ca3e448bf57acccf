"""The cause of an objective that was not met, in one clause with times: truth, for the debrief."""

from sim.drill.drill import Drill
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.objective import Deadline, Objective
from sim.drill.scoring.deadlines import due_ms
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.scoring.targets import Measured, compare
from sim.drill.scoring.tried import tried
from sim.drill.scoring.verdict import ObjectiveVerdict

NOT_MET = frozenset({"failed", "missed", "late"})


def cause_of(drill: Drill, objective: Objective, verdict: ObjectiveVerdict, measured: Measured) -> str:
    """The cause in words: `due by Mon 10:05, reached at Mon 12:03`, or the cause of a figure; empty if the
    objective was met or has none.
    """
    if verdict.state not in NOT_MET:
        return ""
    happened = [name for name in objective.never if name in drill.milestones]
    if happened:
        return f"at {drill.clock(drill.milestones[happened[0]])}"
    if not objective.targets or _by_time(verdict):
        return next(filter(None, (_of_deadline(drill, one) for one in objective.met)), "")
    short = [
        FIGURES[target.measure].because(drill)
        for target in objective.targets
        if (value := measured.get(target.measure)) is not None and compare(target, value).state != "met"
    ]
    return "; ".join(dict.fromkeys(filter(None, short)))


def _by_time(verdict: ObjectiveVerdict) -> bool:
    """True if a deadline decided the objective, even if it has figures too."""
    return verdict.cause in _OF_TIME or verdict.cause.endswith(" late")


_OF_TIME = frozenset({"too late", "its limit has passed"})


def _of_deadline(drill: Drill, deadline: Deadline) -> str:
    """The time at which the milestone was due, the attempts, and the time at which it was reached; empty
    if it was in time.
    """
    due, came_ms = due_ms(deadline, drill.milestones), drill.milestones.get(deadline.milestone)
    if due is None or (came_ms is not None and came_ms <= due):
        return ""
    since_ms = min(drill.milestones.values(), default=0)
    attempts = tried(drill, MILESTONES[deadline.milestone].facts.brought_by, since_ms, came_ms)
    came = "never reached" if came_ms is None else f"reached at {drill.clock(came_ms)}"
    return ", ".join(filter(None, (f"due by {drill.clock(due)}", attempts, came)))
