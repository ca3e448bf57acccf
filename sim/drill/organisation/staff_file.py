"""Staff of an organisation, the vendors it depends on, and its approvers (in its file)."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from sim.drill.organisation.sourced_numbers import Block, Id, Percent, Quantiles, WorkingHours
from sim.kernel.data_files import data_files_of
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import HOUR_MS, MINUTE_MS

Role = Literal[
    "messaging-admin", "incident-lead", "helpdesk", "communications", "server-team", "security-approver"
]


class Person(Record):
    """A fictional member of staff; commands occupy the person whose role they need."""

    id: Id
    """Id of this person; unique in this file."""
    name: str = Field(min_length=1)
    """Display name (fictional)."""
    role: Role
    """Role whose commands this person carries out. If several people have the role, the first available one
    carries them out.
    """
    also: tuple[Role, ...] = ()
    """Other roles that this person covers when no one with the role is on duty."""
    hours: WorkingHours | None = None
    """Working hours in local time: `Mon-Fri 08:00-18:00`. If unset, this person is on duty day and night."""
    on_call_minutes: Quantiles | None = None
    """Time from an out-of-hours call until this person starts work. If unset, they start only when their next
    working hours begin.
    """


def _known_vendor(name: str, info: ValidationInfo) -> str:
    names = data_files_of(info).ids("vendors")
    if name not in names:
        raise ValueError(f"there is no vendor {name!r}; choose from {', '.join(names)}")
    return name


class VendorUse(Record):
    """A vendor that the organisation depends on."""

    vendor: Annotated[Id, AfterValidator(_known_vendor)]
    """The vendor's id in `scenarios/vendors`."""
    runs: tuple[Literal["gateway", "mail-server", "sign-in", "dns"], ...] = ()
    """Components that the vendor runs; a fault in one of these components is an incident at the vendor."""
    priority_messages: bool = False
    """True if the organisation has subscribed to the vendor's text messages about Priority 1 incidents."""


class HumanDelays(Block):
    """Human delays before the steps of a runbook are carried out."""

    step_minutes: Quantiles
    """Delay of one step; drawn separately for each step."""


class EstimateRules(Block):
    """The server team's estimates of its repair time."""

    after_minutes: Quantiles
    """Time from the onset to the first estimate."""
    off_percent: Quantiles
    """The estimate as a percentage of the actual remaining time: 100 is right, less is too optimistic."""
    sure_percent: Annotated[int, Field(ge=100, le=1000)] = 160
    """The time that the team expects not to exceed in nine out of ten cases, as a percentage of its
    estimate.
    """
    every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] = Field(default=4 * HOUR_MS, alias="every")
    """Interval between estimates. The team also gives a new one when the time that it last estimated has
    passed.
    """


class Approvals(Block):
    """How approvers respond to requests."""

    answer_minutes: Quantiles
    """Working time between a request and its answer, including reading and questions."""
    refuses_percent: Percent
    """Share of requests that are refused. A repeated request may be answered differently."""
    lasts_ms: DurationMs = Field(default=86_400_000, alias="lasts")
    """How long an approval of exposure lasts at first, unless the request asks for less."""
    at_most_ms: DurationMs = Field(default=259_200_000, alias="at_most")
    """Longest duration of an approval with its extensions, counted from when it was first given. After that,
    a new approval is needed.
    """

    @model_validator(mode="after")
    def _extends(self) -> Self:
        if self.at_most_ms < self.lasts_ms:
            raise ValueError("`at_most` is shorter than `lasts`; write the same or more")
        return self
