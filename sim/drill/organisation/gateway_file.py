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
    """An alert that nobody acknowledges is repeated so often while the count is above the threshold."""
    rearm_ms: DurationMs = Field(default=0, alias="rearm")
    """Once the count has stayed below it for so long the alert is over; the next one is new, and comes by SMS
    even if this one was acknowledged."""


class ServiceMonitor(Block):
    """Samples the number of inbound messages on retry."""

    sample_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="sample")
    """Time between two samples."""
    threshold: Annotated[int, Field(ge=1)]
    """Messages on retry; more than this is an alert."""
    repeat_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="repeat")
    """An alert that nobody acknowledges is repeated so often while the count is above the threshold."""
    rearm_ms: DurationMs = Field(default=0, alias="rearm")
    """Once the count has stayed below it for so long the alert is over; the next one is new, and comes by SMS
    even if this one was acknowledged."""
    escalation_after: Annotated[int, Field(ge=1, le=100)]
    """Alerts that go unacknowledged before the escalation contacts get them too."""


class Alerting(Block):
    """How an alert reaches a phone, and how long its link lets one start an event."""

    sms_delay: Span
    """From the monitor's alert to the phone."""
    link_valid_ms: DurationMs = Field(alias="link_valid")
    """How long the link in it works."""
    email_to: Literal["outside address", "own mailbox"] = "outside address"
    """Where the alert's email goes: into one's own mailbox, it waits in the very queue that it is about."""


class ContinuityEvents(Block):
    """Starting and extending continuity events, and who gets into them."""

    durations_ms: Annotated[tuple[DurationMs, ...], Field(min_length=1, alias="durations")]
    """What the portal behind an alert's link offers; the console takes any duration up to 14d."""
    shortest_ms: DurationMs = Field(default=0, alias="shortest")
    """No event is begun for less, also from the console."""
    settings_within_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=900_000, alias="settings_within")
    """A change of the apps' settings reaches them within this time."""
    texts_users: bool = False
    """Whether the vendor's SMS service tells the users of an event when it starts and ends."""
    console_log_on: Literal["own password", "directory"] = "own password"
    """What signing in to the gateway's console asks."""
    break_glass: bool = True
    """Whether there is an account for the console that asks no directory."""
    cloud_password_percent: Percent = 100
    """Share of users who know a password that asks no directory."""


class RetentionCase(Block):
    """Asking the vendor's support for a longer retention."""

    takes: Span
    """From the end of the call to the longer retention."""
    covers_queued: bool
    """Whether the longer retention holds for what is queued already, or only for what arrives later."""


Standing = Literal["counts", "does not count"]


class Gateway(Block):
    """The cloud email gateway in front of the mail server."""

    platform: PlatformId
    """Whose retry schedule its delivery queue has."""
    bounce_at: Literal["expiry", "next attempt"]
    """Whether mail is returned at its limit or at the first failed attempt from then on."""
    release: Literal["own timers", "all"]
    """What happens to queued mail when the mail server is back and nobody acts."""
    while_paused: Standing = "counts"
    """Whether time in which its deliveries are paused counts as a message's age: what is past its limit when
    they are resumed is returned if that attempt fails, or every message is kept for that much longer."""
    while_dead: Standing = "counts"
    """The same of time in which the gateway itself is dead."""
    continuity_monitor: ContinuityMonitor
    service_monitor: ServiceMonitor
    alerting: Alerting
    continuity_events: ContinuityEvents
    retention_case: RetentionCase
