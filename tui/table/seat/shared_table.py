"""The table that all seats share: its exercise as seats use it, its clock, its series and its language."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sim.drill.room.events import Event
from sim.drill.snapshot.console import Snapshot
from sim.table.looks import RoomLook
from tui.painting.local_time import LocalTime
from tui.painting.pace import Pace
from tui.painting.view import Samples
from tui.playing.protocols import Language
from tui.table.seat.glance import Glance


class SeatAnswer(Protocol):
    """The answer to a line that a person at a seat typed."""

    @property
    def text(self) -> str:
        """The answer in a sentence."""

    @property
    def accepted(self) -> bool:
        """False if the line was refused."""


class Looked(Protocol):
    """Everything that one seat may know at one moment, apart from its events."""

    @property
    def snapshot(self) -> Snapshot:
        """Observations."""

    @property
    def places(self) -> tuple[str, ...]:
        """Places of the console that the seat sees; empty: all of them."""


class Requested(Protocol):
    """A request that one seat made to another."""

    @property
    def number(self) -> int:
        """Number of the request in `allow` and `deny`."""

    @property
    def by(self) -> str:
        """The seat, or the person of the simulation, that asks."""

    @property
    def to(self) -> str:
        """The seat to which the request goes."""

    @property
    def text(self) -> str:
        """The requested command."""

    @property
    def state(self) -> str:
        """`open` while there is no answer."""


class SeatedExercise(Protocol):
    """An exercise as its seats use it; each seat gets only the facts that it may know."""

    @property
    def now_ms(self) -> int:
        """The simulated time."""

    @property
    def ended(self) -> bool:
        """True after ENDEX."""

    @property
    def rewinds(self) -> int:
        """The number of times that the exercise was rewound; after each rewind, the events differ."""

    def person(self, seat: str) -> str:
        """The person at the seat; empty if the seat is free."""

    def sit(self, seat: str, person: str) -> SeatAnswer:
        """Seat `person`. Raises DiskFull."""

    def do(self, seat: str, person: str, text: str) -> SeatAnswer:
        """Carry out a line that `person` typed at `seat`, and journal it. Raises DiskFull."""

    def look(self, seat: str, listed: int = 0) -> Looked:
        """The current state as that seat may see it, with at most `listed` messages of the queue."""

    def requests(self, seat: str) -> Sequence[Requested]:
        """Requests that the seat has made, and requests to it, in order."""

    def room(self) -> RoomLook:
        """The state of the table as everyone in the room may see it."""

    def events(self, seat: str, after_seq: int = -1) -> list[Event]:
        """Events later than `after_seq` that reached that seat."""


class TablePace(Protocol):
    """The one clock of the table."""

    @property
    def pace(self) -> Pace:
        """Current speed, pause and lag."""

    @property
    def late_s(self) -> float:
        """Wall time by which the process is late."""


@dataclass(frozen=True, slots=True)
class SharedTable:
    """The facts that all seats share."""

    exercise: SeatedExercise
    clock: TablePace
    samples: Samples
    """Series of figures, as instruments showed them."""
    language: Language
    """The language of the drill's commands."""
    local: LocalTime
    briefing: str
    seats: tuple[str, ...] = ()
    """The players' seats, by the names that lines use to address them."""
    glance: Glance = field(default_factory=Glance)
