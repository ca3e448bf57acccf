"""Charts: the badge of a moment is at its time, and a limit is drawn only where it is given."""

import re
from dataclasses import replace

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.report.paper.curves import Curve
from sim.report.paper.html.chart import chart
from sim.report.paper.html.chart_axes import Axis

MARKS_MS = (HOUR_MS, 2 * HOUR_MS, 2 * HOUR_MS + 17 * MINUTE_MS, 3 * HOUR_MS, 14 * HOUR_MS, 6 * DAY_MS)
AXIS = Axis(
    tuple(range(0, 6 * DAY_MS + 1, 6 * HOUR_MS)),
    HOUR_MS,
    14 * HOUR_MS,
    tuple((t_ms, str(number)) for number, t_ms in enumerate(MARKS_MS, 1)),
)
CURVE = Curve("calls", "calls", tuple(range(len(AXIS.moments_ms))), total=True)
_CIRCLE = re.compile(r'<circle cx="([\d.]+)" cy="(-?[\d.]+)"')


def test_each_badge_is_at_its_time_and_covers_no_other() -> None:
    drawn = [(float(x), float(y)) for x, y in _CIRCLE.findall(chart("Calls", AXIS, [CURVE]).text)]
    assert [x for x, _y in drawn] == [round(AXIS.x(t_ms), 1) for t_ms in MARKS_MS]
    apart = [max(abs(a[0] - b[0]), abs(a[1] - b[1])) for n, a in enumerate(drawn) for b in drawn[n + 1 :]]
    assert min(apart) >= 16


def test_badges_are_inside_the_picture() -> None:
    page = chart("Calls", AXIS, [CURVE]).text
    top = float(re.findall(r'viewBox="0 (-?[\d.]+) ', page)[0])
    assert all(float(y) - 8 >= top for _x, y in _CIRCLE.findall(page))


def test_a_limit_is_drawn_only_where_it_is_given() -> None:
    assert "retention limit" not in chart("Calls", AXIS, [CURVE]).text
    assert "retention limit" in chart("Queue", replace(AXIS, limit_ms=4 * DAY_MS), [CURVE]).text
