"""Commands for the mail server's lock, which rejects mail that bypasses the gateway: open, close, test."""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.server.closing_proof import proves, send
from sim.drill.commands.server.guard import NAMED, WHOM, GuardChange, Whom, change, sources
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.approvals import Scope
from sim.drill.room.work_given import Turn
from sim.kernel.frozen import frozen

_LOCK = InYourProduct(
    path="Microsoft 365: Exchange admin center | Mail flow | Connectors, the partner connector that requires "
    "the gateway's certificate: Set-InboundConnector; Exchange Server: the receive connector's "
    "RemoteIPRanges and anonymous permission",
    who="Organization Management",
    how_long="5 minutes; in Microsoft 365 up to an hour to take effect",
    simplified="one lock for the whole organisation, which takes effect everywhere at the same moment",
)


def no_lock(organisation: Organisation) -> str | None:
    """The reason why the lock cannot be opened or closed here; None if it can."""
    if organisation.guard.lock != "open":
        return None
    return "the mail server does not have a lock, and accepts mail from everywhere"


@frozen
class LockOpen(GuardChange):
    """Open the lock: the mail server accepts mail that bypasses the gateway, from the backup or anyone."""

    whom: Whom = arg("choice", "the hosts that are let in", choices=WHOM)

    words: ClassVar = ("lock", "open")
    facts: ClassVar = change(
        _LOCK,
        "lock close",
        "mail from admitted hosts reaches mailboxes without passing the gateway's filter",
        opens="lock",
    )

    def needs_approval(self) -> Scope | None:
        return Scope("exposure", "lock", self.whom)

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_lock(organisation)

    def refusal(self, drill: Drill) -> str | None:
        gates = drill.protection.gates_now
        if gates.lock == "open":
            return "the lock is off, and the mail server accepts mail from everywhere"
        if sources(self.whom) <= gates.trusted:
            return f"the lock already lets in {NAMED[self.whom]}"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.lock(drill.now_ms, sources(self.whom))
        return f"the lock now lets in {'the backup as well' if self.whom == 'backup' else 'everyone'}"


@frozen
class LockClose(GuardChange):
    """Close the lock: the mail server accepts mail only from the gateway; mail on other routes bounces."""

    words: ClassVar = ("lock", "close")
    facts: ClassVar = change(
        _LOCK,
        "lock open",
        "nothing, but mail that still bypasses the gateway is permanently rejected",
        closes="lock",
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_lock(organisation)

    def refusal(self, drill: Drill) -> str | None:
        protection = drill.protection
        first, now = protection.gates[0][1], protection.gates_now
        if (now.lock, now.trusted) == (first.lock, first.trusted):
            return "the lock is as it was before the outage, so it need not be closed"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.lock(drill.now_ms, None)
        return "the lock is closed again; prove this from outside with `openings prove lock`"


@frozen
class LockTest(Command):
    """Test the lock from outside with a message straight to the mail server; a closed lock rejects it."""

    words: ClassVar = ("lock", "test")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        anyone=True,
        result="report",
        product=InYourProduct(
            path="swaks --server YOUR-SERVER:25 --to you@your.domain from a second network",
            who="anyone with a shell outside",
            how_long="5 minutes",
            simplified=(
                "one test message is enough, but it proves only the barrier that it reaches; if the "
                "firewall drops it, the lock behind it is not tested, and a test from outside does not test "
                "the route through the backup"
            ),
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        (name,), tested = drill.dns.names(("server",)), send(drill, "internet", turn)
        found = f"straight to {name}: {tested.met}"
        if tested.answer is None:
            found += "; it cannot be read" if tested.stopped else "; the lock is OPEN to everyone"
        found += proves(drill, tested)
        return drill.protection.noted(drill.now_ms, turn.by, "lock test", found)
