"""The footer: the keys that work at this moment, in order of need."""

from tui.layout import VIEWS
from tui.rows import Row, spread, width_of

Keys = tuple[tuple[str, str], ...]

EMPTY: Keys = (
    ("?", "help"), ("space", "pause"), ("+-", "speed"), ("F10", "end"), ("^Q", "quit"), (".", "step"),
    ("^P", "menu"), ("^N", "note"), (">", "15 min"), ("PgDn", "older"),
)  # fmt: skip
"""While the command line is empty."""
TYPING: Keys = (
    ("Enter", "give"), ("Tab", "complete"), ("Esc", "clear"), ("F5", "pause"), ("F1", "help"),
    ("^Q", "quit"), ("^P", "menu"), ("F2", "view"), ("↑↓", "history"), ("F10", "end"),
)  # fmt: skip
"""While there is text in it."""


def footer(keys: Keys, view: str, width: int) -> Row:
    """Keys at the left, views at the right (none if `view` is empty); what does not fit is left out."""
    views: list[tuple[str, str]] = []
    for number, name in enumerate(VIEWS, 1):
        chosen = name == view
        views.append((f" {number} {name} ", "chosen" if chosen else "bar-dim"))
    if not view:
        views = []
    elif width_of(views) + 60 > width:
        views = [(" ", "bar")]
        for number, name in enumerate(VIEWS, 1):
            views += [(str(number), "chosen" if name == view else "bar-dim"), (" ", "bar")]
    start: list[tuple[str, str]] = []
    for key, does in keys:
        piece = [(f" {key} ", "bar-key"), (does + " ", "bar-dim")]
        if width_of([*start, *piece, *views]) > width:
            break
        start += piece
    return spread(tuple(start), tuple(views), width, role="bar")
