"""The records of the incident room in a snapshot: frozen, each with its time."""

from typing import Literal

from sim.kernel.frozen import frozen


@frozen
class StatusPageView:
    """A vendor's status page at the last check; the page may have changed since."""

    vendor: str
    """Name of the vendor in commands."""
    name: str
    page: str
    """The page that was checked; empty if none has been checked yet."""
    colour: Literal["green", "amber", "red", ""]
    """The colour that the page showed; empty if the page has not been checked yet."""
    text: str
    posted_ms: int | None
    """The time of the post; None if there is no post and the page shows its normal text."""
    next_ms: int | None
    """The time that the page promised for its next update."""
    looked_ms: int | None
    """The time of the last check; None if the page has not been checked yet."""


@frozen
class TicketView:
    """A support case with a vendor."""

    number: str
    vendor: str
    about: str
    opened_ms: int
    said: str
    """The answer that support gave at that time."""


@frozen
class StatementView:
    """An update and its audience; the debrief shows whether it was true."""

    t_ms: int
    by: str
    audience: str
    via: str
    reached: int | None
    """The number of people reached; None if unknown."""
    text: str
    next_ms: int | None
    """The time that the update promised for the next one."""
    promise: Literal["", "open", "kept", "broken"]
    """The outcome of that promise; empty if the update promised nothing."""


@frozen
class ApprovalView:
    """A request for approval, and its answer."""

    subject: str
    of: str
    state: Literal["asked", "granted", "refused", "overridden"]
    asked_ms: int
    answered_ms: int | None
    until_ms: int | None = None
    """The time at which the approval ends, or ended because its opening was closed; None if it has no
    limit or is not in force.
    """
    too_soon: str = ""
    """For an action without approval, the reason why it counts as unapproved; empty if it counts as
    approved.
    """


@frozen
class OpeningView:
    """An entry of the register of openings."""

    number: int
    kind: str
    command: str
    opened_ms: int
    closed_ms: int | None
    proven_ms: int | None


@frozen
class DecisionView:
    """A decision or a diagnosis that was put on record."""

    t_ms: int
    by: str
    about: str
    """The subject: `pause`, `mx`, …, or `diagnosis`."""
    text: str


@frozen
class EstimateView:
    """An estimate by the server team for its repair: the time at which it was given, and the time of
    recovery.
    """

    t_ms: int
    by_ms: int
    sure_ms: int
    """The recovery time that holds in nine cases out of ten."""


@frozen
class RoomView:
    """The records of the incident room. Each list is in chronological order."""

    pages: tuple[StatusPageView, ...] = ()
    """One page for each vendor of the organisation."""
    tickets: tuple[TicketView, ...] = ()
    said: tuple[StatementView, ...] = ()
    approvals: tuple[ApprovalView, ...] = ()
    openings: tuple[OpeningView, ...] = ()
    decisions: tuple[DecisionView, ...] = ()
    estimates: tuple[EstimateView, ...] = ()
