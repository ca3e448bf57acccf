"""What keeps others than the gateway from the mail server: lock, firewall, a rule that skips filters."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.commands.command import Command, Facts, InYourProduct, Where, arg
from sim.drill.commands.server.closing_proof import proves, send
from sim.drill.drill import Drill
from sim.drill.room.approvals import Scope
from sim.kernel.duration import MINUTE_MS
from sim.mail.server.guard import SOURCES, MailOrigin

Whom = Literal["backup", "everybody"]
_WHOM = ("backup", "everybody")

_LOCK = InYourProduct(
    path="Microsoft 365: Exchange admin center | Mail flow | Connectors, the partner connector that asks for "
    "the gateway's certificate: Set-InboundConnector; Exchange Server: the receive connector's "
    "RemoteIPRanges and anonymous permission",
    who="Organization Management",
    how_long="5 minutes; in Microsoft 365 up to an hour until it acts",
    simplified="one lock for the whole organisation, which acts everywhere in one moment",
)
_FIREWALL = InYourProduct(
    path="your firewall's rule for port 25 from outside to the mail server; "
    "before Exchange Online none is yours",
    who="whoever runs the firewall; often another team",
    how_long="10 minutes with access at hand",
    simplified="one rule; connections that stand are not cut",
)
_RULE = InYourProduct(
    path="Exchange admin center | Mail flow | Rules: Set the spam confidence level to bypass",
    who="Organization Management",
    how_long="5 minutes, up to half an hour until it acts",
    simplified="the rule concerns all mail that does not come from the gateway",
)


def no_firewall(drill: Drill) -> str | None:
    """Why no firewall can be opened or closed here; None if there is one."""
    if drill.scenario.organisation.server.own_firewall:
        return None
    return "the firewall before the mail server is not yours; what keeps mail out here is the lock"


def sources(whom: Whom) -> frozenset[MailOrigin]:
    """Whom a command means."""
    return frozenset(SOURCES) if whom == "everybody" else frozenset({"backup"})


def change(
    product: InYourProduct,
    undo: str,
    exposes: str,
    *,
    where: Where = "Exchange shell",
    opens: str = "",
    closes: str = "",
) -> Facts:
    """Of a change of what stands before the mail server; whatever opens something needs an approval."""
    return Facts(
        role="messaging-admin",
        where=where,
        lead_ms=MINUTE_MS,
        undo=undo,
        exposes=exposes,
        product=product,
        needs_approval="exposure" if opens else "",
        opens=opens,
        closes=closes,
    )


@dataclass(frozen=True, slots=True)
class GuardChange(Command):
    """A change of what stands before the mail server."""

    def lead_ms(self, drill: Drill) -> int:
        return drill.protection.guard_ms()


@dataclass(frozen=True, slots=True)
class LockOpen(GuardChange):
    """Have the mail server take mail that does not come from the gateway: the backup's, or everybody's."""

    whom: Whom = arg("choice", "whose mail", choices=_WHOM)

    words: ClassVar = ("lock", "open")
    facts: ClassVar = change(
        _LOCK,
        "lock close",
        "whoever is let in hands mail to mailboxes without the gateway's filter",
        opens="lock",
    )

    def needs_approval(self) -> Scope | None:
        return Scope("exposure", "lock", self.whom)

    def refusal(self, drill: Drill) -> str | None:
        gates = drill.protection.gates_now
        if gates.lock == "open":
            return "no lock keeps anybody out; mail comes in from everywhere"
        if sources(self.whom) <= gates.trusted:
            return f"the lock lets {self.whom} in already"
        return None

    def act(self, drill: Drill, by: str) -> str:
        drill.protection.lock(drill.now_ms, sources(self.whom))
        return f"the lock lets in {'the backup as well' if self.whom == 'backup' else 'everybody'}"


@dataclass(frozen=True, slots=True)
class LockClose(GuardChange):
    """Have the mail server take mail from the gateway alone again; who still follows another MX bounces."""

    words: ClassVar = ("lock", "close")
    facts: ClassVar = change(
        _LOCK,
        "lock open",
        "nothing; mail that still comes round the gateway is refused for good",
        closes="lock",
    )

    def refusal(self, drill: Drill) -> str | None:
        protection = drill.protection
        first, now = protection.gates[0][1], protection.gates_now
        if (now.lock, now.trusted) == (first.lock, first.trusted):
            return "the lock is as it was before the outage; there is nothing to close"
        return None

    def act(self, drill: Drill, by: str) -> str:
        drill.protection.lock(drill.now_ms, None)
        return "the lock is closed again; prove it from outside: `openings prove lock`"


@dataclass(frozen=True, slots=True)
class LockTest(Command):
    """From outside, send straight to the mail server: it must refuse, unless it has been opened."""

    words: ClassVar = ("lock", "test")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        result="report",
        product=InYourProduct(
            path="swaks --server YOUR-SERVER:25 --to you@your.domain from a second network",
            who="anybody with a shell outside",
            how_long="5 minutes",
            simplified="one message stands for all; it proves what it reaches: a firewall that drops it says "
            "nothing of the lock behind, and who was never let in nothing of the backup's way",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        (name,), tested = drill.dns.names(("server",)), send(drill, "internet")
        found = f"straight to {name}: {tested.met}"
        if tested.answer is None:
            found += "; nobody reads it" if tested.stopped else "; it stands OPEN to everybody"
        found += proves(drill, tested)
        return drill.protection.noted(drill.now_ms, by, "lock test", found)


@dataclass(frozen=True, slots=True)
class FirewallOpen(GuardChange):
    """Let others than the gateway reach the mail server's port 25: the backup, or everybody."""

    whom: Whom = arg("choice", "whose packets", choices=_WHOM)

    words: ClassVar = ("firewall", "open")
    facts: ClassVar = change(
        _FIREWALL,
        "firewall close",
        "whoever is let in reaches port 25 of the mail server",
        where="firewall console",
        opens="firewall",
    )

    def needs_approval(self) -> Scope | None:
        return Scope("exposure", "firewall", self.whom)

    def refusal(self, drill: Drill) -> str | None:
        if sources(self.whom) <= drill.protection.gates_now.firewall:
            return no_firewall(drill) or f"the firewall lets {self.whom} in already"
        return no_firewall(drill)

    def act(self, drill: Drill, by: str) -> str:
        drill.protection.firewall(drill.now_ms, sources(self.whom))
        return f"the firewall lets {self.whom} reach port 25 of the mail server"


@dataclass(frozen=True, slots=True)
class FirewallClose(GuardChange):
    """Take back what was let in by the firewall because of the outage."""

    words: ClassVar = ("firewall", "close")
    facts: ClassVar = change(
        _FIREWALL,
        "firewall open",
        "nothing; packets of whoever still comes round the gateway are dropped",
        where="firewall console",
        closes="firewall",
    )

    def refusal(self, drill: Drill) -> str | None:
        protection = drill.protection
        if protection.gates_now.firewall == protection.gates[0][1].firewall:
            as_it_was = "the firewall is as it was before the outage; there is nothing to close"
            return no_firewall(drill) or as_it_was
        return None

    def act(self, drill: Drill, by: str) -> str:
        drill.protection.firewall(drill.now_ms, None)
        return "the firewall lets in whom it did before; prove it from outside: `openings prove firewall`"


@dataclass(frozen=True, slots=True)
class FilterRuleSkip(GuardChange):
    """Have the mail server's filter leave everything alone, so that it takes no good mail for junk."""

    words: ClassVar = ("filter-rule", "skip")
    facts: ClassVar = change(
        _RULE,
        "filter-rule restore",
        "a blanket rule means no filter: everything that comes round the gateway is unfiltered",
        opens="skip-filter",
    )

    def needs_approval(self) -> Scope | None:
        return Scope("exposure", "skip-filter")

    def refusal(self, drill: Drill) -> str | None:
        gates = drill.protection.gates_now
        if not gates.server_filters:
            return "the mail server has no filter of its own; there is nothing to skip"
        return "the rule is in force already" if gates.skips else None

    def act(self, drill: Drill, by: str) -> str:
        drill.protection.skip(drill.now_ms, True)
        return "a rule skips the mail server's filter for everything that does not come from the gateway"


@dataclass(frozen=True, slots=True)
class FilterRuleRestore(GuardChange):
    """Take the rule out again: the mail server's filter looks at everything."""

    words: ClassVar = ("filter-rule", "restore")
    facts: ClassVar = change(
        _RULE,
        "filter-rule skip",
        "nothing",
        closes="skip-filter",
    )

    def refusal(self, drill: Drill) -> str | None:
        return None if drill.protection.gates_now.skips else "no rule skips the filter; nothing to restore"

    def act(self, drill: Drill, by: str) -> str:
        drill.protection.skip(drill.now_ms, False)
        return "the rule is out; the mail server's filter looks at everything again"
