"""Bypasses of the gateway (in the organisation's file): connectors, the backup MX, and the mail server's
protection.
"""

from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Block, Quantiles
from sim.kernel.document import DurationMs
from sim.kernel.duration import HOUR_MS
from sim.mail.routes.authentication import Address, Policy, Spf
from sim.mail.routes.connector import Connector
from sim.mail.server.guard import Lock, MailOrigin

Permille = Annotated[int, Field(ge=0, le=1000)]
NOBODYS_FIGURE = "no published figure"


class Readiness(Block):
    """Properties of mail on one outbound route that receivers check."""

    spf: Spf = "pass"
    """SPF result for the route's addresses under the domain's SPF record: `fail` is `-all`, `softfail` is
    `~all`.
    """
    signed: bool = True
    """True if a host on the route signs with the domain's DKIM key. Exchange Server cannot sign."""
    port_25: bool = True
    """True if the route can open connections to port 25 on the internet."""
    names: bool = True
    """True if the PTR record, the address and the HELO name match."""
    address: Address = "known"
    """Reputation of the sending address with receivers: established (`known`), new (`cold`) or on a block
    list (`listed`).
    """


class ReceiversDo(Block):
    """The response of recipients' systems to suspect mail, in ‰ of messages."""

    reject_dmarc: Permille = 700
    """Rejected share of mail that fails DMARC with p=reject; the rest is junked."""
    junk_dmarc: Permille = 900
    """Junked share of mail that fails DMARC with p=quarantine."""
    reject_spf: Permille = 100
    """Rejected share of mail with SPF `fail`, no DKIM signature and p=none."""
    junk_spf: Permille = 200
    """Junked share of mail that fails DMARC with p=none."""
    reject_names: Permille = 400
    """Rejected share of mail from an address whose names do not match."""
    junk_cold: Permille = 150
    """Junked share of mail from a new address."""
    reject_listed: Permille = 600
    """Rejected share of mail from an address on a block list."""


class OutboundPaths(Block):
    """The connector's outbound routes other than the gateway."""

    before: Connector = "gateway"
    """The connector's route before the drill; for an organisation without a gateway (`zone.mx: server`),
    it is `direct`.
    """
    dmarc: Policy = "none"
    """The domain's DMARC policy (`p=`)."""
    secondary: Readiness
    """The route through the secondary gateway as smart host."""
    direct: Readiness
    """The route from the mail server straight to each recipient's MX."""
    receivers: ReceiversDo
    """The response of recipients' systems to mail that looks suspect."""
    connector_minutes: Quantiles = (8, 9, 10, 11, 12)
    """Time until a change of the connector takes effect."""


TlsLevel = Literal["none", "opportunistic", "required"]
"""Encryption of a connection: none; used if both sides offer it, without a check of the certificate; or
required.
"""
TLS_LEVELS: tuple[TlsLevel, ...] = ("none", "opportunistic", "required")


class Secondary(Block):
    """The backup MX: a second gateway that accepts mail and relays it to the mail server."""

    knows_domain: bool = True
    """True if the backup accepts mail for the domain; if not, it answers 550 to all mail."""
    knows_recipients: bool = True
    """True if the backup knows the valid recipients; if not, it accepts all mail and bounces what it cannot
    deliver.
    """
    unknown_permille: Annotated[int, Field(ge=0, le=10_000)] = 300
    """Messages to unknown recipients for every 1000 good ones. The backup accepts them if it does not know
    the recipients.
    """
    at_a_time: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Messages that the backup can receive at the same time. If unset, any number."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=1_000, alias="per_message")
    """Time that the backup needs to receive one message."""
    filters: bool = True
    """True if the backup filters spam."""
    misses_permille: Permille = 0
    """Unwanted messages, for every 1000 good ones, that the backup's filter lets through and the gateway's
    would stop.
    """
    settings_minutes: Quantiles = (5, 10, 15, 20, 30)
    """Time until a change of the backup's settings takes effect; a list of recipients must be handed over."""
    greylist_ms: Annotated[DurationMs, Field(le=12 * HOUR_MS)] = Field(default=0, alias="greylist")
    """How long the backup defers (451) unknown senders; later attempts are accepted. 0s: no greylisting."""
    tls: TlsLevel = "opportunistic"
    """Encryption on the backup's route, from senders and to the mail server."""
    tls_due: TlsLevel = "opportunistic"
    """Encryption that the organisation's own rules require of this route."""
    greylists: Literal["senders", "pairs"] = "pairs"
    """The mail that the greylist defers: the first contact of each sending organisation, or of each pair
    of organisation and recipient.
    """


class Guard(Block):
    """Protection of the mail server against mail that does not come from the gateway."""

    lock: Lock = "open"
    """`rejects`: a connector that accepts mail only from the gateway answers 5xx; `quarantines`: a rule
    accepts the mail and quarantines it.
    """
    reply: str = Field(default="550 5.7.51 TenantInboundAttribution; Rejecting", min_length=1)
    """The server's reply with `rejects`."""
    firewall_lets_in: tuple[MailOrigin, ...] = ("backup", "internet")
    """Hosts that the firewall lets in as well as the gateway. The firewall drops packets from all other
    hosts.
    """
    filters: bool = False
    """True if the mail server has a spam filter of its own."""
    unwanted_permille: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Unwanted messages for every 1000 good ones. A filter stops them; without one, they are delivered."""
    strays_permille: Permille = 0
    """Share of unwanted messages sent straight to the server, whatever the MX record says, while the server
    accepts mail from any host.
    """
    by_backup_permille: Permille = 0
    """Share of unwanted messages that others send from the backup's addresses while the lock is open for
    these addresses.
    """
    junk_permille: Permille = 0
    """Share of good mail through the backup that the server's filter junks, because it mistakes the backup
    for the sender.
    """
    throttle_per_hour: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Messages per hour above which the server defers mail from the backup, unless a connector names the
    backup; 0: no limit.
    """
    throttle_reply: str = Field(default="451 4.7.500 Server busy. Please try again later", min_length=1)
    """The reply to mail deferred in this way."""
    change_minutes: Quantiles = (0, 1, 2, 3, 5)
    """Time until a change of the lock, the firewall or a rule takes effect."""


_OPEN: Literal["assumed"] = "assumed"
_READY = Readiness(source="not given: assumed ready", confidence=_OPEN)
PLAIN_PATHS = OutboundPaths(
    source="practice: a change to an Exchange connector takes effect after about 10 minutes",
    confidence=_OPEN,
    secondary=_READY,
    direct=_READY,
    receivers=ReceiversDo(source=NOBODYS_FIGURE, confidence=_OPEN),
)
"""Outbound routes for organisations whose file gives none."""
PLAIN_SECONDARY = Secondary(source="not given: assumed ready", confidence=_OPEN)
PLAIN_GUARD = Guard(source="not given: assumed open", confidence=_OPEN)
