"""The kinds of fault, one record each, from which files, world, consoles, people and lint derive their rules.

To add a kind of fault, add its record here (`docs/howto/add-a-kind-of-fault.md`).
"""

from typing import Literal

from sim.kernel.frozen import frozen
from sim.mail.queue.receiver_condition import Answer

Component = Literal["mail-server", "access", "gateway", "receivers"]
ConsoleTrouble = Literal["unreachable", "slow", "stale", "works"]
"""Effect of a gateway's fault on its console and apps."""
FaultKey = Literal["reply", "share_percent", "by", "per_message", "direction", "hosts", "console"]
"""Keys of a fault in a scenario file that apply only to some kinds."""
Direction = Literal["inbound", "outbound", "internal"]

_GATEWAY: frozenset[FaultKey] = frozenset({"reply", "share_percent", "by", "direction", "hosts", "console"})
_EVERY_DIRECTION: tuple[Direction, ...] = ("inbound", "outbound", "internal")


@frozen
class FaultKind:
    """How one component can fail."""

    name: str
    """Name of this kind in scenario files."""
    component: Component
    """The component that fails, as a diagnosis names it."""
    failure: str
    """The failure, as a diagnosis names it."""
    means: str
    """The meaning in one clause, for the schema and the reference: `its port is closed`."""
    answer: Answer | None
    """The component's answer to a delivery attempt; None if no attempt fails."""
    reply: str = ""
    """The usual text of a failed attempt, as queues show it; empty if no attempt fails."""
    keys: frozenset[FaultKey] = frozenset()
    """Keys that a fault of this kind may have in a scenario file."""
    needs: FaultKey | None = None
    """The key that a fault of this kind must have."""
    share_of: Literal["attempts", "recipients"] = "attempts"
    """The quantity of which `share_percent` is a share."""
    silent: bool = False
    """True if the component does not answer at all. A component that fails completely in this way is dead."""
    takes_access: bool = False
    """True if users lose their mailboxes unless the file says otherwise."""
    hits_users: bool = False
    """True if `share_percent` is a share of users, who lose their mailboxes."""
    queues: bool = True
    """True if the fault makes a delivery queue grow that the organisation's administrators can check."""
    disturbs: tuple[Direction, ...] = ("inbound",)
    """Directions of mail that the fault disturbs while users keep their mailboxes."""
    console: ConsoleTrouble = "works"
    """State of the gateway's console and apps if the file does not set it."""

    @property
    def fails_attempts(self) -> bool:
        """True if delivery attempts get anything other than a quick 250."""
        return self.answer is not None

    @property
    def alerts(self) -> bool:
        """True if the gateway's monitors notice the fault, because they watch deliveries to the mail
        server.
        """
        return self.component == "mail-server" and self.fails_attempts

    @property
    def slows(self) -> bool:
        """True if delivered mail is late."""
        return self.needs == "per_message" or (self.leaks and self.share_of == "attempts")

    @property
    def leaks(self) -> bool:
        """True if some mail gets through during the fault, because the fault always has a share."""
        return self.needs == "share_percent"


_BY_GRAVITY = (
    FaultKind(
        "mail-server refuses",
        "mail-server",
        "refuses",
        means="its port is closed",
        answer="refused",
        reply="connection refused",
        keys=frozenset({"reply"}),
        silent=True,
        takes_access=True,
    ),
    FaultKind(
        "mail-server times out",
        "mail-server",
        "times-out",
        means="packets to it are lost",
        answer="timeout",
        reply="connection timed out",
        keys=frozenset({"reply"}),
        silent=True,
        takes_access=True,
    ),
    FaultKind(
        "mail-server rejects",
        "mail-server",
        "rejects",
        means="a 5xx to each recipient; mail is returned at once",
        answer="reject",
        reply="550 5.1.1 no such user here",
        keys=frozenset({"reply"}),
        queues=False,
    ),
    FaultKind(
        "mail-server answers 4xx",
        "mail-server",
        "answers-4xx",
        means="each attempt is deferred",
        answer="defer",
        reply="451 4.3.2 temporary server error",
        keys=frozenset({"reply"}),
    ),
    FaultKind(
        "mail-server is partial",
        "mail-server",
        "partial",
        means="a share of users lose their mailboxes, and mail to them is deferred",
        answer="defer",
        reply="451 4.3.2 temporary server error",
        keys=frozenset({"reply", "share_percent"}),
        needs="share_percent",
        share_of="recipients",
        takes_access=True,
        hits_users=True,
    ),
    FaultKind(
        "mail-server is intermittent",
        "mail-server",
        "intermittent",
        means="a share of attempts, or of senders, is deferred",
        answer="defer",
        reply="451 4.3.2 temporary server error",
        keys=frozenset({"reply", "share_percent", "by"}),
        needs="share_percent",
    ),
    FaultKind(
        "mail-server is slow",
        "mail-server",
        "slow",
        means="it takes a long time for each message",
        answer=None,
        keys=frozenset({"per_message"}),
        needs="per_message",
        disturbs=_EVERY_DIRECTION,
    ),
    FaultKind(
        "access lost",
        "access",
        "no-access",
        means="users cannot connect; mail is accepted",
        answer=None,
        keys=frozenset({"share_percent"}),
        takes_access=True,
        hits_users=True,
        queues=False,
    ),
    FaultKind(
        "gateway refuses",
        "gateway",
        "refuses",
        means="its ports are closed",
        answer="refused",
        reply="connection refused",
        keys=_GATEWAY,
        silent=True,
        queues=False,
        disturbs=("inbound", "outbound"),
        console="unreachable",
    ),
    FaultKind(
        "gateway times out",
        "gateway",
        "times-out",
        means="packets to it are lost",
        answer="timeout",
        reply="connection timed out",
        keys=_GATEWAY,
        silent=True,
        queues=False,
        disturbs=("inbound", "outbound"),
        console="unreachable",
    ),
    FaultKind(
        "gateway rejects",
        "gateway",
        "rejects",
        means="it answers each recipient with a 5xx",
        answer="reject",
        reply="550 5.1.1 no such user here",
        keys=_GATEWAY,
        queues=False,
        disturbs=("inbound", "outbound"),
        console="unreachable",
    ),
    FaultKind(
        "gateway answers 4xx",
        "gateway",
        "answers-4xx",
        means="it defers each attempt",
        answer="defer",
        reply="451 4.3.2 service is busy, try again later",
        keys=_GATEWAY,
        queues=False,
        disturbs=("inbound", "outbound"),
        console="unreachable",
    ),
    FaultKind(
        "gateway accepts and holds",
        "gateway",
        "accepts-and-holds",
        means="it answers 250 and does not pass the mail on",
        answer="up",
        keys=_GATEWAY - {"reply", "share_percent", "by"},
        disturbs=("inbound", "outbound"),
        console="unreachable",
    ),
    FaultKind(
        "gateway is slow",
        "gateway",
        "slow",
        means="its filter takes a long time for each message",
        answer=None,
        keys=frozenset({"per_message", "direction", "console"}),
        needs="per_message",
        queues=False,
        disturbs=("inbound", "outbound"),
    ),
    FaultKind(
        "receivers answer 4xx",
        "receivers",
        "answers-4xx",
        means="organisations outside defer mail from the gateway",
        answer="defer",
        reply="451 4.7.1 temporarily deferred, poor reputation of the sending address",
        keys=frozenset({"reply", "share_percent"}),
        share_of="recipients",
        disturbs=("outbound",),
    ),
)
FAULT_KINDS = {kind.name: kind for kind in _BY_GRAVITY}
"""Every kind by its name. For each component the most serious comes first, because it decides when faults
overlap.
"""
GRAVITY = {name: place for place, name in enumerate(FAULT_KINDS)}
"""Each kind's position in that order; 0 is the most serious."""


def kinds_with(key: FaultKey) -> list[str]:
    """Names of the kinds that may have `key`."""
    return [kind.name for kind in FAULT_KINDS.values() if key in kind.keys]
