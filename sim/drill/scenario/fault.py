"""Faults as a scenario's file describes them: which component misbehaves, how, from when, for how long."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.drill.scenario.fault_kinds import (
    FAULT_KINDS,
    ConsoleTrouble,
    Direction,
    FaultKey,
    FaultKind,
    kinds_with,
)
from sim.drill.scenario.field_types import ElapsedMs, Named
from sim.kernel.document import DurationMs

if TYPE_CHECKING:
    KindName = str
else:
    KindName = Literal[tuple(FAULT_KINDS)]


class Fault(Named):
    """A component that misbehaves for a while. Faults may overlap: the gravest one decides, and the shares of
    affected users add up.
    """

    at_ms: ElapsedMs = Field(alias="at")
    """When the fault begins, counted from the start of the drill: `T+1h12m`."""
    fault: KindName
    """What fails, and how: one of the kinds of fault."""
    for_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="for")
    """How long the fault lasts."""
    reply: str | None = Field(default=None, min_length=1)
    """Last error shown in the delivery queue. If unset, the usual reply for this kind of fault."""
    share_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Affected share of attempts (`is intermittent`, `gateway …`), of users (`is partial`, `access lost`) or
    of outside organisations (`receivers …`). If unset, all of them.
    """
    per_message_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="per_message")
    """Processing time of one message while the server, or the gateway's filter, `is slow`. Either processes
    several messages at a time.
    """
    access: Literal["lost", "kept"] | None = None
    """`lost`: users cannot reach their mailboxes either. If unset, access is lost if the server refuses,
    times out or is partial, or if the fault is `access lost`.
    """
    sign_in: Literal["lost", "works"] = "works"
    """`lost`: the directory that authenticates users is down too."""
    direction: Literal["both", "inbound", "outbound"] = "both"
    """Gateway faults only: whether the fault affects mail from the internet, mail to the internet, or both.
    """
    hosts: Literal["both", "one"] = "both"
    """Gateway faults only: whether the fault affects both MX hosts or one of them."""
    console: ConsoleTrouble | None = None
    """Gateway faults only: state of the gateway's console and apps. If unset, they are unreachable, or work
    normally if the gateway `is slow`.
    """

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        given: dict[FaultKey, object] = {
            "reply": self.reply,
            "share_percent": self.share_percent,
            "per_message": self.per_message_ms,
            "direction": None if self.direction == "both" else self.direction,
            "hosts": None if self.hosts == "both" else self.hosts,
            "console": self.console,
        }
        for key, value in given.items():
            if value is not None and key not in self.kind.keys:
                raise ValueError(f"`{key}` belongs to {' or '.join(kinds_with(key))}; leave it out")
        needed = self.kind.needs
        if needed is not None and given[needed] is None:
            raise ValueError(f"`{self.fault}` needs `{needed}`; add it")
        if self.kind.component == "access" and self.access == "kept":
            raise ValueError("`access lost` cannot keep it; leave `access` out")
        return self

    @property
    def kind(self) -> FaultKind:
        """The record of its kind."""
        return FAULT_KINDS[self.fault]

    @property
    def until_ms(self) -> int:
        """End of the fault, ms since the drill's start."""
        return self.at_ms + self.for_ms

    @property
    def console_state(self) -> ConsoleTrouble:
        """State of the gateway's console and apps while it lasts."""
        return self.console or self.kind.console

    @property
    def says(self) -> str:
        """Reply to a failed attempt; empty for a fault that fails no attempt."""
        return self.reply or self.kind.reply

    @property
    def users_percent(self) -> int:
        """Share of users who lose their mailboxes."""
        if self.access == "kept" or (self.access is None and not self.kind.takes_access):
            return 0
        return self.share_percent if self.kind.hits_users and self.share_percent is not None else 100

    @property
    def hits_all(self) -> bool:
        """True if it hits all attempts, users or organisations."""
        return self.share_percent in (None, 100)


def directions_hit(fault: Fault) -> tuple[Direction, ...]:
    """Directions of mail that a fault disturbs. A user without a mailbox can neither read nor send."""
    if fault.direction != "both":
        return (fault.direction,)
    if fault.users_percent and fault.kind.component != "gateway":
        return ("inbound", "outbound", "internal")
    return fault.kind.disturbs
