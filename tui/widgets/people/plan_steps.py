"""The steps of a plan: owner, planned and actual time; ticked once they have been carried out."""

from collections.abc import Sequence

from sim.drill.snapshot.plan_steps import PlanStepView
from sim.kernel.duration import MINUTE_MS, in_words
from tui.painting.places import key_of
from tui.painting.rows import Page, Row, left, shorten, spread, width_of, wrap
from tui.painting.view import View

_MARKS = {
    "done": ("✓", "good"),
    "under way": ("●", "warn"),
    "due": ("▸", "bad"),
    "failed": ("✗", "bad"),
    "refused": ("✗", "bad"),
    "waiting": ("○", "dim"),
    "left out": ("–", "dim"),
    "not needed": ("–", "dim"),
}
"""(glyph, role) for each state."""
_ID, _OWNER, _WHEN = 20, 16, 10
"""Width, in cells, of an id, of an owner, and of a planned time."""
_OWNERS = 72
"""Width from which rows show the owner."""
LATE_MS = MINUTE_MS
"""Time after its planned time within which a step that begins counts as on time."""


def draw(view: View, width: int, height: int) -> Page:
    """All steps in the plan's order, under their phases, with the work of those that are due or in
    progress.
    """
    steps, rows, phase = _steps(view), list[Row](), ""
    for step in steps:
        if step.phase and step.phase != phase:
            phase = step.phase
            rows.append(((phase, "strong"),))
        rows += _whole(view, step, width)
    return Page("Runbook", rows[:height], _score(steps))


def draw_next(view: View, width: int, height: int) -> Page:
    """The steps that are due or in progress, late ones first; if there are none, the next ones."""
    steps = _steps(view)
    now = sorted((one for one in steps if one.state in ("due", "under way")), key=lambda one: one.due_ms or 0)
    shown = now or [one for one in steps if one.state == "waiting"]
    rows = [_row(view, step, width) for step in shown]
    if len(rows) > height:
        more = len(rows) - height + 1
        rows[height - 1 :] = [((f"{more} more: press {key_of('Room')}", "dim"),)]
    return Page("Runbook", rows or [(("no steps are left to do", "good"),)], _score(steps))


def _steps(view: View) -> Sequence[PlanStepView]:
    return view.steps() if view.steps is not None else ()


def _score(steps: Sequence[PlanStepView]) -> Row:
    due = sum(one.state == "due" for one in steps)
    done = sum(one.state == "done" for one in steps)
    return ((f"{done} of {len(steps)} done" + (f"  {due} due" if due else ""), "dim"),)


def _whole(view: View, step: PlanStepView, width: int) -> list[Row]:
    told = []
    if step.state in ("due", "under way"):
        told.append((step.does, ""))
    if step.state == "due" and step.manual:
        told.append((f"once it is done: note {step.id}: …", "dim"))
    if step.reason:
        told.append((step.reason, "bad"))
    return [
        _row(view, step, width),
        *((("    " + line, role),) for text, role in told for line in wrap(text, width - 4)),
    ]


def _row(view: View, step: PlanStepView, width: int) -> Row:
    glyph, role = _MARKS[step.state]
    head: Row = (
        (f"{glyph} ", role),
        (left(step.id, _ID), "strong" if step.state == "due" else ""),
        (" ", ""),
    )
    if width >= _OWNERS:
        head = (*head, (left(step.owner.replace("-", " "), _OWNER) + " ", "dim"))
    if step.due_ms is not None:
        planned = view.local.short(step.due_ms, view.snapshot.t_ms)
        head = (*head, (left(planned, _WHEN) + " ", ""))
        return spread(head, (_actual(view, step),), width)
    word = step.state if step.state != "waiting" else "after"
    told = f"{word} {step.waits_for}" if step.state == "waiting" else word
    if step.state == "not needed" and step.waits_for:
        told = f"only after {step.waits_for}"
    return (*head, (shorten(told, width - width_of(head)), "dim"))


def _actual(view: View, step: PlanStepView) -> tuple[str, str]:
    """The actual time, or how late it is."""
    now_ms = view.snapshot.t_ms
    begun_ms = now_ms if step.given_ms is None else step.given_ms
    late_ms = begun_ms - (step.due_ms or 0)
    late = f", {in_words(late_ms, MINUTE_MS)} late" if late_ms >= LATE_MS else ""
    match step.state:
        case "done" if step.done_ms is not None:
            return f"done {view.local.short(step.done_ms, now_ms)}{late}", "bad" if late else "good"
        case "due":
            return f"due{late}", "bad" if late else "warn"
        case "waiting":
            return "", "dim"
        case "left out":
            return step.state, _MARKS[step.state][1]
        case _:
            return f"{step.state}{late}", _MARKS[step.state][1]
