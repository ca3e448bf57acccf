"""One frame of the facilitator's screen: each pane in its place, or the part that covers the panes."""

from collections.abc import Callable, Mapping, Sequence

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from sim.drill.room.table_record import FACILITATOR
from sim.table.exercise import Exercise
from sim.table.looks import RequestView
from tui.painting.rows import Page, cut
from tui.table.facilitator import panes
from tui.table.facilitator.completion import completions
from tui.table.facilitator.handed import HandedTerminal
from tui.table.facilitator.station import event_line, request_line
from tui.widgets.frame.command_line import CommandLine
from tui.widgets.frame.pane import Pane, framed, inner_size

MOST_LINES = 2000
"""Maximum number of lines that the feed keeps."""
WIDE = 110
"""Width from which there are two columns."""
KEYS = (
    " space stop/go · + - speed · ! next event · F2 ^O events · F3 ^T screen · Esc back · PgUp · ? help · ^Q"
)
LEAVE = "Press Ctrl+Q again to close the table for everyone (it is saved), or Esc to stay"


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


class FacilitatorFrame(App[None]):
    """Shows the truth, the seats, the script and the feed; `StationApp` adds keys and typed lines."""

    def __init__(
        self,
        exercise: Exercise,
        painted: Callable[[str], list[Strip]],
        *,
        asking: Callable[[], Mapping[str, str]],
        away: Callable[[str], bool],
    ) -> None:
        """`painted`, `asking`, `away`: as in `StationApp`."""
        super().__init__()
        self._exercise, self._painted, self._asking, self._away = exercise, painted, asking, away
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
        self._panes = {
            name: Pane(name) for name in ("header", "feed", "truth", "seats", "script", "notice", "keys")
        }
        self._line = CommandLine(lambda text: completions(text, exercise))

    def compose(self) -> ComposeResult:
        """Every pane, and the line."""
        yield from self._panes.values()
        yield self._mirror
        yield self._line

    def add(self, line: str, *, event: bool = False) -> None:
        """Add a line to the feed; replies and reports are also shown while the feed is covered, events are
        not.
        """
        self._lines.append(line)
        if self._covered and not event:
            self._replies.append(line)
        del self._lines[:-MOST_LINES]

    @property
    def _covered(self) -> bool:
        return bool(self._mirrored or self._watched or self._plain)

    def _cover(self, mirrored: str = "", watched: str = "", plain: Sequence[str] = ()) -> None:
        """Cover the feed, or everything, with the given content; without any, show everything again."""
        self._mirrored, self._watched, self._plain = mirrored, watched, list(plain)
        self._replies, self._scroll = [], 0
        self.paint()

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
