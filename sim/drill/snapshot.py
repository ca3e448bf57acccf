"""What a trainee may see at one moment: observations only, frozen."""

from dataclasses import dataclass
from typing import Literal

HopState = Literal["flowing", "idle", "refused", "paused", "unknown"]


@dataclass(frozen=True, slots=True)
class Hop:
    """One stretch of the path of mail."""

    source: str
    target: str
    state: HopState
    per_minute: int
    """Messages a minute over the last five minutes."""
    detail: str
    """A few words beside it: `9,480 queued`, `1,204 correspondents`."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """The gateway's inbound delivery queue as its console shows it."""

    depth: int
    change_per_minute: int
    oldest_ms: int | None
    """Age of the oldest message in the queue, None when it is empty."""
    retention_ms: int
    paused: bool
    bands: tuple[tuple[str, int], ...]
    """Age bands in order, `("< 5m", 12)`; their sum is `depth`."""
    last_error: str
    """The last SMTP error of a delivery attempt, empty before the first."""
    last_error_ms: int | None
    first_expiry_ms: int | None
    """When the oldest message would bounce if nothing changed (paused: None)."""


@dataclass(frozen=True, slots=True)
class ContinuityView:
    """The continuity event in force, as the gateway's console shows it."""

    active: bool
    group: str
    started_ms: int | None
    ends_ms: int | None
    users_in: int
    """Users whose app has switched over."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """A member of staff and what keeps them busy."""

    id: str
    name: str
    role: str
    doing: str
    """The command being worked on, empty when free."""
    free_at_ms: int


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert that has been raised and whose cause goes on."""

    id: str
    source: str
    since_ms: int
    acknowledged: bool
    link_valid_until_ms: int | None
    """When the link in its SMS expires; None without a link."""


@dataclass(frozen=True, slots=True)
class ObjectiveView:
    """What is asked of the trainee, and what has become of it."""

    id: str
    learns: str
    limit: str
    """What is asked, in words: `within 10m of the first alert`."""
    state: Literal["open", "met", "late", "failed"]
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class MailView:
    """One message as a queue view lists it; subject and names are labels (real for lab mail)."""

    id: int
    subject: str
    sender: str
    recipient: str
    arrival_ms: int
    attempts: int
    real: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole console at `t_ms` (milliseconds since the drill's start)."""

    t_ms: int
    local: str
    """Local date and time, `Mon 2 Mar 2026 11:42:10 GMT`."""
    title: str
    hops: tuple[Hop, ...]
    queue: QueueView
    continuity: ContinuityView
    ledger: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    """Per direction: (account, count) in the ledger's order, zero accounts left out."""
    flags: tuple[tuple[str, int], ...]
    """readable, late, unfiltered, recoverable, duplicates (all directions)."""
    users: int
    users_without_mail: int
    user_hours_without_mail: float
    alerts: tuple[AlertView, ...]
    people: tuple[PersonView, ...]
    objectives: tuple[ObjectiveView, ...]
    mail: tuple[MailView, ...]
    """The newest messages in the inbound queue, real ones first; at most 50."""
    ended: bool
