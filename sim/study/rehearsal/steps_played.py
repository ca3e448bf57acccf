"""The steps of a plan in a drill: the times at which each was due, given and done. Pure.

A step is due as in the plan, counted from the drill's own milestones and the real ends of the steps before
it, so that a late step does not make the steps after it count as late. The only trace of a manual step is a
note that begins with its id (`note ask-dns: number 3 answered`); without such a note, the step counts as done
in its planned time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sim.drill.commands.grammar import parse
from sim.drill.organisation.working_hours import next_duty_ms, parse_hours
from sim.drill.plan.fields import DONE
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.plan_step import PlanStep
from sim.drill.scenario.anchor import ALERT_OPEN, resolve
from sim.drill.scenario.milestones import Milestone
from sim.drill.session.load_plan import owner_of
from sim.drill.session.session import Session
from sim.study.rehearsal.commands_given import CommandPlayed, commands_played
from sim.study.rehearsal.matched_commands import matched, same_text

PlayedState = Literal[
    "done",
    "under way",
    "failed",
    "refused",
    "not given",  # it was due
    "never due",
    "left out",  # by its `unless`
    "not needed",  # a fallback of a step that did not fail
    "not recorded",  # a manual step, and no note begins with its id
]


@dataclass(frozen=True, slots=True)
class StepPlayed:
    """One step of a plan in one drill; times are in ms since the drill's start, None if not reached."""

    id: str
    owner: str
    state: PlayedState
    due_ms: int | None
    given_ms: int | None
    worked_ms: int | None
    """End of the hands-on time; the command may take effect later."""
    done_ms: int | None
    planned_ms: int | None
    """The planned hands-on time; None if the plan leaves it to the command."""
    reason: str = ""
    """The reason why the step failed or was refused, even if it was done later."""
    as_text: str = ""
    """The command that was given, if it differs from the command in the plan."""

    @property
    def late_ms(self) -> int | None:
        """Time from being due to being given; negative if it was given before it was due."""
        return None if self.due_ms is None or self.given_ms is None else self.given_ms - self.due_ms

    @property
    def took_ms(self) -> int | None:
        """Time from being due to the end of its hands-on time, including the wait for its person.

        None if it was not done, or was given before it was due.
        """
        late_ms = self.late_ms
        if late_ms is None or late_ms < 0 or self.due_ms is None or self.worked_ms is None:
            return None
        return self.worked_ms - self.due_ms


def steps_played(plan: Plan, session: Session, known: Mapping[str, int] | None = None) -> list[StepPlayed]:
    """Each step of `plan` in the drill of `session`, in the plan's order.

    `known`: times in ms of milestones from which steps are due; None: all that have been reached, including
    the onset.
    """
    walk = _PlanInDrill(
        plan, session, given_for(plan, session), session.drill.known if known is None else known
    )
    for id_ in plan.causes_first():
        walk.step(id_)
    return [walk.step(step.id) for step in plan.steps]


def given_for(plan: Plan, session: Session) -> Mapping[str, list[CommandPlayed]]:
    """For each step, the commands of the drill that belong to it; a step without any is left out."""
    return matched(plan, commands_played(session.events(), session.drill.work.all, session.drill.results))


@lru_cache(maxsize=1024)
def _owner(step_do: str, owner: str) -> str:
    return owner_of(parse(step_do) if step_do else None, owner)


class _PlanInDrill:
    """Follows the plan through one drill, each step once."""

    def __init__(
        self,
        plan: Plan,
        session: Session,
        given: Mapping[str, list[CommandPlayed]],
        known: Mapping[str, int],
    ) -> None:
        self._session, self._given, self._fallbacks = session, given, plan.fallbacks
        self._known = known
        self._steps = {step.id: step for step in plan.steps}
        self._found: dict[str, StepPlayed] = {}
        self._left_out_ms: dict[str, int | None] = {}
        """For each step that a plan gave and that was not begun: the time at which it would have begun."""

    def step(self, id_: str) -> StepPlayed:
        if id_ not in self._found:
            self._found[id_] = self._played(self._steps[id_])
        return self._found[id_]

    def _played(self, step: PlanStep) -> StepPlayed:
        due_ms, given = self._due(step), self._given.get(step.id, [])
        owner = _owner(step.do, step.owner)
        planned_ms = step.takes.planned_ms if step.takes is not None else None
        if not given:
            state = self._absent(step, due_ms)
            return StepPlayed(step.id, owner, state, due_ms, None, None, None, planned_ms)
        last = given[-1]
        if last.outcome == "left out":
            self._left_out_ms[step.id] = last.ended_ms
            return StepPlayed(step.id, owner, "left out", due_ms, None, None, None, planned_ms)
        reason = next((one.reason for one in reversed(given) if one.reason), "")
        own = step.manual or same_text(step, last.text)
        return StepPlayed(
            id=step.id,
            owner=owner,
            state=last.outcome,
            due_ms=due_ms,
            given_ms=given[0].given_ms,
            worked_ms=last.worked_ms if last.outcome == "done" else None,
            done_ms=last.ended_ms if last.outcome == "done" else None,
            planned_ms=planned_ms,
            reason=reason,
            as_text="" if own else last.text,
        )

    def _absent(self, step: PlanStep, due_ms: int | None) -> PlayedState:
        """The state of a step that was not given."""
        if due_ms is None and self._replaces(step) is not None:
            return "not needed"
        if due_ms is None or due_ms > self._session.now_ms:
            return "never due"
        if any(self._known.get(name, due_ms + 1) <= due_ms for name in step.unless):
            return "left out"
        return "not recorded" if step.manual else "not given"

    def _replaces(self, step: PlanStep) -> PlanStep | None:
        """The step for which this step is a fallback, if it is not also a step in its own right."""
        only = step.id in self._fallbacks and step.at is None and not step.after
        return self._steps[self._fallbacks[step.id]] if only else None

    def _due(self, step: PlanStep) -> int | None:
        instead_of = self._replaces(step)
        if instead_of is not None:
            return self._after_failure(instead_of)
        moments = [self._end(other) for other in step.after]
        if step.due is not None:
            names = [name for name in step.due.milestones if name.endswith(DONE)]
            ends = {name: self._end(name.removesuffix(DONE)) for name in names}
            come = self._come() | {name: ms for name, ms in ends.items() if ms is not None}
            scenario = self._session.scenario
            moments.append(resolve(step.due, come, scenario.starts_utc_ms, scenario.zone))
        known = [one for one in moments if one is not None]
        if len(known) < len(moments):
            return None
        return self._in_hours(step, max(known))

    def _come(self) -> dict[str, int]:
        known = dict(self._known)
        first_ms = known.get(Milestone.ALERT_FIRST)
        return known if first_ms is None else known | {ALERT_OPEN: first_ms}

    def _in_hours(self, step: PlanStep, moment_ms: int) -> int:
        if step.hours is None:
            return moment_ms
        scenario = self._session.scenario
        start_ms = scenario.starts_utc_ms
        return next_duty_ms(parse_hours(step.hours), start_ms + moment_ms, scenario.zone) - start_ms

    def _after_failure(self, step: PlanStep) -> int | None:
        """When the fallback of `step` became due; None if `step` did not fail."""
        in_vain = [one for one in self._given.get(step.id, []) if one.outcome in ("failed", "refused")]
        if not in_vain or step.on_failure is None or in_vain[0].ended_ms is None:
            return None
        return in_vain[0].ended_ms + step.on_failure.after_ms

    def _end(self, id_: str) -> int | None:
        """The end of the step, from which the due times of later steps are counted."""
        found, step = self.step(id_), self._steps[id_]
        if found.state == "done":
            return found.done_ms
        if found.state == "left out":
            return self._left_out_ms.get(id_, found.due_ms)
        if found.state == "not recorded" and found.due_ms is not None:
            return found.due_ms + (found.planned_ms or 0)
        if found.state in ("failed", "refused") and step.on_failure is not None and step.on_failure.do:
            return self._end(step.on_failure.do)
        return None
