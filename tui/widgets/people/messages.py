"""The activity feed: alerts, SMS, calls, tickets, reports and results of commands, the newest first."""

from functools import lru_cache

from sim.drill.room.events import Event, EventKind
from tui.painting.grouped_events import FeedEntry
from tui.painting.local_time import SHORT
from tui.painting.number_format import spaced, span_text
from tui.painting.rows import Page, Row, left, wrap
from tui.painting.view import View

_LABELS: dict[EventKind, tuple[str, str]] = {
    "monitor": ("monitor", "warn"),
    "sms": ("SMS", "warn"),
    "call": ("call", "warn"),
    "email": ("email", "warn"),
    "ticket": ("ticket", ""),
    "post": ("post", "title"),
    "report": ("report", "title"),
    "command": ("command", ""),
    "done": ("done", "good"),
    "failed": ("failed", "bad"),
    "refused": ("refused", "bad"),
    "note": ("note", "dim"),
    "mail": ("mail", "title"),
    "talk": ("talk", "title"),
    "observation": ("observed", "dim"),
    "milestone": ("milestone", "strong"),
    "end": ("end", "strong"),
    "fault": ("fault", "bad"),
}
_KIND = 10
"""Width, in cells, of the column for the kind of event."""


def draw(view: View, width: int, height: int) -> Page:
    """The feed with the newest event on top; texts are wrapped, never cut; unacknowledged alerts stay
    above.
    """
    pinned = [*_pinned(view, width), *_overdue(view, width)][: max(0, height - 2)]
    room = height - len(pinned)
    rows: list[Row] = []
    needed = view.scroll + room
    for entry in view.entries:
        if len(rows) > needed:
            break
        rows += _rows(view, entry, width)
    scroll = min(view.scroll, max(0, len(rows) - room))
    shown = rows[scroll : scroll + room]
    if not rows:
        shown = [(("no events yet", "dim"),)]
    aside = _aside(view, scroll, more=len(rows) > scroll + room)
    return Page("Activity", [*pinned, *shown], aside)


def rows_of(view: View, width: int) -> int:
    """The number of rows of the whole feed at a given width, where scrolling ends."""
    return sum(len(_rows(view, entry, width)) for entry in view.entries)


def _aside(view: View, scroll: int, more: bool) -> Row:
    older: Row = ((" · PgDn older", "dim"),) if more else ()
    if scroll:
        return ((f"{scroll} rows newer: PgUp", "warn"), *older)
    if not view.entries:
        return ()
    return ((f"newest {span_text(view.snapshot.t_ms - view.entries[0].event.t_ms):>6} ago", "dim"), *older)


def _pinned(view: View, width: int) -> list[Row]:
    waiting = [alert for alert in view.snapshot.alerts if not alert.acknowledged]
    if not waiting:
        return []
    oldest = min(alert.since_ms for alert in waiting)
    old = span_text(view.snapshot.t_ms - oldest)
    what = waiting[0].source if len(waiting) == 1 else f"{len(waiting)} alerts"
    told = [
        f"! not acknowledged: {what}, {old:>6} old · alerts ack",
        f"! not acknowledged: {what} · alerts ack",
    ]
    return [((left(next((text for text in told if len(text) <= width), told[-1]), width), "bad"),)]


def _overdue(view: View, width: int) -> list[Row]:
    """A line for each audience whose next update, as promised in the newest one, is overdue."""
    newest = {said.audience: said for said in view.snapshot.room.said}
    now = view.snapshot.t_ms
    rows: list[Row] = []
    for audience, said in newest.items():
        if said.next_ms is None or said.next_ms >= now or said.promise not in ("open", "broken"):
            continue
        late = f"! promised update to {audience} overdue"
        told = [
            f"{late} since {view.local.short(said.next_ms, now)} · notify {audience}",
            f"{late} · notify {audience}",
            f"! update to {audience} overdue",
        ]
        rows.append(((left(next((text for text in told if len(text) <= width), told[-1]), width), "bad"),))
    return rows


def _rows(view: View, entry: FeedEntry, width: int) -> tuple[Row, ...]:
    local, now = view.local, view.snapshot.t_ms
    again = f"  (×{entry.times} since {local.day_clock(entry.first_ms, now)})" if entry.times > 1 else ""
    cells = 9 if local.is_near(0, now) else SHORT  # one width for all rows, from the start of the drill
    return _entry(entry.event, left(local.short(entry.event.t_ms, now), cells), again, width)


@lru_cache(maxsize=1024)
def _entry(event: Event, when: str, again: str, width: int) -> tuple[Row, ...]:
    label, role = _LABELS[event.kind]
    named = event.source and event.kind != "refused" and event.source not in event.text
    text = f"{event.source}: {event.text}" if named else event.text
    margin = len(when) + 1 + _KIND
    first, *more = wrap(spaced(text) + again, width - margin)
    lines: list[Row] = [((f"{when} ", "dim"), (left(label, _KIND), role), (first, ""))]
    lines += [((" " * margin + line, ""),) for line in more]
    return tuple(lines)
