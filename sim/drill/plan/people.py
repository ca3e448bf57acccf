"""The people of a plan: when they are at work, how soon they answer, and how likely they are to be
reached.
"""

from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Id, WorkingHours
from sim.drill.plan.fields import PermyriadField, SpreadField, Words
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import MINUTE_MS


class PlanPerson(Record):
    """The people in one role, in addition to the organisation's people or in place of them.

    For `security-approver`, the entry also decides when the approver starts on a request made by an `approve`
    step. The organisation's file (`approvals`) gives the time that the approver then needs.
    """

    role: Id
    """A role of the organisation, or a new one."""
    name: Words = ""
    """Display name. If unset, the role."""
    count: Annotated[int, Field(ge=1, le=50)] = 1
    """Number of people in a new role."""
    hours: WorkingHours | None = None
    """Working hours in local time. If unset, those of the organisation's file, or day and night for a new
    role.
    """
    answers: SpreadField | None = None
    """Time from a request in working hours until the person starts. If unset, they start at once."""
    out_of_hours: SpreadField | Literal["none"] | None = Field(default=None, alias="out of hours")
    """Time from an out-of-hours call until the person starts; `none` means not before the next working hours.
    If unset, the `on_call_minutes` of the organisation's file, and the first of several people to start does
    the step; if those are unset too, not before the next working hours. For a new role: like `answers`; if
    that is unset too, not before the next working hours.
    """
    reached: PermyriadField = 10_000
    """Share of calls that are answered."""
    again_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] = Field(default=15 * MINUTE_MS, alias="again")
    """Time from an unanswered call to the next one."""
