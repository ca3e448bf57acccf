"""Colours of roles, and rows as strips of Textual: the only place with colours."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sim.kernel.plain_line import in_cells
from tui.painting.rows import Row, cut, width_of

GROUND = "#0f141a"
RAISED = "#18202a"
LINE = "#34414f"

_TEXT = "#c9d3dd"
_COLOURS: dict[str, tuple[str, str, bool]] = {
    # role: colour, background, bold
    "": (_TEXT, GROUND, False),
    "strong": ("#f4f7fa", GROUND, True),
    "dim": ("#8794a3", GROUND, False),
    "line": (LINE, GROUND, False),
    "title": ("#9cc4e8", GROUND, True),
    "good": ("#84c99a", GROUND, False),
    "warn": ("#e8b95c", GROUND, False),
    "bad": ("#ff8080", GROUND, True),
    "mark": ("#e8b95c", GROUND, False),
    "plot": ("#4b8dc2", GROUND, False),
    "plot-old": ("#c9803a", GROUND, False),
    "grid": ("#2b3643", GROUND, False),
    "exercise": ("#14100a", "#e8b95c", True),
    "bar": (_TEXT, RAISED, False),
    "bar-strong": ("#f4f7fa", RAISED, True),
    "bar-dim": ("#93a0ae", RAISED, False),
    "bar-warn": ("#e8b95c", RAISED, True),
    "bar-key": ("#9cc4e8", RAISED, True),
    "chosen": ("#0f141a", "#9cc4e8", True),
}


@lru_cache(maxsize=64)
def style(role: str) -> Style:
    """The style of a role."""
    colour, ground, bold = _COLOURS[role]
    return Style(color=colour, bgcolor=ground, bold=bold)


@lru_cache(maxsize=4096)
def segment(text: str, role: str) -> Segment:
    """A painted span. The results are cached, because a console repeats the same few hundred."""
    return Segment(text, style(role))


def strip(row: Row, width: int, ground: str = "") -> Strip:
    """`row`, painted in exactly `width` cells; the rest is filled in the role `ground`.

    Characters that are not plain text are left out, because a terminal would execute them; so are joiners,
    because terminals differ in the width of what they join.
    """
    row = tuple(
        (text if text.isascii() and text.isprintable() else in_cells(text), role) for text, role in row
    )
    taken = width_of(row)
    if taken > width:
        row = cut(row, width)
        taken = width_of(row)
    segments = [segment(text, role) for text, role in row]
    if taken < width:
        segments.append(segment(" " * (width - taken), ground))
    return Strip(segments, width)
