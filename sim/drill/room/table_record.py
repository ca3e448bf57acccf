"""People at a table who play one drill together: their seats, and the clock that stops for all of them."""

from dataclasses import dataclass, field

FACILITATOR = "facilitator"
"""The seat that sees the truth; it is not one of the players."""


@dataclass(frozen=True, slots=True)
class Seated:
    """A person at a seat of the table."""

    seat: str
    person: str


@dataclass(slots=True)
class TableRecord:
    """The state of the table. Without people at it, it is empty, and everyone is played by the simulator."""

    people: dict[str, str] = field(default_factory=dict)
    """The person at each seat that is taken."""
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The staff roles that each of those seats plays."""
    frozen: bool = False
    """The clock is stopped for everyone."""
    speed: float = 60.0
    """Simulated seconds per second."""

    def sit(self, seat: str, person: str, roles: tuple[str, ...]) -> None:
        """`person` takes the seat, and with it its roles."""
        self.people[seat], self.roles[seat] = person, roles

    def stand_up(self, seat: str) -> None:
        """The seat is free again; the simulator plays its roles."""
        self.people.pop(seat, None)
        self.roles.pop(seat, None)

    def seat_of(self, role: str) -> str:
        """The taken seat that plays `role`; empty: the simulator does."""
        return next((seat for seat, roles in self.roles.items() if role in roles), "")
