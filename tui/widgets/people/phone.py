"""The phone: calls in progress, calls received and made; SMS and alert mail."""

from sim.drill.snapshot.console import AlertView, PersonView
from tui.painting.grouped_events import FeedEntry
from tui.painting.local_time import SHORT
from tui.painting.number_format import spaced, span_text
from tui.painting.rows import Page, Row, left, wrap
from tui.painting.view import View

_INBOX = {"sms": "SMS", "monitor": "mail", "email": "mail"}
"""Kinds of events in the phone's inbox, each with its label; monitors send mail as well."""


def draw_calls(view: View, width: int, height: int) -> Page:
    """Calls in progress, then calls received and the results of calls made, the newest first."""
    rows: list[Row] = []
    for person in view.snapshot.people:
        if person.doing.startswith("phone "):
            rows += _on_the_phone(view, person, width)
        for vendor, since_ms in person.on_hold:
            rows += _on_hold(view, f"{person.name}: on hold with {vendor}", since_ms, width)
    for entry in view.entries:
        event = entry.event
        if event.kind == "call":
            rows += _said(view, entry, "in", width)
        elif event.kind in ("report", "failed") and view.home(event.ref) == "Phone":
            rows += _said(view, entry, "out", width)
    return Page("Calls", rows[:height] or _none("no calls yet: phone …", width))


def _on_the_phone(view: View, person: PersonView, width: int) -> list[Row]:
    now = view.snapshot.t_ms
    text = f"{person.name}: {person.doing}"
    if person.since_ms is None:
        text += ", not started yet"
    else:
        text += f", since {view.local.short(person.since_ms, now)}, {span_text(now - person.since_ms)}"
    ends_ms = person.done_at_ms
    waiting = "duration unknown" if ends_ms is None else f"{span_text(ends_ms - now)} left"
    first, *more = wrap(f"{text}; {waiting}", width - 2)
    return [(("☎ ", "warn"), (first, "strong")), *((("  " + line, "strong"),) for line in more)]


def _on_hold(view: View, text: str, since_ms: int, width: int) -> list[Row]:
    now = view.snapshot.t_ms
    text += f", since {view.local.short(since_ms, now)}, {span_text(now - since_ms)}"
    first, *more = wrap(f"{text}; can do other work", width - 2)
    return [(("☎ ", "dim"), (first, "")), *((("  " + line, ""),) for line in more)]


def draw_inbox(view: View, width: int, height: int) -> Page:
    """Links of alerts and how long they are valid, then SMS and alert mail, the newest first."""
    rows: list[Row] = [row for alert in view.snapshot.alerts for row in _link(view, alert, width)]
    read = [entry for entry in view.entries if entry.event.kind in _INBOX]
    for entry in read:
        rows += _said(view, entry, _INBOX[entry.event.kind], width)
    if not read:
        rows += _none("no messages yet", width)
    return Page("SMS and alert mail", rows[:height])


def _link(view: View, alert: AlertView, width: int) -> list[Row]:
    valid_ms, now = alert.link_valid_until_ms, view.snapshot.t_ms
    if valid_ms is None:
        return []
    if valid_ms <= now:
        return [((line, "dim"),) for line in wrap(f"{alert.source}: its link has expired", width)]
    told = f"{alert.source}: its link works until {view.local.short(valid_ms, now)}; continuity start via=sms"
    return [((line, "title"),) for line in wrap(told, width)]


def _said(view: View, entry: FeedEntry, label: str, width: int) -> list[Row]:
    event, now, local = entry.event, view.snapshot.t_ms, view.local
    cells = 9 if local.is_near(0, now) else SHORT
    when = left(local.short(event.t_ms, now), cells) + " "
    again = f"  (×{entry.times} since {local.day_clock(entry.first_ms, now)})" if entry.times > 1 else ""
    text = event.text if event.source in event.text else f"{event.source}: {event.text}"
    first, *more = wrap(spaced(text) + again, width - len(when) - 5)
    head: Row = ((when, "dim"), (left(label, 5), "warn" if label != "out" else "title"), (first, ""))
    return [head, *(((" " * (len(when) + 5) + line, ""),) for line in more)]


def _none(text: str, width: int) -> list[Row]:
    return [((line, "dim"),) for line in wrap(text, width)]
