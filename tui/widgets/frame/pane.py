"""The one widget used for all panes: a frame, with rows that are painted only when they change."""

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.painting.paint import strip
from tui.painting.rows import Page, Row, cut, spread, width_of


def framed(page: Page, width: int, height: int, boxed: bool) -> list[Row]:
    """`page` in a box or below a rule: exactly `height` rows of `width` cells; the rest is left out."""
    inner = inner_size(width, height, boxed)
    rows = [_top(page, width, boxed)]
    for number in range(inner[1]):
        row = cut(page.rows[number], inner[0]) if number < len(page.rows) else ()
        if boxed:
            gap = " " * (inner[0] - width_of(row))
            rows.append((("│ ", "line"), *row, (gap + " ", ""), ("│", "line")))
        else:
            rows.append(((" ", ""), *row))
    if boxed:
        rows.append((("╰" + "─" * (width - 2) + "╯", "line"),))
    return rows[:height]


def inner_size(width: int, height: int, boxed: bool) -> tuple[int, int]:
    """Width and height inside the frame, in cells and rows."""
    return (width - 4, height - 2) if boxed else (width - 2, height - 1)


def _top(page: Page, width: int, boxed: bool) -> Row:
    start, end = ("╭─ ", "─╮") if boxed else ("─ ", "─")
    tail: Row = ((" ", ""), *page.aside, (" ", ""), (end, "line")) if page.aside else ((end, "line"),)
    head: Row = ()
    for title in (page.title, page.short or page.title):
        head = ((start, "line"), (title + " ", "title"))
        if width_of(head) + width_of(tail) <= width:
            break
    else:
        tail = ((end, "line"),)
    return spread(head, tail, width, fill="─", role="line")


class Pane(Widget):
    """Shows rows; paints only rows that differ from those on the screen."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, id=name)
        self._rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        """Replace the rows; unchanged rows are not painted again."""
        before, self._rows = self._rows, rows
        if len(before) != len(rows):
            self.refresh()
            return
        changed = [number for number, row in enumerate(rows) if row != before[number]]
        if changed:
            width = self.size.width
            self.refresh(*(Region(0, number, width, 1) for number in changed))

    def render_line(self, y: int) -> Strip:
        """Row `y` as a strip of Textual."""
        return strip(self._rows[y] if y < len(self._rows) else (), self.size.width)
