"""A vendor's file: how long its status page, its text messages and its support line lag behind the truth."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Block, Id, Percent, Quantiles
from sim.kernel.data_files import DataFiles
from sim.kernel.document import DurationMs, Record

GATEWAY_VENDOR = "gateway-vendor"
"""Vendor of every organisation's gateway, with its console and portal."""


class FirstPost(Block):
    """The status page's first post about an incident."""

    minutes: Quantiles
    """Time from the onset to the first post."""


class Updates(Block):
    """Later posts on the page."""

    every_minutes: Quantiles
    """Time between two posts."""
    vague_posts: int = Field(ge=1, le=20)
    """Number of posts before the page names the fault."""
    too_early_percent: Percent
    """Share of incidents that the page reports as resolved before they really end."""
    too_early_minutes: Quantiles
    """Time from such an early post to the real end of the incident."""
    resolved_after_minutes: Quantiles
    """Time from the end of the incident to the post that reports it."""


class SignInPage(Block):
    """A more detailed page behind a sign-in; the public page copies it later."""

    name: str = Field(min_length=1)
    """Name of the page."""
    public_after_minutes: Quantiles
    """Time from a post on this page to the same post on the public page."""


class PriorityMessages(Block):
    """Text messages about Priority 1 incidents, to subscribers."""

    minutes: Quantiles
    """Time from the page's first post until the message reaches a phone."""


class Peers(Block):
    """Reports by the vendor's other customers: mailing lists, forums, outage trackers."""

    minutes: Quantiles
    """Time from the onset to the first reports by other customers."""
    false_alarm_percent: Percent
    """Share of checks that find reports although the vendor has no incident."""


class Phone(Block):
    """The support line."""

    hold_minutes: Quantiles
    """Time on hold during an incident at this vendor."""
    quiet_hold_minutes: Quantiles
    """Time on hold when the vendor has no incident."""
    talk_minutes: int = Field(ge=1, le=120)
    """Length of the conversation."""


class Console(Block):
    """The gateway's own console and continuity portal while the gateway has a fault."""

    slow_times: int = Field(ge=1, le=100)
    """Factor by which each command takes longer in a slow console."""
    times_out_percent: Percent
    """Share of commands in a slow console that time out."""
    carried_out_percent: Percent
    """Share of timed-out commands that take effect after all."""
    stale_ms: DurationMs = Field(alias="stale")
    """Minimum age of the figures in a lagging console."""
    refresh_ms: Annotated[DurationMs, Field(ge=1_000)] = Field(alias="refresh")
    """Interval at which the figures of a lagging console are refreshed."""


class Wording(Record):
    """Texts of the page: `normal` before and after an incident, the others in the order in which they
    appear during an incident.
    """

    normal: str = Field(min_length=1)
    vague: str = Field(min_length=1)
    specific: str = Field(min_length=1)
    too_early: str = Field(min_length=1)
    again: str = Field(min_length=1)
    resolved: str = Field(min_length=1)


class Vendor(Record):
    """A vendor as its customers see it from outside."""

    mxdrill: Literal[1]
    """Version of the file format."""
    id: Id
    """Name of the vendor in commands."""
    name: str = Field(min_length=1)
    """Display name."""
    page: str = Field(min_length=1)
    """Location of the vendor's status page, in words."""
    first_post: FirstPost
    updates: Updates
    sign_in_page: SignInPage | None = None
    """The page behind a sign-in. If unset, the vendor has only a public page."""
    priority_messages: PriorityMessages | None = None
    """Text messages about Priority 1 incidents. If unset, the vendor does not send any."""
    peers: Peers
    phone: Phone
    console: Console | None = None
    """The gateway's console and portal. If unset, the vendor does not run a gateway."""
    wording: Wording


def load_vendor(files: DataFiles, name: str) -> Vendor:
    """The vendor of that name in `files`. Raises BadFile."""
    return files.read(f"vendors/{name}.yaml", Vendor)


def gateway_console_rules(files: DataFiles) -> Console:
    """Rules for the gateway's console while the gateway has a fault, from its vendor's file."""
    console = load_vendor(files, GATEWAY_VENDOR).console
    assert console is not None  # ensured by a test
    return console


def vendors_named(files: DataFiles, names: tuple[str, ...]) -> Mapping[str, Vendor]:
    """The vendors with the given names, in that order."""
    return {name: load_vendor(files, name) for name in names}
