"""Valleys: the cost of the drill if a decision had been made at other times, with one small chart each."""

from collections.abc import Sequence

from sim.report.paper.html.markup import Markup, el
from sim.report.paper.regret_rows import ValleyRow

WIDTH, HEIGHT = 760, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 64, 16, 34


def valley_charts(rows: Sequence[ValleyRow]) -> list[Markup]:
    """A chart for each decision, with the same content in words and in a table; empty if there are none."""
    if not rows:
        return []
    return [
        el("h3", "The cost of a decision at other times"),
        el(
            "p",
            "The cost of the drill, compared with this one, if the command had been given earlier or later "
            "and everything else at the same moments. The unit is one hundredth of what was at stake, "
            "summed over all kinds of cost.",
            class_="soft",
        ),
        *[_figure(one) for one in rows],
    ]


def said(one: ValleyRow) -> str:
    """The chart in words: `Given Mon 10:12. Best: Mon 09:12. Too late from Mon 12:12 on.`"""
    best = "none of the other times is notably better" if one.best == one.yours else f"best at {one.best}"
    late = (
        f" Too late from {one.too_late} on: after that, giving it is no better than not giving it."
        if one.too_late
        else ""
    )
    return f"Given at {one.yours}; {best}.{late}"


def _figure(one: ValleyRow) -> Markup:
    points = [(minutes, cost) for minutes, _local, cost in one.points]
    low, high = min(0.0, *(cost for _, cost in points)), max(1.0, *(cost for _, cost in points))
    first, last = points[0][0], points[-1][0]

    def x(minutes: int) -> float:
        return _LEFT + (minutes - first) / max(1, last - first) * (WIDTH - _LEFT - _RIGHT)

    def y(cost: float) -> float:
        return HEIGHT - _BOTTOM - (cost - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    line = " ".join(f"{x(minutes):.1f},{y(cost):.1f}" for minutes, cost in points)
    picture = el(
        "svg",
        el("title", one.command),
        el("desc", said(one)),
        el("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=f"{y(0):.1f}", y2=f"{y(0):.1f}", class_="grid",
           stroke="#cccccc"),
        el("text", "this drill", x=_LEFT - 6, y=f"{y(0) + 4:.1f}", text_anchor="end", fill="#555555"),
        el("polyline", points=line, class_="curve c0", fill="none", stroke="#1f5fbf", stroke_width="2"),
        [
            [
                el("circle", cx=f"{x(minutes):.1f}", cy=f"{y(cost):.1f}", r=6 if minutes == 0 else 3,
                   class_="mark", fill="#1f5fbf"),
                el("text", local.split()[-1], x=f"{x(minutes):.1f}", y=HEIGHT - 12, text_anchor="middle",
                   class_="small", fill="#555555")
                if abs(minutes) != 30
                else None,
            ]
            for minutes, local, cost in one.points
        ],
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"{one.command}. {said(one)}",
        xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip
    cells = [(local, f"{cost:+.1f}") for _minutes, local, cost in one.points]
    rows = [
        el("tr", el("td", when), el("td", cost)) for when, cost in (*cells, ("never", f"{one.never:+.1f}"))
    ]
    return el(
        "figure",
        el("figcaption", el("code", one.command)),
        el("div", picture, class_="chart", tabindex=0),
        el("p", said(one), class_="said"),
        el(
            "details",
            el("summary", "The figures"),
            el("table", el("tr", el("th", "given at"), el("th", "cost compared with this drill")), rows),
        ),
    )
