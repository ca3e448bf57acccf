"""Who works for an organisation, on which vendors it depends, how approvals are answered (in its file)."""

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
    """Its name in this file."""
    name: str = Field(min_length=1)
    """As shown; fictional."""
    role: Role
    """Commands that need this role are theirs; of several people, whoever can start first takes them."""
    also: tuple[Role, ...] = ()
    """Further roles that this person can stand in for when nobody of the role is on duty."""
    hours: WorkingHours | None = None
    """Working hours in local time, `Mon-Fri 08:00-18:00`; none: there day and night."""
    on_call_minutes: Quantiles | None = None
    """Out of hours, from being called to starting; none: not before the next working hours."""


def _known_vendor(name: str, info: ValidationInfo) -> str:
    names = data_files_of(info).ids("vendors")
    if name not in names:
        raise ValueError(f"there is no vendor {name!r}; there are {', '.join(names)}")
    return name


class VendorUse(Record):
    """A vendor that the organisation depends on."""

    vendor: Annotated[Id, AfterValidator(_known_vendor)]
    """As `scenarios/vendors` names it."""
    runs: tuple[Literal["gateway", "mail-server", "sign-in", "dns"], ...] = ()
    """Components that are the vendor's: their faults are its incidents."""
    priority_messages: bool = False
    """Whether somebody has subscribed to its text messages about Priority 1 incidents."""


class HumanDelays(Block):
    """How much later than a runbook says its steps are taken by people who have other things to do."""

    step_minutes: Quantiles
    """For each step, drawn anew."""


class EstimateRules(Block):
    """What the server team says of its own repair."""

    after_minutes: Quantiles
    """From the onset to the first word."""
    off_percent: Quantiles
    """What they expect of what the rest of the repair really takes: 100 is right, less is too early."""
    sure_percent: Annotated[int, Field(ge=100, le=1000)] = 160
    """What they allow, of what they expect, to be right nine times in ten."""
    every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] = Field(default=4 * HOUR_MS, alias="every")
    """They speak again after that time, or when one has passed that they had named."""


class Approvals(Block):
    """How those who have to approve something answer."""

    answer_minutes: Quantiles
    """From being asked, in working hours, to the answer; reading and asking back included."""
    refuses_percent: Percent
    """Of requests; asked again, the answer may be another."""
    lasts_ms: DurationMs = Field(default=86_400_000, alias="lasts")
    """How long an approval of exposure holds at first, at most and unless less is asked …"""
    at_most_ms: DurationMs = Field(default=259_200_000, alias="at_most")
    """… and how long it can be extended to, from when it was first given; then it is asked anew."""

    @model_validator(mode="after")
    def _extends(self) -> Self:
        if self.at_most_ms < self.lasts_ms:
            raise ValueError("`at_most` is shorter than `lasts`; write as much or more")
        return self
