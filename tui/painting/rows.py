"""Rows of text with roles: returned by a pane's pure function and painted by a widget.

A role is a meaning (`bad`, `dim`), never a colour, and the text alone always has the same meaning.
"""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
"""(text, role)."""
Row = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The content of a pane: its title, a remark in the frame, and its rows from the top."""

    title: str
    rows: Sequence[Row]
    aside: Row = field(default=())
    short: str = ""
    """The title that is used if there is not enough space for the long title next to the aside."""


def width_of(row: Iterable[Span]) -> int:
    """Width of `row` in cells."""
    return sum(cell_len(text) for text, _ in row)


def text_of(row: Iterable[Span]) -> str:
    """The bare text of `row`."""
    return "".join(text for text, _ in row)


def shorten(text: str, width: int) -> str:
    """`text` in at most `width` cells; an ellipsis marks a cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def whole_words(text: str, width: int) -> str:
    """`text` in at most `width` cells, cut between words and marked with ` …`."""
    if cell_len(text) <= width:
        return text
    kept = text.split(" ")
    while len(kept) > 1 and cell_len(" ".join(kept)) > width - 2:
        kept.pop()
    return shorten(" ".join(kept), width - 2) + " …"


def left(text: str, width: int) -> str:
    """`text`, left-aligned in exactly `width` cells."""
    return set_cell_size(shorten(text, width), width)


def right(text: str, width: int) -> str:
    """`text`, right-aligned in exactly `width` cells."""
    short = shorten(text, width)
    return " " * (width - cell_len(short)) + short


def centred(text: str, width: int) -> str:
    """`text`, centred in exactly `width` cells."""
    short = shorten(text, width)
    before = (width - cell_len(short)) // 2
    return set_cell_size(" " * before + short, width)


def spread(start: Row, end: Row, width: int, fill: str = " ", role: str = "") -> Row:
    """`start` at the left end and `end` at the right end of `width` cells; `start` is cut if both do not
    fit.
    """
    room = width - width_of(end)
    start = cut(start, room)
    gap = room - width_of(start)
    return (*start, (fill * gap, role), *end) if gap else (*start, *end)


def cut(row: Row, width: int) -> Row:
    """`row` in at most `width` cells, with an ellipsis where it was cut."""
    if width_of(row) <= width:
        return row
    kept: list[Span] = []
    for text, role in row:
        length = cell_len(text)
        if length >= width:
            kept.append((shorten(text + " ", width), role))
            break
        kept.append((text, role))
        width -= length
    return tuple(kept)


_QUANTITY = re.compile(r"(?<=\d) (?=(?:ms|s|min|h|d|kB|MB|GB|%)(?!\w))")
_TOGETHER = "\ue000"
"""Placeholder for a blank at which a line must not be broken."""


@lru_cache(maxsize=4096)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """`text` in lines of at most `width` cells, at least one; broken between words, not before a unit."""
    lines = textwrap.wrap(_QUANTITY.sub(_TOGETHER, text), max(1, width))
    return tuple(line.replace(_TOGETHER, " ") for line in lines) or ("",)
