"""The gateway's part of an organisation file: its queue's rules, its monitors, continuity, and retention."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.drill.organisation.shipped_ids import PlatformId
from sim.drill.organisation.sourced_numbers import Block, Percent
from sim.kernel.document import DurationMs, Record


class Span(Record):
    """A duration drawn uniformly between two."""

    least_ms: DurationMs = Field(alias="least")
    """The shortest."""
    most_ms: DurationMs = Field(alias="most")
    """The longest."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least_ms > self.most_ms:
            raise ValueError("`least` is longer than `most`; exchange them")
        return self


class ContinuityMonitor(Block):
    """Counts windows with failed delivery; alerts when the count reaches the threshold."""

    window_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="window")
    """Length of a window."""
    threshold: Annotated[int, Field(ge=1, le=1000)]
    """This count is an alert."""
    repeat_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="repeat")
    """Interval at which an unacknowledged alert repeats while the count is above the threshold."""
    rearm_ms: DurationMs = Field(default=0, alias="rearm")
    """The alert ends when the count has stayed below the threshold for this long; the next alert is new, and
    is sent by SMS even if this one was acknowledged.
    """


class ServiceMonitor(Block):
    """Samples the number of inbound messages on retry."""

    sample_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="sample")
    """Time between two samples."""
    threshold: Annotated[int, Field(ge=1)]
    """Messages on retry; more than this is an alert."""
    repeat_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="repeat")
    """Interval at which an unacknowledged alert repeats while the count is above the threshold."""
    rearm_ms: DurationMs = Field(default=0, alias="rearm")
    """The alert ends when the count has stayed below the threshold for this long; the next alert is new, and
    is sent by SMS even if this one was acknowledged.
    """
    escalation_after: Annotated[int, Field(ge=1, le=100)]
    """Alerts that go unacknowledged before the escalation contacts get them too."""


class Alerting(Block):
    """Delivery of an alert to a phone, and the time for which its link can start an event."""

    sms_delay: Span
    """From the monitor's alert to the phone."""
    link_valid_ms: DurationMs = Field(alias="link_valid")
    """How long the link in it works."""
    email_to: Literal["outside address", "own mailbox"] = "outside address"
    """Destination of the alert's email: one sent to an internal mailbox waits in the very queue that it
    reports.
    """


class ContinuityEvents(Block):
    """Starting and extending continuity events, and access to them."""

    durations_ms: Annotated[tuple[DurationMs, ...], Field(min_length=1, alias="durations")]
    """Durations that the portal behind an alert's link offers; the console accepts any duration up to 14d."""
    shortest_ms: DurationMs = Field(default=0, alias="shortest")
    """Minimum length of an event, also from the console."""
    settings_within_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=900_000, alias="settings_within")
    """A change of the apps' settings reaches them within this time."""
    texts_users: bool = False
    """Whether the vendor's SMS service tells the users of an event when it starts and ends."""
    console_log_on: Literal["own password", "directory"] = "own password"
    """Sign-in method of the gateway's console."""
    break_glass: bool = True
    """Whether there is an account for the console that does not need the directory."""
    cloud_password_percent: Percent = 100
    """Share of users who know a password that does not need the directory."""


class RetentionCase(Block):
    """Asking the vendor's support for a longer retention."""

    takes: Span
    """From the end of the call to the longer retention."""
    covers_queued: bool
    """Whether the longer retention applies to mail already queued, or only to mail that arrives later."""


class Filter(Block):
    """The capacity of the gateway's filter, the same for inbound and for outbound mail.

    It counts once mail has gathered before the filter: while that is slow, and until it has caught up.
    """

    at_a_time: Annotated[int, Field(ge=1, le=10_000)]
    """Messages that it filters at a time."""
    users_per_place: Annotated[int, Field(ge=1)] = Field(alias="users_per")
    """It has these places, and this room, for each such number of users."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="per_message")
    """Time that one message takes as usual; a fault `gateway is slow` sets another."""
    holds: Annotated[int, Field(ge=1, le=10_000_000)]
    """Messages that fit before the filter: with more, the gateway defers new mail."""
    accepts_again_percent: Annotated[int, Field(ge=0, le=99)] = Field(alias="accepts_again")
    """It accepts mail again once it is no fuller than this percentage."""
    checks_ms: Annotated[DurationMs, Field(ge=1_000)] = Field(alias="checks")
    """Interval at which it checks how full it is."""
    reply: str = Field(min_length=1, pattern=r"^4")
    """Its reply while it is full."""


Standing = Literal["counts", "does not count"]


class Gateway(Block):
    """The cloud email gateway in front of the mail server."""

    platform: PlatformId
    """Platform whose retry schedule its delivery queue has."""
    bounce_at: Literal["expiry", "next attempt"]
    """Whether mail bounces at its limit, or at the first failed attempt after it."""
    release: Literal["own timers", "all"]
    """Treatment of queued mail when the mail server is back, without any command."""
    while_paused: Standing = "counts"
    """Whether paused time counts towards a message's age. If it does, a message past its limit at the resume
    bounces if that attempt fails; if not, every message is kept for that much longer.
    """
    while_dead: Standing = "counts"
    """As above, for time in which the gateway itself is down."""
    filter: Filter
    continuity_monitor: ContinuityMonitor
    service_monitor: ServiceMonitor
    alerting: Alerting
    continuity_events: ContinuityEvents
    retention_case: RetentionCase
