"""The file of a vendor: how its status page, its text messages and its phone lag behind the truth."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Block, Id, Percent, Quantiles
from sim.kernel.data_files import DataFiles
from sim.kernel.document import DurationMs, Record

GATEWAY_VENDOR = "gateway-vendor"
"""Whose console and portal every organisation's gateway has."""


class FirstPost(Block):
    """The status page's first word about an incident."""

    minutes: Quantiles
    """From the onset to the first post."""


class Updates(Block):
    """What the page says from then on."""

    every_minutes: Quantiles
    """Between two posts."""
    vague_posts: int = Field(ge=1, le=20)
    """Posts before the page says what is wrong."""
    too_early_percent: Percent
    """Incidents that the page calls resolved before they are."""
    too_early_minutes: Quantiles
    """How long before the end it then does."""
    resolved_after_minutes: Quantiles
    """From the end to the post that says so."""


class SignInPage(Block):
    """A fuller page behind a sign-in, of which the public one is a later copy."""

    name: str = Field(min_length=1)
    """Its name."""
    public_after_minutes: Quantiles
    """From its posts to the same words on the public page."""


class PriorityMessages(Block):
    """Text messages about Priority 1 incidents, to those who have subscribed."""

    minutes: Quantiles
    """From the page's first post to the phone."""


class Peers(Block):
    """Others who depend on the vendor and talk about it: lists, forums, outage trackers."""

    minutes: Quantiles
    """From the onset to others' reports."""
    false_alarm_percent: Percent
    """Looks that find reports although the vendor has no incident."""


class Phone(Block):
    """The support line."""

    hold_minutes: Quantiles
    """Time on hold; longer numbers apply only in an incident of the vendor's own."""
    quiet_hold_minutes: Quantiles
    """The same when the vendor has no incident."""
    talk_minutes: int = Field(ge=1, le=120)
    """Length of the conversation."""


class Console(Block):
    """The gateway's own console, its continuity portal with it, while the gateway is in trouble."""

    slow_times: int = Field(ge=1, le=100)
    """While it is slow: how many times as long as usual a command in it takes."""
    times_out_percent: Percent
    """Commands in a slow console that are not answered in time."""
    carried_out_percent: Percent
    """Of those, the ones that act all the same."""
    stale_ms: DurationMs = Field(alias="stale")
    """How old the figures of a console that lags are at least."""
    refresh_ms: Annotated[DurationMs, Field(ge=1_000)] = Field(alias="refresh")
    """How often a console that lags takes in new figures."""


class Wording(Record):
    """What the page says. `normal` before and after, the others in the order of an incident."""

    normal: str = Field(min_length=1)
    vague: str = Field(min_length=1)
    specific: str = Field(min_length=1)
    too_early: str = Field(min_length=1)
    again: str = Field(min_length=1)
    resolved: str = Field(min_length=1)


class Vendor(Record):
    """A vendor as its customers see it from outside."""

    mxdrill: Literal[1]
    """Version of the file's format."""
    id: Id
    """What commands call it."""
    name: str = Field(min_length=1)
    """What people call it."""
    page: str = Field(min_length=1)
    """Where its status page is, in words."""
    first_post: FirstPost
    updates: Updates
    sign_in_page: SignInPage | None = None
    """None: its only page is public."""
    priority_messages: PriorityMessages | None = None
    """None: it sends none."""
    peers: Peers
    phone: Phone
    console: Console | None = None
    """None: it runs no gateway."""
    wording: Wording


def load_vendor(files: DataFiles, name: str) -> Vendor:
    """The vendor of that name in `files`. Raises BadFile."""
    return files.read(f"vendors/{name}.yaml", Vendor)


def gateway_console_rules(files: DataFiles) -> Console:
    """How the gateway's console is while the gateway is in trouble: its vendor's file says it."""
    console = load_vendor(files, GATEWAY_VENDOR).console
    assert console is not None  # a test holds it
    return console


def vendors_named(files: DataFiles, names: tuple[str, ...]) -> Mapping[str, Vendor]:
    """The vendors by their names, in that order."""
    return {name: load_vendor(files, name) for name in names}
