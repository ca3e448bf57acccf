"""The answers of an exercise: replies to typed lines, and the facts that one seat may know."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sim.drill.room.table_record import FACILITATOR, TableRecord
from sim.drill.snapshot.console import Snapshot

STATES: Mapping[bool | None, Literal["open", "allowed", "denied"]] = {
    None: "open",
    True: "allowed",
    False: "denied",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one typed line."""

    accepted: bool
    text: str
    """One line: the result, or the reason for the refusal and the correct form."""


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat, as others at the table see it."""

    name: str
    person: str
    """The person at the seat; empty if it is not taken, in which case the simulator plays its people."""
    does: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request, as seen by the seat that asked and by the seat that answers."""

    number: int
    t_ms: int
    by: str
    """The seat that asks for a command, or the simulated person who asks for an approval."""
    to: str
    text: str
    state: Literal["open", "allowed", "denied"]
    proposals: tuple[str, ...] = ()
    """For the facilitator: commands that a line in a player's own words may mean."""


@dataclass(frozen=True, slots=True)
class SeatLook:
    """Everything that one seat may know at one moment, apart from its events: observations only."""

    seat: SeatView
    places: tuple[str, ...]
    """Panes of the console that the seat sees; empty for the facilitator, who sees all of them."""
    snapshot: Snapshot
    """The snapshot without the objectives, which only the facilitator sees."""
    frozen: bool
    speed: float
    seats: tuple[SeatView, ...]
    """Every seat at the table, the facilitator's seat last."""
    requests: tuple[RequestView, ...]
    """Requests that this seat has to answer, and requests that it has made."""


@dataclass(frozen=True, slots=True)
class RoomLook:
    """The state of the table for the projector, without facts that one seat knows and another does not."""

    emergency: bool
    """True if a real emergency has been reported and the clock has been stopped for it."""
    question: str
    """The question for which the clock is stopped; empty if there is none, or if the clock runs."""
    predictions: tuple[tuple[str, str, int], ...]
    """(seat, number, certainty in percent) for each prediction about the question; empty until every
    person has made one.
    """
    predicted: int
    """The number of seats that have predicted."""


_PARTS: Mapping[str, frozenset[str]] = {
    "hops": frozenset({"Overview"}),
    "queue": frozenset({"Overview", "Gateway"}),
    "continuity": frozenset({"Overview", "Gateway", "Tickets"}),
    "ledger": frozenset({"Overview", "Server"}),
    "helpdesk": frozenset({"Overview", "Tickets"}),
    "alerts": frozenset({"Overview", "Gateway", "Phone"}),
    "mail": frozenset({"Overview", "Gateway"}),
    "dns": frozenset({"DNS"}),
    "protection": frozenset({"Server"}),
}
"""The places of the console that show each part of a snapshot; other parts are shown everywhere."""


def told(look: SeatLook) -> dict[str, Any]:
    """`look` as plain values, with only those parts of the snapshot that the seat's places show."""
    whole = asdict(look)
    if look.places:
        hidden = [part for part, places in _PARTS.items() if places.isdisjoint(look.places)]
        for part in ("objectives", *hidden):
            del whole["snapshot"][part]
    return whole


def room_of(table: TableRecord, now_ms: int) -> RoomLook:
    """The state of the table for a view that everyone in the room sees."""
    if not table.frozen:
        return RoomLook(False, "", (), 0)
    made = [one for one in table.predictions if (one.t_ms, one.about) == (now_ms, table.question)]
    latest = {one.by.seat: one for one in made if one.by.seat in table.people}
    waiting = [one for one in table.people if one not in (FACILITATOR, *latest)]
    shown = () if waiting else tuple(latest.values())
    return RoomLook(
        bool(table.emergency),
        table.question,
        tuple((one.by.seat, one.number, one.sure_percent) for one in shown),
        len(latest),
    )
