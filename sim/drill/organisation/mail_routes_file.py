"""Bypasses of the gateway (in the organisation's file): connectors, backup MX, protection of the server."""

from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Block, Quantiles
from sim.kernel.document import DurationMs
from sim.kernel.duration import HOUR_MS
from sim.mail.routes.authentication import Address, Policy, Spf
from sim.mail.server.guard import Lock, MailOrigin

Permille = Annotated[int, Field(ge=0, le=1000)]
NOBODYS_FIGURE = "no published figure"


class Readiness(Block):
    """Authentication results that receivers see for mail on one path."""

    spf: Spf = "pass"
    """Result of the domain's SPF record for the path's addresses: `fail` is `-all`, `softfail` is `~all`."""
    signed: bool = True
    """True if a host on the path signs with the domain's DKIM key; Exchange Server cannot."""
    port_25: bool = True
    """True if the path may open connections to port 25 on the internet."""
    names: bool = True
    """True if PTR, address and HELO agree."""
    address: Address = "known"
    """Reputation of the address with receivers: established, new (`cold`), on a block list (`listed`)."""


class ReceiversDo(Block):
    """Reactions of recipients' systems, in ‰ of messages."""

    reject_dmarc: Permille = 700
    """Share of mail failing DMARC with p=reject that is rejected; the rest is junked."""
    junk_dmarc: Permille = 900
    """Share of mail failing DMARC with p=quarantine that is junked."""
    reject_spf: Permille = 100
    """Share of mail with SPF `fail`, no signature and p=none that is rejected."""
    junk_spf: Permille = 200
    """Share of mail failing DMARC with p=none that is junked."""
    reject_names: Permille = 400
    """Share of mail from an address with mismatched names that is rejected."""
    junk_cold: Permille = 150
    """Share of mail from a new address that is junked."""
    reject_listed: Permille = 600
    """Share of mail from an address on a block list that is rejected."""


class OutboundPaths(Block):
    """Outbound routes of the mail server's connector other than the gateway."""

    dmarc: Policy = "none"
    """The domain's `p=`."""
    secondary: Readiness
    """By the secondary gateway as smart host."""
    direct: Readiness
    """From the mail server to each recipient's own MX."""
    receivers: ReceiversDo
    connector_minutes: Quantiles = (8, 9, 10, 11, 12)
    """From a finished change of the connector to its effect."""


class Secondary(Block):
    """The backup MX: a second gateway that accepts mail and relays it to the mail server."""

    knows_domain: bool = True
    """True if it accepts mail for the domain; if not, it answers 550 to all mail."""
    knows_recipients: bool = True
    """True if it knows the recipients; if not, it accepts all mail and bounces messages it cannot deliver.
    """
    unknown_permille: Annotated[int, Field(ge=0, le=10_000)] = 300
    """Messages to unknown recipients for every 1000 good ones, accepted if it does not know the recipients.
    """
    at_a_time: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Messages that it accepts at the same time; none: any number."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=1_000, alias="per_message")
    """Time that it takes for each message."""
    filters: bool = True
    """True if it filters spam at all."""
    misses_permille: Permille = 0
    """Unwanted messages for every 1000 good ones that its filter passes and the gateway's would stop."""
    settings_minutes: Quantiles = (5, 10, 15, 20, 30)
    """From a finished change of its settings to its effect; a list of recipients must be handed over."""
    greylist_ms: Annotated[DurationMs, Field(le=12 * HOUR_MS)] = Field(default=0, alias="greylist")
    """Time for which it defers (451) unknown senders; a later attempt is accepted. 0s: no greylisting."""
    greylists: Literal["senders", "pairs"] = "pairs"
    """The unit that counts as seen: a sending organisation, or each pair of organisation and recipient."""


class Guard(Block):
    """Protection of the mail server against mail that does not come from the gateway."""

    lock: Lock = "open"
    """`rejects`: a connector that accepts mail only from the gateway answers 5xx; `quarantines`: a rule
    accepts the mail and quarantines it.
    """
    reply: str = Field(default="550 5.7.51 TenantInboundAttribution; Rejecting", min_length=1)
    """The reply of `rejects`."""
    firewall_lets_in: tuple[MailOrigin, ...] = ("backup", "internet")
    """Origins that the firewall lets in as well as the gateway; packets of all other hosts are dropped."""
    filters: bool = False
    """True if the mail server has a spam filter of its own."""
    unwanted_permille: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Unwanted messages for every 1000 good ones: stopped by a filter, delivered where there is none."""
    strays_permille: Permille = 0
    """Share of them that is sent straight to the server, regardless of the MX, while it accepts mail from any
    host.
    """
    by_backup_permille: Permille = 0
    """Share of them that other hosts send from the backup's addresses while the lock is open for them."""
    junk_permille: Permille = 0
    """Good mail through the backup that this filter junks, because it takes the backup for the sender."""
    throttle_per_hour: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Messages an hour from the backup above which mail is deferred, unless a connector names it; 0: never.
    """
    throttle_reply: str = Field(default="451 4.7.500 Server busy. Please try again later", min_length=1)
    """The reply to that mail."""
    change_minutes: Quantiles = (0, 1, 2, 3, 5)
    """From a finished change of lock, firewall or rule to its effect."""


_OPEN: Literal["assumed"] = "assumed"
_READY = Readiness(source="not given: taken as ready", confidence=_OPEN)
PLAIN_PATHS = OutboundPaths(
    source="practice: a changed connector of Exchange acts after about 10 minutes",
    confidence=_OPEN,
    secondary=_READY,
    direct=_READY,
    receivers=ReceiversDo(source=NOBODYS_FIGURE, confidence=_OPEN),
)
"""Outbound routes of an organisation whose file gives none."""
PLAIN_SECONDARY = Secondary(source="not given: taken as ready", confidence=_OPEN)
PLAIN_GUARD = Guard(source="not given: taken as open", confidence=_OPEN)
