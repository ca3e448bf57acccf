"""The exercise in the shape of a drill for one seat, and the table's clock, which no seat can change."""

from collections.abc import Callable
from dataclasses import replace

from sim.drill.commands.command import Command
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.facilitation.requests import ANSWERABLE
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.drill.snapshot.console import Snapshot
from tui.painting.pace import Pace
from tui.playing.protocols import Watch
from tui.table.seat.shared_table import SeatedExercise, SharedTable, TablePace


class SeatDrill:
    """The exercise in the shape of a drill, for one seat. Its clock is the facilitator's."""

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
