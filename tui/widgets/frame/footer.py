"""The footer: the keys that work now, the most important first."""

from tui.painting.places import PLACE_KEYS
from tui.painting.rows import Row, Span, spread, width_of

_WITH_PLACES = 110
"""Width from which the footer also shows the keys of the places, because a reply can cover them in the
hint.
"""

Keys = tuple[tuple[str, str], ...]

EMPTY: Keys = (
    ("?", "help"), ("Enter", "menu"), ("space", "pause"), ("+-", "speed"), ("^Q", "quit"), ("F10", "end"),
    ("!", "next"), (",", "back"), (";", "due"), (".", "step"), (">", "15 min"), ("^N", "note"),
    ("PgDn", "older"),
)  # fmt: skip
"""Keys shown while the command line is empty."""
TYPING: Keys = (
    ("Enter", "run"), ("Tab", "complete"), ("F1", "explain"), ("^F", "futures"), ("Esc", "clear"),
    ("F5", "pause"), ("^Q", "quit"), ("^P", "menu"), ("F2", "view"), ("↑↓", "history"), ("F10", "end"),
)  # fmt: skip
"""Keys shown while the command line contains text."""

PAST: Keys = (
    ("Enter", "branch here"), ("Esc", "present"), (", <", "back"), (". >", "forward"), ("[ ]", "bookmarks"),
    ("^Q", "quit"),
)  # fmt: skip
"""Keys shown while an earlier moment is on screen."""


def footer(keys: Keys, view: str, width: int, place_keys: Keys = PLACE_KEYS) -> Row:
    """Keys at the left and places at the right (none if `view` is empty), as many as fit."""
    places: list[Span] = []
    if view and width >= _WITH_PLACES:
        places = [(" ", "bar")]
        for key, name in place_keys:
            places += [(key, "chosen" if name == view else "bar-dim"), (" ", "bar")]
    start: list[Span] = []
    for key, does in keys:
        piece = [(f" {key} ", "bar-key"), (does + " ", "bar-dim")]
        if width_of([*start, *piece, *places]) > width:
            break
        start += piece
    return spread(tuple(start), tuple(places), width, role="bar")
