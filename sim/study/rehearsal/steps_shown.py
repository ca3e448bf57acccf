"""The steps of a plan as the people of a drill may see them while it runs.

No console shows the true onset and recovery, and a planned time that is counted from one of them would reveal
it. Until the drill is over, such times are counted from the first alert or from people's first step instead
of the onset, and from the report that the service is restored instead of the recovery. All other milestones
count once they can be known in the room, as for objectives.
"""

from collections.abc import Iterator, Mapping

from sim.drill.plan.fields import DONE
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.plan_step import PlanStep
from sim.drill.scenario.anchor import ALERT_OPEN, Since
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scoring.objectives import known_milestones
from sim.drill.session.session import Session
from sim.drill.snapshot.plan_steps import PlanStepView, StepState
from sim.kernel.duration import in_words as length_in_words
from sim.study.rehearsal.steps_played import PlayedState, StepPlayed, given_for, steps_played

TRUTHS = (Milestone.OUTAGE_START, Milestone.OUTAGE_END)
"""Milestones that people never see while the drill runs."""

_IN_WORDS = {
    Milestone.OUTAGE_START.value: "the alert",
    Milestone.OUTAGE_END.value: "the report of the recovery",
    ALERT_OPEN: "an open alert",
}

_STATES: Mapping[PlayedState, StepState] = {
    "done": "done",
    "under way": "under way",
    "failed": "failed",
    "refused": "refused",
    "not given": "due",
    "not recorded": "due",
    "never due": "waiting",
    "left out": "left out",
    "not needed": "not needed",
}


def steps_shown(plan: Plan, session: Session) -> tuple[PlanStepView, ...]:
    """Each step of `plan` in the drill of `session` at its current time, in the plan's order."""
    known = _known(plan, session)
    found = {one.id: one for one in steps_played(plan, session, known)}
    return tuple(_view(plan, step, found, known, session) for step in plan.steps)


def _known(plan: Plan, session: Session) -> Mapping[str, int]:
    """The milestones from which people can count time; all of them once the drill is over."""
    drill = session.drill
    if drill.ended:
        return drill.milestones
    known = {
        name: ms
        for name, ms in known_milestones(drill).items()
        if name not in TRUTHS and not MILESTONES[name].facts.tells_truth
    }
    signs = [known[Milestone.ALERT_FIRST]] if Milestone.ALERT_FIRST in known else []
    signs += _begun(plan, session)
    if signs:
        known[Milestone.OUTAGE_START] = min(signs)
    if Milestone.SERVER_REPORTED_BACK in known:
        known[Milestone.OUTAGE_END] = known[Milestone.SERVER_REPORTED_BACK]
    return known


def _begun(plan: Plan, session: Session) -> list[int]:
    """The times at which steps counted from the onset were given: by then people have noticed the outage."""
    given = given_for(plan, session)
    return [
        given[step.id][0].given_ms
        for step in plan.steps
        if step.id in given and step.due is not None and Milestone.OUTAGE_START in step.due.milestones
    ]


def _view(
    plan: Plan, step: PlanStep, found: Mapping[str, StepPlayed], known: Mapping[str, int], session: Session
) -> PlanStepView:
    played = found[step.id]
    state = _STATES[played.state]
    missing = " and ".join(_missing(plan, step, found, known)) if played.due_ms is None else ""
    return PlanStepView(
        id=step.id,
        phase=step.phase,
        owner=played.owner,
        does=played.as_text or step.do or step.manual,
        manual=bool(step.manual),
        state="waiting" if state == "due" and (played.due_ms or 0) > session.now_ms else state,
        due_ms=played.due_ms,
        waits_for=missing,
        given_ms=played.given_ms,
        done_ms=played.done_ms,
        reason="" if state == "done" else played.reason,
    )


def _missing(
    plan: Plan, step: PlanStep, found: Mapping[str, StepPlayed], known: Mapping[str, int]
) -> Iterator[str]:
    """The events for which the step waits, in words."""
    if step.id in plan.fallbacks and step.at is None and not step.after:
        yield f"a failure of {plan.fallbacks[step.id]}"
        return
    for other in step.after:
        if found[other].done_ms is None:
            yield other
    for moment in step.due.moments if step.due is not None else ():
        match moment:
            case Since(name, offset_ms) if name.endswith(DONE):
                if found[name.removesuffix(DONE)].done_ms is None:
                    yield _counted(name.removesuffix(DONE), offset_ms)
            case Since(name, offset_ms) if name not in known:
                in_words = MILESTONES[name].facts.in_words if name in MILESTONES else ""
                yield _counted(_IN_WORDS.get(name, in_words or name), offset_ms)
            case _:
                continue


def _counted(name: str, offset_ms: int) -> str:
    sign = "+" if offset_ms > 0 else "-"
    return f"{name} {sign} {length_in_words(abs(offset_ms))}" if offset_ms else name
