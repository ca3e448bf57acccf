"""Commands for the outbound connector: show, change and test its route, and check a bypass beforehand."""

from typing import ClassVar, Literal

from sim.drill.commands.command import NO_GATEWAY, Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.instruments.bounce_texts import Receiver, refused_by
from sim.drill.instruments.outbound_probe import by_gateway, cannot_send
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.approvals import Scope
from sim.drill.room.decisions import DecisionTaken
from sim.drill.room.delays import happens
from sim.drill.room.work_given import Turn
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.kernel.quantities import counted
from sim.mail.routes.authentication import Path, authentication_results, dmarc_verdict
from sim.mail.routes.connector import CONNECTORS, DIRECT, GATEWAY, SECONDARY, Connector

HEADER_FROM = {"gmail": "mx.google.com", "microsoft": "spf.protection.outlook.com"}


@frozen
class ConnectorSet(Command):
    """Set the outbound route: the gateway, the secondary gateway, or straight to each recipient's MX."""

    direction: Literal["outbound"] = arg("choice", "the connector", choices=("outbound",))
    path: Connector = arg("choice", "the route", choices=CONNECTORS)

    words: ClassVar = ("connector", "set")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="Exchange shell",
        lead_ms=10 * MINUTE_MS,
        undo="connector set outbound gateway",
        exposes="outbound mail is not signed, filtered or checked for data leaks by the gateway",
        product=InYourProduct(
            path="Exchange admin center | Mail flow | (Send) Connectors; Set-SendConnector -SmartHosts, or "
            "-DNSRoutingEnabled $true; Microsoft 365: Set-OutboundConnector",
            who="Organization Management",
            how_long="5 minutes; takes effect after about 10 (Exchange Server) or 15 to 60 (Microsoft 365)",
            simplified="queued mail takes the new route at its next attempt",
        ),
        needs_approval="outbound",
        opens="connector",
    )

    def needs_approval(self) -> Scope | None:
        return None if self.path == GATEWAY else Scope("outbound")

    def needs_approval_in(self, organisation: Organisation) -> Scope | None:
        return None if self.path == organisation.outbound_paths.before else self.needs_approval()

    def opens_in(self, organisation: Organisation) -> str:
        return "" if self.path in (GATEWAY, organisation.outbound_paths.before) else self.facts.opens

    def closes_in(self, organisation: Organisation) -> str:
        return "" if self.opens_in(organisation) else self.facts.opens

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return drill.protection.connector_ms(turn)

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        missing = self.path == GATEWAY and not organisation.behind_gateway
        return f"{NO_GATEWAY}; choose {SECONDARY} or {DIRECT}" if missing else None

    def refusal(self, drill: Drill) -> str | None:
        if self.path == drill.protection.connector:
            return f"the connector already routes to {self.path}"
        return None

    def decides(self) -> DecisionTaken:
        back = self.path == GATEWAY
        return DecisionTaken("outbound back") if back else DecisionTaken("outbound", path=self.path)

    def act(self, drill: Drill, turn: Turn) -> str:
        works = drill.faults.gateway.takes_outbound
        drill.protection.connect(drill.now_ms, turn.by, self.path, works)
        return f"outbound connector now routes to {self.path}; test it with `connector test to=gmail`"


@frozen
class ConnectorShow(Command):
    """Show the connector's route and the length of its queue."""

    words: ClassVar = ("connector", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="Exchange shell",
        result="report",
        product=InYourProduct(
            path="Get-SendConnector; Get-Queue -Filter \"DeliveryType -eq 'SmartHostConnectorDelivery'\"; "
            "Microsoft 365: Reports | Mail flow | Queued messages",
            who="messaging administrator",
            how_long="2 minutes",
            simplified="there is one connector for all outbound mail",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        name, waiting = drill.protection.connector, drill.world.writers.outbound.waiting
        found = f"connector routes to {name}; {counted(waiting, 'message')} queued for it on the mail server"
        return drill.protection.noted(drill.now_ms, turn.by, "connector show", found)


@frozen
class ConnectorTest(Command):
    """Send a test message through the connector to an outside mailbox and read its headers there."""

    receiver: Receiver = arg("choice", "the mailbox's provider", choices=("gmail", "microsoft"), key="to")

    words: ClassVar = ("connector", "test")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        anyone=True,
        result="report",
        product=InYourProduct(
            path="send a message to your own mailbox at the receiver; there, Show original / View message "
            "source, Authentication-Results",
            who="anyone with an outside mailbox",
            how_long="5 minutes",
            simplified="large receivers always apply the DMARC policy; others apply it only in part",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        protection = drill.protection
        name = protection.connector
        met = by_gateway(drill, turn) if name == GATEWAY else cannot_send(drill)
        if met is None:
            protection.ways_seen.add(name)
        path = protection.path(name)
        found = f"test to {self.receiver} via {name}: {met or self._received(drill, path, turn)}"
        delivered = met is None and path.port_25 and refused_by(self.receiver, path) is None
        return protection.noted(
            drill.now_ms, turn.by, f"connector test {self.receiver}", found, delivered=delivered
        )

    def found(self, drill: Drill, turn: Turn) -> bool:
        """True if the receiver has accepted the test message."""
        return drill.protection.tried[f"connector test {self.receiver}"].delivered

    def _received(self, drill: Drill, path: Path, turn: Turn) -> str:
        """What happened to the message at the receiver, and its headers."""
        header = authentication_results(path, HEADER_FROM[self.receiver])
        if not path.port_25:
            return "queued at the mail server, last error: 451 4.4.0 connection timed out (port 25)"
        refused = refused_by(self.receiver, path)
        if refused is not None:
            return f"bounced at once: {refused}"
        junk = dmarc_verdict(path) == "fail" and path.dmarc == "quarantine"
        if path.address == "cold":
            share = drill.scenario.organisation.outbound_paths.receivers.junk_cold // 10
            junk = junk or happens(drill.seed, "test in junk", turn.key(drill.protection.tests), share)
        return f"delivered to {'junk' if junk else 'the inbox'}; {header}"


@frozen
class ReadinessShow(Command):
    """Check whether mail could bypass the gateway: SPF, DKIM, DMARC, port 25, PTR and HELO, address."""

    words: ClassVar = ("readiness", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        result="report",
        product=InYourProduct(
            path="dig TXT your.domain and _dmarc.your.domain; dig -x ADDRESS; from the server: "
            "Test-NetConnection gmail-smtp-in.l.google.com -Port 25; a block list's look-up page",
            who="messaging administrator",
            how_long="10 minutes",
            simplified="the address's reputation can be looked up; in real life it is unpublished",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        protection = drill.protection
        found = "; ".join(f"{name}: {readiness(protection.path(name))}" for name in (SECONDARY, DIRECT))
        protection.ways_seen |= {SECONDARY, DIRECT}
        return protection.noted(drill.now_ms, turn.by, "readiness show", found)


def readiness(path: Path) -> str:
    """The result in one line: `SPF pass, DKIM signed, DMARC passes (p=reject), port 25 open, PTR and HELO
    agree, address known`.
    """
    return ", ".join(
        (
            f"SPF {path.spf}",
            "DKIM signed" if path.signed else "not DKIM signed",
            f"DMARC {dmarc_verdict(path)} (p={path.dmarc})",
            f"port 25 {'open' if path.port_25 else 'closed'}",
            f"PTR and HELO {'match' if path.names else 'do not match'}",
            {
                "known": "address known",
                "cold": "address new to receivers",
                "listed": "address on a block list",
            }[path.address],
        )
    )
