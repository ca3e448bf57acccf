"""The walls of the incident room: status pages, words said, approvals and decisions, cases, openings."""

from collections.abc import Sequence

from sim.drill.snapshot import StatementView, StatusPageView
from tui.figures import count, in_words
from tui.rows import Page, Row, cut, left, wrap
from tui.view import View

_COLOURS = {"green": ("●", "good"), "amber": ("▲", "warn"), "red": ("■", "bad"), "": ("○", "dim")}
"""The shape says the colour too."""
_ANSWERS = {
    "asked": ("… asked", "warn"),
    "granted": ("✓ granted", "good"),
    "refused": ("✗ refused", "bad"),
    "overridden": ("! without", "bad"),
}


def draw_pages(view: View, width: int, height: int) -> Page:
    """Each vendor's page as somebody last saw it, with the age of that look."""
    rows: list[Row] = []
    for page in view.snapshot.room.pages:
        rows += _page(view, page, width)
    return Page("Status pages, as last looked at", rows[:height] or _none("no vendor has one", width))


def _page(view: View, page: StatusPageView, width: int) -> list[Row]:
    glyph, role = _COLOURS[page.colour]
    if page.looked_ms is None:
        told = f"{page.name}: not looked at; status check {page.vendor}"
        return [((f"{glyph} ", role), (line, "dim")) for line in wrap(told, width - 2)[:1]]
    now = view.snapshot.t_ms
    age = f"seen {in_words(now - page.looked_ms)} ago"
    if page.posted_ms is not None:
        age += f", posted {view.local.short(page.posted_ms, now)}"
    head = cut(((f"{glyph} ", role), (f"{page.name}: {page.colour}", "strong"), (f"  {age}", "dim")), width)
    return [head, *((("  " + line, ""),) for line in wrap(page.text, width - 2)[:2] if line)]


def draw_words(view: View, width: int, height: int) -> Page:
    """What was said to whom, the newest first, and what became of the promises in it."""
    rows: list[Row] = []
    for said in reversed(view.snapshot.room.said):
        rows += _words(view, said, width)
    return Page("Said", rows[:height] or _none("nobody has been told anything: notify users …", width))


def _words(view: View, said: StatementView, width: int) -> list[Row]:
    now = view.snapshot.t_ms
    when = view.local.short(said.t_ms, now)
    head: list[tuple[str, str]] = [
        (left(when, 10), "dim"),
        (f"{said.audience}, {said.via}", "strong"),
        (_heard(said.reached), "dim"),
    ]
    if said.next_ms is not None:
        role = {"kept": "good", "broken": "bad"}.get(said.promise, "warn")
        head.append((f"  next word {view.local.short(said.next_ms, now)}: {said.promise}", role))
    return [
        cut(tuple(head), width),
        *((("  " + line, ""),) for line in wrap(said.text, width - 2)[:2] if line),
    ]


def _heard(reached: int | None) -> str:
    if reached is None:
        return "  nobody knows who reads it"
    return f"  reaches {count(reached)}" if reached else "  reaches nobody"


def draw_decisions(view: View, width: int, height: int) -> Page:
    """Approvals and their answers, then diagnoses and decisions on record, the newest first."""
    room, now = view.snapshot.room, view.snapshot.t_ms
    rows: list[Row] = []
    for asked in reversed(room.approvals):
        word, role = _ANSWERS[asked.state]
        when = asked.asked_ms if asked.answered_ms is None else asked.answered_ms
        told = f"{asked.subject}, {asked.of}, {view.local.short(when, now)}"
        rows.append(cut(((left(word, 11), role), (told, "")), width))
    for one in reversed(room.decisions):
        start: Row = ((left(view.local.short(one.t_ms, now), 11), "dim"),)
        rows.append(cut((*start, (f"{one.about}: ", "strong"), (one.text, "")), width))
    return Page("Approvals and decisions", rows[:height] or _none("none: approve mx, decide …", width))


def draw_openings(view: View, width: int, height: int) -> Page:
    """The register: what was opened, and what is proven closed again; then cases with vendors."""
    room, now = view.snapshot.room, view.snapshot.t_ms
    rows: list[Row] = []
    for one in room.openings:
        state, role = ("open", "bad") if one.closed_ms is None else ("closed, not proven", "warn")
        if one.proven_ms is not None:
            state, role = "proven closed", "good"
        age = "" if one.proven_ms is not None else f"  {in_words(now - one.opened_ms)}"
        rows.append(
            cut(((left(one.kind, 12), "strong"), (state + age, role), (f"  {one.command}", "dim")), width)
        )
    for case in reversed(room.tickets):
        answer = f"{case.vendor}, {view.local.short(case.opened_ms, now)}: {case.said}"
        rows.append(cut(((left(f"case {case.number} ", 17), "dim"), (answer, "")), width))
    return Page("Register of openings, cases", rows[:height] or _none("nothing opened, no case", width))


def _none(text: str, width: int) -> Sequence[Row]:
    return [((line, "dim"),) for line in wrap(text, width)]
