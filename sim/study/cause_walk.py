"""Follows one run of a plan backwards, from a moment along its latest causes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.drill.plan.fields import DONE
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.plan_step import PlanStep, waits_for
from sim.drill.plan.promise import UNDONE_BY
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.session.plan_run import PlanRun, StepRun

LEAST_MS = 1_000
"""Links shorter than this are left out of a chain."""
LONGEST = 200

REACHING = "reaching the owner of "
"""Prefix of the name of a link: the wait until the called person starts."""

AGAIN = " fails and is tried again"
"""Suffix of the name of a link: the time from the end of a step's work to its effect, including further
attempts.
"""

_HELD = {
    "answers": REACHING + "{}",
    "busy": "{} waits for a free person",
    "hours": "{} waits for working hours",
}


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One part of a chain."""

    name: str
    ms: int


class CauseWalk:
    """Traces the causes of one run backwards."""

    def __init__(self, plan: Plan, run: PlanRun) -> None:
        self._run = run
        self._plan = plan
        self._steps: Mapping[str, PlanStep] = {step.id: step for step in plan.steps}
        self.links: list[ChainLink] = []
        """The links of the chain, from the end backwards."""
        self._from_ms = 0

    def since(self, from_ms: int) -> None:
        """Count no time before `from_ms`."""
        self._from_ms = from_ms

    def one_step(self, id_: str, done_ms: int) -> None:
        """Collect the links of one step that was done at `done_ms`."""
        self._step(id_, done_ms)

    def back(self, name: str, at_ms: int, from_ms: int) -> None:
        """Collect the links before `name`, which happened at `at_ms`, back to `from_ms`."""
        self._from_ms = from_ms
        cause: str | None = name
        for _ in range(LONGEST):
            if cause is None or at_ms <= from_ms:
                return
            before = at_ms
            if cause.endswith(" failed"):
                cause, at_ms = self._step(cause.removesuffix(" failed"), at_ms, failed=True)
            elif cause.endswith(DONE):
                cause, at_ms = self._step(cause.removesuffix(DONE), at_ms)
            else:
                cause, at_ms = self._milestone(cause, at_ms)
            if at_ms > before:
                return

    def _add(self, name: str, a_ms: int, b_ms: int) -> None:
        a_ms = max(a_ms, self._from_ms)
        if b_ms - a_ms >= LEAST_MS:
            self.links.append(ChainLink(name, b_ms - a_ms))

    def _step(self, id_: str, at_ms: int, *, failed: bool = False) -> tuple[str | None, int]:
        run = self._run.steps[id_]
        if run.instead and not failed:
            return run.instead + DONE, at_ms
        if run.due_ms is None:
            return None, at_ms
        starts_ms = run.starts_ms if run.starts_ms is not None else at_ms
        worked_ms = min(run.worked_ms if run.worked_ms is not None else at_ms, at_ms)
        if worked_ms < starts_ms:
            worked_ms = at_ms
        acted_ms = min(run.acted_ms if run.acted_ms is not None else at_ms, at_ms)
        self._add(f"{id_} is verified", acted_ms, at_ms)
        self._add(id_ + AGAIN if run.tries > 1 else f"{id_} takes effect", worked_ms, acted_ms)
        self._add(id_, starts_ms, worked_ms)
        self._add(_held(run), run.due_ms, starts_ms)
        if run.because == "":
            self._add(f"until {id_} is due", self._from_ms, run.due_ms)
            return None, run.due_ms
        came_ms = self._moment(run.because)
        if came_ms is None:
            return None, run.due_ms
        self._add(f"until {id_} is due", came_ms, run.due_ms)
        return run.because, min(came_ms, run.due_ms)

    def _moment(self, cause: str) -> int | None:
        if cause.endswith(" failed"):
            return self._run.steps[cause.removesuffix(" failed")].worked_ms
        if cause.endswith(DONE):
            return self._run.steps[cause.removesuffix(DONE)].done_ms
        return self._run.milestones.get(cause)

    def _milestone(self, name: str, at_ms: int) -> tuple[str | None, int]:
        brought = self._brought(name, at_ms)
        if brought is not None and brought.acted_ms is not None:
            self._add(f"{name} after {brought.id}", brought.acted_ms, at_ms)
            return brought.id + DONE, min(brought.acted_ms, at_ms)
        before = MILESTONES[name].facts.after if name in MILESTONES else ""
        before_ms = self._run.milestones.get(before)
        if before_ms is not None and before_ms <= at_ms:
            self._add(f"{name} after {before}", before_ms, at_ms)
            return before, before_ms
        over_ms = self._run.milestones.get(Milestone.OUTAGE_END)
        if name != Milestone.OUTAGE_END and over_ms is not None and over_ms <= at_ms:
            self._add(f"{name} after {Milestone.OUTAGE_END.value}", over_ms, at_ms)
            return Milestone.OUTAGE_END.value, over_ms
        self._add(f"{name} after {Milestone.OUTAGE_START.value}", self._run.onset_ms, at_ms)
        return None, self._run.onset_ms

    def _brought(self, name: str, at_ms: int) -> StepRun | None:
        """The step that reached the milestone: the last step by then that gave one of its commands, or the
        step at that moment.
        """
        acted = [
            (one.acted_ms, one)
            for one in self._run.steps.values()
            if one.acted_ms is not None and one.acted_ms <= at_ms + 1
        ]
        words = MILESTONES[name].facts.brought_by if name in MILESTONES else ()
        own = [pair for pair in acted if _begins(self._steps[pair[1].id].do, words)]
        found = own or [pair for pair in acted if pair[0] >= at_ms - 1 and self._steps[pair[1].id].do]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    # Reasons why an event did not happen

    def blocked(self, name: str, seen: set[str]) -> str:
        """The reason why a step's end or a milestone was not reached."""
        if name in seen:
            return f"{name} did not come"
        seen.add(name)
        if name.endswith(DONE):
            return self._blocked_step(name.removesuffix(DONE), seen)
        if name in self._run.denied:
            why = self._run.denied[name]
            return f"approval was refused{f': {why}' if why else ''}"
        if name == Milestone.OPENINGS_CLOSED:
            return self._left_open(seen)
        facts = MILESTONES[name].facts
        bringers = [id_ for id_, step in self._steps.items() if _begins(step.do, facts.brought_by)]
        states = {id_: self._run.steps[id_].state for id_ in bringers if not self._in_reserve(id_)}
        undone = [id_ for id_, state in states.items() if state not in ("done", "left out")]
        if undone or (states and "done" not in states.values()):
            return self._blocked_step((undone or list(states))[0], seen)
        if facts.after and facts.after not in self._run.milestones:
            return self.blocked(facts.after, seen)
        if facts.after:
            return self._came_in_vain(facts.after, name)
        return f"{name} did not come in this run"

    def _came_in_vain(self, before: str, name: str) -> str:
        """The reason why `name` did not follow `before`, as far as the run shows it."""
        ended_ms = self._run.milestones.get(Milestone.OUTAGE_END)
        late = ended_ms is not None and ended_ms <= self._run.milestones[before]
        undone = next((one for one in UNDONE_BY.get(before, ()) if one in self._run.milestones), "")
        came = f"{before} came only after {Milestone.OUTAGE_END.value}" if late else f"{before} came"
        return f"{came}, but {name} did not come {f'before {undone}' if undone else 'in this run'}"

    def _left_open(self, seen: set[str]) -> str:
        """The reason why not every opening is proven closed."""
        left = [kind for kind, state in self._run.openings.items() if state != "proven closed"]
        if not left:
            return f"no opening was made, so {Milestone.OPENINGS_CLOSED.value} did not come"
        states = {"open": "still open", "closed": "closed but not proven"}
        text = ", ".join(f"{kind} is {states[self._run.openings[kind]]}" for kind in left)
        proofs = [
            id_ for id_, step in self._steps.items() if _begins(step.do, (f"openings prove {left[0]}",))
        ]
        if not proofs:
            return f"{text}; no step proves {left[0]}"
        undone = [id_ for id_ in proofs if self._run.steps[id_].state != "done"]
        return f"{text}: {self._blocked_step(undone[0], seen)}" if undone else text

    def _in_reserve(self, id_: str) -> bool:
        """True for a fallback that was not needed, because the step before it has not failed."""
        return id_ in self._plan.fallbacks and self._run.steps[id_].state == "waiting"

    def _blocked_step(self, id_: str, seen: set[str]) -> str:
        run, step = self._run.steps[id_], self._steps[id_]
        while run.state == "waiting":
            undone = (other for other in waits_for(step) if self._run.steps[other].done_ms is None)
            before = next(undone, None)
            if before is None:
                break
            id_, run, step = before, self._run.steps[before], self._steps[before]
        if run.state == "left out":
            return f"{id_} was left out"
        if run.state != "waiting":
            why = run.reason or f"{_unfinished(run, self._run.until_ms)} when the run ended"
            return f"{id_} {'failed' if run.state == 'failed' else 'is not done'}: {why}"
        for name in step.at.milestones if step.at else ():
            if not name.endswith(DONE) and self._run.moment(name) is None:
                return f"{id_} waits for {name}: {self.blocked(name, seen)}"
        return f"{id_} was not due before the run ended"


def _begins(text: str, words: Sequence[str]) -> bool:
    return any(f"{text} ".startswith(f"{one} ") for one in words)


def _unfinished(run: StepRun, until_ms: int) -> str:
    """What a step that had become due was waiting for, or doing, at the end of the run."""
    if run.starts_ms is not None and run.starts_ms > until_ms:
        return "its owner had not started"
    return "it was under way"


def _held(run: StepRun) -> str:
    if run.held_by.startswith("place "):
        return f"{run.id} cannot get in ({run.held_by.removeprefix('place ')})"
    return _HELD.get(run.held_by, "{} waits for its person").format(run.id)
