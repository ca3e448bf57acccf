"""The age of the inbound queue in bands, and the time at which its oldest message would bounce."""

import re
from collections.abc import Sequence

from rich.cells import cell_len

from sim.kernel.duration import in_words
from sim.kernel.quantities import size_in_words
from tui.painting.number_format import fitting, left_text
from tui.painting.rows import Page, Row, left, right, width_of
from tui.painting.view import View

_LABEL, _COUNT, _LEAST = 10, 8, 4
_ROOM_FOR_SIZE = 40
_UNITS = {"m": "min", "h": "h", "d": "d"}
_UNIT = re.compile(r"(?<=\d)[mhd]$")
_FEWEST = 6
"""Number of rows from which each age band has its own row; with fewer rows, bands are shown side by side."""


def draw(view: View, width: int, height: int) -> Page:
    """A bar for each band, and the first bounce below; with few rows, the bands are side by side."""
    queue = view.snapshot.queue
    bands = queue.bands
    foot = _horizon(view, width) if height > 3 else []
    bytes_ = size_in_words(queue.size_bytes) if queue.size_bytes and width >= _ROOM_FOR_SIZE else ""
    aside: Row = ((bytes_, "dim"),)
    if view.old(queue.seen):
        aside = ((f"as of {view.local.short(queue.seen.at_ms, view.snapshot.t_ms)}", "warn"),)
    room = height - len(foot)
    if room >= _FEWEST:
        bands = folded(bands, room)
    if len(bands) <= room:
        rows = [_bar(view, name, number, width) for name, number in bands]
    else:
        columns = -(-len(bands) // max(1, room))
        cell = width // columns
        cells = [_cell(view, name, number, cell) for name, number in bands]
        rows = [sum(cells[start : start + columns], ()) for start in range(0, len(cells), columns)]
    rows += [()] * (room - len(rows))
    aside = aside if bytes_ or view.old(queue.seen) else ()
    return Page("Age of the inbound queue", [*rows, *foot], aside, short="Age of the queue")


def folded(bands: Sequence[tuple[str, int]], rows: int) -> tuple[tuple[str, int], ...]:
    """At most `rows` bands with the same sum: empty old bands become `older`; if that is not enough, young
    bands become `younger`.
    """
    if len(bands) <= rows:
        return tuple(bands)
    oldest = max((place for place, (_, number) in enumerate(bands) if number), default=0)
    if oldest < rows - 1:
        return (*bands[: rows - 1], ("older", 0))
    cut = oldest - rows + (2 if oldest == len(bands) - 1 else 3)
    younger = ("younger", sum(number for _, number in bands[:cut]))
    kept = bands[cut : oldest + 1]
    return (younger, *kept) if oldest == len(bands) - 1 else (younger, *kept, ("older", 0))


def _bar(view: View, name: str, number: int, width: int) -> Row:
    longest = width - _LABEL - _COUNT - 3
    depth = max(1, view.snapshot.queue.depth)
    bar = "▇" * -(-number * longest // depth)
    return (
        (left(_label(name), _LABEL), "dim"),
        (right(fitting(number, _COUNT), _COUNT), "strong" if number else "dim"),
        (f" {view.marks.of(f'band {name}')} ", "mark"),
        (bar, "plot"),
    )


def _cell(view: View, name: str, number: int, width: int) -> Row:
    label = _label(name) if width > _LABEL + _LEAST else name
    figure = min(_COUNT, max(_LEAST, width - 2 - cell_len(label) - 1))
    return (
        (left(label, max(1, width - figure - 2)), "dim"),
        (right(fitting(number, figure), figure), "strong" if number else "dim"),
        (f"{view.marks.of(f'band {name}')} ", "mark"),
    )


def _label(name: str) -> str:
    """`5-15 min` for the band `5-15m`."""
    return _UNIT.sub(lambda found: f" {_UNITS[found.group()]}", name)


def _fitting(told: tuple[str, ...], width: int) -> str:
    """The first text that fits; otherwise the last."""
    return next((text for text in told if len(text) <= width), told[-1])


def _horizon(view: View, width: int) -> list[Row]:
    queue, now = view.snapshot.queue, view.snapshot.t_ms
    if queue.paused:
        told = ("paused: no attempts, nothing expires", "paused: nothing expires")
        return [((_fitting(told, width), "warn"),)]
    if queue.first_expiry_ms is None:
        if view.old(queue.seen):
            return [(("current queue unknown", "warn"),)]
        waits = ("queued mail in delivery, nothing to bounce", "in delivery, nothing to bounce")
        return [((_fitting(waits, width) if queue.depth else "nothing queued, nothing to bounce", "dim"),)]
    first = queue.first_expiry_ms
    left_: Row = ((f"  in {left_text(first - now)}", "warn"),)
    limit: Row = ((f"  retention {in_words(queue.retention_ms)}", "dim"),)
    head: Row = (("First bounce  ", "dim"),)
    full: Row = (*head, (view.local.day_clock(first, now), "strong"), *left_)
    short: Row = (*head, (view.local.short(first, now), "strong"), *left_)
    return [next((row for row in ((*full, *limit), full) if width_of(row) <= width), short)]
