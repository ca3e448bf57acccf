"""An organisation as its file describes it: people, apps, traffic, gateway, mail server.

Numbers are grouped in blocks. Each block gives their origin (`source`) and how certain they are
(`confidence`); the numbers of fields named in `assumed` are unpublished.
"""

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
from sim.drill.organisation.mail_server_file import MailServer
from sim.drill.organisation.places_file import Place, own_places
from sim.drill.organisation.sourced_numbers import Block, Id, Percent, Quantiles, only_once
from sim.drill.organisation.staff_file import Approvals, EstimateRules, HumanDelays, Person, VendorUse
from sim.drill.organisation.traffic_file import Correspondents, Sizes, Traffic, UsefulLife, lives_add_up
from sim.drill.organisation.zone_file import PLAIN_ZONE, DnsZone
from sim.kernel.document import DurationMs, Record
from sim.mail.server.guard import SOURCES


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
    useful_life: Annotated[tuple[UsefulLife, ...], Field(min_length=1), AfterValidator(lives_add_up)]
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
        """Number of correspondents: as given, otherwise max(50, users / 5)."""
        return self.correspondents.count or max(50, self.users // 5)

    @property
    def server_connections(self) -> int:
        """Connections that the mail server accepts from the gateway at one time, over all its addresses."""
        return self.server.connections * -(-self.users // self.server.users_per_source)
