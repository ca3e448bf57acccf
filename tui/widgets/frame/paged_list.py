"""A list that may be longer than its pane: PgDn goes down, and the frame says how much is left."""

from dataclasses import dataclass

from tui.painting.rows import Page, Row
from tui.painting.view import Draw, View

ENDLESS = 100_000
"""Rows that a list may ask for."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Draws as much of a list as there is room for, from the row that is scrolled to."""

    draw: Draw

    def __call__(self, view: View, width: int, height: int) -> Page:
        """The part that is seen, and in the frame how many rows are above and below it."""
        page = self.draw(view, width, ENDLESS)
        start = min(view.scroll, max(0, len(page.rows) - height))
        below = len(page.rows) - height - start
        told = [f"{start} above: PgUp" if start else "", f"{below} below: PgDn" if below > 0 else ""]
        more = " · ".join(text for text in told if text)
        aside: Row = ((more, "warn"),) if more else page.aside
        return Page(page.title, page.rows[start : start + height], aside, page.short)

    def length(self, view: View, width: int) -> int:
        """How many rows it has at a width."""
        return len(self.draw(view, width, ENDLESS).rows)
