"""Faults as a scenario's file describes them: which component misbehaves, how, from when, for how long."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.drill.scenario.field_types import ElapsedMs, Named
from sim.kernel.document import DurationMs

Failure = Literal[
    "mail-server refuses",
    "mail-server times out",
    "mail-server rejects",
    "mail-server answers 4xx",
    "mail-server is intermittent",
    "mail-server is partial",
    "mail-server is slow",
    "access lost",
    "gateway refuses",
    "gateway times out",
    "gateway rejects",
    "gateway answers 4xx",
    "gateway accepts and holds",
    "gateway is slow",
    "receivers answer 4xx",
]
ConsoleState = Literal["unreachable", "slow", "stale", "works"]
GATEWAY_GRAVITY: tuple[Failure, ...] = (
    "gateway refuses",
    "gateway times out",
    "gateway rejects",
    "gateway answers 4xx",
    "gateway accepts and holds",
)
"""What the gateway does to those that connect to it, the gravest first."""

_REPLIES: Mapping[Failure, str] = {
    "mail-server refuses": "connection refused",
    "mail-server times out": "connection timed out",
    "mail-server rejects": "550 5.1.1 no such user here",
    "mail-server answers 4xx": "451 4.3.2 temporary server error",
    "mail-server is intermittent": "451 4.3.2 temporary server error",
    "mail-server is partial": "451 4.3.2 temporary server error",
    "mail-server is slow": "",
    "access lost": "",
    "gateway refuses": "connection refused",
    "gateway times out": "connection timed out",
    "gateway rejects": "550 5.1.1 no such user here",
    "gateway answers 4xx": "451 4.3.2 service is busy, try again later",
    "gateway accepts and holds": "",
    "gateway is slow": "",
    "receivers answer 4xx": "451 4.7.1 temporarily deferred, poor reputation of the sending address",
}
_OWN_KEYS: Mapping[str, tuple[Failure, ...]] = {
    "reply": tuple(failure for failure, reply in _REPLIES.items() if reply),
    "share_percent": (
        "mail-server is intermittent",
        "mail-server is partial",
        "access lost",
        *GATEWAY_GRAVITY[:-1],
        "receivers answer 4xx",
    ),
    "per_message": ("mail-server is slow", "gateway is slow"),
    "direction": GATEWAY_GRAVITY,
    "hosts": GATEWAY_GRAVITY,
    "console": (*GATEWAY_GRAVITY, "gateway is slow"),
}
_NEEDED: Mapping[Failure, str] = {
    "mail-server is intermittent": "share_percent",
    "mail-server is partial": "share_percent",
    "mail-server is slow": "per_message",
    "gateway is slow": "per_message",
}
_TAKES_ACCESS: frozenset[Failure] = frozenset(
    {"mail-server refuses", "mail-server times out", "mail-server is partial", "access lost"}
)


class Fault(Named):
    """A component misbehaves for a while. Several may overlap: the gravest decides, users hit add up."""

    at_ms: ElapsedMs = Field(alias="at")
    """When it begins, since the drill's start: `T+1h12m`."""
    fault: Failure
    """`mail-server refuses`: its port is closed; `times out`: packets vanish; `rejects`: a 5xx to
    each recipient, and mail is returned at once; `answers 4xx`: each attempt is put off;
    `is intermittent`: a share of attempts is; `is partial`: the mailboxes of a share of users are;
    `is slow`: it takes long for a message; `access lost`: users cannot connect, mail is accepted.
    `gateway …`: the same of the gateway; `accepts and holds`: it answers 250 and keeps the mail inside;
    `is slow`: its filter lets one inbound message pass after the other.
    `receivers answer 4xx`: organisations outside put off what the gateway brings them."""
    for_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="for")
    """How long it lasts."""
    reply: str | None = Field(default=None, min_length=1)
    """What the delivery queue shows as the last error; without it, what such a server usually says."""
    share_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Of attempts (`is intermittent`, `gateway …`), of users (`is partial`, `access lost`) or of the
    organisations outside (`receivers …`); else all."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="per_message")
    """Time that one message takes while the server, or the gateway's filter, `is slow`."""
    access: Literal["lost", "kept"] | None = None
    """Whether users lose their mailboxes too: they do by default when the server refuses, times out or
    is partial."""
    sign_in: Literal["lost", "works"] = "works"
    """Whether the directory that log-ons ask is gone too."""
    direction: Literal["both", "inbound", "outbound"] = "both"
    """Of a gateway's fault: mail from the internet, mail to it, or both."""
    hosts: Literal["both", "one"] = "both"
    """Of a gateway's fault: both of the MX record's hosts, or one of them."""
    console: ConsoleState | None = None
    """Of a gateway's fault: what its console and its apps are like; without it, unreachable, or working
    if it `is slow`."""

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        given = {
            "reply": self.reply,
            "share_percent": self.share_percent,
            "per_message": self.per_message_ms,
            "direction": None if self.direction == "both" else self.direction,
            "hosts": None if self.hosts == "both" else self.hosts,
            "console": self.console,
        }
        for key, value in given.items():
            if value is not None and self.fault not in _OWN_KEYS[key]:
                raise ValueError(f"`{key}` belongs to {' or '.join(_OWN_KEYS[key])}; leave it out")
        needed = _NEEDED.get(self.fault)
        if needed is not None and given[needed] is None:
            raise ValueError(f"`{self.fault}` needs `{needed}`; add it")
        if self.fault == "access lost" and self.access == "kept":
            raise ValueError("`access lost` cannot keep it; leave `access` out")
        return self

    @property
    def until_ms(self) -> int:
        """End of the fault, ms since the drill's start."""
        return self.at_ms + self.for_ms

    @property
    def console_state(self) -> ConsoleState:
        """What the gateway's console and apps are like while it lasts."""
        if self.fault == "gateway is slow":
            return self.console or "works"
        if self.fault not in GATEWAY_GRAVITY:
            return "works"
        return self.console or "unreachable"

    @property
    def says(self) -> str:
        """The words of a failed attempt; empty for a fault that fails none."""
        return self.reply or _REPLIES[self.fault]

    @property
    def users_percent(self) -> int:
        """Share of users who lose their mailboxes."""
        if self.access == "kept" or (self.access is None and self.fault not in _TAKES_ACCESS):
            return 0
        hits_some = self.fault in ("mail-server is partial", "access lost")
        return self.share_percent if hits_some and self.share_percent is not None else 100


def directions_hit(fault: Fault) -> tuple[str, ...]:
    """Mail of which directions a fault disturbs. Who cannot connect can neither read nor send."""
    if fault.fault == "gateway is slow":
        return ("inbound",)
    match fault.fault.partition(" ")[0]:
        case "gateway":
            return ("inbound", "outbound") if fault.direction == "both" else (fault.direction,)
        case "receivers":
            return ("outbound",)
    if fault.users_percent or fault.fault == "mail-server is slow":
        return ("inbound", "outbound", "internal")
    return ("inbound",)
