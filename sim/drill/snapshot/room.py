"""What is written on the walls of the incident room, as a snapshot has it: frozen, each with its moment."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StatusPageView:
    """A vendor's status page as somebody last saw it; it may say something else by now."""

    vendor: str
    """What commands call the vendor."""
    name: str
    page: str
    """Which page was looked at; empty: nobody has looked."""
    colour: Literal["green", "amber", "red", ""]
    """The word for its colour; empty: nobody has looked."""
    text: str
    posted_ms: int | None
    """When it was posted; None: no post, the page is as always."""
    next_ms: int | None
    """When the page promised the next word."""
    looked_ms: int | None
    """When somebody looked; None: nobody has."""


@dataclass(frozen=True, slots=True)
class TicketView:
    """A support case with a vendor."""

    number: str
    vendor: str
    about: str
    opened_ms: int
    said: str
    """What the support said then."""


@dataclass(frozen=True, slots=True)
class StatementView:
    """What was said to whom; whether it was true is nobody's to know before the debrief."""

    t_ms: int
    by: str
    audience: str
    via: str
    reached: int | None
    """None: nobody can say."""
    text: str
    next_ms: int | None
    """When it promised the next word."""
    promise: Literal["", "open", "kept", "broken"]
    """What became of that promise; empty: it made none."""


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """What was asked of whom, and the answer."""

    subject: str
    of: str
    state: Literal["asked", "granted", "refused", "overridden"]
    asked_ms: int
    answered_ms: int | None
    until_ms: int | None = None
    """Up to when it holds, or held if what it was for was closed; None: it has no limit, or does not."""
    too_soon: str = ""
    """Of what was done without: why that counts as unapproved; empty: it does not."""


@dataclass(frozen=True, slots=True)
class OpeningView:
    """An entry of the register of openings."""

    number: int
    kind: str
    command: str
    opened_ms: int
    closed_ms: int | None
    proven_ms: int | None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision or a diagnosis that was put on record."""

    t_ms: int
    by: str
    about: str
    """`pause`, `mx`, …, or `diagnosis`."""
    text: str


@dataclass(frozen=True, slots=True)
class EstimateView:
    """What the server team said of its repair: when, and for when."""

    t_ms: int
    by_ms: int
    sure_ms: int
    """Nine times in ten."""


@dataclass(frozen=True, slots=True)
class RoomView:
    """What is written on the walls of the incident room. Each list is in order of time."""

    pages: tuple[StatusPageView, ...] = ()
    """One for each vendor of the organisation."""
    tickets: tuple[TicketView, ...] = ()
    said: tuple[StatementView, ...] = ()
    approvals: tuple[ApprovalView, ...] = ()
    openings: tuple[OpeningView, ...] = ()
    decisions: tuple[DecisionView, ...] = ()
    estimates: tuple[EstimateView, ...] = ()
