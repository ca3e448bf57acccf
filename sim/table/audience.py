"""The seats that an event reaches: its addressee, the seat that caused it, or everyone at the table."""

from collections.abc import Mapping, Sequence

from sim.drill.commands.grammar import parse
from sim.drill.facilitation.inputs import AtTable, Input
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

    `givers`: the seats that gave the command with that text. The truth reaches only the facilitator. An event
    for a role that is not at the table reaches everyone, because the simulator's people report it to the
    room.
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


class Givers:
    """The seats that gave each command, by the command's text and by its first words."""

    def __init__(self) -> None:
        self._read = 0
        self._seats: dict[str, list[str]] = {}

    def read(self, inputs: Sequence[Input]) -> None:
        """Read the inputs of the exercise that are new since the last call."""
        for _t_ms, given in inputs[self._read :]:
            if isinstance(given, AtTable) and not given.word:
                for key in {given.text, " ".join(parse(given.text).words)}:
                    seats = self._seats.setdefault(key, [])
                    if given.by.seat not in seats:
                        seats.append(given.by.seat)
        self._read = len(inputs)

    def of(self, ref: str) -> Sequence[str]:
        """The seats that gave the command of an event: those that gave the same text, otherwise those that
        gave the same first words.

        A late result has a text of its own, such as `probe mx gateway-1` for `probe mx all`.
        """
        words = ref.split()
        keys = (ref, " ".join(words[:2]), " ".join(words[:1]))
        return next((self._seats[key] for key in keys if key in self._seats), ())
