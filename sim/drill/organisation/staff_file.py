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
    """Id in this file."""
    name: str = Field(min_length=1)
    """As shown; fictional."""
    role: Role
    """Commands that need this role are carried out by this person; of several people, by the first available
    one.
    """
    also: tuple[Role, ...] = ()
    """Other roles that this person covers when no one with the role is on duty."""
    hours: WorkingHours | None = None
    """Working hours in local time, `Mon-Fri 08:00-18:00`; none: on duty day and night."""
    on_call_minutes: Quantiles | None = None
    """Out of hours, from the call to the start; none: not before the next working hours."""


def _known_vendor(name: str, info: ValidationInfo) -> str:
    names = data_files_of(info).ids("vendors")
    if name not in names:
        raise ValueError(f"there is no vendor {name!r}; there are {', '.join(names)}")
    return name


class VendorUse(Record):
    """A vendor that the organisation depends on."""

    vendor: Annotated[Id, AfterValidator(_known_vendor)]
    """Its id in `scenarios/vendors`."""
    runs: tuple[Literal["gateway", "mail-server", "sign-in", "dns"], ...] = ()
    """Components that the vendor runs: their faults are its incidents."""
    priority_messages: bool = False
    """True if the organisation has subscribed to its text messages about Priority 1 incidents."""


class HumanDelays(Block):
    """Delay of people with other work in carrying out a runbook's steps."""

    step_minutes: Quantiles
    """Drawn separately for each step."""


class EstimateRules(Block):
    """The server team's estimates of its own repair."""

    after_minutes: Quantiles
    """From the onset to the first estimate."""
    off_percent: Quantiles
    """Their estimate as a percentage of the actual remaining time: 100 is right, less is too early."""
    sure_percent: Annotated[int, Field(ge=100, le=1000)] = 160
    """Bound that holds nine times in ten, as a percentage of their estimate."""
    every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] = Field(default=4 * HOUR_MS, alias="every")
    """They report again after that time, or when a time they had named has passed."""


class Approvals(Block):
    """Reaction of approvers to requests."""

    answer_minutes: Quantiles
    """From the request, in working hours, to the answer, including reading and questions."""
    refuses_percent: Percent
    """Share of requests that are refused; a repeated request may get another answer."""
    lasts_ms: DurationMs = Field(default=86_400_000, alias="lasts")
    """First duration of an approval of exposure, unless the request is for less …"""
    at_most_ms: DurationMs = Field(default=259_200_000, alias="at_most")
    """… and its longest duration with extensions, from when it was first given; after that, a new approval is
    needed.
    """

    @model_validator(mode="after")
    def _extends(self) -> Self:
        if self.at_most_ms < self.lasts_ms:
            raise ValueError("`at_most` is shorter than `lasts`; write as much or more")
        return self
