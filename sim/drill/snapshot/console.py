"""The trainee's view at one moment: observations only, each with its source and its age, frozen.

The view leaves out everything that instruments do not show, such as users without mail, and late, unfiltered
or lost messages; the debrief shows those. Entries about people's own actions carry their own times.
"""

from typing import Literal

from sim.drill.snapshot.mail_routes import NO_PROTECTION, DnsView, ProtectionView, Seen
from sim.drill.snapshot.room import RoomView
from sim.kernel.frozen import frozen

LISTED = 50
"""Maximum number of the inbound queue's messages that a snapshot lists."""

HopState = Literal[
    "flowing",
    "slowly",  # mail is accepted, but old mail is queued and the queue does not shrink
    "partly",  # some attempts get through, others are deferred or fail
    "idle",
    "refused",
    "deferred",
    "timed out",
    "rejected",
    "paused",
    "unknown",  # the instrument that would show it does not answer
]


@frozen
class Hop:
    """One segment of the route that mail takes."""

    source: str
    target: str
    state: HopState
    per_minute: int
    """Messages a minute, averaged over the five minutes before `seen`."""
    detail: str
    """A few words shown next to the segment: `9,480 queued`, `1,204 correspondents`."""
    seen: Seen


@frozen
class QueueView:
    """The gateway's inbound delivery queue as its console shows it."""

    depth: int
    change_per_minute: int
    oldest_ms: int | None
    """Age of the oldest message in the queue; None if the queue is empty."""
    retention_ms: int
    paused: bool
    bands: tuple[tuple[str, int], ...]
    """Age bands in order, such as `("< 5m", 12)`; the counts sum to `depth`."""
    last_error: str
    """The last SMTP error in a delivery attempt; empty before the first error."""
    last_error_ms: int | None
    first_expiry_ms: int | None
    """The time at which the oldest message would bounce if nothing changed; None while deliveries are
    paused.
    """
    size_bytes: int
    """Total size in bytes."""
    in_process: int
    """Messages that the gateway's filter has not passed on to the inbound queue yet."""
    outbound: int
    """Number of messages in the gateway's outbound queue, to the internet."""
    outbound_paused: bool
    outbound_error: str
    """The last SMTP error in the outbound queue; empty before the first error."""
    seen: Seen
    """The instrument and the time of all these figures, including ages and rates."""
    no_answer_ms: int | None = None
    """The time at which a command last failed in the console, if the console does not answer; None if it
    answers.
    """
    outbound_in_process: int = 0
    """Messages that the gateway's filter has not passed on to the outbound queue yet."""


@frozen
class ContinuityView:
    """The continuity event in force, as the gateway's console shows it."""

    active: bool
    group: str
    started_ms: int | None
    ends_ms: int | None
    users_in: int
    """Users whose app had switched over, as shown by the console at `seen`."""
    seen: Seen


@frozen
class SeenCount:
    """A count, and the account to which it belongs."""

    count: int
    seen: Seen


@frozen
class HelpdeskView:
    """The helpdesk's count of callers; it does not show the number of users without mail."""

    calls: int
    last_hour: int
    """Calls in the hour up to `seen`."""
    seen: Seen
    by_hour: tuple[int, ...] = ()
    """Calls in each hour of the local clock, the current hour last; no hours before the start of the
    drill.
    """
    pilots_ms: int | None = None
    """The time at which the pilot users were last asked to read and send mail; None if they have not been
    asked yet.
    """
    pilots: int = 0
    pilots_work: int = 0
    """The number of pilot users who can do both."""
    executives: int = 0
    partners: int = 0
    """Calls by partners; `executives` and `partners` are calls to anyone and are not included in `calls`."""


@frozen
class PersonView:
    """A member of staff and what keeps them busy."""

    id: str
    name: str
    role: str
    doing: str
    """The command that the person is working on; empty if they are free."""
    free_at_ms: int | None
    """The time at which the person will be free; None if unknown, because they wait for another party (on
    the phone, for an approval).
    """
    since_ms: int | None = None
    """The time at which the person began the command; None if they are free, or have been called but are
    not there yet.
    """
    done_at_ms: int | None = None
    """The person's own estimate of when the command will be done; None if unknown, or overdue."""
    then: tuple[str, ...] = ()
    """Further commands assigned to the person, in order."""
    on_hold: tuple[tuple[str, int], ...] = ()
    """Vendors on whose support line the person is on hold, each with the time since which they have
    waited.
    """
    hours: str = ""
    """The person's working hours, such as `Mon-Fri 08:00-18:00`; empty: day and night."""
    at_work: bool = True
    """True if the person is at work now; others have to be called out, or start when their next working
    hours begin.
    """


@frozen
class AlertView:
    """An alert that has been raised and whose cause persists."""

    id: str
    source: str
    since_ms: int
    acknowledged: bool
    link_valid_until_ms: int | None
    """The time at which the link in the alert's SMS expires; None if there is no link."""


@frozen
class ObjectiveView:
    """An objective and its state."""

    id: str
    learns: str
    limit: str
    """The limit in words: `within 10 min of the first alert`."""
    state: Literal["open", "met", "late", "missed", "failed"]
    at_ms: int | None


@frozen
class MailView:
    """One message as a queue view lists it; its subject and names are labels (real for lab mail)."""

    number: int
    """The message's number in commands: `queue retry inbound message=4711`."""
    subject: str
    sender: str
    recipient: str
    arrival_ms: int
    attempts: int
    real: bool


@frozen
class Snapshot:
    """The whole console at `t_ms` (milliseconds since the drill's start)."""

    t_ms: int
    local: str
    """Local date and time, such as `Mon 2 Mar 2026 11:42:10 GMT`."""
    title: str
    """Organisation and day; this does not give away the outage."""
    hops: tuple[Hop, ...]
    queue: QueueView
    continuity: ContinuityView
    ledger: tuple[tuple[str, tuple[tuple[str, SeenCount], ...]], ...]
    """For each direction: (account, figure), in the ledger's order, without zero accounts. Each figure
    comes from one of the organisation's systems and is not the true total: mail that is still at outside
    senders, held or lost cannot be counted.
    """
    users: int
    """Number of users in the organisation's directory."""
    helpdesk: HelpdeskView
    alerts: tuple[AlertView, ...]
    people: tuple[PersonView, ...]
    objectives: tuple[ObjectiveView, ...]
    mail: tuple[MailView, ...]
    """The newest messages in the inbound queue, real messages first; at most 50."""
    ended: bool
    room: RoomView = RoomView()
    dns: DnsView = DnsView((), 0, (), 0)
    protection: ProtectionView = NO_PROTECTION
    behind_gateway: bool = True
    """False if the organisation does not have a gateway, and therefore no queue there."""
