"""Readings of the gateway's console: the figures that it shows at one moment. Values only."""

from dataclasses import field

from sim.drill.snapshot.console import HopState
from sim.kernel.frozen import frozen
from sim.mail.message.rows import NO_ROWS, Rows


@frozen
class OutgoingReading:
    """The outbound delivery queue. The queue is empty while outbound mail leaves without delay."""

    depth: int = 0
    oldest_ms: int | None = None
    retention_ms: int = 0
    paused: bool = False
    last_error: str = ""
    last_error_ms: int | None = None
    notified: int = 0
    """Messages in the queue whose senders have received a delay notice."""
    most_for: tuple[tuple[str, int], ...] = ()
    """The outside domains with the most queued mail, and the number of messages for each."""
    in_process: int = 0
    """Messages that the outbound filter has not passed on to the queue yet."""
    in_process_ms: int | None = None
    """The age in ms of the oldest message that is still in the filter."""


@frozen
class EventReading:
    """A continuity event as the console lists it."""

    number: int
    group: str
    start_ms: int
    end_ms: int


@frozen
class Losses:
    """Messages that the gateway will not deliver, by direction."""

    returned: tuple[int, ...]
    """Messages that the gateway returned to their senders, at the retry limit or by hand."""
    rejected: tuple[int, ...]
    """Messages rejected permanently by the mail server, or by hand."""


@frozen
class GatewayReading:
    """Everything that the console shows at `at_ms`. Each tuple of three is by direction."""

    at_ms: int
    depth: int
    depth_before: int
    """The depth of the queue five minutes earlier."""
    change_per_minute: int
    oldest_ms: int | None
    retention_ms: int
    paused: bool
    bands: tuple[tuple[str, int], ...]
    size_bytes: int
    last_error: str
    last_error_ms: int | None
    first_expiry_ms: int | None
    deliveries: HopState
    """The state of the gateway's deliveries to the mail server."""
    queued: tuple[int, ...]
    returned: tuple[int, ...]
    """As in `Losses`, like the next field."""
    rejected: tuple[int, ...]
    sent_out: int
    """Outbound messages that the gateway has passed to the internet: those written in its own apps, and
    those from the mail server.
    """
    arriving: int
    """Messages a minute from the internet, averaged over the last five minutes, as are the next three
    fields.
    """
    left: int
    """Messages a minute that left the inbound queue in any way."""
    taken: int
    """Messages a minute that the mail server accepted."""
    leaving: int
    """Messages a minute that the gateway passed to the internet."""
    users_in: int
    """Users whose app is connected to a continuity event."""
    outgoing: OutgoingReading
    in_process: int
    """Messages that the gateway has accepted but that are still in its filter."""
    in_process_ms: int | None
    """The age in ms of the oldest message in the filter."""
    events: tuple[EventReading, ...]
    """Continuity events that the console lists, both in force and planned."""
    newest: Rows = field(default=NO_ROWS, compare=False)
    """The newest messages that the console lists; only in a reading saved for times when the console does
    not answer.
    """
