"""Charts of a check as inline SVG: the S-curve with its target, the steps as bars, drivers, and the chain."""

from collections.abc import Sequence
from html import escape

from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from sim.study.check import Check, Checked
from sim.study.documents.check_text import share
from sim.study.statistics.order_statistics import NEVER, quantile
from sim.study.weather import DAYS, Weather
from sim.study.why import Why, critical_steps

WIDTH, ROW, LEFT = 860, 22, 250
_NICE = [m * MINUTE_MS for m in (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880)]


def s_curve(one: Checked) -> str:
    """Share of runs in which it was reached by each time, its target, and where the curve meets it."""
    values = sorted(given.value for given in one.answers if given.applies)
    finite = [value for value in values if value != NEVER]
    target = float(
        one.promise.within_ms
        if one.promise.within_ms is not None
        else one.promise.at_most
        if one.promise.at_most is not None
        else one.promise.at_least or 0
    )
    top = max([target * 1.15, *finite[-1:], 1.0])
    height, low, left, right = 240, 200, 50, WIDTH - 20

    def x(value: float) -> float:
        return left + (right - left) * min(value / top, 1.0)

    def y(part: float) -> float:
        return low - (low - 20) * part

    points, n = [f"{left},{low}"], len(values)
    for rank, value in enumerate(finite, start=1):
        points += [f"{x(value):.1f},{y((rank - 1) / n):.1f}", f"{x(value):.1f},{y(rank / n):.1f}"]
    points.append(f"{right},{y(len(finite) / n):.1f}")
    parts = [_open(height, f"S-curve of {one.promise.id}")]
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<line class="axis" x1="{left}" x2="{right}" y1="{y(part):.1f}" y2="{y(part):.1f}"/>')
        parts.append(_text(left - 6, y(part) + 4, f"{part * 100:.0f} %", "end", "soft"))
    timed = one.promise.within_ms is not None
    for value, label in _ticks(top) if timed else [(0.0, "0"), (top, f"{top:,.0f}")]:
        parts.append(_text(x(value), low + 18, label, "end" if x(value) > right - 25 else "middle", "soft"))
    parts.append(f'<polyline class="curve" points="{" ".join(points)}"/>')
    parts.append(f'<line class="target" x1="{x(target):.1f}" x2="{x(target):.1f}" y1="12" y2="{low}"/>')
    named = in_words(int(target)) if timed else f"{target:,.0f}"
    anchor = "end" if x(target) > right - 120 else "start"
    offset = -6 if anchor == "end" else 6
    parts.append(_text(x(target) + offset, 16, f"planned {named}", anchor, "targettext"))
    if len(finite) < n:
        parts.append(_text(right, height - 4, f"never in {n - len(finite)} of {n} runs", "end", "soft"))
    return "".join([*parts, "</svg>"])


def gantt(check: Check) -> str:
    """Each step from start to end: P10 to P90, the medians, and the shares of runs in which it was done, and
    in which it was on the chain of a promise.
    """
    critical = critical_steps(check)
    steps = check.study.loaded.plan.steps
    spans = []
    for step in steps:
        starts = sorted(_since(run.steps[step.id].starts_ms, run.onset_ms) for run in check.runs)
        ends = sorted(_since(run.moment(f"{step.id}.done"), run.onset_ms) for run in check.runs)
        found = [
            quantile(starts, 0.1, 0.05).value,
            quantile(starts, 0.5, 0.05).value,
            quantile(ends, 0.5, 0.05).value,
            quantile(ends, 0.9, 0.05).value,
        ]
        spans.append((step.id, found, sum(end != NEVER for end in ends) / len(ends)))
    ends_all = sorted(value for _name, found, _share in spans for value in found if value != NEVER)
    top = max([*ends_all[-1:], float(HOUR_MS)])
    parts = [_open(ROW * (len(spans) + 1) + 40, "steps over time")]
    right = WIDTH - 130
    parts.append(_text(WIDTH - 62, 15, "done", "end", "soft"))
    parts.append(_text(WIDTH, 15, "critical", "end", "soft"))

    def x(value: float) -> float:
        return LEFT + (right - LEFT) * min(max(value, 0.0) / top, 1.0)

    low = ROW * (len(spans) + 1)
    for value, label in _ticks(top):
        parts.append(f'<line class="axis" x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{ROW}" y2="{low}"/>')
        parts.append(_text(x(value), low + 18, label, "middle", "soft"))
    for row, (name, (first, start, end, last), done) in enumerate(spans, start=1):
        top_y = row * ROW
        parts.append(_text(LEFT - 8, top_y + 15, name, "end"))
        parts.append(_text(WIDTH - 62, top_y + 15, share(done), "end", "soft"))
        parts.append(_text(WIDTH, top_y + 15, share(critical[name]), "end"))
        if first != NEVER:
            parts.append(_bar(x(first), x(last) if last != NEVER else right, top_y + 4, "bar2", 14))
        if NEVER not in (start, end):
            parts.append(_bar(x(start), x(end), top_y + 7, "bar", 8))
    return "".join([*parts, "</svg>"])


def tornado(reasons: Why) -> str:
    """Share of the variance by driver."""
    rows = [
        (one.name, one.share, share(one.share) + (", longer is earlier" if one.sign < 0 else ""))
        for one in reasons.drivers
    ]
    return _bars([*rows, ("other", reasons.other, share(reasons.other))], "share of the variance")


def chain_bars(reasons: Why) -> str:
    """Share of the chain's time by link, and of the runs in which it is on the chain."""
    rows = [
        (one.name, one.of_time, f"{share(one.of_time)}, in {share(one.runs)} of runs")
        for one in reasons.critical
    ]
    return _bars(rows, "share of the time")


def week_map(weather: Weather) -> str:
    """Seven rows of 24 cells: the darker, the more runs keep all promises; the number is per cent."""
    left, cell, row = 60, 33, 26
    parts = [_open(row * 7 + 24, "plan weather")]
    for hour in range(0, 24, 3):
        parts.append(_text(left + cell * (hour + 0.5), row * 7 + 18, f"{hour:02d}:00", "middle", "soft"))
    for day, (name, shares) in enumerate(zip(DAYS, weather.shares, strict=True)):
        parts.append(_text(left - 8, day * row + 17, name, "end"))
        for hour, one in enumerate(shares):
            x, y = left + hour * cell, day * row
            if one is None:
                parts.append(_text(x + cell / 2, y + 17, "·", "middle", "soft"))
                continue
            parts.append(
                f'<rect class="bar" x="{x}" y="{y}" width="{cell - 2}" height="{row - 2}" '
                f'fill-opacity="{0.05 + 0.55 * one:.2f}"/>'
            )
            parts.append(_text(x + cell / 2 - 1, y + 17, f"{one * 100:.0f}", "middle"))
    return "".join([*parts, "</svg>"])


def _bars(rows: Sequence[tuple[str, float, str]], title: str) -> str:
    most = max([value for _name, value, _label in rows], default=1.0) or 1.0
    parts = [_open(ROW * len(rows) + 6, title)]
    for row, (name, value, label) in enumerate(rows):
        to = LEFT + 60 + (WIDTH - LEFT - 240) * value / most
        parts.append(_text(LEFT + 52, row * ROW + 15, name, "end"))
        parts.append(_bar(LEFT + 60, to, row * ROW + 4, "bar", 14))
        parts.append(_text(to + 6, row * ROW + 15, label, "start", "soft"))
    return "".join([*parts, "</svg>"])


def _since(moment_ms: int | None, onset_ms: int) -> float:
    return NEVER if moment_ms is None else float(moment_ms - onset_ms)


def _ticks(top_ms: float) -> list[tuple[float, str]]:
    step = next((one for one in _NICE if top_ms / one <= 8), _NICE[-1] * 2)
    return [(float(n * step), in_words(n * step)) for n in range(int(top_ms // step) + 1)]


def _open(height: int, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">'
        f"<title>{escape(title)}</title>"
    )


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(text)}</text>'


def _bar(a: float, b: float, y: float, kind: str, height: int) -> str:
    width = max(b - a, 1.5)
    return f'<rect class="{kind}" x="{a:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="2"/>'
