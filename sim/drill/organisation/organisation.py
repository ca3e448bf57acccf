"""An organisation as its file describes it: people, apps, traffic, gateway, mail server.

Numbers are grouped in blocks. Each block gives their origin (`source`) and how certain they are
(`confidence`); the numbers of fields named in `assumed` are unpublished.
"""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sim.drill.organisation.callers_file import (
    PLAIN_RESENDING,
    Calls,
    Resending,
    StakeholderRules,
    own_stakeholders,
)
from sim.drill.organisation.decision_rules import PLAIN_RULES, DecisionRules
from sim.drill.organisation.gateway_file import Gateway
from sim.drill.organisation.mail_routes_file import (
    PLAIN_GUARD,
    PLAIN_PATHS,
    PLAIN_SECONDARY,
    Guard,
    OutboundPaths,
    Secondary,
)
from sim.drill.organisation.shipped_ids import PlatformId, ServerId
from sim.drill.organisation.sourced_numbers import Block, Id, Percent, Quantiles, only_once
from sim.drill.organisation.staff_file import Approvals, EstimateRules, HumanDelays, Person, VendorUse
from sim.drill.organisation.traffic_file import Traffic
from sim.drill.organisation.zone_file import PLAIN_ZONE, DnsZone
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import MINUTE_MS
from sim.mail.server.guard import SOURCES

LARGEST_BYTES = 1_000_000_000


class App(Block):
    """A mail app, and how its users get into a continuity event."""

    app: Id
    """Its short name in this file."""
    name: str = Field(min_length=1)
    """Display name."""
    share_percent: Percent
    """Share of users whose everyday app it is."""
    continuity: Literal["polls", "when told", "never"]
    """`polls`: switches over by itself; `when told`: its user must be notified; `never`: not supported."""
    polls_ms: DurationMs | None = Field(default=None, alias="polls")
    """With `polls`: interval at which it asks if an event is in force."""
    falls_back_to: Id | None = None
    """The app that its users can use instead once they have been notified."""
    log_on: Literal["none", "cloud password", "directory"] = "none"
    """Its sign-in method: `directory` fails while the organisation's directory is unavailable."""

    @model_validator(mode="after")
    def _polls_when_polling(self) -> Self:
        if (self.continuity == "polls") != (self.polls_ms is not None):
            raise ValueError("`polls` (such as 3m) belongs to `continuity: polls` and only there")
        if self.polls_ms == 0:
            raise ValueError("`polls` must be more than nothing, such as 3m")
        return self


class UserGroup(Block):
    """A group of users for which events are started and apps are permitted."""

    group: Id
    """Its name in commands; `all` means all users."""
    name: str = Field(min_length=1)
    """Display name."""
    share_percent: Percent
    """Share of users in it; the shares of all groups add up to 100."""
    permitted: tuple[Id, ...]
    """Apps that its settings permit in continuity; others need `permissions set`."""


class UsefulLife(Block):
    """A kind of inbound mail that is worthless once it is older than `life`."""

    kind: str = Field(min_length=1)
    """The kind of mail, in words."""
    share_permille: Annotated[int, Field(ge=0, le=1000)]
    """Its share of inbound mail; the shares of all kinds add up to 1000."""
    life_ms: DurationMs | None = Field(default=None, alias="life")
    """None: it stays useful."""


class Sizes(Block):
    """Sizes of messages, for the size of queues and the use of the mail server's disk."""

    quantiles_bytes: Quantiles
    """Equally spaced quantiles, from 0 % to 100 %."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if any(low > high for low, high in pairwise(self.quantiles_bytes)):
            raise ValueError("`quantiles_bytes` must not fall; put them in ascending order")
        if self.quantiles_bytes[-1] > LARGEST_BYTES:
            raise ValueError(f"`quantiles_bytes` ends above {LARGEST_BYTES:,} bytes; no mail is that large")
        return self


class PlatformShare(Record):
    """Share of inbound messages sent by one platform."""

    platform: PlatformId
    """Its id in `mxdrill platforms list`."""
    share_percent: Percent
    """Share of inbound messages; the shares of all platforms add up to 100."""


class Correspondents(Block):
    """The outside organisations that send to this one and are written to by it."""

    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """None: one for every five users, at least 50."""
    zipf_exponent: Annotated[int, Field(ge=0, le=3)]
    """The k-th correspondent sends in proportion to 1 / k ** zipf_exponent."""
    mix: Annotated[tuple[PlatformShare, ...], Field(min_length=1)]
    """Their mail platform."""

    @model_validator(mode="after")
    def _mix_adds_up(self) -> Self:
        total = sum(part.share_percent for part in self.mix)
        if total != 100:
            raise ValueError(f"the shares of `mix` add up to {total} %; they must be 100")
        return self


class ServerDisk(Block):
    """The volume of each mail server that holds its queue and its logs."""

    size_gb: Annotated[int, Field(ge=1, le=1_000_000)]
    used_percent: Annotated[int, Field(ge=0, le=100)]
    """At the start of the drill."""
    old_logs_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """The part of the volume taken by logs that a backup would truncate; at most the part in use."""
    nightly_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """Local hour of a backup that truncates logs unless the server is down; none: there is no such backup."""
    backup_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=45 * MINUTE_MS, alias="backup")
    """Duration of a backup that truncates logs."""
    spare_gb: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """An empty volume to which queue and logs can be moved; 0: there is none."""


class MailServer(Block):
    """The organisation's mail server as a receiver."""

    name: str = Field(min_length=1)
    platform: PlatformId = "exchange-server"
    """Platform whose retry schedule its outbound queue follows."""
    connections: Annotated[int, Field(ge=1, le=10_000)]
    """Simultaneous connections that it accepts from one source address of the gateway."""
    users_per_source: Annotated[int, Field(ge=1)]
    """Number of users for each source address that the gateway uses."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="per_message")
    """Time that one message takes on one connection."""
    back_pressure: ServerId | None = None
    """The server file whose thresholds apply, to each server separately; none: no back pressure."""
    works_for_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="works_for")
    """Processing time of an accepted message, several at a time; none: as in its file."""
    mailbox_per_hour: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """A mailbox that gets more messages than this within an hour rejects mail from the gateway and the backup
    for the next hour; 0: no such limit.
    """
    mailbox_reply: str = Field(
        default="554 5.2.122 The recipient has exceeded their limit for the number of messages they can "
        "receive per hour",
        min_length=1,
    )
    """The permanent reply to that mail."""
    disk: ServerDisk | None = None
    """Use of its disk; none: mail does not fill it, or it is not this organisation's."""

    @property
    def own_firewall(self) -> bool:
        """True if a firewall of the organisation can protect it; never for Exchange Online."""
        return self.platform != "exchange-online"


class Channel(Block):
    """A channel to notify people, and how fast they read and act on it."""

    via: Literal["phone", "sms", "intranet", "email", "chat"]
    """Its name in `notify … via=`."""
    reaches_percent: Percent
    """Share of users that it reaches."""
    acts_after_minutes: Quantiles
    """From the message to acting on it, equally spaced quantiles."""
    needs_mail: bool = False
    """True: reaches only people who have mail at that moment."""
    same_people: str = ""
    """Common property of its recipients, if it always reaches the same people: `a number in the
    directory`.
    """
    run_by: Id | None = None
    """The vendor whose incidents may take this channel down with them."""
    down_percent: Percent = 0
    """Share of such incidents that do."""


def _own_ids(staff: tuple[Person, ...]) -> tuple[Person, ...]:
    only_once("id", [person.id for person in staff])
    return staff


def _own_channels(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    only_once("channel", [channel.via for channel in channels])
    return channels


def _own_vendors(vendors: tuple[VendorUse, ...]) -> tuple[VendorUse, ...]:
    only_once("vendor", [use.vendor for use in vendors])
    return vendors


def _apps_fit(apps: tuple[App, ...]) -> tuple[App, ...]:
    names = [app.app for app in apps]
    only_once("app", names)
    total = sum(app.share_percent for app in apps)
    if total != 100:
        raise ValueError(f"the shares add up to {total} %; they must be 100")
    for app in apps:
        if app.falls_back_to and app.falls_back_to not in names:
            raise ValueError(f"{app.app} falls back to {app.falls_back_to!r}; there are {', '.join(names)}")
    return apps


def _groups_add_up(groups: tuple[UserGroup, ...]) -> tuple[UserGroup, ...]:
    only_once("group", [one.group for one in groups])
    total = sum(one.share_percent for one in groups)
    if groups and total != 100:
        raise ValueError(f"the shares add up to {total} %; they must be 100")
    if any(one.group == "all" for one in groups):
        raise ValueError("has a group `all`, which means all users in commands; give it another name")
    return groups


def _lives_add_up(kinds: tuple[UsefulLife, ...]) -> tuple[UsefulLife, ...]:
    total = sum(kind.share_permille for kind in kinds)
    if total != 1000:
        raise ValueError(f"the shares add up to {total} ‰; they must be 1000")
    return kinds


class Organisation(Record):
    """An organisation and all of its properties that shape an outage. Fictional."""

    mxdrill: Literal[1]
    """Version of the file's format."""
    id: Id
    """Its name."""
    name: str = Field(min_length=1)
    """Display name; fictional."""
    domain: Annotated[str, Field(pattern=r"^([a-z0-9-]+\.)+(test|example)$")]
    """Its mail domain, which ends in `.test` or `.example`."""
    users: Annotated[int, Field(ge=1, le=1_000_000)]
    """People with a mailbox."""
    staff: Annotated[tuple[Person, ...], Field(min_length=1), AfterValidator(_own_ids)]
    apps: Annotated[tuple[App, ...], Field(min_length=1), AfterValidator(_apps_fit)]
    groups: Annotated[tuple[UserGroup, ...], AfterValidator(_groups_add_up)] = ()
    """None: all users are in one group that is permitted every app."""
    traffic: Traffic
    useful_life: Annotated[tuple[UsefulLife, ...], Field(min_length=1), AfterValidator(_lives_add_up)]
    sizes: Sizes
    correspondents: Correspondents
    gateway: Gateway
    server: MailServer
    calls: Calls
    channels: Annotated[tuple[Channel, ...], Field(min_length=1), AfterValidator(_own_channels)]
    vendors: Annotated[tuple[VendorUse, ...], AfterValidator(_own_vendors)] = ()
    """Vendors on which it depends; none: there is no vendor to check or to call."""
    approvals: Approvals | None = None
    """None: nothing needs approval."""
    delays: HumanDelays | None = None
    """None: a debrief is not compared with a run with human delays."""
    zone: DnsZone = PLAIN_ZONE
    """Its MX record, and the delays of changing it; without it, an hour's TTL and no MTA-STS."""
    outbound_paths: OutboundPaths = PLAIN_PATHS
    """Outbound routes of its connector other than the gateway; without it, all are ready to use."""
    secondary: Secondary = PLAIN_SECONDARY
    """Its backup MX; without it, a fully prepared one."""
    guard: Guard = PLAIN_GUARD
    """Protection of its mail server against hosts other than the gateway; without it, none."""
    decision_rules: DecisionRules = PLAIN_RULES
    """Numbers by which decisions on pausing, the MX and events are judged; without it, the usual ones."""
    estimates: EstimateRules | None = None
    """The server team's estimates of its repair; none: there are no estimates, or a vendor makes the repair.
    """
    resending: Resending = PLAIN_RESENDING
    """Shares of people who write delayed mail again; without it, none do."""
    stakeholders: Annotated[tuple[StakeholderRules, ...], AfterValidator(own_stakeholders)] = ()
    """Executives and partners who call when they get no updates; without it, there are no such calls."""

    @model_validator(mode="after")
    def _channels_are_run_by_vendors(self) -> Self:
        names = [use.vendor for use in self.vendors]
        for channel in self.channels:
            if channel.run_by is not None and channel.run_by not in names:
                known = ", ".join(names) or "none"
                raise ValueError(f"channel {channel.via} is run by {channel.run_by!r}; `vendors` has {known}")
        return self

    @model_validator(mode="after")
    def _permitted_are_apps(self) -> Self:
        names = [app.app for app in self.apps]
        for group in self.groups:
            for app in group.permitted:
                if app not in names:
                    raise ValueError(f"group {group.group} permits {app!r}; there are {', '.join(names)}")
        return self

    @model_validator(mode="after")
    def _firewall_is_before_its_own_server(self) -> Self:
        if not self.server.own_firewall and set(self.guard.firewall_lets_in) != set(SOURCES):
            raise ValueError(
                f"no firewall of yours can protect {self.server.platform}; leave `guard.firewall_lets_in` out"
            )
        return self

    @property
    def correspondent_count(self) -> int:
        """Correspondents: as given, else max(50, users / 5)."""
        return self.correspondents.count or max(50, self.users // 5)

    @property
    def server_connections(self) -> int:
        """Connections that the mail server accepts from the gateway at a time, over all its addresses."""
        return self.server.connections * -(-self.users // self.server.users_per_source)
