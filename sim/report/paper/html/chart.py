"""Charts of a debrief: curves over time as inline SVG, with sentences and a table of the same content."""

from collections.abc import Sequence

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, format_elapsed, in_words
from sim.kernel.frozen import frozen
from sim.report.paper.curves import Curve
from sim.report.paper.html.markup import Markup, el

WIDTH, HEIGHT = 760, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 14, 30, 36
_STEPS_MS = (10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS)
_COLOURS = ("#1f5fbf", "#b3541e", "#6b4fa0", "#2e7d4f")
_DASHES = ("", "7 4", "2 3", "10 3 2 3")
"""Line styles that distinguish curves without colour."""
_ROWS = 25
_BADGE = 17
"""Space needed around the badge of a moment, in each direction."""


@frozen
class Axis:
    """The time axis that all charts of a page share."""

    moments_ms: tuple[int, ...]
    onset_ms: int
    """The time from which the labels of the chart count."""
    recovery_ms: int | None
    marks: tuple[tuple[int, str], ...]
    """Moments on the first page, each with its number there."""
    limit_ms: int | None = None
    """The time at which the gateway's retention limit is reached by mail that arrived at the onset; None
    if it is not drawn.
    """

    def x(self, t_ms: int) -> float:
        first, last = self.moments_ms[0], self.moments_ms[-1]
        return _LEFT + (t_ms - first) / max(1, last - first) * (WIDTH - _LEFT - _RIGHT)


def chart(title: str, axis: Axis, curves: Sequence[Curve]) -> Markup:
    """One chart as a figure: title, picture, and its content in words; only the words if all values are 0."""
    said = " ".join(_said(axis, one) for one in curves)
    if not any(any(one.values) for one in curves):
        return el("p", el("strong", f"{title}: "), "none")
    top = _round_up(max((max(one.values) for one in curves), default=0))
    rows = _badge_rows(axis)
    above = _BADGE * max(rows, default=0)
    picture = el(
        "svg",
        el("title", title),
        el("desc", said),
        _shade(axis),
        _grid(axis, top),
        [_line(axis, one, number, top) for number, one in enumerate(curves)],
        _marks(axis, rows),
        viewBox=f"0 {-above} {WIDTH} {HEIGHT + above}",
        role="img",
        aria_label=f"{title}. {said}",
        xmlns="http://www.w3.org/2000/svg",
    )
    return el(
        "figure",
        el("figcaption", el("strong", title), _legend(curves) if len(curves) > 1 else None),
        el("div", picture, class_="chart", tabindex=0),
        el("p", said, class_="said"),
    )


def _said(axis: Axis, one: Curve) -> str:
    """A curve in words."""
    most, name = max(one.values), f"{one.name[:1].upper()}{one.name[1:]}"
    if not most:
        return f"{name}: none."
    if one.total:
        half = next(number for number, value in enumerate(one.values) if 2 * value >= most)
        return f"{name}: {most:,} in all, half of them by {_when(axis, half)}."
    first = _when(axis, one.values.index(most))
    return f"{name}: at most {most:,}, first reached {first}; {one.values[-1]:,} at the end."


def _when(axis: Axis, number: int) -> str:
    """A time on the axis in words: `2 h 43 min after the onset`."""
    since_ms = axis.moments_ms[number] - axis.onset_ms
    return f"{in_words(abs(since_ms), MINUTE_MS)} {'before' if since_ms < 0 else 'after'} the onset"


def _round_up(value: int) -> int:
    """The smallest of 4, 8, 12, 20, 40, 60, 80, 100 … (times a power of ten) that is not less than
    `value`.
    """
    scale = 1
    while True:
        for step in (4, 8, 12, 20, 28):
            if step * scale >= value:
                return step * scale
        scale *= 10


def _y(value: float, top: int) -> float:
    return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)


def _shade(axis: Axis) -> list[Markup]:
    """The outage as a band behind the curves, and the retention limit as a line."""
    end_ms = axis.moments_ms[-1] if axis.recovery_ms is None else axis.recovery_ms
    x, until = axis.x(axis.onset_ms), axis.x(end_ms)
    found = [
        el("rect", x=f"{x:.1f}", y=_TOP, width=f"{max(0.0, until - x):.1f}", height=HEIGHT - _TOP - _BOTTOM,
           class_="outage", fill="#888888", fill_opacity="0.13"),
        el("text", "outage", x=f"{x + 4:.1f}", y=_TOP + 13, class_="small", fill="#666666"),
    ]  # fmt: skip
    if axis.limit_ms is not None:
        at = axis.x(axis.limit_ms)
        found += [
            el("line", x1=f"{at:.1f}", x2=f"{at:.1f}", y1=_TOP, y2=HEIGHT - _BOTTOM, class_="limit",
               stroke="#a02020", stroke_dasharray="3 3"),
            el("text", "retention limit of mail from the onset", x=f"{at - 4:.1f}", y=_TOP + 13,
               class_="small bad", text_anchor="end", fill="#a02020"),
        ]  # fmt: skip
    return found


def _grid(axis: Axis, top: int) -> list[Markup]:
    found = []
    for number in range(5):
        value = top * number // 4
        y = f"{_y(value, top):.1f}"
        found += [
            el("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, class_="grid", stroke="#cccccc"),
            el(
                "text",
                f"{value:,}",
                x=_LEFT - 8,
                y=f"{_y(value, top) + 4:.1f}",
                text_anchor="end",
                fill="#555555",
            ),
        ]
    step_ms = _step_ms(axis.moments_ms[-1] - axis.moments_ms[0])
    at_ms = -((axis.onset_ms - axis.moments_ms[0]) // step_ms) * step_ms
    while axis.onset_ms + at_ms <= axis.moments_ms[-1]:
        x = f"{axis.x(axis.onset_ms + at_ms):.1f}"
        found += [
            el(
                "line",
                x1=x,
                x2=x,
                y1=HEIGHT - _BOTTOM,
                y2=HEIGHT - _BOTTOM + 5,
                class_="grid",
                stroke="#999999",
            ),
            el("text", _hours(at_ms), x=x, y=HEIGHT - _BOTTOM + 19, text_anchor="middle", fill="#555555"),
        ]
        at_ms += step_ms
    return found


def _step_ms(span_ms: int) -> int:
    days = (DAY_MS * count for count in (1, 2, 5, 10, 30, 100, 1000))
    return next((step for step in (*_STEPS_MS, *days) if span_ms // step <= 10), 10_000 * DAY_MS)


def _hours(at_ms: int) -> str:
    """A label of the time axis: `0`, `+30 min`, `+6 h`, `+2 d`."""
    if not at_ms:
        return "onset"
    if at_ms % HOUR_MS:
        return f"{at_ms // MINUTE_MS:+d} min"
    return (
        f"{at_ms // DAY_MS:+d} d"
        if at_ms % DAY_MS == 0 and abs(at_ms) >= 2 * DAY_MS
        else f"{at_ms // HOUR_MS:+d} h"
    )


def _line(axis: Axis, one: Curve, number: int, top: int) -> Markup:
    points = " ".join(
        f"{axis.x(t_ms):.1f},{_y(value, top):.1f}"
        for t_ms, value in zip(axis.moments_ms, one.values, strict=True)
    )
    return el("polyline", points=points, class_=f"curve c{number}", fill="none", stroke=_COLOURS[number],
              stroke_width="2", stroke_dasharray=_DASHES[number] or None)  # fmt: skip


def _badge_rows(axis: Axis) -> list[int]:
    """The row for each mark's badge, counted from 0 at the bottom: the first row in which it does not
    cover an earlier badge.
    """
    last_x: list[float] = []
    rows = []
    for t_ms, _name in axis.marks:
        x = axis.x(t_ms)
        row = next((row for row, last in enumerate(last_x) if x - last >= _BADGE), len(last_x))
        last_x[row : row + 1] = [x]
        rows.append(row)
    return rows


def _marks(axis: Axis, rows: Sequence[int]) -> list[Markup]:
    """The moments of the first page as numbers, each at its time; numbers that are close together are
    placed above each other.
    """
    lines, badges = [], []
    for (t_ms, name), row in zip(axis.marks, rows, strict=True):
        x, y = f"{axis.x(t_ms):.1f}", _TOP - 14 - _BADGE * row
        lines.append(el("line", x1=x, x2=x, y1=y + 8, y2=HEIGHT - _BOTTOM, class_="mark",
                        stroke="#999999", stroke_dasharray="1 4"))  # fmt: skip
        badges += [
            el("circle", cx=x, cy=y, r=8, class_="dot", fill="#333333"),
            el("text", name, x=x, y=y + 4, text_anchor="middle", class_="number", fill="#ffffff"),
        ]
    return [*lines, *badges]


def _legend(curves: Sequence[Curve]) -> list[Markup]:
    return [
        el(
            "span",
            el("svg", el("line", x1=0, x2=26, y1=5, y2=5, class_=f"curve c{number}", stroke=_COLOURS[number],
                         stroke_width="2", stroke_dasharray=_DASHES[number] or None),
               viewBox="0 0 26 10", width=26, height=10, aria_hidden="true"),
            one.name,
            class_="key",
        )
        for number, one in enumerate(curves)
    ]  # fmt: skip


def numbers_table(axis: Axis, curves: Sequence[Curve]) -> Markup:
    """The numbers of all charts in one table, which the reader can open."""
    count = len(axis.moments_ms)
    picked = sorted({number * (count - 1) // (_ROWS - 1) for number in range(_ROWS)}) if count > 1 else [0]
    names = ("after the onset", *(one.name for one in curves))
    return el(
        "details",
        el("summary", "Data of the charts"),
        el(
            "table",
            el("thead", el("tr", [el("th", name, class_="n") for name in names])),
            el(
                "tbody",
                [
                    el("tr", el("td", format_elapsed(axis.moments_ms[at] - axis.onset_ms), class_="n"),
                       [el("td", one.values[at], class_="n") for one in curves])
                    for at in picked
                ],
            ),
        ),
    )  # fmt: skip
