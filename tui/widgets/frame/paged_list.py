"""A list that may be longer than its pane: PgDn scrolls, and the frame shows how many rows are left."""

from dataclasses import dataclass

from tui.painting.rows import Page, Row
from tui.painting.view import Draw, View

ENDLESS = 100_000
"""Number of rows that a list requests if there is no limit."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Draws the part of a list that fits, starting at the current scroll position."""

    draw: Draw

    def __call__(self, view: View, width: int, height: int) -> Page:
        """The visible part; the frame shows the number of rows above and below it."""
        page = self.draw(view, width, ENDLESS)
        start = min(view.scroll, max(0, len(page.rows) - height))
        below = len(page.rows) - height - start
        told = [f"{start} above: PgUp" if start else "", f"{below} below: PgDn" if below > 0 else ""]
        more = " · ".join(text for text in told if text)
        aside: Row = ((more, "warn"),) if more else page.aside
        return Page(page.title, page.rows[start : start + height], aside, page.short)

    def length(self, view: View, width: int) -> int:
        """The rows of the whole list at a given width."""
        return len(self.draw(view, width, ENDLESS).rows)
