"""The steps of a plan as the incident room sees them: planned and actual times, without the truth."""

from typing import Literal

from sim.kernel.frozen import frozen

StepState = Literal[
    "waiting",  # something that it waits for has not come
    "due",
    "under way",
    "done",
    "failed",
    "refused",
    "left out",  # by its `unless`
    "not needed",  # a fallback of a step that did not fail
]


@frozen
class PlanStepView:
    """One step; moments in ms since the drill's start, None if they have not come."""

    id: str
    phase: str
    owner: str
    does: str
    """Its command, or the work in words."""
    manual: bool
    """True if only a note can report it as done: `note ID: …`."""
    state: StepState
    due_ms: int | None
    """The planned moment, as far as people can know it."""
    waits_for: str
    """The event that it waits for, in words: `the alert + 15 min`, `declare`; empty once it is due."""
    given_ms: int | None
    done_ms: int | None
    reason: str
    """The reason why it failed or was refused; empty once it is done."""
