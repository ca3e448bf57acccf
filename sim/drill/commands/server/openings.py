"""The register of openings: what stands open because of the outage, and proving that it is closed."""

from dataclasses import dataclass
from typing import ClassVar

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.commands.server.closing_proof import BARRIERS, BY, Barrier, proves, send, way_to
from sim.drill.drill import Drill
from sim.drill.instruments.outbound_probe import by_gateway
from sim.drill.room.openings_register import KINDS, Opening

_FOUND_CLOSED = {
    "backup-mx": "the zone's servers name no backup any more",
    "low-ttl": "the zone's servers answer with the old TTL again",
    "connector": "a message sent by it leaves through the gateway again",
    "skip-filter": "a test message that comes round the gateway is filtered again",
}


@dataclass(frozen=True, slots=True)
class OpeningsShow(Command):
    """Read the register: what was opened, by which command, and what is not proven closed."""

    words: ClassVar = ("openings", "show")
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        result="report",
        product=InYourProduct(
            path="your register of temporary changes; there is none in any console",
            who="incident lead",
            how_long="a minute",
            simplified="entries are made by themselves; in real life somebody must write them",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        entries = drill.room.openings.entries
        if not entries:
            return "register of openings: empty"
        return "register of openings: " + "; ".join(_told(drill, one) for one in entries)


def _told(drill: Drill, one: Opening) -> str:
    if one.proven_ms is not None:
        return f"{one.kind} proven closed {drill.clock(one.proven_ms)}"
    if one.closed_ms is not None:
        return f"{one.kind} closed {drill.clock(one.closed_ms)}, not proven"
    return f"{one.kind} open since {drill.clock(one.opened_ms)} by `{one.command}`"


@dataclass(frozen=True, slots=True)
class OpeningsProve(Command):
    """Prove from outside that something is closed again: try what must not work any more."""

    kind: str = arg("choice", "what", choices=KINDS)

    words: ClassVar = ("openings", "prove")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        result="report",
        product=InYourProduct(
            path="lock, firewall: swaks --server YOUR-SERVER:25 --to you@your.domain from a second network, "
            "or by way of the backup if it alone was let in; skip-filter: the same, then the header of what "
            "comes says that it was filtered (in Microsoft 365 no SFV:SKN); connector: write to a mailbox of "
            "yours outside, its Received lines name the gateway; "
            "backup-mx, low-ttl: dig @YOUR-NAME-SERVER your.domain MX",
            who="messaging administrator",
            how_long="10 minutes",
            simplified="one test proves it",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not drill.room.openings.unproven(self.kind):
            return f"no {self.kind} is on the register of openings without its proof"
        return None

    def act(self, drill: Drill, by: str) -> str:
        if drill.dns.shows_opening(self.kind, drill.now_ms):
            return f"{self.kind}: the zone's servers still answer so; it is still OPEN"
        door = next((one for one in BARRIERS if one == self.kind), None)
        if door is not None:
            return f"{door}: {_tried(drill, door)}"
        if self.kind == "connector" and not drill.room.openings.is_open(self.kind):
            waits = by_gateway(drill)
            if waits is not None:
                return f"connector: {waits}; this proves nothing"
        if drill.room.prove(self.kind, drill.now_ms):
            return f"{self.kind}: {_FOUND_CLOSED[self.kind]}; proven closed"
        return f"{self.kind}: tried from outside, and it works; it is still OPEN"


def _tried(drill: Drill, door: Barrier) -> str:
    """A test that comes the way for which the door was opened."""
    tested = send(drill, way_to(drill, door))
    found = f"tried {BY[tested.by]}, {tested.met}"
    if not drill.world.endpoint.condition.lets_through:
        return f"{found}; the mail server itself is in trouble, so that this proves nothing"
    if drill.room.openings.is_open(door):
        return f"{found}; it is still OPEN"
    return f"{found}{proves(drill, tested)}"
