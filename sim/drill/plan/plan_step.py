"""One step of a continuity plan as the plan file describes it, and the steps that it waits for."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.drill.organisation.sourced_numbers import Id, WorkingHours
from sim.drill.plan.fields import DONE, PermyriadField, PlanWhen, SpreadField, Words, no_ends
from sim.drill.scenario.anchor import parse_anchor
from sim.drill.scenario.field_types import MilestoneName, Named
from sim.drill.scenario.milestones import Milestone
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import MINUTE_MS

ONSET = parse_anchor(Milestone.OUTAGE_START)


class OnFailure(Record):
    """The response to a failed step: another step, or the same step again."""

    after_ms: DurationMs = Field(default=0, alias="after")
    """Time between the failure and the next attempt or step."""
    do: Id | None = None
    """The step that replaces the failed one; once it is done, the failed one counts as done. If it has
    neither `at` nor `after`, it runs only on the failure.
    """
    again: Annotated[int, Field(ge=1, le=20)] | None = None
    """Number of further attempts."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.do is None) == (self.again is None):
            raise ValueError("needs either `do` with another step's id, or `again` with a number; write one")
        return self


class PlanStep(Named):
    """A step of the plan: when it becomes due, its owner, its duration, and its command or manual work.

    A step is due once every step in `after` is done and the time in `at` is reached. The step then waits for
    its owner, who works on one step at a time.
    """

    phase: Words = ""
    """Heading under which the step is shown."""
    at: PlanWhen | None = None
    """Time at which the step becomes due. If unset, as soon as `after` allows, or at the onset."""
    after: tuple[Id, ...] = ()
    """Steps that must be done or skipped first."""
    owner: Id = ""
    """Role of the person who does the step. If unset, the role that the command needs."""
    takes: SpreadField | None = None
    """Hands-on time of the step. If unset, the command's hands-on time."""
    do: str = ""
    """The command. Give either this or `manual`."""
    manual: Words = ""
    """Description of a step that is not a command."""
    needs: tuple[Id, ...] = ()
    """Places that the step needs; it waits while people cannot sign in to them."""
    prepared: bool = False
    """True if the work is done in advance. The step then takes no time, does not need a person, and does not
    fail.
    """
    verify: str = ""
    """A check that is repeated until it shows the step's result; only then is the step done: `probe mx`,
    `continuity test`, `connector test`, `backup test`, `dns ask` or `openings prove`, as a complete command:
    `dns ask authority`.
    """
    verify_every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] = Field(
        default=5 * MINUTE_MS, alias="verify every"
    )
    """Interval between the checks of `verify`."""
    fails: PermyriadField = 0
    """Share of attempts that fail at the end of their hands-on time."""
    on_failure: OnFailure | None = Field(default=None, alias="on failure")
    """The response to a failure or a refusal. If unset, the step is never done."""
    unless: Annotated[tuple[MilestoneName, ...], BeforeValidator(no_ends)] = ()
    """The step is skipped if one of these milestones has been reached when it is due, or by the time its
    owner would start, also on a further attempt; later steps continue.
    """
    every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] | None = Field(default=None, alias="every")
    """Interval at which the step is repeated until a milestone in `unless` is reached. If unset, it is done
    once.
    """
    hours: WorkingHours | None = None
    """Hours in which the step may become due: `Mon-Fri 08:00-18:00`. If unset, day and night. Its owner may
    start later.
    """
    confidence: Literal["measured", "practice", "assumed"] = "assumed"
    """Where `takes` and `fails` come from: measured in drills, the team's practice, or assumed."""

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if bool(self.do) == bool(self.manual):
            raise ValueError(
                "needs either `do` with a command, or `manual` with a description; write one of them"
            )
        if self.manual and not self.owner:
            raise ValueError("has no `owner`; write the role of the person who does it")
        if self.every_ms is not None and not self.unless:
            raise ValueError("`every` would never end; write the milestone that ends it in `unless`")
        if self.manual and self.takes is None:
            raise ValueError("has no `takes`; write its duration, such as 5m..15m")
        return self

    @property
    def due(self) -> PlanWhen | None:
        """The time at which the step becomes due; the onset for a step with neither `at` nor `after`."""
        return self.at if self.at is not None or self.after else ONSET


def waits_for(step: PlanStep) -> tuple[str, ...]:
    """Ids of the steps for whose end the entry waits."""
    names = step.at.milestones if step.at else ()
    return (*step.after, *(name.removesuffix(DONE) for name in names if name.endswith(DONE)))


def replaced_by(step: PlanStep) -> tuple[str, ...]:
    """Id of the step that replaces it on failure, or nothing."""
    return () if step.on_failure is None or step.on_failure.do is None else (step.on_failure.do,)
