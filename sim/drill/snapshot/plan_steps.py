"""The steps of a plan as the incident room sees them: planned and actual times, without the truth."""

from typing import Literal

from sim.kernel.frozen import frozen

StepState = Literal[
    "waiting",  # an event that the step waits for has not happened
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
    """One step; times are in ms since the drill's start, None if not reached."""

    id: str
    phase: str
    owner: str
    does: str
    """The command, or a description of the work."""
    manual: bool
    """True if the step can be reported as done only by a note: `note ID: …`."""
    state: StepState
    due_ms: int | None
    """The time at which the step is planned, as far as people can know it."""
    waits_for: str
    """The event that the step waits for, in words: `the alert + 15 min`, `declare`; empty once the step is
    due.
    """
    given_ms: int | None
    done_ms: int | None
    reason: str
    """Why the step failed or was refused; empty once it is done."""
