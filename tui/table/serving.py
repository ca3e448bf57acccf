"""Serves one exercise: its clock, its doors and the facilitator's station, in one process and one event
loop.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from sim.drill.session.journal import DiskFull
from sim.kernel.plain_line import NOT_PLAIN
from sim.table.exercise import Exercise
from tui.playing.pacer import FRAME_S, JUMP_BUDGET_S
from tui.shell import exit_status
from tui.shell.signals import StopRequests, ctrl_c_cancels
from tui.shell.standard_streams import silence
from tui.shell.typed_lines import ENDED, TypedLines
from tui.table.clock import TableClock
from tui.table.door_protocol import (
    Around,
    Door,
    MakeDoors,
    asking_for_seats,
    free_seat,
    held_by,
    is_away,
    links_of,
    rows_of_seat,
)
from tui.table.facilitator.station import Station
from tui.table.ways_back import forget

JUMP_STEP_MS = 60_000


class Feed(Protocol):
    """The facilitator's screen, which receives lines."""

    def add(self, line: str, *, event: bool = False) -> None:
        """Add a line to the feed; `event`: True for an event of the exercise, False for a reply or report
        to the facilitator.
        """


def serve(
    exercise: Exercise, person: str, make_doors: MakeDoors, *, screen: bool = False, new: bool = False
) -> int:
    """Run the exercise until the facilitator leaves, with `person` as facilitator. Returns the exit status.

    `screen`: the facilitator has a terminal screen, rather than typed lines. The exercise is closed
    afterwards; one that is not over can be resumed. The journal of a `new` one is deleted if a door cannot be
    opened.
    """
    exercise.wall = lambda: time.strftime("%H:%M")
    serving = _Sitting(exercise, person, screen)
    try:
        with ctrl_c_cancels():
            asyncio.run(serving.whole(make_doors))
    except KeyboardInterrupt:  # before the signal handlers were installed, or on Windows
        serving.interrupted = True
    finally:
        path = exercise.session.journal_path
        serving.writing(exercise.close)
        unused = new and not serving.begun
        if unused and path is not None:
            path.unlink(missing_ok=True)
            forget(path)
    if unused:
        return exit_status.INTERRUPTED
    if exercise.ended and path is not None:
        forget(path)  # its links become invalid permanently
    over = f"over; to read the debrief: mxdrill debrief {path}"
    serving.say(over if exercise.ended else f"saved; to continue: mxdrill resume {path}")
    return exit_status.INTERRUPTED if serving.interrupted else exit_status.YES


class _Sitting:
    def __init__(self, exercise: Exercise, person: str, screen: bool) -> None:
        self._exercise, self._person, self._screen = exercise, person, screen
        self._app: Feed | None = None
        self._said: list[str] = []
        self._unheard = False
        self.interrupted = False
        self.begun = False
        """True once every server accepts connections."""

    async def whole(self, make_doors: MakeDoors) -> None:
        """Open the doors, drive the exercise, then close the doors."""
        journal = self._exercise.session.journal_path
        assert journal is not None  # an exercise with people is always saved
        clock = TableClock(self._exercise, time.monotonic, self.say)
        around = Around(self._exercise, clock, self.say, journal)
        doors = make_doors(around)
        station = Station(
            self._exercise,
            self._person,
            self.say,
            links=partial(links_of, doors),
            asking=partial(asking_for_seats, doors),
            away=partial(is_away, doors),
            happened=partial(self.say, event=True),
            free=partial(free_seat, doors),
            admit=lambda seat: any([door.admit(seat) for door in doors]),
            code=lambda of: [row for door in doors for row in door.code(of)],
        )
        station.begin()
        opened: list[Door] = []
        with StopRequests() as stop:
            try:
                for door in doors:
                    await door.open()
                    opened.append(door)
                    for line in door.links():
                        self.say(line)
                self.begun = True
                if self._exercise.frozen and not self._exercise.ended:
                    self.say("the clock is stopped; `go` starts it")
                if self._screen:
                    await self._on_screen(clock, station, stop, doors)
                else:
                    await self._drive(clock, station, partial(self._lines, TypedLines.start()), stop)
            finally:
                for door in opened:
                    await door.close()
                station.show()
                self.interrupted = stop.requested

    def _lines(self, typed: TypedLines) -> list[str]:
        lines = typed.take()
        if not lines and typed.has_just_ended():
            self.say(ENDED)
        return lines

    async def _on_screen(
        self,
        clock: TableClock,
        station: Station,
        stop: StopRequests,
        doors: Sequence[Door],
    ) -> None:
        """Drive the exercise with the facilitator's screen, whose feed has the earlier lines."""
        from tui.table.facilitator.app import StationApp

        app = StationApp(
            self._exercise,
            station.give,
            partial(rows_of_seat, doors),
            links=partial(links_of, doors),
            asking=partial(asking_for_seats, doors),
            away=partial(is_away, doors),
            hold=partial(held_by, doors),
        )
        for line in self._said:
            app.add(line)
        self._app = app
        shown = asyncio.create_task(app.run_async(mouse=False), name="facilitator")
        try:
            await self._drive(clock, station, list, stop, lambda: app.left or shown.done())
        finally:
            self._app = None
            app.exit()
            await shown

    async def _drive(
        self,
        clock: TableClock,
        station: Station,
        typed: Callable[[], list[str]],
        stop: StopRequests,
        left: Callable[[], bool] = lambda: False,
    ) -> None:
        while not (station.left or stop.requested or left()):
            before_s = time.monotonic()
            if self._exercise.jumping:
                self.writing(self._jump)
            elif not self._exercise.ended:
                clock.frame()
            for text in typed():
                station.give(text)
            station.show()
            if self._unheard:
                stop.hurry()
            await asyncio.sleep(max(0.005, FRAME_S - (time.monotonic() - before_s)))

    def _jump(self) -> None:
        """Advance a jump during a part of a frame."""
        until_s = time.monotonic() + JUMP_BUDGET_S
        while self._exercise.jumping and time.monotonic() < until_s:
            self._exercise.jump_on(JUMP_STEP_MS)
        self._exercise.mark()

    def writing(self, act: Callable[[], object]) -> None:
        """Call a function that writes to the journal; a full disk is reported and does not stop anything."""
        try:
            act()
        except DiskFull as full:
            self.say(f"{full}; the exercise continues; free some space")

    def say(self, line: str, *, event: bool = False) -> None:
        """Print one line at once, also to a pipe; text that people typed cannot control the terminal."""
        shown = NOT_PLAIN.sub(" ", line)
        if self._app is not None:
            self._app.add(shown, event=event)
            return
        self._said.append(shown)
        try:
            print(shown, flush=True)
        except OSError:
            self._unheard = True
            silence(sys.stdout)
