"""The axes of a chart: positions on it, the grid with its labels, the outage and the retention limit."""

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.kernel.frozen import frozen
from sim.report.paper.html.markup import Markup, el

WIDTH, HEIGHT = 760, 250
_LEFT, _RIGHT, TOP, BOTTOM = 64, 14, 30, 36
_STEPS_MS = (10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS)


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


def round_up(value: int) -> int:
    """The smallest of 4, 8, 12, 20, 40, 60, 80, 100 … (times a power of ten) that is not less than
    `value`.
    """
    scale = 1
    while True:
        for step in (4, 8, 12, 20, 28):
            if step * scale >= value:
                return step * scale
        scale *= 10


def y_of(value: float, top: int) -> float:
    """The position of `value` on an axis from 0 to `top`."""
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def shade(axis: Axis) -> list[Markup]:
    """The outage as a band behind the curves, and the retention limit as a line."""
    end_ms = axis.moments_ms[-1] if axis.recovery_ms is None else axis.recovery_ms
    x, until = axis.x(axis.onset_ms), axis.x(end_ms)
    found = [
        el("rect", x=f"{x:.1f}", y=TOP, width=f"{max(0.0, until - x):.1f}", height=HEIGHT - TOP - BOTTOM,
           class_="outage", fill="#888888", fill_opacity="0.13"),
        el("text", "outage", x=f"{x + 4:.1f}", y=TOP + 13, class_="small", fill="#666666"),
    ]  # fmt: skip
    if axis.limit_ms is not None:
        at = axis.x(axis.limit_ms)
        found += [
            el("line", x1=f"{at:.1f}", x2=f"{at:.1f}", y1=TOP, y2=HEIGHT - BOTTOM, class_="limit",
               stroke="#a02020", stroke_dasharray="3 3"),
            el("text", "retention limit of mail from the onset", x=f"{at - 4:.1f}", y=TOP + 13,
               class_="small bad", text_anchor="end", fill="#a02020"),
        ]  # fmt: skip
    return found


def grid(axis: Axis, top: int) -> list[Markup]:
    """Lines at five values from 0 to `top`, and the times below the chart."""
    found = []
    for number in range(5):
        value = top * number // 4
        y = f"{y_of(value, top):.1f}"
        found += [
            el("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, class_="grid", stroke="#cccccc"),
            el(
                "text",
                f"{value:,}",
                x=_LEFT - 8,
                y=f"{y_of(value, top) + 4:.1f}",
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
                y1=HEIGHT - BOTTOM,
                y2=HEIGHT - BOTTOM + 5,
                class_="grid",
                stroke="#999999",
            ),
            el("text", _hours(at_ms), x=x, y=HEIGHT - BOTTOM + 19, text_anchor="middle", fill="#555555"),
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
