"""Faults as a scenario's file describes them: which component fails and how, from when, and for how long."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.drill.scenario.fault_kinds import (
    FAULT_KINDS,
    GRAVITY,
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


STEPS = 10
"""Number of steps of a ramp."""


class Fault(Named):
    """A failure of a component for a limited time. Faults may overlap: of each component's faults, the most
    severe kind applies, and of several faults of that kind, the one with the largest share. Users whom any
    of the faults affects lose their mailboxes.
    """

    at_ms: ElapsedMs = Field(alias="at")
    """When the fault begins, counted from the start of the drill: `T+1h12m`."""
    fault: KindName
    """The failing component and its failure: one of the kinds of fault."""
    for_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="for")
    """How long the fault lasts."""
    reply: str | None = Field(default=None, min_length=1)
    """Last error shown in the delivery queue. If unset, the usual reply for this kind of fault."""
    share_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Affected share of attempts (`is intermittent`, `gateway …`), of users (`is partial`, `access lost`) or
    of outside organisations (`receivers …`). If unset, all of them.
    """
    by: Literal["attempt", "sender", "network", "platform"] = "attempt"
    """How `share_percent` selects inbound mail. `attempt`: a draw for each attempt. `sender`: a share of the
    outside organisations, always the same ones, whose attempts all fail. `network`, `platform`: likewise a
    share of the networks that they send from, or of their platforms.
    """
    ramps_up_ms: DurationMs = Field(default=0, alias="ramps_up")
    """Time over which the share or the processing time grows to its full value, in ten steps."""
    ramps_down_ms: DurationMs = Field(default=0, alias="ramps_down")
    """Time before the end over which the share or the processing time falls again, in ten steps."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="per_message")
    """Processing time of one message while the server, or the gateway's filter, `is slow`. Both process
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
            "by": None if self.by == "attempt" else self.by,
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
        if self.by != "attempt" and (self.hits_all or self.direction == "outbound"):
            raise ValueError("`by` selects a share of inbound mail; add `share_percent`, or leave it out")
        self._ramps_fit()
        if self.kind.component == "access" and self.access == "kept":
            raise ValueError("`access lost` cannot keep access; leave `access` out")
        return self

    def _ramps_fit(self) -> None:
        if not (self.ramps_up_ms or self.ramps_down_ms):
            return
        if not self.kind.keys & {"share_percent", "per_message"}:
            raise ValueError(
                f"`{self.fault}` has no value that could ramp; leave `ramps_up`, `ramps_down` out"
            )
        if self.ramps_up_ms + self.ramps_down_ms > self.for_ms:
            raise ValueError("`ramps_up` and `ramps_down` are longer than `for`; shorten them")

    @property
    def kind(self) -> FaultKind:
        """The record of the fault's kind."""
        return FAULT_KINDS[self.fault]

    @property
    def until_ms(self) -> int:
        """End of the fault, ms since the drill's start."""
        return self.at_ms + self.for_ms

    @property
    def _rising_ms(self) -> list[int]:
        return (
            [self.at_ms + self.ramps_up_ms * n // STEPS for n in range(1, STEPS)] if self.ramps_up_ms else []
        )

    @property
    def _falling_ms(self) -> list[int]:
        down_ms = self.ramps_down_ms
        return [self.until_ms - down_ms * n // STEPS for n in range(STEPS - 1, 0, -1)] if down_ms else []

    @property
    def steps_ms(self) -> list[int]:
        """Times, during the fault, at which it becomes stronger or weaker; ascending."""
        return sorted({*self._rising_ms, *self._falling_ms})

    def at(self, now_ms: int) -> "Fault":
        """The fault with its strength at `now_ms`."""
        before = sum(one > now_ms for one in self._rising_ms)
        level = STEPS - max(before, sum(one <= now_ms for one in self._falling_ms))
        if level == STEPS:
            return self
        share, every_ms = self.share_percent or 100, self.per_message_ms
        weaker: dict[str, int] = {}
        if "share_percent" in self.kind.keys:
            weaker["share_percent"] = -(-share * level // STEPS)
        if every_ms is not None:
            weaker["per_message_ms"] = -(-every_ms * level // STEPS)
        return self.model_copy(update=weaker)

    @property
    def console_state(self) -> ConsoleTrouble:
        """State of the gateway's console and apps during the fault."""
        return self.console or self.kind.console

    @property
    def leniency(self) -> tuple[int, bool, int]:
        """Sorts faults of one component from the most severe to the least: by kind, then faults of both
        hosts, then by share.
        """
        return GRAVITY[self.fault], self.hosts == "one", -(self.share_percent or 100)

    @property
    def server_down(self) -> bool:
        """True if the whole mail server is down, including its console."""
        return self.kind.component == "mail-server" and self.kind.silent and self.users_percent == 100

    @property
    def says(self) -> str:
        """Reply to a failed attempt; empty for a fault that lets no attempt fail."""
        return self.reply or self.kind.reply

    @property
    def told(self) -> str:
        """The fault and its limits in words: `gateway times out (outbound, 80 % of attempts)`."""
        limits: list[str] = [self.direction] if self.direction != "both" else []
        if self.hosts == "one":
            limits.append("one of two hosts")
        if not self.hits_all:
            limits.append(f"{self.share_percent} % of {self._share_of}")
        return f"{self.fault} ({', '.join(limits)})" if limits else self.fault

    @property
    def _share_of(self) -> str:
        """The whole of which `share_percent` is a part."""
        if self.by != "attempt":
            return f"{self.by}s"
        if self.kind.component == "receivers":
            return "outside organisations"
        return "users" if self.kind.hits_users else self.kind.share_of

    @property
    def users_percent(self) -> int:
        """Share of users who lose their mailboxes in the fault."""
        if self.access == "kept" or (self.access is None and not self.kind.takes_access):
            return 0
        return self.share_percent if self.kind.hits_users and self.share_percent is not None else 100

    @property
    def hits_all(self) -> bool:
        """True if the fault affects all attempts, users or organisations."""
        return self.share_percent in (None, 100)


def directions_hit(fault: Fault) -> tuple[Direction, ...]:
    """Directions of mail that the fault disturbs. A user without a mailbox can neither read nor send."""
    if fault.direction != "both":
        return (fault.direction,)
    if fault.users_percent and fault.kind.component != "gateway":
        return ("inbound", "outbound", "internal")
    return fault.kind.disturbs
