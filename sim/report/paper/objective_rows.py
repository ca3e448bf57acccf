"""Each objective of a drill once: its lesson and limit, and its verdict or its current state."""

from functools import partial

from sim.drill.scenario.objective import Objective
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.scoring.objectives import beyond
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.drill.scoring.verdicts import judge, limit_of
from sim.drill.session.session import Session
from sim.kernel.frozen import frozen
from sim.report.outcome import verdicts
from sim.report.timeline import when


@frozen
class ObjectiveRow:
    """One objective of the drill."""

    id: str
    learns: str
    limit: str
    state: str
    """The verdict: `met`, `late`, `missed`, `failed` or `open`."""
    so_far: str
    """For an open objective in a drill that was stopped early: its state if the drill ended now; empty for
    all others.
    """
    local: str
    elapsed: str
    """The time at which the objective was decided; `local` and `elapsed` are empty if it has not been."""
    cause: str
    side: str
    judges: str
    shown: str
    """When the trainee sees the verdict: `at once`, or `at the end` because the verdict reveals the truth."""


def objective_rows(session: Session) -> tuple[ObjectiveRow, ...]:
    """Every objective, in the scenario's order."""
    return tuple(
        _row(session, objective, verdict)
        for objective, verdict in zip(session.scenario.objectives, verdicts(session), strict=True)
    )


def _row(session: Session, objective: Objective, verdict: ObjectiveVerdict) -> ObjectiveRow:
    so_far = _so_far(session, objective) if verdict.state == "open" and not session.complete else None
    local, elapsed = ("", "") if verdict.at_ms is None else when(session, verdict.at_ms)
    return ObjectiveRow(
        objective.id,
        objective.learns,
        limit_of(objective),
        verdict.state,
        so_far.state if so_far else "",
        local,
        elapsed,
        _with_hint(session, objective, so_far.cause if so_far else verdict.cause),
        objective.side,
        objective.judges,
        objective.shown,
    )


def _with_hint(session: Session, objective: Objective, cause: str) -> str:
    """`cause`, with the time of the facilitator's first hint on the objective, if it was done after that
    hint.
    """
    came = [session.drill.milestones.get(one.milestone) for one in objective.met]
    given = [one.t_ms for one in session.drill.table.hints if one.about == objective.id]
    if not given or all(moment_ms is not None and moment_ms < given[0] for moment_ms in came):
        return cause
    return f"{cause}; hint given at {when(session, given[0])[0]}"


def _so_far(session: Session, objective: Objective) -> ObjectiveVerdict:
    """The verdict as if the drill ended now; still open if it cannot be given."""
    drill = session.drill
    measured = {target.measure: FIGURES[target.measure].measure(drill) for target in objective.targets}
    return judge(objective, drill.milestones, drill.now_ms, True, measured, partial(beyond, drill))
