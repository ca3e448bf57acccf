"""Commands for the register of openings: read it, and prove that an opening is closed."""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.server.closing_proof import BARRIERS, BY, Barrier, proves, send, way_to
from sim.drill.drill import Drill
from sim.drill.instruments.outbound_probe import by_gateway
from sim.drill.room.openings_register import KINDS, Opening
from sim.drill.room.work_given import Turn
from sim.kernel.frozen import frozen

_FOUND_CLOSED = {
    "backup-mx": "the zone's servers no longer name a backup",
    "low-ttl": "the zone's servers answer with the old TTL again",
    "connector": "a message sent through it leaves through the gateway again",
    "skip-filter": "a test message that bypasses the gateway is filtered again",
    "cloud-signin": "the portal refuses a cloud password",
    "break-glass": "the gateway's console refuses the account's old password",
}


@frozen
class OpeningsShow(Command):
    """Show the register: each opening, the command that made it, and whether it is proven closed."""

    words: ClassVar = ("openings", "show")
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        result="report",
        product=InYourProduct(
            path="your register of temporary changes; consoles do not have one",
            who="incident lead",
            how_long="a minute",
            simplified="entries are added automatically; in real life someone has to write them",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        entries = drill.room.openings.entries
        if not entries:
            return "register of openings: empty"
        return "register of openings: " + "; ".join(_told(drill, one) for one in entries)


def _told(drill: Drill, one: Opening) -> str:
    if one.proven_ms is not None:
        return f"{one.kind} proven closed at {drill.clock(one.proven_ms)}"
    if one.closed_ms is not None:
        return f"{one.kind} closed at {drill.clock(one.closed_ms)}, not proven"
    return f"{one.kind} open since {drill.clock(one.opened_ms)} by `{one.command}`"


@frozen
class OpeningsProve(Command):
    """Prove from outside that an opening is closed: test that it no longer works."""

    kind: str = arg("choice", "the kind of opening", choices=KINDS)

    words: ClassVar = ("openings", "prove")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        result="report",
        product=InYourProduct(
            path="lock, firewall: swaks --server YOUR-SERVER:25 --to you@your.domain from a second "
            "network, or through the backup if only the backup was let in; skip-filter: the same, and "
            "the message's header must show that it was filtered (in Microsoft 365 no SFV:SKN); "
            "connector: write to your own outside mailbox, and its Received lines must show the "
            "gateway; "
            "backup-mx, low-ttl: dig @YOUR-NAME-SERVER your.domain MX; cloud-signin, break-glass: sign in "
            "to the portal, or to the console, with the password that should be refused",
            who="messaging administrator",
            how_long="10 minutes",
            simplified="one test is enough",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not drill.room.openings.unproven(self.kind):
            return f"no {self.kind} opening in the register is awaiting proof"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        if drill.dns.shows_opening(self.kind, drill.now_ms):
            return f"{self.kind}: the zone's servers still publish the change; it is still OPEN"
        door = next((one for one in BARRIERS if one == self.kind), None)
        if door is not None:
            return f"{door}: {_tried(drill, door, turn)}"
        if self.kind == "connector" and not drill.room.openings.is_open(self.kind):
            waits = by_gateway(drill, turn)
            if waits is not None:
                return f"connector: {waits}; this does not prove anything"
        if self.kind == "cloud-signin" and drill.continuity.cloud_passwords_work:
            return f"{self.kind}: a cloud password still opens the portal; it is still OPEN"
        if drill.room.prove(self.kind, drill.now_ms):
            return f"{self.kind}: {_FOUND_CLOSED[self.kind]}; proven closed"
        return f"{self.kind}: tested from outside, and the opening still works; it is still OPEN"

    def found(self, drill: Drill, turn: Turn) -> bool:
        """True if every opening of the kind has been proven closed."""
        return not drill.room.openings.unproven(self.kind)


def _tried(drill: Drill, door: Barrier, turn: Turn) -> str:
    """Test the barrier on the route for which it was opened."""
    tested = send(drill, way_to(drill, door), turn)
    found = f"tested {BY[tested.by]}, {tested.met}"
    if not drill.world.endpoint.condition.lets_through:
        return f"{found}; the mail server itself is failing, so this does not prove anything"
    if drill.room.openings.is_open(door):
        return f"{found}; it is still OPEN"
    return f"{found}{proves(drill, tested)}"
