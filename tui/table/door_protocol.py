"""One kind of access to the seats of a table as a protocol, and several of them as one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sim.table.exercise import Exercise
from tui.table.clock import TableClock

if TYPE_CHECKING:  # typed lines do not need Textual
    from textual.strip import Strip

    from tui.table.facilitator.handed import HeldSeat


class Door(Protocol):
    """One kind of access to the seats."""

    async def open(self) -> None:
        """Let clients in. Raises Mistake."""

    async def close(self) -> None:
        """End every connection."""

    def links(self) -> list[str]:
        """A line for each seat, with the way to reach it and its token."""

    def free(self, seat: str) -> None:
        """Disconnect the client of the seat."""

    def admit(self, seat: str) -> bool:
        """Give the seat to a second client that asks for it; returns False if no client asks."""

    def asking(self) -> Mapping[str, str]:
        """For each seat for which a second client asks, the question."""

    def away(self, seat: str) -> bool:
        """True if a person has the seat, but their client has gone."""

    async def hold(self, seat: str, columns: int, rows: int) -> "HeldSeat | None":
        """Show the seat on the facilitator's own terminal; None if it has a client, or no screen here."""

    def painted(self, seat: str) -> "list[Strip]":
        """The rows of a seat's screen; empty if this door does not show any."""

    def code(self, of: str) -> list[str]:
        """A link as rows of a QR code; empty if there is none. Raises Mistake."""


MakeDoors = Callable[["Around"], Sequence[Door]]


@dataclass(slots=True)
class Around:
    """What all doors share."""

    exercise: Exercise
    clock: TableClock
    say: Callable[[str], None]
    """Function that shows a line to the facilitator."""
    journal: Path
    made: list[Door] = field(default_factory=list)


def free_seat(doors: Sequence[Door], seat: str) -> None:
    """Disconnect the client of the seat, whichever door it uses."""
    for door in doors:
        door.free(seat)


def asking_for_seats(doors: Sequence[Door]) -> dict[str, str]:
    """For each seat for which a second client asks at any door, the question."""
    return {seat: question for door in doors for seat, question in door.asking().items()}


def is_away(doors: Sequence[Door], seat: str) -> bool:
    """True if a person has the seat, but their client has gone."""
    return any(door.away(seat) for door in doors)


def links_of(doors: Sequence[Door]) -> list[str]:
    """The links of all doors."""
    return [line for door in doors for line in door.links()]


def rows_of_seat(doors: Sequence[Door], seat: str) -> "list[Strip]":
    """The rows of a seat's screen, from the first door that shows any."""
    return next((rows for door in doors if (rows := door.painted(seat))), [])


async def held_by(doors: Sequence[Door], seat: str, columns: int, rows: int) -> "HeldSeat | None":
    """Show the seat on the facilitator's own terminal, by the first door that can; None if none can."""
    for door in doors:
        if (held := await door.hold(seat, columns, rows)) is not None:
            return held
    return None
