"""The incident room: status pages, support cases, updates, approvals, decisions, and the register of
openings.
"""

from collections.abc import Sequence

from sim.drill.snapshot.room import StatementView, StatusPageView
from tui.painting.number_format import count, spaced, span_text
from tui.painting.rows import Page, Row, cut, left, width_of, wrap
from tui.painting.view import View

_COLOURS = {"green": ("●", "good"), "amber": ("▲", "warn"), "red": ("■", "bad"), "": ("○", "dim")}
"""(glyph, role) for each colour of a status page."""
_KIND = 14
"""Columns of the kind of an opening; the longest, `cloud-signin`, has twelve letters."""
_ANSWERS = {
    "asked": ("… asked", "warn"),
    "granted": ("✓ granted", "good"),
    "refused": ("✗ refused", "bad"),
    "overridden": ("! without", "bad"),
}


def draw_pages(view: View, width: int, height: int) -> Page:
    """Each vendor's status page at its last check, with the age of the check."""
    rows: list[Row] = []
    for page in view.snapshot.room.pages:
        rows += _page(view, page, width)
    return Page(
        "Status pages at the last check",
        rows[:height] or _none("none of the vendors has a status page", width),
    )


def _page(view: View, page: StatusPageView, width: int) -> list[Row]:
    glyph, role = _COLOURS[page.colour]
    if page.looked_ms is None:
        told = f"{page.name}: not checked yet; status check {page.vendor}"
        first, *more = wrap(told, width - 2)
        return [((f"{glyph} ", role), (first, "dim")), *((("  " + line, "dim"),) for line in more)]
    now = view.snapshot.t_ms
    told = f"checked {span_text(now - page.looked_ms)} ago on {page.page}"
    if page.posted_ms is not None:
        told += f", posted {view.local.short(page.posted_ms, now)}"
    if page.next_ms is not None:
        told += f", next update {view.local.short(page.next_ms, now)}"
    head: Row = ((f"{glyph} ", role), (f"{page.name}: {page.colour}", "strong"))
    lines = [(told, "dim"), (page.text, "")]
    return [
        cut(head, width),
        *((("  " + line, r),) for text, r in lines for line in wrap(text, width - 2) if line),
    ]


def draw_cases(view: View, width: int, height: int) -> Page:
    """Estimates by the server team, then cases with vendors and support's answers, the newest first."""
    now = view.snapshot.t_ms
    rows: list[Row] = []
    for told in reversed(view.snapshot.room.estimates):
        when, by, sure = (view.local.short(ms, now) for ms in (told.t_ms, told.by_ms, told.sure_ms))
        said = f"server team, {when}: recovery about {by}, by {sure} with 90 % confidence"
        role = "strong" if told is view.snapshot.room.estimates[-1] else "dim"
        rows += [((line, role),) for line in wrap(said, width)]
    for case in reversed(view.snapshot.room.tickets):
        opened = f"  opened {span_text(now - case.opened_ms)} ago, {case.vendor}, about {case.about}"
        head: Row = ((f"case {case.number}", "strong"),)
        if width_of(head) + len(opened) <= width:
            rows.append((*head, (opened, "dim")))
        else:
            rows += [head, *((("  " + line, "dim"),) for line in wrap(opened.strip(), width - 2))]
        rows += [(("  " + line, ""),) for line in wrap(spaced(case.said), width - 2)]
    return Page(
        "Support cases", rows[:height] or _none("no cases yet: phone gateway-vendor, microsoft …", width)
    )


def draw_words(view: View, width: int, height: int) -> Page:
    """Updates by audience, the newest first, and whether their promises were kept."""
    rows: list[Row] = []
    for said in reversed(view.snapshot.room.said):
        rows += _words(view, said, width)
    return Page("Updates sent", rows[:height] or _none("no updates yet: notify users …", width))


def _words(view: View, said: StatementView, width: int) -> list[Row]:
    now = view.snapshot.t_ms
    when = view.local.short(said.t_ms, now)
    head: Row = (
        (left(when, 10), "dim"),
        (f"{said.audience}, {said.via}", "strong"),
        (f"  by {said.by}", "dim"),
    )
    told = [(_heard(said), "dim")]
    if said.next_ms is not None:
        role = {"kept": "good", "broken": "bad"}.get(said.promise, "warn")
        became = "overdue" if said.promise == "open" and said.next_ms < now else said.promise
        told.append((f"next update {view.local.short(said.next_ms, now)}: {became}", role))
    told.append((said.text, ""))
    return [
        cut(head, width),
        *((("  " + line, r),) for text, r in told for line in wrap(text, width - 2) if line),
    ]


def _heard(said: StatementView) -> str:
    """The reach of an update: a number of users; for executives and partners, only whether they received
    it.
    """
    if said.reached is None:
        return "no read receipts"
    if not said.reached:
        return "reaches no one"
    if said.audience != "users":
        return "received"
    return f"reaches {count(said.reached)} user" + ("s" if said.reached > 1 else "")


def draw_decisions(view: View, width: int, height: int) -> Page:
    """Approvals and their answers, then recorded diagnoses and decisions, the newest first."""
    room, now = view.snapshot.room, view.snapshot.t_ms
    rows: list[Row] = []
    for asked in reversed(room.approvals):
        word, role = _ANSWERS[asked.state]
        when, alone = view.local.short(asked.asked_ms, now), asked.state == "overridden"
        told = f"{asked.subject}, {'on the authority of' if alone else 'requested from'} {asked.of} {when}"
        if asked.answered_ms is not None and not alone:
            told += f", answered {view.local.short(asked.answered_ms, now)}"
        if asked.until_ms is not None:
            ends = "until" if now < asked.until_ms else "ended"
            told += f", {ends} {view.local.short(asked.until_ms, now)}"
        told += f"; {asked.too_soon}" if asked.too_soon else ""
        first, *more = wrap(told, width - 11)
        rows.append(((left(word, 11), role), (first, "")))
        rows += [((" " * 11 + line, ""),) for line in more]
    for one in reversed(room.decisions):
        first, *more = wrap(f"{one.about}: {one.text} ({one.by})", width - 11)
        rows.append(((left(view.local.short(one.t_ms, now), 11), "dim"), (first, "strong")))
        rows += [((" " * 11 + line, "strong"),) for line in more]
    return Page(
        "Approvals and decisions",
        rows[:height] or _none("none: approve mx, decide …", width),
        short="Decisions",
    )


def draw_openings(view: View, width: int, height: int) -> Page:
    """The register of openings: when each was opened and closed, and when it was proven closed."""
    room, now = view.snapshot.room, view.snapshot.t_ms
    rows: list[Row] = []
    for one in room.openings:
        state, role = ("open", "bad") if one.closed_ms is None else ("closed, not proven", "warn")
        if one.proven_ms is not None:
            state, role = "proven closed", "good"
        times = [f"opened {view.local.short(one.opened_ms, now)}"]
        if one.closed_ms is None:
            times.append(f"open for {span_text(now - one.opened_ms)}")
        else:
            times.append(f"closed {view.local.short(one.closed_ms, now)}")
        if one.proven_ms is not None:
            times.append(f"proven {view.local.short(one.proven_ms, now)}")
        rows.append(
            cut(((f"{one.number}  ", "dim"), (left(one.kind, _KIND), "strong"), (state, role)), width)
        )
        told = f"{one.command}; {', '.join(times)}"
        rows += [(("   " + line, "dim"),) for line in wrap(told, width - 3)]
    return Page("Register of openings", rows[:height] or _none("no openings yet", width))


def _none(text: str, width: int) -> Sequence[Row]:
    return [((line, "dim"),) for line in wrap(text, width)]
