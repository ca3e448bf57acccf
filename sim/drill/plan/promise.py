"""A promise of a plan, to be checked: a moment reached within some time of another, or a figure within its
limit.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from sim.drill.plan.fields import PermyriadField, PlanWhen, Words, no_ends
from sim.drill.scenario.anchor import ALERT_OPEN, Elapsed, Since, parse_anchor
from sim.drill.scenario.field_types import MilestoneName, Named
from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.objective import one_of_the_figures
from sim.kernel.document import DurationMs

UNDONE_BY: dict[str, tuple[str, ...]] = {
    Milestone.CONTINUITY_ACTIVE: (Milestone.CONTINUITY_ENDED,),
    Milestone.INBOUND_MOVED: (Milestone.MX_RESTORED,),
    Milestone.MX_CHANGED: (Milestone.MX_RESTORED,),
    Milestone.DELIVERIES_PAUSED: (Milestone.DELIVERIES_RESUMED,),
    Milestone.LOCK_OPENED: (Milestone.LOCK_CLOSED,),
}
"""For `stays`: the milestone that ends the state that another milestone begins."""


def _figure(name: str | None, info: ValidationInfo) -> str | None:
    return None if name is None else one_of_the_figures(name, info)


class PlanPromise(Named):
    """A promise, and the share of runs in which it has to be kept."""

    says: Words = ""
    """The promise in the plan's own words."""
    from_: PlanWhen = Field(default=parse_anchor(Milestone.OUTAGE_START), alias="from")
    """Moment from which the time is counted. If unset, the onset. Runs in which the moment is never
    reached are left out.
    """
    to: PlanWhen | None = None
    """Moment that must be reached: a milestone, or the end of a step, such as `change-mx.done`."""
    within_ms: DurationMs | None = Field(default=None, alias="within")
    """Time allowed after `from`. Times are compared in whole seconds."""
    stays_ms: DurationMs | None = Field(default=None, alias="stays")
    """How long the state that begins with `to` must last: `continuity.active`, `inbound.moved`, `mx.changed`,
    `deliveries.paused` or `lock.opened`. If the drill is over sooner, until then.
    """
    unless: Annotated[tuple[MilestoneName, ...], BeforeValidator(no_ends)] = ()
    """Milestones that cancel the promise. A run that reaches one of them before the limit is left out,
    because the promise was not needed.
    """
    figure: Annotated[str | None, AfterValidator(_figure)] = None
    """A figure for the whole run, instead of `to`."""
    at_most: Annotated[int, Field(ge=0)] | None = Field(default=None, alias="at most")
    """Largest value of the figure."""
    at_least: Annotated[int, Field(ge=0)] | None = Field(default=None, alias="at least")
    """Smallest value of the figure."""
    sure: PermyriadField = Field(default=9_000, alias="with")
    """Share of runs in which the promise has to be kept."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.figure is not None and self.within_ms is not None and self.to is None:
            raise ValueError("`figure` is a number for the whole run; remove `within`")
        if (self.to is None) == (self.figure is None):
            raise ValueError("needs either `to` and `within`, or `figure` and its limit; write one of them")
        if (self.to is None) != (self.within_ms is None):
            raise ValueError("`to` and `within` belong together; write both")
        if self.figure is not None and (self.at_most is None) == (self.at_least is None):
            raise ValueError("`figure` needs either `at most` or `at least`; write one of them")
        if self.figure is None and (self.at_most is not None or self.at_least is not None):
            raise ValueError("`at most` and `at least` are limits of a `figure`; write `within` for a time")
        if self.unless and self.to is None:
            raise ValueError("`unless` belongs to `to` and `within`; remove it")
        if self.stays_ms is not None and self.to is None:
            raise ValueError("`stays` belongs to `to`; remove it")
        if self.stays_ms is not None and self.to and UNDONE_BY.keys().isdisjoint(self.to.milestones):
            what = f"`stays`: {self.to.text} does not begin a state that can end"
            raise ValueError(f"{what}; write one of {', '.join(UNDONE_BY)}")
        for key, anchor in (("from", self.from_), ("to", self.to)):
            if anchor and not all(isinstance(one, Since | Elapsed) for one in anchor.moments):
                raise ValueError(f"`{key}` is a local time; write a milestone, a step's end, or T+")
            if anchor and anchor.for_alert:
                raise ValueError(f"`{key}`: {ALERT_OPEN} recurs; write alert.first")
        return self
