"""The desk of one seat: a console's desk whose drill is the exercise, as far as that seat may see and
control it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Never, Protocol

from sim.drill.commands.command import Accepted, Command, Refused
from sim.drill.facilitation.requests import ANSWERABLE
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event, EventKind
from sim.drill.session.journal import DiskFull
from sim.drill.snapshot.console import Snapshot
from sim.kernel.user_mistake import Mistake
from sim.table.looks import RoomLook
from tui.painting.local_time import LocalTime
from tui.painting.pace import Pace
from tui.painting.places import PLACES
from tui.painting.view import Samples, View
from tui.playing.control_desk import CommandReply, ControlDesk
from tui.playing.protocols import Language, Opened, Watch
from tui.table.seat.glance import Glance
from tui.table.seat.language import SeatLanguage

NOT_YOURS = "the facilitator runs the clock"


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
        """The observations that the seat may see."""

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


LATE_S = 0.25
"""Lag from which a seat paints only every `RARELY`th frame, except after its own keys."""
RARELY = 5
NEWS: frozenset[EventKind] = frozenset({"talk", "call", "sms", "email", "ticket"})
"""Kinds of events that a person at a seat has to notice, whatever the seat shows."""


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
    """The players' seats, as the words with which lines are addressed to them."""
    glance: Glance = field(default_factory=Glance)


class SeatDrill:
    """The exercise in the shape of a drill, for one seat. The facilitator controls its clock."""

    complete = False

    def __init__(self, table: SharedTable, seat: str, wall: Callable[[], float]) -> None:
        self._table, self._exercise, self._seat, self._wall = table, table.exercise, seat, wall

    @property
    def now_ms(self) -> int:
        """The simulated time."""
        return self._exercise.now_ms

    @property
    def ended(self) -> bool:
        """True after ENDEX."""
        return self._exercise.ended

    def finish(self) -> None:
        """Only the facilitator ends an exercise."""

    def dispatch(self, command: Command | str) -> Accepted | Refused:
        """Always refused, because a line needs the person at the seat, whom only `SeatDesk.give` knows."""
        return Refused(str(command), "lines of a seat go to the exercise")

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Only the facilitator moves the clock."""

    def catch_up(self) -> None:
        """Does nothing, like `advance`."""

    def mark(self, *, digest: bool = False) -> None:
        """Does nothing, because the table's clock marks the journal."""

    def snapshot(self, listed: int = 50) -> Snapshot:
        """The current state as this seat may see it; slightly older if another seat has just requested it."""
        return self._table.glance.at(
            self.now_ms,
            self._wall(),
            listed,
            self._table.clock.pace.paused,
            lambda: self._exercise.look(self._seat, listed).snapshot,
        )

    def events(self, since: int = 0) -> list[Event]:
        """Events that reached this seat, from number `since` on; `answer NUMBER` refers to the number."""
        return [
            replace(event, text=f"#{event.seq} {event.text}") if event.kind in ANSWERABLE else event
            for event in self._exercise.events(self._seat, since - 1)
            if event.kind not in HIDDEN_FROM_TRAINEE
        ]

    def series(
        self, what: str, a_ms: int, b_ms: int, points: int, plotted_ms: int | None = None
    ) -> list[int]:
        """Samples of `what`, evenly spaced over [a, b]; a seat cannot view earlier moments."""
        return self._table.samples(what, a_ms, b_ms, points)


class SeatClock:
    """The table's clock as a seat sees it: it is shown, but cannot be changed."""

    marks = 0
    jumps = ""

    def __init__(self, exercise: SeatedExercise, shared: TablePace) -> None:
        self._exercise, self._shared = exercise, shared
        self._shown: tuple[int, Pace] | None = None
        self.stopped = ""

    @property
    def pace(self) -> Pace:
        """The pace of the table's clock."""
        return self._shared.pace

    @property
    def paused(self) -> bool:
        """True while the facilitator has stopped the clock."""
        return self._shared.pace.paused

    @paused.setter
    def paused(self, _paused: bool) -> None:
        """Only the facilitator pauses."""

    def frame(self) -> bool:
        """True if the time or the pace of the table differs from what this seat showed last."""
        now = self._exercise.now_ms, self._shared.pace
        moved, self._shown = now != self._shown, now
        return moved

    def step(self, by_ms: int) -> None:
        """Only the facilitator steps."""

    def jump(self, aim: str, watch: Watch | None) -> None:
        """Only the facilitator jumps."""

    def toggle(self) -> None:
        """Only the facilitator pauses."""

    def change_speed(self, by: int) -> None:
        """Only the facilitator changes the speed."""

    def watch_anew(self) -> None:
        """Does nothing: seats do not stop the clock."""


class SeatDesk(ControlDesk):
    """A desk for the person at one seat. Every line goes to the exercise, which knows the seat's rights."""

    def __init__(self, table: SharedTable, seat: str, wall: Callable[[], float]) -> None:
        self.seat = seat
        self.watched = False
        """True while a client shows the seat; otherwise nothing is painted."""
        self._exercise, self._glance = table.exercise, table.glance
        self._clock = table.clock
        self._due = False
        self._passed = 0
        self._rewinds = table.exercise.rewinds
        self._gone_back = ""
        self.places = table.exercise.look(seat).places or tuple(PLACES)
        """The places that this seat sees, in the seat's order."""
        self.language = SeatLanguage(table.language, seat, table.seats)
        opened = Opened(
            drill=SeatDrill(table, seat, wall),
            language=self.language,
            local=table.local,
            mode="exam",
            briefing=table.briefing,
            nothing=_no_debrief,
            debrief=_no_debrief,
        )
        super().__init__(opened, wall, 1, SeatClock(table.exercise, table.clock))
        self._read_seq = -1
        self.read()

    @property
    def person(self) -> str:
        """The person who sits here; empty if there is none yet."""
        return self._exercise.person(self.seat)

    @property
    def waiting(self) -> Requested | None:
        """The first request that waits for this seat's answer; None if there is none."""
        asked = self._exercise.requests(self.seat)
        return next((one for one in asked if one.to == self.seat and one.state == "open"), None)

    @property
    def news(self) -> Event | None:
        """The newest event that a person has to notice and has not seen; None if there is none."""
        for entry in self._entries.newest_first():
            if entry.event.seq <= self._read_seq:
                return None
            if entry.event.kind in NEWS:
                return entry.event
        return None

    def read(self) -> None:
        """Record that the person has seen everything up to now."""
        self._read_seq = self._next_seq - 1

    def frame(self) -> bool:
        """Read news; True if there is something new to show to a client; less often if the process lags."""
        rewound = self._exercise.rewinds != self._rewinds
        if rewound:
            self._rewinds = self._exercise.rewinds
            self._read_all()
            self.read()
            now_ms = self._exercise.now_ms
            self._gone_back = self.opened.local.day_clock(now_ms, now_ms)
        self._due = super().frame() or rewound or self._due
        self._passed += 1
        if not self.watched or not self._due or (self._clock.late_s > LATE_S and self._passed < RARELY):
            return False
        self._due, self._passed = False, 0
        return True

    def gone_back(self) -> str:
        """The moment of a rewind, as `Mon 10:12`, returned once; empty if there was no rewind since the
        last call.
        """
        moment, self._gone_back = self._gone_back, ""
        return moment

    def give(self, text: str) -> CommandReply:
        """Carry out the line for the person at this seat; at an empty seat, the line is the person's name."""
        try:
            person = self.person
            if person:
                answer = self._exercise.do(self.seat, person, text)
            else:
                answer = self._exercise.sit(self.seat, text)
        except DiskFull as full:
            return CommandReply(f"not done, because the journal cannot be written: {full}", accepted=False)
        except Mistake as mistake:
            return CommandReply(str(mistake), accepted=False)
        self._glance.forget()
        self._listen()
        self.read()
        return CommandReply(answer.text, answer.accepted)

    def view(self, scroll: int, listed: int = 0) -> View:
        """The present view, with the seat's name."""
        return replace(super().view(scroll, listed), seat=self.seat)


def _no_debrief(*_unused: object) -> Never:
    raise AssertionError("the facilitator leads the debrief; a seat has none")
