"""Charts of a debrief: curves over time as inline SVG, with sentences and a table of the same content."""

from collections.abc import Sequence

from sim.kernel.duration import MINUTE_MS, format_elapsed, in_words
from sim.report.paper.curves import Curve
from sim.report.paper.html.chart_axes import BOTTOM, HEIGHT, TOP, WIDTH, Axis, grid, round_up, shade, y_of
from sim.report.paper.html.markup import Markup, el

_COLOURS = ("#1f5fbf", "#b3541e", "#6b4fa0", "#2e7d4f")
_DASHES = ("", "7 4", "2 3", "10 3 2 3")
"""Line styles that distinguish curves without colour."""
_ROWS = 25
_BADGE = 17
"""Space needed around the badge of a moment, in each direction."""


def chart(title: str, axis: Axis, curves: Sequence[Curve]) -> Markup:
    """One chart as a figure: title, picture, and its content in words; only the words if all values are 0."""
    said = " ".join(_said(axis, one) for one in curves)
    if not any(any(one.values) for one in curves):
        return el("p", el("strong", f"{title}: "), "none")
    top = round_up(max((max(one.values) for one in curves), default=0))
    rows = _badge_rows(axis)
    above = _BADGE * max(rows, default=0)
    picture = el(
        "svg",
        el("title", title),
        el("desc", said),
        shade(axis),
        grid(axis, top),
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


def _line(axis: Axis, one: Curve, number: int, top: int) -> Markup:
    points = " ".join(
        f"{axis.x(t_ms):.1f},{y_of(value, top):.1f}"
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
        x, y = f"{axis.x(t_ms):.1f}", TOP - 14 - _BADGE * row
        lines.append(el("line", x1=x, x2=x, y1=y + 8, y2=HEIGHT - BOTTOM, class_="mark",
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
