"""Commands for the mail server's protection against mail that bypasses the gateway: lock, firewall, filter
rule.
"""

from typing import ClassVar, Literal

from sim.drill.commands.command import Command, Facts, InYourProduct, Where, arg
from sim.drill.commands.server.closing_proof import proves, send
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.approvals import Scope
from sim.drill.room.work_given import Turn
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.server.guard import SOURCES, MailOrigin

Whom = Literal["backup", "everybody"]
_WHOM = ("backup", "everybody")
_NAMED: dict[Whom, str] = {"backup": "the backup", "everybody": "everyone"}

_LOCK = InYourProduct(
    path="Microsoft 365: Exchange admin center | Mail flow | Connectors, the partner connector that requires "
    "the gateway's certificate: Set-InboundConnector; Exchange Server: the receive connector's "
    "RemoteIPRanges and anonymous permission",
    who="Organization Management",
    how_long="5 minutes; in Microsoft 365 up to an hour to take effect",
    simplified="one lock for the whole organisation, which takes effect everywhere at the same moment",
)
_FIREWALL = InYourProduct(
    path="your firewall's rule for port 25 from outside to the mail server; Exchange Online is not behind it",
    who="the firewall's administrator; often another team",
    how_long="10 minutes if you have access",
    simplified="there is one rule; established connections are not cut",
)
_RULE = InYourProduct(
    path="Exchange admin center | Mail flow | Rules: Set the spam confidence level to bypass",
    who="Organization Management",
    how_long="5 minutes, up to half an hour to take effect",
    simplified="the rule applies to all mail that does not come from the gateway",
)


def no_lock(organisation: Organisation) -> str | None:
    """The reason why the lock cannot be opened or closed here; None if it can."""
    if organisation.guard.lock != "open":
        return None
    return "the mail server does not have a lock, and accepts mail from everywhere"


def no_filter(organisation: Organisation) -> str | None:
    """The reason why the filter cannot be skipped here; None if it can."""
    if organisation.guard.filters:
        return None
    return "the mail server does not have its own filter, so no rule can skip it"


def no_firewall(organisation: Organisation) -> str | None:
    """The reason why the firewall cannot be opened or closed here; None if it can."""
    if organisation.server.own_firewall:
        return None
    return "the mail server is not behind your firewall; use the lock to keep mail out"


def sources(whom: Whom) -> frozenset[MailOrigin]:
    """The sources that a command's `whom` names."""
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
    """Facts about a command that changes the mail server's protection; every opening needs an approval."""
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


@frozen
class GuardChange(Command):
    """A command that changes the mail server's protection."""

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return drill.protection.guard_ms(turn)


@frozen
class LockOpen(GuardChange):
    """Open the lock: the mail server accepts mail that bypasses the gateway, from the backup or anyone."""

    whom: Whom = arg("choice", "the hosts that are let in", choices=_WHOM)

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
            return f"the lock already lets in {_NAMED[self.whom]}"
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


@frozen
class FirewallOpen(GuardChange):
    """Open the firewall: let the backup, or anyone, reach the mail server's port 25."""

    whom: Whom = arg("choice", "the hosts let in", choices=_WHOM)

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
            return f"the firewall already lets in {_NAMED[self.whom]}"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.firewall(drill.now_ms, sources(self.whom))
        return f"the firewall lets {_NAMED[self.whom]} reach port 25 of the mail server"


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


@frozen
class FilterRuleSkip(GuardChange):
    """Skip the mail server's own filter, so that it does not junk good mail that bypasses the gateway."""

    words: ClassVar = ("filter-rule", "skip")
    facts: ClassVar = change(
        _RULE,
        "filter-rule restore",
        "with this blanket rule, all mail that bypasses the gateway is unfiltered",
        opens="skip-filter",
    )

    def needs_approval(self) -> Scope | None:
        return Scope("exposure", "skip-filter")

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_filter(organisation)

    def refusal(self, drill: Drill) -> str | None:
        return "the rule is already in force" if drill.protection.gates_now.skips else None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.skip(drill.now_ms, True)
        return "a rule skips the mail server's filter for all mail that does not come from the gateway"


@frozen
class FilterRuleRestore(GuardChange):
    """Restore the mail server's filter by removing the rule that skips it."""

    words: ClassVar = ("filter-rule", "restore")
    facts: ClassVar = change(
        _RULE,
        "filter-rule skip",
        "nothing",
        closes="skip-filter",
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_filter(organisation)

    def refusal(self, drill: Drill) -> str | None:
        return (
            None
            if drill.protection.gates_now.skips
            else ("the filter is not skipped by any rule, so it need not be restored")
        )

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.skip(drill.now_ms, False)
        return "the rule has been removed; the mail server filters all mail again"
