"""Charts of a check as inline SVG: S-curve with target, drivers, chain of causes, map of the week."""

from collections.abc import Sequence

from sim.kernel.duration import in_words
from sim.study.check import Checked
from sim.study.documents.promise_words import share
from sim.study.documents.svg_shapes import Sheet, bar, drawing, line, name, text, time_marks
from sim.study.statistics.order_statistics import UNKNOWN
from sim.study.weather import DAYS, Weather
from sim.study.why import Why

ROW = 22
_NAMES, _VALUES = 310, 180
"""Width of the names to the left of the bars, and of the values to their right, px."""


_TARGETS_SHOWN, _MEDIANS_SHOWN = 6, 1.5
"""The time axis ends at the longest time, but at most at this many targets or medians, whichever is later."""


def s_curve(one: Checked, sheet: Sheet) -> str:
    """The share of runs in which the moment was reached by each time, the target, and where the curve
    meets it. Times far beyond both the target and the median are only counted: with them, all others would be
    at the left edge.
    """
    values = sorted(given.value for given in one.answers if given.applies)
    finite = [value for value in values if value < UNKNOWN]
    target = float(
        one.promise.within_ms
        if one.promise.within_ms is not None
        else one.promise.at_most
        if one.promise.at_most is not None
        else one.promise.at_least or 0
    )
    timed = one.promise.within_ms is not None
    top = max([target * 1.15, *finite[-1:], 1.0])
    if timed and finite:
        top = min(top, max(target * _TARGETS_SHOWN, finite[len(finite) // 2] * _MEDIANS_SHOWN))
    shown = [value for value in finite if value <= top]
    low, left, right = 200, 50, sheet.width - (8 if sheet.narrow else 20)

    def x(value: float) -> float:
        return left + (right - left) * min(value / top, 1.0)

    def y(part: float) -> float:
        return low - (low - 20) * part

    points, n = [f"{left},{low}"], len(values)
    for rank, value in enumerate(shown, start=1):
        points += [f"{x(value):.1f},{y((rank - 1) / n):.1f}", f"{x(value):.1f},{y(rank / n):.1f}"]
    points.append(f"{right},{y(len(shown) / n):.1f}")
    parts = []
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(line("axis", (left, right), (y(part), y(part))))
        parts.append(text(left - 6, y(part) + 4, f"{part * 100:.0f} %", "end", "soft"))
    for value, label in time_marks(top, sheet.marks) if timed else [(0.0, "0"), (top, f"{top:,.0f}")]:
        parts.append(text(x(value), low + 18, label, "end" if x(value) > right - 25 else "middle", "soft"))
    parts.append(f'<polyline class="curve" points="{" ".join(points)}"/>')
    parts.append(line("target", (x(target), x(target)), (12, low)))
    named = in_words(int(target)) if timed else f"{target:,.0f}"
    anchor = "end" if x(target) > right - 120 else "start"
    offset = -6 if anchor == "end" else 6
    parts.append(text(x(target) + offset, 16, f"planned {named}", anchor, "targettext"))
    unknown = values.count(UNKNOWN)
    rest = {"later": len(finite) - len(shown), "never": n - len(finite) - unknown, "unknown": unknown}
    if len(shown) < n:
        counts = ", ".join(f"{name} in {runs}" for name, runs in rest.items() if runs)
        parts.append(text(right, low + 36, f"{counts} of {n} runs", "end", "soft"))
    return drawing(sheet, low + (40 if len(shown) < n else 24), f"S-curve of {one.promise.id}", parts)


def tornado(reasons: Why, sheet: Sheet) -> str:
    """Share of the variance by driver."""
    rows = [
        (one.name, one.share, share(one.share) + (", longer is earlier" if one.sign < 0 else ""))
        for one in reasons.drivers
    ]
    rows.append(("other", reasons.other, share(reasons.other)))
    return _bars(rows, "share of the variance", sheet)


def chain_bars(reasons: Why, sheet: Sheet) -> str:
    """Share of the chain's time for each link, and share of the runs in which the link is on the chain."""
    rows = [
        (one.name, one.of_time, f"{share(one.of_time)}, in {share(one.runs)} of runs")
        for one in reasons.critical
    ]
    return _bars(rows, "share of the time", sheet)


def week_map(weather: Weather, sheet: Sheet) -> str:
    """A cell for each hour of the week: the darker, the more runs keep all promises; the number is per cent.

    The hours run to the right on a desktop, and downwards on a phone.
    """
    left, cell, row = (46, 44, 22) if sheet.narrow else (60, 33, 26)
    below = 0 if sheet.narrow else row * 7
    head = 24 if sheet.narrow else 0

    def at(day: int, hour: int) -> tuple[int, int]:
        return (left + day * cell, head + hour * row) if sheet.narrow else (left + hour * cell, day * row)

    parts = []
    for hour in range(0, 24, 1 if sheet.narrow else 3):
        x, y = at(0, hour)
        where = (left - 8, y + 15, "end") if sheet.narrow else (x + cell / 2, below + 18, "middle")
        parts.append(text(where[0], where[1], f"{hour:02d}:00", where[2], "soft"))
    for day, (called, shares) in enumerate(zip(DAYS, weather.shares, strict=True)):
        x, y = at(day, 0)
        where = (x + cell / 2, 15, "middle") if sheet.narrow else (left - 8, y + 17, "end")
        parts.append(text(where[0], where[1], called, where[2]))
        for hour, one in enumerate(shares):
            x, y = at(day, hour)
            middle = (x + cell / 2 - 1, y + (15 if sheet.narrow else 17))
            if one is None:
                parts.append(text(*middle, "·", "middle", "soft"))
                continue
            parts.append(
                f'<rect class="bar" x="{x}" y="{y}" width="{cell - 2}" height="{row - 2}" '
                f'fill-opacity="{0.05 + 0.55 * one:.2f}"/>'
            )
            parts.append(text(*middle, f"{one * 100:.0f}", "middle"))
    return drawing(sheet, head + row * 24 if sheet.narrow else below + 24, "plan weather", parts)


def _bars(rows: Sequence[tuple[str, float, str]], title: str, sheet: Sheet) -> str:
    """A bar for each (name, value, label)."""
    most = max([value for _name, value, _label in rows], default=1.0) or 1.0
    left, high = (0, 2 * ROW) if sheet.narrow else (_NAMES, ROW)
    parts = []
    for row, (called, value, label) in enumerate(rows):
        y = row * high
        if sheet.narrow:
            parts.append(name(0, y + 15, called, "start", sheet.width))
            y += ROW - 2
        else:
            parts.append(name(left - 8, y + 15, called, "end", left - 8))
        to = left + (sheet.width - left - _VALUES) * value / most
        parts.append(bar(left, to, y + 4, "bar", 14))
        parts.append(text(to + 6, y + 15, label, "start", "soft"))
    return drawing(sheet, high * len(rows) + 6, title, parts)
