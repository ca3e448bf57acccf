"""The steps of a plan over all runs of its check, as a chart: each is a bar from its start to its end."""

from sim.drill.session.plan_run import PlanRun
from sim.kernel.duration import HOUR_MS
from sim.study.check import Check
from sim.study.documents.promise_words import share
from sim.study.documents.svg_shapes import Sheet, bar, drawing, line, name, text, time_marks
from sim.study.statistics.order_statistics import NEVER, quantile
from sim.study.why import critical_steps

ROW, NAMES, SHARES = 22, 250, 130
"""Height of a row; width of the names to the left of the bars, and of the shares to their right, px."""


def step_bars(check: Check, sheet: Sheet) -> str:
    """Each step from start to end: P10 to P90, the medians, and the shares of runs in which it was done, and
    in which it was on the chain of a promise.

    On a phone, the names and shares are above the bars.
    """
    critical = critical_steps(check)
    spans = [(step.id, *_span(check.runs, step.id)) for step in check.study.loaded.plan.steps]
    ends = sorted(value for _id, found, _done in spans for value in found if value != NEVER)
    top = max([*ends[-1:], float(HOUR_MS)])
    left, right = (0, sheet.width) if sheet.narrow else (NAMES, sheet.width - SHARES)
    high = 2 * ROW if sheet.narrow else ROW

    def x(value: float) -> float:
        return left + (right - left) * min(max(value, 0.0) / top, 1.0)

    parts = [
        text(sheet.width - 62, 15, "done", "end", "soft"),
        text(sheet.width, 15, "critical", "end", "soft"),
    ]
    low = ROW + high * len(spans)
    for value, label in time_marks(top, sheet.marks):
        anchor = "start" if x(value) < 20 else "end" if x(value) > sheet.width - 20 else "middle"
        parts.append(line("axis", (x(value), x(value)), (ROW, low)))
        parts.append(text(x(value), low + 18, label, anchor, "soft"))
    for row, (id_, (first, start, end, last), done) in enumerate(spans):
        y = ROW + row * high
        parts.append(text(sheet.width - 62, y + 15, share(done), "end", "soft"))
        parts.append(text(sheet.width, y + 15, share(critical[id_]), "end"))
        if sheet.narrow:
            parts.append(name(0, y + 15, id_, "start", sheet.width - SHARES))
            y += ROW - 2
        else:
            parts.append(name(NAMES - 8, y + 15, id_, "end", NAMES - 8))
        if first != NEVER:
            parts.append(bar(x(first), x(last) if last != NEVER else right, y + 4, "bar2", 14))
        if NEVER not in (start, end):
            parts.append(bar(x(start), x(end), y + 7, "bar", 8))
    return drawing(sheet, low + 40 - ROW, "steps over time", parts)


def _span(runs: tuple[PlanRun, ...], step: str) -> tuple[tuple[float, float, float, float], float]:
    """P10 and median of its start, median and P90 of its end, in ms since the onset; and the share of runs in
    which it was done. A start planned for after the end of the run does not count.
    """
    starts = sorted(_since(_started_ms(run, step), run.onset_ms) for run in runs)
    ends = sorted(_since(run.moment(f"{step}.done"), run.onset_ms) for run in runs)
    times = (
        quantile(starts, 0.1, 0.05).value,
        quantile(starts, 0.5, 0.05).value,
        quantile(ends, 0.5, 0.05).value,
        quantile(ends, 0.9, 0.05).value,
    )
    return times, sum(end != NEVER for end in ends) / len(ends)


def _started_ms(run: PlanRun, step: str) -> int | None:
    starts_ms = run.steps[step].starts_ms
    return None if starts_ms is None or starts_ms > run.until_ms else starts_ms


def _since(moment_ms: int | None, onset_ms: int) -> float:
    return NEVER if moment_ms is None else float(moment_ms - onset_ms)
