"""The people of a plan: when they are at work, how soon they answer, and how surely they are reached."""

from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Id, WorkingHours
from sim.drill.plan.fields import PermyriadField, SpreadField
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import MINUTE_MS


class PlanPerson(Record):
    """The people of one role, over those of the organisation."""

    role: Id
    """A role of the organisation, or a new one."""
    name: str = ""
    """As shown; none: the role."""
    count: Annotated[int, Field(ge=1, le=50)] = 1
    """Number of people in a new role."""
    hours: WorkingHours | None = None
    """Working hours in local time; none: those of the organisation's file, day and night for a new role."""
    answers: SpreadField | None = None
    """In working hours: time from being asked to starting; none: at once."""
    out_of_hours: SpreadField | Literal["none"] | None = Field(default=None, alias="out of hours")
    """Out of hours: time from the call to starting. `none`: not before the next working hours. Left out: as
    in the organisation's file; for a new role, as `answers`.
    """
    reached: PermyriadField = 10_000
    """Share of calls that reach somebody."""
    again_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] = Field(default=15 * MINUTE_MS, alias="again")
    """Time from a call in vain to the next one."""
