"""Commands for the firewall in front of the mail server's port 25: open and close."""

from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.commands.command_facts import InYourProduct
from sim.drill.commands.server.guard import NAMED, WHOM, GuardChange, Whom, change, sources
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.approvals import Scope
from sim.drill.room.work_given import Turn
from sim.kernel.frozen import frozen

_FIREWALL = InYourProduct(
    path="your firewall's rule for port 25 from outside to the mail server; Exchange Online is not behind it",
    who="the firewall's administrator; often another team",
    how_long="10 minutes if you have access",
    simplified="there is one rule; established connections are not cut",
)


def no_firewall(organisation: Organisation) -> str | None:
    """The reason why the firewall cannot be opened or closed here; None if it can."""
    if organisation.server.own_firewall:
        return None
    return "the mail server is not behind your firewall; use the lock to keep mail out"


@frozen
class FirewallOpen(GuardChange):
    """Open the firewall: let the backup, or anyone, reach the mail server's port 25."""

    whom: Whom = arg("choice", "the hosts let in", choices=WHOM)

    words: ClassVar = ("firewall", "open")
    facts: ClassVar = change(
        _FIREWALL,
        "firewall close",
        "the admitted hosts can reach port 25 of the mail server",
        where="firewall console",
        opens="firewall",
    )

    def needs_approval(self) -> Scope | None:
        return Scope("exposure", "firewall", self.whom)

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_firewall(organisation)

    def refusal(self, drill: Drill) -> str | None:
        if sources(self.whom) <= drill.protection.gates_now.firewall:
            return f"the firewall already lets in {NAMED[self.whom]}"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.firewall(drill.now_ms, sources(self.whom))
        return f"the firewall lets {NAMED[self.whom]} reach port 25 of the mail server"


@frozen
class FirewallClose(GuardChange):
    """Close the firewall again to all hosts that were admitted during the outage."""

    words: ClassVar = ("firewall", "close")
    facts: ClassVar = change(
        _FIREWALL,
        "firewall open",
        "nothing, but connections that still bypass the gateway are dropped",
        where="firewall console",
        closes="firewall",
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_firewall(organisation)

    def refusal(self, drill: Drill) -> str | None:
        protection = drill.protection
        if protection.gates_now.firewall == protection.gates[0][1].firewall:
            return "the firewall is as it was before the outage, so it need not be closed"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.firewall(drill.now_ms, None)
        return "the firewall is closed again; prove this from outside with `openings prove firewall`"
