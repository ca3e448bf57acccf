"""The seats that an event reaches: its addressee, the seat that caused it, or everyone at the table."""

from collections.abc import Mapping, Sequence

from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event, EventKind
from sim.drill.room.table_record import FACILITATOR, TableRecord

_ROLE_OF: Mapping[EventKind, str] = {
    "monitor": "messaging-admin",
    "sms": "messaging-admin",
    "ticket": "helpdesk",
    "mail": "messaging-admin",
}
"""The staff role that receives each kind of event, unless the event has an addressee."""
_RESULTS: frozenset[EventKind] = frozenset({"command", "done", "failed", "refused", "report"})


def hears(seat: str, event: Event, table: TableRecord, givers: Sequence[str]) -> bool:
    """True if the seat gets `event`.

    `givers`: the seats that gave the command with that text. The truth reaches the facilitator only. An event
    for a role that is not at the table reaches everyone: the simulator's people report it to the room.
    """
    if seat == FACILITATOR:
        return True
    if event.kind in HIDDEN_FROM_TRAINEE:
        return False
    if event.kind == "talk":
        return event.to in ("", seat) or event.ref == seat
    if event.kind in _RESULTS and givers:
        return seat in givers
    role = event.to or _ROLE_OF.get(event.kind, "")
    whose = role if role in table.people else table.seat_of(role)
    return not whose or seat == whose
