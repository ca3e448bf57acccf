"""The gateway's part of an organisation file: rules for its queue, its monitors, continuity, and
retention.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.drill.organisation.shipped_ids import PlatformId
from sim.drill.organisation.sourced_numbers import Block, Percent, Quantiles
from sim.kernel.document import DurationMs, Record


class Span(Record):
    """A duration drawn uniformly between a minimum and a maximum."""

    least_ms: DurationMs = Field(alias="least")
    """The shortest duration."""
    most_ms: DurationMs = Field(alias="most")
    """The longest duration."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least_ms > self.most_ms:
            raise ValueError("`least` is longer than `most`; swap them")
        return self


class ContinuityMonitor(Block):
    """Counts time windows with failed deliveries; raises an alert when the count reaches the threshold."""

    window_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="window")
    """Length of one window."""
    threshold: Annotated[int, Field(ge=1, le=1000)]
    """Number of failed windows at which an alert is raised."""
    repeat_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="repeat")
    """Interval at which an unacknowledged alert repeats while the count is above the threshold."""
    rearm_ms: DurationMs = Field(default=0, alias="rearm")
    """The alert ends once the count has stayed below the threshold for this long. After that, the next alert
    is a new one and is sent by SMS even if the last one was acknowledged.
    """


class ServiceMonitor(Block):
    """Samples the number of inbound messages on retry."""

    sample_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="sample")
    """Time between two samples."""
    threshold: Annotated[int, Field(ge=1)]
    """Number of messages on retry above which an alert is raised."""
    repeat_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="repeat")
    """Interval at which an unacknowledged alert repeats while the count is above the threshold."""
    rearm_ms: DurationMs = Field(default=0, alias="rearm")
    """The alert ends once the count has stayed below the threshold for this long. After that, the next alert
    is a new one and is sent by SMS even if the last one was acknowledged.
    """
    escalation_after: Annotated[int, Field(ge=1, le=100)]
    """Number of unacknowledged alerts after which alerts also go to the escalation contacts."""


class Alerting(Block):
    """Delivery of an alert to a phone, and how long its link can start an event."""

    sms_delay: Span
    """Time until an alert's SMS reaches the phone."""
    link_valid_ms: DurationMs = Field(alias="link_valid")
    """How long the link in the SMS works."""
    email_to: Literal["outside address", "own mailbox"] = "outside address"
    """Where the alert's email goes. An email to an internal mailbox is held up in the very queue that it
    reports.
    """


class ContinuityEvents(Block):
    """How continuity events are started and extended, and which users can use them."""

    durations_ms: Annotated[tuple[DurationMs, ...], Field(min_length=1, alias="durations")]
    """Durations offered on the page that an alert's link opens. The console accepts any duration up to 14d.
    """
    shortest_ms: DurationMs = Field(default=0, alias="shortest")
    """Minimum duration of an event, including events started from the console."""
    settings_within_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=900_000, alias="settings_within")
    """Time within which a change of settings reaches all apps."""
    texts_users: bool = False
    """True if users are subscribed to the vendor's SMS service, which notifies them when an event starts."""
    console_log_on: Literal["own password", "directory"] = "own password"
    """How administrators sign in to the gateway's console."""
    break_glass: bool = True
    """True if the console has an emergency account that does not need the directory."""
    cloud_password_percent: Percent = 100
    """Share of users who know a password that works without the directory."""


class SmsService(Block):
    """The vendor's SMS service for users, which is a separate subscription."""

    package: bool = True
    """True if the organisation has bought the service, so that users can be subscribed."""
    short_form_percent: Percent = 0
    """Share of users whose number has a form that the service cannot use: without a country code, or with
    leading zeros.
    """
    sync_minutes: Quantiles = (0, 0)
    """Time until the next synchronisation of the directory, when corrected numbers reach the service."""


class RetentionCase(Block):
    """Asking vendor support for a longer retention period."""

    takes: Span
    """Time from the end of the support call until the longer retention applies."""
    covers_queued: bool
    """Whether the longer retention applies to mail already queued, or only to mail that arrives later."""


class Filter(Block):
    """The capacity of the gateway's filter, the same for inbound and for outbound mail.

    The capacity matters only once mail is queued in front of the filter: while the filter is slow, and until
    it has caught up.
    """

    at_a_time: Annotated[int, Field(ge=1, le=10_000)]
    """Number of messages that the filter processes at a time."""
    users_per_place: Annotated[int, Field(ge=1)] = Field(alias="users_per")
    """Number of users for which `at_a_time` and `holds` are given; both grow in proportion to the users."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="per_message")
    """Usual processing time of one message. A fault `gateway is slow` sets a different time."""
    holds: Annotated[int, Field(ge=1, le=10_000_000)]
    """Number of messages that can queue in front of the filter. If this queue is full, the gateway defers new
    mail.
    """
    accepts_again_percent: Annotated[int, Field(ge=0, le=99)] = Field(alias="accepts_again")
    """The gateway accepts mail again once the queue is at this percentage of `holds` or below."""
    checks_ms: Annotated[DurationMs, Field(ge=1_000)] = Field(alias="checks")
    """Interval at which the gateway checks the length of the queue."""
    reply: str = Field(min_length=1, pattern=r"^4")
    """The reply to senders while the queue is full."""


Standing = Literal["counts", "does not count"]


class Gateway(Block):
    """The cloud email gateway in front of the mail server."""

    platform: PlatformId
    """Platform whose retry schedule the gateway's delivery queue follows."""
    bounce_at: Literal["expiry", "next attempt"]
    """Whether mail bounces at its retention limit, or at the first failed attempt after that limit."""
    release: Literal["own timers", "all"]
    """What happens to queued mail when the mail server is back and no command is given: each message keeps
    its retry time (`own timers`), or all are retried (`all`).
    """
    while_paused: Standing = "counts"
    """Whether paused time counts towards a message's age. If so, a message that is past its limit when
    deliveries resume bounces if its next attempt fails. If not, every message is kept longer by the paused
    time.
    """
    while_dead: Standing = "counts"
    """Whether time during which the gateway itself is down counts towards a message's age, as in
    `while_paused`.
    """
    filter: Filter
    """The capacity of the filter, and of the queue in front of it."""
    continuity_monitor: ContinuityMonitor
    """The monitor of failed deliveries, whose alert offers a continuity event."""
    service_monitor: ServiceMonitor
    """The monitor of messages on retry."""
    alerting: Alerting
    """How alerts reach people."""
    sms_service: SmsService | None = None
    """The vendor's SMS service for users. If unset, there is no such service."""
    continuity_events: ContinuityEvents
    """How continuity events work."""
    retention_case: RetentionCase
    """Support's response to a request for a longer retention."""
