"""The record of one run of a plan: when each step became due, began and was done, and what delayed it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sim.kernel.conductor import FOREVER_MS

OpeningState = Literal["open", "closed", "proven closed"]
State = Literal["waiting", "due", "working", "verifying", "done", "failed", "left out"]


def failed_attempt(id_: str) -> str:
    """The command that a person gives instead of a step's own command if the attempt fails."""
    return f"note {id_}: attempt failed"


@dataclass(slots=True)
class StepRun:
    """One step of one run; times are in ms since the drill's start, None if not reached."""

    id: str
    state: State = "waiting"
    due_ms: int | None = None
    because: str = ""
    """The last event that made the step due: a milestone, a step's end such as `confirm.done`, or empty
    for a time.
    """
    held_by: str = ""
    """Why the step waited after it was due: `answers`, `busy`, `hours`, `place NAME`; empty if it did not
    wait.
    """
    starts_ms: int | None = None
    worked_ms: int | None = None
    """End of the hands-on time; the command's own lead time comes after it."""
    acted_ms: int | None = None
    """Time at which the step's command took effect, before any verification."""
    done_ms: int | None = None
    reason: str = ""
    """Why the step failed, or why it was still waiting at the end."""
    tries: int = 0
    instead: str = ""
    """The step that replaced this one."""


@dataclass(slots=True)
class PlanRun:
    """One run of a plan."""

    number: int
    seed: int
    milestones: Mapping[str, int]
    steps: Mapping[str, StepRun]
    drawn: Mapping[str, int]
    """Every drawn duration in ms, by step and purpose, such as `change-mx.takes`; and the values that
    vary, such as `outage`.
    """
    until_ms: int
    """The time up to which the run continued."""
    onset_ms: int
    end_ms: int
    """Time of the end of the outage, whether or not the run reached it."""
    digest: str
    """Digest of the drill at the end of the run; empty if it was not requested."""
    figures: Mapping[str, int | None] = field(default_factory=dict)
    hung: tuple[tuple[str, str, str, int], ...] = ()
    """Steps that waited because people could not sign in, as (step, place, reason, time)."""
    denied: Mapping[str, str] = field(default_factory=dict)
    """Approvals that were refused and not given later, by milestone: the approver's reason, or empty."""
    openings: Mapping[str, OpeningState] = field(default_factory=dict)
    """Each kind of opening that was made, and its state at the end of the run."""
    complete: bool = False
    """True if the run reached the end of the drill."""
    over_ms: int = FOREVER_MS
    """The end of the drill by the rules of its scenario, which a run may outlast; FOREVER_MS if unknown."""
    onset_min: int = 0
    """The onset as local minutes since Monday 00:00."""

    def moment(self, name: str) -> int | None:
        """The time of a milestone or of a step's end; None if it has not been reached."""
        if name.endswith(".done"):
            step = self.steps.get(name.removesuffix(".done"))
            return None if step is None or step.state == "left out" else step.done_ms
        return self.milestones.get(name)
