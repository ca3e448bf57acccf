"""The facilitator's screen as an application in the process that serves the exercise."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.strip import Strip

import tui
from sim.table.exercise import Exercise
from tui.table.facilitator.frame import FacilitatorFrame
from tui.table.facilitator.handed import HandedTerminal, HeldSeat
from tui.table.seat.colours import true_colours
from tui.widgets.frame.command_line import LONGEST, CommandLine

REPAINT_S = 0.05
"""Wall time between two frames while the clock runs."""
STILL = 5
"""`STILL`: number of frames of which only one is painted while the clock is stopped; seats, links and
requests can still change.
"""
HOW_TO_LEAVE = "Ctrl+Q closes the table for everyone; it is saved, and `mxdrill resume` continues it"
_SPEEDS = (1, 10, 60, 300, 900, 3600)
_SHORTCUTS = {"bookmark": "bookmark ", "jump('event')": "jump event", "jump('decision')": "jump decision"}


Hold = Callable[[str, int, int], Awaitable[HeldSeat | None]]
"""Shows a seat on this terminal with the given number of columns and rows; returns None if that is not
possible.
"""


async def _no_seat(seat: str, columns: int, rows: int) -> None:
    """The links when there are no doors: no seat has a screen."""


class StationApp(FacilitatorFrame):
    """Shows the truth, the seats, the script and the feed; every line goes to the station."""

    CSS_PATH = str(Path(tui.__file__).with_name("console.tcss"))
    ENABLE_COMMAND_PALETTE = False
    TITLE = "mxdrill table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Leave", priority=True),
        Binding("ctrl+c", "hint", "How to leave", priority=True),
        Binding("f2,ctrl+o", "mirror", "Events of the next seat", priority=True),
        Binding("f3,ctrl+t", "watch", "The screen of the next seat", priority=True),
        Binding("pageup", "scroll_feed(10)", "Older", priority=True),
        Binding("pagedown", "scroll_feed(-10)", "Newer", priority=True),
    ]

    def __init__(
        self,
        exercise: Exercise,
        give: Callable[[str], None],
        painted: Callable[[str], list[Strip]] = lambda seat: [],
        *,
        links: Callable[[], list[str]] = list,
        asking: Callable[[], Mapping[str, str]] = dict,
        away: Callable[[str], bool] = lambda seat: False,
        hold: Hold = _no_seat,
    ) -> None:
        """`give` carries out a typed line; `painted`: the rows of a seat's screen, empty if it has none.

        `links`: how to reach the seats; `asking`: a question for each seat for which a second client asks;
        `away`: True if the client of the person at a seat has gone; `hold`: shows a seat on this terminal.
        """
        super().__init__(exercise, painted, asking=asking, away=away)
        self.console = true_colours(self.console)  # as at the seats, which share these styles
        self._give, self._links, self._hold = give, links, hold
        self.left = False
        """True once the facilitator wants to leave."""

    def on_mount(self) -> None:
        """Paint twenty times a second, or four times while the clock is stopped."""
        self._line.focus()
        self.set_interval(REPAINT_S, self._frame)
        self.call_after_refresh(self.paint)

    def _frame(self) -> None:
        self._waited += 1
        moved = self._exercise.now_ms != self._painted_ms or self._handed is not None
        if moved or self._waited >= STILL:
            self.paint()

    async def on_event(self, event: events.Event) -> None:
        """Pass keys on while players have the terminal: every key goes to their seat, and none acts for
        the facilitator.
        """
        pressed = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if self._handed is None or not pressed:
            await super().on_event(event)
            return
        assert isinstance(event, events.Key | events.Paste)
        if self._handed.take(event):
            self._take_back(self._handed)

    async def _hand_over(self, seat: str, word: str) -> None:
        """Show the seat, whose player types here from now on, until the facilitator types the key and the
        word.
        """
        held = await self._hold(seat, *self.size) if word else None
        if held is None:
            self.add("refused: write `hand SEAT WORD` with a seat that has a screen and no client of its own")
        else:
            self._handed = HandedTerminal(seat, held, word)
        self.paint()

    def _take_back(self, handed: HandedTerminal) -> None:
        self._handed = None
        handed.held.end()
        self._line.display = True
        self._line.focus()
        self.add(f"the terminal is yours again; {handed.seat} stays as it is")
        self.paint()

    def on_resize(self) -> None:
        """Place everything again."""
        if self._handed is not None:
            self._handed.held.resize(*self.size)
        self.paint()

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver; on Unix one that survives a closed terminal."""
        chosen = super().get_driver_class()
        if sys.platform != "win32" and chosen.__name__ == "LinuxDriver":
            from tui.table.facilitator.driver import FewColours, StationDriver

            # Called while `console` is still Textual's own, which knows the terminal.
            return StationDriver if self.console.color_system == "truecolor" else FewColours
        return chosen

    def on_terminal_gone(self) -> None:
        """Leave as for `quit`; called by the driver in the loop's own thread."""
        self.left = True

    def action_leave(self) -> None:
        """Leave once Ctrl+Q has been pressed twice; the exercise is saved."""
        self.left, self._leaving = self._leaving, True
        self.paint()

    def action_hint(self) -> None:
        """Show how to leave: Ctrl+C ends most programs, but here it would end the exercise for everyone."""
        self.add(HOW_TO_LEAVE)
        self.paint()

    @on(CommandLine.Cleared)
    def _back(self) -> None:
        self._leaving = False
        if self._covered:
            self._cover()

    def action_mirror(self) -> None:
        """Show the events of the next seat; after the last seat, everything again."""
        names = ["", *(one.name for one in self._exercise.seats)]
        self._cover(mirrored=names[(names.index(self._mirrored) + 1) % len(names)])

    def action_watch(self) -> None:
        """Show the screen of the next seat that has one; after the last, everything again."""
        names = ["", *(one.name for one in self._exercise.seats if self._painted(one.name))]
        at = names.index(self._watched) if self._watched in names else 0
        self._cover(watched=names[(at + 1) % len(names)])
        if len(names) == 1:
            self.add("refused: no seat has a screen yet; it appears when a player opens the link")
        self.paint()

    def action_scroll_feed(self, by: int) -> None:
        """Scroll the feed back, or forward to the present."""
        self._scroll = max(0, self._scroll + by)
        self.paint()

    @on(CommandLine.Given)
    def _typed(self, given: CommandLine.Given) -> None:
        self._scroll, self._leaving, self._replies = 0, False, []
        if given.text.startswith("hand "):
            seat, _, word = given.text.removeprefix("hand ").strip().partition(" ")
            self.add(f"> hand {seat} …", event=True)  # so that the word is not shown
            self.run_worker(self._hand_over(seat, word.strip()))
            return
        self._line.remember(given.text)
        self.add(f"> {given.text}", event=True)
        if given.text == "links" and (links := self._links()):
            self._cover(plain=links)
            return
        self._give(given.text)
        self.paint()

    @on(CommandLine.Full)
    def _full(self) -> None:
        self.add(f"refused: the line has room for {LONGEST} characters; nothing was added")
        self.paint()

    @on(CommandLine.Shortcut)
    def _pressed(self, pressed: CommandLine.Shortcut) -> None:
        look_speed, frozen = self._exercise.speed, self._exercise.frozen
        match pressed.does:
            case "pause":
                self._give("go" if frozen else "freeze")
            case "faster" | "slower":
                self._give(f"speed {_next_speed(look_speed, 1 if pressed.does == 'faster' else -1)}")
            case "help":
                self._give("help")
            case other if other in _SHORTCUTS:
                text = _SHORTCUTS[other]
                self._line.write(text) if text.endswith(" ") else self._give(text)
            case _:
                pass


def _next_speed(speed: float, by: int) -> int:
    """The next faster or slower speed in the list of usual speeds."""
    if by > 0:
        return next((one for one in _SPEEDS if one > speed), _SPEEDS[-1])
    return next((one for one in reversed(_SPEEDS) if one < speed), _SPEEDS[0])
