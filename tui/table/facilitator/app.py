"""The facilitator's screen as an application in the process that serves the exercise."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.strip import Strip
from textual.widget import Widget

import tui
from sim.drill.room.table_record import FACILITATOR
from sim.table.exercise import Exercise
from sim.table.looks import RequestView
from tui.painting.rows import Page, cut
from tui.table.facilitator import panes
from tui.table.facilitator.completion import completions
from tui.table.facilitator.handed import HandedTerminal, HeldSeat
from tui.table.facilitator.station import event_line, request_line
from tui.table.seat.colours import true_colours
from tui.widgets.frame.command_line import LONGEST, CommandLine
from tui.widgets.frame.pane import Pane, framed, inner_size

REPAINT_S = 0.05
"""Wall time between two frames while the clock runs."""
STILL = 5
"""`STILL`: number of frames of which only one is painted while the clock is stopped; seats, links and
requests can still change.
"""
MOST_LINES = 2000
"""Maximum number of lines that the feed keeps."""
WIDE = 110
"""Width from which there are two columns."""
KEYS = (
    " space stop/go · + - speed · ! next event · F2 ^O events · F3 ^T screen · Esc back · PgUp · ? help · ^Q"
)
HOW_TO_LEAVE = "Ctrl+Q closes the table for everyone; it is saved, and `mxdrill resume` continues it"
LEAVE = "Press Ctrl+Q again to close the table for everyone (it is saved), or Esc to stay"
_SPEEDS = (1, 10, 60, 300, 900, 3600)
_SHORTCUTS = {"bookmark": "bookmark ", "jump('event')": "jump event", "jump('decision')": "jump decision"}


Hold = Callable[[str, int, int], Awaitable[HeldSeat | None]]
"""Shows a seat on this terminal with the given number of columns and rows; returns None if that is not
possible.
"""


async def _no_seat(seat: str, columns: int, rows: int) -> None:
    """The links when there are no doors: no seat has a screen."""


class Mirror(Widget):
    """The screen of a seat, read-only, cut to the available space."""

    DEFAULT_CSS = "Mirror { position: absolute; }"

    def __init__(self) -> None:
        super().__init__(id="mirror")
        self._strips: list[Strip] = []

    def show(self, strips: list[Strip]) -> None:
        """Replace the rows."""
        if strips != self._strips:
            self._strips = strips
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Row `y`, in exactly the width of the widget."""
        strip = self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)
        return strip.adjust_cell_length(self.size.width)


class StationApp(App[None]):
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
        super().__init__()
        self.console = true_colours(self.console)  # as the seats, with whose styles these are shared
        self._exercise, self._give, self._painted = exercise, give, painted
        self._links, self._asking, self._away, self._hold = links, asking, away, hold
        self._handed: HandedTerminal | None = None
        """Set while players have this terminal."""
        self._plain: list[str] = []
        """Links that are shown over all other panes; empty if none are shown."""
        self._replies: list[str] = []
        """Replies and reports that have arrived since the feed was covered."""
        self._watched = ""
        """The seat whose screen is shown over all other panes; empty if there is none."""
        self._mirror = Mirror()
        self._lines: list[str] = []
        self._scroll = 0
        self._painted_ms, self._waited = -1, 0
        """The time that is on the screen, and the number of frames since it was painted."""
        self._mirrored = ""
        self._leaving = False
        """True if Ctrl+Q has been pressed once."""
        self.left = False
        """True once the facilitator wants to leave."""
        self._panes = {
            name: Pane(name) for name in ("header", "feed", "truth", "seats", "script", "notice", "keys")
        }
        self._line = CommandLine(lambda text: completions(text, exercise))

    def compose(self) -> ComposeResult:
        """Every pane, and the line."""
        yield from self._panes.values()
        yield self._mirror
        yield self._line

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

    def add(self, line: str, *, event: bool = False) -> None:
        """Add a line to the feed; replies and reports are also shown while the feed is covered, events are
        not.
        """
        self._lines.append(line)
        if self._covered and not event:
            self._replies.append(line)
        del self._lines[:-MOST_LINES]

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver; on Unix one that survives a closed terminal."""
        chosen = super().get_driver_class()
        if sys.platform != "win32" and chosen.__name__ == "LinuxDriver":
            from tui.table.facilitator.driver import FewColours, StationDriver

            # Asked for while `console` is still Textual's own, which knows the terminal.
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

    @property
    def _covered(self) -> bool:
        return bool(self._mirrored or self._watched or self._plain)

    def _cover(self, mirrored: str = "", watched: str = "", plain: Sequence[str] = ()) -> None:
        """Cover the feed, or everything, with the given content; without any, show everything again."""
        self._mirrored, self._watched, self._plain = mirrored, watched, list(plain)
        self._replies, self._scroll = [], 0
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
            self.add(f"> hand {seat} …", event=True)  # the word stays hidden
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

    # Painting

    def paint(self) -> None:
        """Paint everything as it is now."""
        width, height = self.size
        if width < 20 or height < 8:
            return
        if self._handed is not None:
            self._paint_handed(self._handed, width, height)
            return
        exercise = self._exercise
        self._painted_ms, self._waited = exercise.now_ms, 0
        clock, look = exercise.session.drill.clock, exercise.look(FACILITATOR, 0)
        above = panes.notice(self._questions(look.requests), self._replies, width)
        body, wide = height - 3 - len(above), width >= WIDE
        feed_width = width * 11 // 20 if wide else width
        feed_height = body if wide else body // 2
        side, x, y = (width - feed_width, feed_width, 1) if wide else (width, 0, 1 + feed_height)
        room = body if wide else body - feed_height
        told = panes.truth(exercise.truth(), clock, side - 4)
        truth_height = min(len(told.rows) + 2, max(3, room // 3, min(6, room - 8)))
        most_seats = max(3, room // 3)
        table = panes.seats(look, self._away, side - 4, most_seats - 2)
        seats_height = min(len(table.rows) + 2, most_seats)
        title = exercise.session.scenario.title
        header = panes.header(
            look,
            title,
            clock,
            width,
            jumping=exercise.jumping,
            emergency=bool(exercise.session.drill.table.emergency),
        )
        self._place("header", 0, 0, width, 1)
        self._panes["header"].show([header])
        self._box("feed", 0, 1, feed_width, feed_height, self._feed)
        self._box("truth", x, y, side, truth_height, lambda _w, _h: told)
        self._box("seats", x, y + truth_height, side, seats_height, lambda _w, _h: table)
        used = truth_height + seats_height
        rows = exercise.script()
        self._box("script", x, y + used, side, room - used, lambda w, h: panes.script(rows, clock, w, h))
        self._place("keys", 0, height - 2, width, 1)
        self._panes["keys"].show([cut(((KEYS, "bar-dim"),), width)])
        self._place("notice", 0, 1 + body, width, len(above))
        self._panes["notice"].show([cut(row, width) for row in above])
        self._mirror.show(self._covering(width, body))
        self._mirror.styles.offset, self._mirror.styles.width = (0, 1), width
        self._mirror.styles.height = body if self._watched or self._plain else 0
        self._line.styles.offset = (1, height - 1)
        self._line.styles.width = width - 1

    def _paint_handed(self, handed: HandedTerminal, width: int, height: int) -> None:
        """Show only the seat, because its player must not see the truth."""
        self._line.display = False
        self._mirror.show(handed.rows(self._painted(handed.seat), width, height))
        self._mirror.styles.offset, self._mirror.styles.width = (0, 0), width
        self._mirror.styles.height = height

    def _questions(self, requests: Sequence[RequestView]) -> list[str]:
        """Questions to the facilitator; while a seat's screen covers the requests of seats, those requests
        as well.
        """
        waiting = [one for one in requests if one.state == "open"]
        hidden = bool(self._watched or self._plain)
        told = [request_line(one) for one in waiting if hidden or one.to == FACILITATOR]
        return [*([LEAVE] if self._leaving else []), *self._asking().values(), *told]

    def _covering(self, width: int, height: int) -> list[Strip]:
        """The rows that cover every pane: the links, or the screen of a seat."""
        if not self._plain:
            return self._painted(self._watched) if self._watched else []
        rows = panes.plain(self._plain, width)
        first = max(0, len(rows) - height - self._scroll)
        return [Strip([Segment(row)]) for row in rows[first : first + height]]

    def _feed(self, width: int, height: int) -> Page:
        if not self._mirrored:
            return panes.feed(self._lines, "Everything (! the truth)", width, height, self._scroll)
        heard = self._exercise.events(self._mirrored)[-MOST_LINES:]
        lines = [event_line(one) for one in heard]
        return panes.feed(lines, f"Events for {self._mirrored}", width, height, self._scroll)

    def _box(
        self, name: str, x: int, y: int, width: int, height: int, draw: Callable[[int, int], Page]
    ) -> None:
        self._place(name, x, y, width, height)
        if height >= 3:
            page = draw(*inner_size(width, height, boxed=True))
            self._panes[name].show(framed(page, width, height, boxed=True))

    def _place(self, name: str, x: int, y: int, width: int, height: int) -> None:
        styles = self._panes[name].styles
        styles.offset, styles.width, styles.height = (x, y), width, max(0, height)


def _next_speed(speed: float, by: int) -> int:
    """The next faster or slower speed in the list of usual speeds."""
    if by > 0:
        return next((one for one in _SPEEDS if one > speed), _SPEEDS[-1])
    return next((one for one in reversed(_SPEEDS) if one < speed), _SPEEDS[0])
