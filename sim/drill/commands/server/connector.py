"""The connector out: where it leads, changing that, testing it; and what can be looked up about a path."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.drill import Drill
from sim.drill.instruments.bounce_texts import Receiver, refused_by
from sim.drill.instruments.outbound_probe import by_gateway, cannot_send
from sim.drill.room.approvals import Scope
from sim.drill.room.decisions import DecisionTaken
from sim.drill.room.delays import happens
from sim.kernel.duration import MINUTE_MS
from sim.kernel.plural import counted
from sim.mail.routes.authentication import Path, authentication_results, dmarc_verdict
from sim.mail.routes.connector import CONNECTORS, DIRECT, GATEWAY, SECONDARY, Connector

HEADER_FROM = {"gmail": "mx.google.com", "microsoft": "spf.protection.outlook.com"}


@dataclass(frozen=True, slots=True)
class ConnectorSet(Command):
    """Send outbound mail by another way: the secondary gateway, or straight to each recipient's MX."""

    direction: Literal["outbound"] = arg("choice", "which connector", choices=("outbound",))
    path: Connector = arg("choice", "where it leads", choices=CONNECTORS)

    words: ClassVar = ("connector", "set")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="Exchange shell",
        lead_ms=10 * MINUTE_MS,
        undo="connector set outbound gateway",
        exposes="outbound mail leaves without the gateway's signature, filter and leak prevention",
        product=InYourProduct(
            path="Exchange admin center | Mail flow | (Send) Connectors; Set-SendConnector -SmartHosts, or "
            "-DNSRoutingEnabled $true; Microsoft 365: Set-OutboundConnector",
            who="Organization Management",
            how_long="5 minutes; it acts after about 10 (Exchange Server), 15 to 60 (Microsoft 365)",
            simplified="what is queued goes the new way at its next attempt",
        ),
        needs_approval="outbound",
        opens="connector",
    )

    def needs_approval(self) -> Scope | None:
        return None if self.path == GATEWAY else Scope("outbound")

    def opens(self) -> str:
        return "" if self.path == GATEWAY else self.facts.opens

    def closes(self) -> str:
        return self.facts.opens if self.path == GATEWAY else ""

    def lead_ms(self, drill: Drill) -> int:
        return drill.protection.connector_ms()

    def refusal(self, drill: Drill) -> str | None:
        if self.path == drill.protection.connector:
            return f"the connector leads to {self.path} already"
        return None

    def decides(self) -> DecisionTaken:
        back = self.path == GATEWAY
        return DecisionTaken("outbound back") if back else DecisionTaken("outbound", path=self.path)

    def act(self, drill: Drill, by: str) -> str:
        works = drill.faults.gateway.takes_outbound
        drill.protection.connect(drill.now_ms, by, self.path, works)
        return f"outbound connector leads to {self.path} from now on; test it: `connector test to=gmail`"


@dataclass(frozen=True, slots=True)
class ConnectorShow(Command):
    """Look where the connector leads and how much waits in front of it."""

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
            simplified="one connector for all outbound mail",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        name, waiting = drill.protection.connector, drill.world.writers.outbound.waiting
        found = f"connector leads to {name}; {counted(waiting, 'message')} in the mail server's queue for it"
        return drill.protection.noted(drill.now_ms, by, "connector show", found)


@dataclass(frozen=True, slots=True)
class ConnectorTest(Command):
    """Send one message by the connector to a mailbox outside and read the header that it got there."""

    receiver: Receiver = arg("choice", "whose mailbox", choices=("gmail", "microsoft"), key="to")

    words: ClassVar = ("connector", "test")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        result="report",
        product=InYourProduct(
            path="a message to a mailbox of your own at the receiver; there: Show original / View message "
            "source, Authentication-Results",
            who="anybody with a mailbox outside",
            how_long="5 minutes",
            simplified="large receivers are taken to do what the DMARC policy asks for; others do it in part",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        protection = drill.protection
        name = protection.connector
        met = by_gateway(drill) if name == GATEWAY else cannot_send(drill)
        if met is None:
            protection.ways_seen.add(name)
        found = f"test to {self.receiver} by {name}: {met or self._received(drill, protection.path(name))}"
        return protection.noted(drill.now_ms, by, f"connector test {self.receiver}", found)

    def _received(self, drill: Drill, path: Path) -> str:
        """What became of it, and the header."""
        header = authentication_results(path, HEADER_FROM[self.receiver])
        if not path.port_25:
            return "it waits in the mail server's queue, last error: 451 4.4.0 connection timed out (port 25)"
        refused = refused_by(self.receiver, path)
        if refused is not None:
            return f"returned at once: {refused}"
        junk = dmarc_verdict(path) == "fail" and path.dmarc == "quarantine"
        if path.address == "cold":
            share = drill.scenario.organisation.outbound_paths.receivers.junk_cold // 10
            junk = junk or happens(drill.seed, "test in junk", drill.protection.tests, share)
        return f"arrived in {'junk' if junk else 'the inbox'}; {header}"


@dataclass(frozen=True, slots=True)
class ReadinessShow(Command):
    """Look up whether mail may leave round the gateway: SPF, who signs, DMARC, port 25, PTR and HELO."""

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
            simplified="whether receivers know the address is looked up as if somebody published it",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        protection = drill.protection
        found = "; ".join(f"{name}: {readiness(protection.path(name))}" for name in (SECONDARY, DIRECT))
        protection.ways_seen |= {SECONDARY, DIRECT}
        return protection.noted(drill.now_ms, by, "readiness show", found)


def readiness(path: Path) -> str:
    """`SPF pass, DKIM signed, DMARC passes (p=reject), port 25 open, PTR and HELO agree, address known`."""
    return ", ".join(
        (
            f"SPF {path.spf}",
            "DKIM signed" if path.signed else "nobody signs DKIM",
            f"DMARC {dmarc_verdict(path)} (p={path.dmarc})",
            f"port 25 {'open' if path.port_25 else 'closed'}",
            f"PTR and HELO {'agree' if path.names else 'do not agree'}",
            {
                "known": "address known",
                "cold": "address new to receivers",
                "listed": "address on a block list",
            }[path.address],
        )
    )
