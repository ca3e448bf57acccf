"""The inbound queue over time, and the time at which its oldest message would bounce."""

from bisect import bisect_left

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from tui.painting.number_format import compact, count, nice_ceiling, span_text
from tui.painting.rows import Page, Row, right
from tui.painting.view import View

_BLOCKS = " ▁▂▃▄▅▆▇█"
_WINDOWS_H = (4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 144, 168, 216, 288, 384, 512, 768)
_TICKS_MS = (30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS)
_AXIS = 6
"""Width of the y axis in cells: four for the label, a blank, the line."""


def draw(view: View, width: int, height: int) -> Page:
    """The history so far, with space for growth."""
    return _page(view, width, height, view.snapshot.t_ms * 5 // 4)


def draw_to_horizon(view: View, width: int, height: int) -> Page:
    """The history, in a window that includes the first bounce once the history fills a third of the
    window.
    """
    now, horizon = view.snapshot.t_ms, view.snapshot.queue.first_expiry_ms or 0
    return _page(view, width, height, max(now * 5 // 4, min(horizon * 21 // 20, now * 3)))


def _page(view: View, width: int, height: int, reach_ms: int) -> Page:
    columns, levels = max(8, width - _AXIS), max(1, height - 2)
    # with an even number of rows, the label in the middle is a round number
    air = levels % 2 if levels > 6 else 0
    levels -= air
    window_ms = window_of(reach_ms)
    values = _values(view, columns, window_ms)
    top = nice_ceiling(max(values, default=0))
    horizon = _column(view.snapshot.queue.first_expiry_ms, columns, window_ms)
    rows: list[Row] = [()] * air
    rows += [_level(level, values, (top, levels), columns, horizon) for level in reversed(range(levels))]
    ticks = _ticks(view, columns, window_ms)
    rows.append(_axis(ticks, columns))
    rows.append(_labels(view, ticks, columns, horizon))
    queue = view.snapshot.queue
    aside: Row = (
        (f"{count(queue.depth):>7} {view.marks.of('queue')}", "strong"),
        (f"{queue.change_per_minute:>+6}/min", "dim"),
    )
    if view.old(queue.seen):
        aside = ((f"{count(queue.depth)} ({view.since(queue.seen)})", "warn"),)
    return Page("Inbound queue", rows, aside)


def window_of(reach_ms: int) -> int:
    """The shortest listed window that includes `reach_ms`; it grows rarely, so that the plot does not
    move.
    """
    hours = -(-reach_ms // HOUR_MS)
    place = bisect_left(_WINDOWS_H, hours)
    return (_WINDOWS_H[place] if place < len(_WINDOWS_H) else hours) * HOUR_MS


def _values(view: View, columns: int, window_ms: int) -> list[int]:
    """The depth at the start of each past column, and the present depth in the current column."""
    full = view.snapshot.queue.seen.at_ms * columns // window_ms
    past = view.samples("queue", 0, (full - 1) * window_ms // columns, full) if full > 1 else []
    return [*past, view.snapshot.queue.depth][:columns]


def _column(t_ms: int | None, columns: int, window_ms: int) -> int | None:
    """The column of a moment; None if it is outside the window."""
    if t_ms is None or not 0 <= t_ms < window_ms:
        return None
    return t_ms * columns // window_ms


def _level(level: int, values: list[int], scale: tuple[int, int], columns: int, horizon: int | None) -> Row:
    """One row of cells, each of which has eight steps. The label is the value at the row's upper edge.

    `scale`: the value at the top of the plot, and the number of its rows.
    """
    top, levels = scale
    label = ""
    if level == levels - 1 or (level == (levels - 1) // 2 and top * (level + 1) % levels == 0):
        label = compact(top * (level + 1) // levels)
    cells = "".join(_cell(value, level, levels, top) for value in values)
    rest = " " * (columns - len(cells))
    axis: Row = ((right(label, 4), "dim"), (" ┤" if label else " │", "line"))
    if horizon is None or horizon < len(cells):
        return (*axis, (cells, "plot"), (rest, ""))
    before = " " * (horizon - len(cells))
    return (*axis, (cells, "plot"), (before, ""), ("┊", "warn"), (" " * (columns - horizon - 1), ""))


def _cell(value: int, level: int, levels: int, top: int) -> str:
    eighths = value * levels * 8 // top - level * 8
    if eighths <= 0:
        return "▁" if level == 0 and value > 0 else " "
    return _BLOCKS[min(8, eighths)]


def _ticks(view: View, columns: int, window_ms: int) -> list[tuple[int, int]]:
    """Column and time of each label: round local times, at least eight cells apart."""
    least = 8 * window_ms // columns
    step = next((step for step in _TICKS_MS if step >= least), DAY_MS)
    moments = view.local.ticks(0, window_ms - 1, step)
    every = max(1, -(-least // step))
    return [(t * columns // window_ms, t) for t in moments[::every]]


def _axis(ticks: list[tuple[int, int]], columns: int) -> Row:
    marked = {column for column, _ in ticks}
    line = "".join("┬" if column in marked else "─" for column in range(columns))
    return (("   0", "dim"), (" ┼" + line, "line"))


def _labels(view: View, ticks: list[tuple[int, int]], columns: int, horizon: int | None) -> Row:
    """Times below the ticks, and the time of the first bounce."""
    queue, now = view.snapshot.queue, view.snapshot.t_ms
    first = queue.first_expiry_ms
    end = ""
    if first is not None and horizon is None:
        end = f" first bounce {view.local.day_clock(first, now)} ▸"
    line = [" "] * (columns + _AXIS)
    for column, t_ms in ticks:
        at = view.local.at(t_ms)
        text = f"{at:%a} {at.day}" if (at.hour, at.minute) == (0, 0) else f"{at:%H:%M}"
        if column + _AXIS + len(text) <= len(line) - len(end):
            line[column + _AXIS : column + _AXIS + len(text)] = text
    plain = "".join(line)[: columns + _AXIS]
    if first is not None and horizon is not None:
        text = f"first bounce in {span_text(first - now)}"
        fits = horizon + _AXIS + len(text) + 2 <= len(plain)
        text = f"┊ {text}" if fits else f"{text} ┊"
        start = horizon + _AXIS if fits else horizon + _AXIS + 1 - len(text)
        return ((plain[: start - 1], "dim"), (" " + text, "warn"), (plain[start + len(text) :], "dim"))
    return ((plain[: len(plain) - len(end)], "dim"), (end, "warn"))
