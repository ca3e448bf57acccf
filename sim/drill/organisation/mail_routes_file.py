"""Ways round the gateway (in the organisation's file): connectors, backup MX, what guards the server."""

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
    """What receivers find when mail comes by one path."""

    spf: Spf = "pass"
    """What the domain's SPF record says of the path's addresses: `fail` is `-all`, `softfail` `~all`."""
    signed: bool = True
    """Whether somebody on the path signs with the domain's DKIM key; Exchange Server cannot."""
    port_25: bool = True
    """Whether the path may open connections to port 25 of the internet."""
    names: bool = True
    """Whether PTR, address and HELO agree."""
    address: Address = "known"
    """What receivers know of the address: used to it, new (`cold`), on a block list (`listed`)."""


class ReceiversDo(Block):
    """What recipients' systems do, in ‰ of messages."""

    reject_dmarc: Permille = 700
    """Of mail that fails DMARC with p=reject: refused; the rest lies in junk."""
    junk_dmarc: Permille = 900
    """Of mail that fails DMARC with p=quarantine: lies in junk."""
    reject_spf: Permille = 100
    """Of mail with SPF `fail`, no signature and p=none: refused."""
    junk_spf: Permille = 200
    """Of mail that fails DMARC with p=none: lies in junk."""
    reject_names: Permille = 400
    """Of mail from an address whose names do not agree: refused."""
    junk_cold: Permille = 150
    """Of mail from a new address: lies in junk."""
    reject_listed: Permille = 600
    """Of mail from an address on a block list: refused."""


class OutboundPaths(Block):
    """Where the mail server's connector can lead beside the gateway."""

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
    """The backup MX: a second gateway that takes mail and relays it to the mail server."""

    knows_domain: bool = True
    """Whether it takes mail for the domain; without, it answers 550 to everything."""
    knows_recipients: bool = True
    """Whether it knows who has a mailbox; without, it takes everything and returns what it cannot deliver."""
    unknown_permille: Annotated[int, Field(ge=0, le=10_000)] = 300
    """Messages to nobody for every 1000 good ones, which it takes if it does not know the recipients."""
    at_a_time: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Messages that it takes at once; none: any number."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=1_000, alias="per_message")
    """How long it takes for each."""
    filters: bool = True
    """Whether it filters spam at all."""
    misses_permille: Permille = 0
    """Unwanted messages for every 1000 good ones that its filter lets through and the gateway's would not."""
    settings_minutes: Quantiles = (5, 10, 15, 20, 30)
    """From a finished change of its settings to its effect; a list of recipients must be handed over."""
    greylist_ms: Annotated[DurationMs, Field(le=12 * HOUR_MS)] = Field(default=0, alias="greylist")
    """How long it puts off (451) whom it has never seen; who comes back later is taken. 0s: it does not."""
    greylists: Literal["senders", "pairs"] = "pairs"
    """Whom it counts as seen: a sending organisation, or each one with each recipient."""


class Guard(Block):
    """What stands before the mail server, for mail that does not come from the gateway."""

    lock: Lock = "open"
    """`rejects`: a connector that takes mail only from the gateway answers 5xx; `quarantines`: a rule takes
    the mail and puts it aside."""
    reply: str = Field(default="550 5.7.51 TenantInboundAttribution; Rejecting", min_length=1)
    """What `rejects` answers."""
    firewall_lets_in: tuple[MailOrigin, ...] = ("backup", "internet")
    """Beside the gateway; packets of all others are dropped."""
    filters: bool = False
    """Whether the mail server has a spam filter of its own."""
    unwanted_permille: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Unwanted messages for every 1000 good ones: a filter keeps them away, they come where none looks."""
    strays_permille: Permille = 0
    """Of those, the ones that find the server itself while it takes mail from anybody, whatever the MX is."""
    by_backup_permille: Permille = 0
    """The ones that others send from the backup's addresses while the lock is open for these."""
    junk_permille: Permille = 0
    """Good mail by the backup that this filter takes for junk, since the backup looks like its sender."""
    throttle_per_hour: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Messages an hour from the backup after which more is put off, unless a connector names it; 0: never."""
    throttle_reply: str = Field(default="451 4.7.500 Server busy. Please try again later", min_length=1)
    """What it hears then."""
    change_minutes: Quantiles = (0, 1, 2, 3, 5)
    """From a finished change of lock, firewall or rule to its effect."""


_OPEN: Literal["assumed"] = "assumed"
_READY = Readiness(source="nothing said of it: taken as ready", confidence=_OPEN)
PLAIN_PATHS = OutboundPaths(
    source="practice: a changed connector of Exchange acts after about 10 minutes",
    confidence=_OPEN,
    secondary=_READY,
    direct=_READY,
    receivers=ReceiversDo(source=NOBODYS_FIGURE, confidence=_OPEN),
)
"""What an organisation has whose file says nothing about its connectors."""
PLAIN_SECONDARY = Secondary(source="nothing said of it: taken as ready", confidence=_OPEN)
PLAIN_GUARD = Guard(source="nothing said of it: taken as open", confidence=_OPEN)
