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
from sim.drill.organisation.places_file import Place, own_places
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
    """The app's short name in this file."""
    name: str = Field(min_length=1)
    """Display name."""
    share_percent: Percent
    """Share of users who normally use this app."""
    continuity: Literal["polls", "when told", "never"]
    """`polls`: the app switches over by itself; `when told`: users must be notified and switch over; `never`:
    the app does not support continuity.
    """
    polls_ms: DurationMs | None = Field(default=None, alias="polls")
    """With `polls`: interval at which the app checks for an event in force."""
    falls_back_to: Id | None = None
    """Another app to which users of this app can switch once they have been notified."""
    log_on: Literal["none", "cloud password", "directory"] = "none"
    """How users sign in to the app. `directory` fails while the organisation's directory is unavailable."""

    @model_validator(mode="after")
    def _polls_when_polling(self) -> Self:
        if (self.continuity == "polls") != (self.polls_ms is not None):
            raise ValueError("`polls` (such as 3m) belongs to `continuity: polls` and only there")
        if self.polls_ms == 0:
            raise ValueError("`polls` must be longer than 0, such as 3m")
        return self


class UserGroup(Block):
    """A group of users for which events are started and apps are permitted."""

    group: Id
    """The group's name in commands; `all` means all users."""
    name: str = Field(min_length=1)
    """Display name."""
    share_percent: Percent
    """Share of users in the group; the shares of all groups add up to 100."""
    permitted: tuple[Id, ...]
    """Apps that the group may use in continuity from the start; others need `permissions set`."""


class UsefulLife(Block):
    """A kind of inbound mail that is worthless once it is older than `life`."""

    kind: str = Field(min_length=1)
    """Name of this kind of mail."""
    share_permille: Annotated[int, Field(ge=0, le=1000)]
    """Share of inbound mail that is of this kind; the shares of all kinds add up to 1000."""
    life_ms: DurationMs | None = Field(default=None, alias="life")
    """Age from which such mail is worthless. If unset, it stays useful."""


class Sizes(Block):
    """Message sizes, which decide how large queues are and how fast the mail server's disk fills up."""

    quantiles_bytes: Quantiles
    """Message sizes in bytes, as equally spaced quantiles from 0 % to 100 %."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if any(low > high for low, high in pairwise(self.quantiles_bytes)):
            raise ValueError("`quantiles_bytes` must be in ascending order; sort the numbers")
        if self.quantiles_bytes[-1] > LARGEST_BYTES:
            raise ValueError(f"`quantiles_bytes` ends above {LARGEST_BYTES:,} bytes; no mail is that large")
        return self


class PlatformShare(Record):
    """Share of inbound messages sent by one platform."""

    platform: PlatformId
    """The platform's id, as in `mxdrill platforms list`."""
    share_percent: Percent
    """Share of inbound messages that come from this platform; the shares of all platforms add up to 100."""


class Correspondents(Block):
    """The outside organisations that exchange mail with this one."""

    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Number of outside organisations. If unset, one for every five users, and at least 50."""
    zipf_exponent: Annotated[int, Field(ge=0, le=3)]
    """Skew of the volumes: the k-th largest correspondent sends in proportion to 1 / k ** zipf_exponent."""
    per_network: Annotated[int, Field(ge=1, le=1_000_000)] = 5
    """Correspondents of one platform that send from the same network, on average; for faults `by: network`.
    Unpublished.
    """
    mix: Annotated[tuple[PlatformShare, ...], Field(min_length=1)]
    """The correspondents' mail platforms."""

    @model_validator(mode="after")
    def _mix_adds_up(self) -> Self:
        total = sum(part.share_percent for part in self.mix)
        if total != 100:
            raise ValueError(f"the shares of `mix` add up to {total} %; they must be 100")
        return self


class ServerDisk(Block):
    """The disk volume, on each mail server, that holds its queue and logs."""

    size_gb: Annotated[int, Field(ge=1, le=1_000_000)]
    """Size of the volume."""
    used_percent: Annotated[int, Field(ge=0, le=100)]
    """Share of the volume in use at the start of the drill."""
    old_logs_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """Share of the volume taken up by logs that a backup would truncate; at most `used_percent`."""
    nightly_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """Local hour of a nightly backup, which truncates logs unless the server is down. If unset, there is no
    nightly backup.
    """
    backup_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=45 * MINUTE_MS, alias="backup")
    """How long a backup takes; at its end, logs are truncated."""
    spare_gb: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Size of an empty volume to which the queue and logs can be moved; 0: there is no such volume."""


class MailServer(Block):
    """The organisation's mail server as a receiver."""

    name: str = Field(min_length=1)
    """Display name."""
    platform: PlatformId = "exchange-server"
    """Platform whose retry schedule the server's outbound queue follows."""
    connections: Annotated[int, Field(ge=1, le=10_000)]
    """Simultaneous connections that the server accepts from one source address of the gateway."""
    users_per_source: Annotated[int, Field(ge=1)]
    """Number of users for which the gateway has one source address."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="per_message")
    """Time needed to receive one message over one connection."""
    back_pressure: ServerId | None = None
    """Server file whose back-pressure thresholds apply, to each server separately. If unset, there is no back
    pressure.
    """
    works_for_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="works_for")
    """Processing time of an accepted message; several are processed at a time. If unset, the server file's
    value applies.
    """
    mailbox_per_hour: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Messages per hour above which a mailbox rejects mail from the gateway and the backup for the next hour;
    0: no limit.
    """
    mailbox_reply: str = Field(
        default="554 5.2.122 The recipient has exceeded their limit for the number of messages they can "
        "receive per hour",
        min_length=1,
    )
    """The 5xx reply to mail above that limit."""
    disk: ServerDisk | None = None
    """The server's disk. If unset, the disk cannot fill up, or is not this organisation's concern."""

    @property
    def own_firewall(self) -> bool:
        """True if a firewall of the organisation can protect the server; never for Exchange Online."""
        return self.platform != "exchange-online"


class Channel(Block):
    """A channel to notify people, and how fast they read and act on it."""

    via: Literal["phone", "sms", "intranet", "email", "chat"]
    """The channel's name in `notify … via=`."""
    reaches_percent: Percent
    """Share of users that the channel reaches."""
    acts_after_minutes: Quantiles
    """Time until recipients act on a notification, as equally spaced quantiles."""
    needs_mail: bool = False
    """True if the channel reaches only people who have mail at that moment."""
    same_people: str = ""
    """Set if the channel always reaches the same people: what these people have in common, such as `a number
    in the directory`.
    """
    run_by: Id | None = None
    """Vendor that runs the channel; its incidents may take the channel down."""
    down_percent: Percent = 0
    """Share of that vendor's incidents that take down the channel."""


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
            raise ValueError(f"{app.app} falls back to {app.falls_back_to!r}; choose from {', '.join(names)}")
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
    """A fictional organisation: everything about it that affects an outage."""

    mxdrill: Literal[1]
    """Version of the file format."""
    id: Id
    """Id of the organisation."""
    name: str = Field(min_length=1)
    """Display name (fictional)."""
    domain: Annotated[str, Field(pattern=r"^([a-z0-9-]+\.)+(test|example)$")]
    """Mail domain of the organisation; it must end in `.test` or `.example`."""
    users: Annotated[int, Field(ge=1, le=1_000_000)]
    """Number of people with a mailbox."""
    staff: Annotated[tuple[Person, ...], Field(min_length=1), AfterValidator(_own_ids)]
    """The people who carry out commands."""
    apps: Annotated[tuple[App, ...], Field(min_length=1), AfterValidator(_apps_fit)]
    """The mail apps that users have; their shares add up to 100."""
    groups: Annotated[tuple[UserGroup, ...], AfterValidator(_groups_add_up)] = ()
    """Groups of users. If unset, all users are in one group, which may use every app."""
    traffic: Traffic
    """How much mail there is, and when."""
    useful_life: Annotated[tuple[UsefulLife, ...], Field(min_length=1), AfterValidator(_lives_add_up)]
    """Kinds of inbound mail, and how long each stays useful."""
    sizes: Sizes
    """How large messages are."""
    correspondents: Correspondents
    """The outside organisations, and their mail platforms."""
    gateway: Gateway
    """The cloud email gateway."""
    server: MailServer
    """The mail server."""
    calls: Calls
    """How users call the helpdesk."""
    channels: Annotated[tuple[Channel, ...], Field(min_length=1), AfterValidator(_own_channels)]
    """The channels over which people can be notified."""
    vendors: Annotated[tuple[VendorUse, ...], AfterValidator(_own_vendors)] = ()
    """Vendors that the organisation depends on. If unset, there is no vendor to check or call."""
    places: Annotated[tuple[Place, ...], AfterValidator(own_places)] = ()
    """Consoles and services, and how people sign in to them; steps of plans name them in `needs`."""
    approvals: Approvals | None = None
    """How approvers respond. If unset, nothing needs approval."""
    delays: HumanDelays | None = None
    """How late busy people carry out a runbook. If unset, debriefs are not compared with a run with human
    delays.
    """
    zone: DnsZone = PLAIN_ZONE
    """The MX record, and how long it takes to change. If unset, the TTL is one hour and there is no MTA-STS
    policy.
    """
    outbound_paths: OutboundPaths = PLAIN_PATHS
    """The connector's outbound routes other than the gateway. If unset, all of them are ready to use."""
    secondary: Secondary = PLAIN_SECONDARY
    """The backup MX. If unset, it is fully prepared."""
    guard: Guard = PLAIN_GUARD
    """Protection of the mail server against hosts other than the gateway. If unset, there is none."""
    decision_rules: DecisionRules = PLAIN_RULES
    """Numbers by which decisions on pausing, the MX and continuity events are judged. If unset, the usual
    ones apply.
    """
    estimates: EstimateRules | None = None
    """How the server team estimates its repair. If unset, there are no estimates, for example because a
    vendor makes the repair.
    """
    resending: Resending = PLAIN_RESENDING
    """Shares of people who send delayed mail again. If unset, no mail is sent again."""
    stakeholders: Annotated[tuple[StakeholderRules, ...], AfterValidator(own_stakeholders)] = ()
    """Executives and partners who call when they get no updates. If unset, they do not call."""

    @property
    def behind_gateway(self) -> bool:
        """True if mail passes through the gateway before the drill, in at least one direction."""
        return self.zone.mx == "gateway" or self.outbound_paths.before == "gateway"

    @model_validator(mode="after")
    def _the_server_accepts_what_the_mx_brings(self) -> Self:
        if self.zone.mx == "server" and (
            self.guard.lock != "open" or "internet" not in self.guard.firewall_lets_in
        ):
            raise ValueError(
                "`zone.mx` is `server`, but `guard` does not accept mail from the internet; "
                "set `lock: open`, and add `internet` to `firewall_lets_in`"
            )
        return self

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
                    raise ValueError(f"group {group.group} permits {app!r}; choose from {', '.join(names)}")
        return self

    @model_validator(mode="after")
    def _firewall_is_before_its_own_server(self) -> Self:
        if not self.server.own_firewall and set(self.guard.firewall_lets_in) != set(SOURCES):
            raise ValueError(
                f"{self.server.platform} cannot be protected by your own firewall; leave "
                f"`guard.firewall_lets_in` out"
            )
        return self

    @property
    def correspondent_count(self) -> int:
        """Number of correspondents: as given, else max(50, users / 5)."""
        return self.correspondents.count or max(50, self.users // 5)

    @property
    def server_connections(self) -> int:
        """Connections that the mail server accepts from the gateway at one time, over all its addresses."""
        return self.server.connections * -(-self.users // self.server.users_per_source)
