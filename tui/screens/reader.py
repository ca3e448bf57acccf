"""A screen of text to read and scroll, with a heading and a key to go back."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.painting.rows import Row, spread, wrap
from tui.widgets.frame.footer import footer
from tui.widgets.frame.pane import Pane

MARGIN = 2
WIDEST = 110
"""Maximum width of a line of prose, in cells."""


class ReaderScreen(Screen[None]):
    """Shows rows for the current width; arrows and PgUp/PgDn scroll, Esc goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,ctrl+g,question_mark", "dismiss", "Back"),
        Binding("up,k", "move(-1)", "Up"),
        Binding("down,j", "move(1)", "Down"),
        Binding("pageup,b", "page(-1)", "Page up"),
        Binding("pagedown,space", "page(1)", "Page down"),
        Binding("home,g", "move(-100000)", "Start"),
        Binding("end,G", "move(100000)", "End"),
    ]

    heading = ""
    back_key = "Esc"

    def __init__(self) -> None:
        super().__init__()
        self._top = 0

    def rows(self, width: int) -> Sequence[Row]:
        """The rows of the text at a given width."""
        return ()

    def compose(self) -> ComposeResult:
        """A heading, the text, the keys."""
        yield Pane("heading")
        yield Pane("text")
        yield Pane("footer")

    def on_resize(self) -> None:
        """Wrap the text for the new width."""
        self.paint()

    def paint(self) -> None:
        """Show the rows from the scroll position onwards."""
        width, height = self.size
        room = max(1, height - 2)
        rows = self.rows(min(width - 2 * MARGIN, WIDEST))
        self._top = min(max(0, self._top), max(0, len(rows) - room))
        end = min(self._top + room, len(rows))
        place: Row = ((f"{self._top + 1}-{end} of {len(rows)} ", "bar-dim"),) if len(rows) > room else ()
        head = spread(
            ((" EXERCISE ", "exercise"), (f"  {self.heading}", "bar-strong")), place, width, role="bar"
        )
        keys = ((self.back_key, "back"), ("↑ ↓ PgUp PgDn", "scroll"), ("^Q", "quit"))
        shown = [((" " * MARGIN, ""), *row) for row in rows[self._top : end]]
        for name, y, lines in (("heading", 0, [head]), ("text", 1, shown), ("footer", height - 1, None)):
            pane = self.query_one(f"#{name}", Pane)
            pane.styles.offset = (0, y)
            pane.styles.width, pane.styles.height = width, room if name == "text" else 1
            pane.show(lines if lines is not None else [footer(keys, "", width)])

    def action_move(self, by: int) -> None:
        """Scroll by rows."""
        self._top += by
        self.paint()

    def action_page(self, by: int) -> None:
        """Scroll by one page, with one row of overlap."""
        self.action_move(by * max(1, self.size.height - 3))

    def on_mouse_scroll_up(self) -> None:
        """The wheel scrolls."""
        self.action_move(-3)

    def on_mouse_scroll_down(self) -> None:
        """The wheel scrolls."""
        self.action_move(3)


def prose(text: str, width: int, role: str = "") -> list[Row]:
    """Paragraphs wrapped for a width; indented and blank lines stay separate and keep their indentation."""
    rows: list[Row] = []
    for line in _joined(text.splitlines()):
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            rows.append(())
        rows += [((" " * indent + part, role),) for part in wrap(line.strip(), width - indent) if part]
    return rows


def _joined(lines: Sequence[str]) -> list[str]:
    """One line per paragraph."""
    joined: list[str] = []
    for line in lines:
        if (
            joined
            and line.strip()
            and joined[-1].strip()
            and not line[0].isspace()
            and not joined[-1][0].isspace()
        ):
            joined[-1] = f"{joined[-1].rstrip()} {line}"
        else:
            joined.append(line)
    return joined
