"""The helpdesk: calls per hour, callers' reports, and the pilot users who can work."""

from sim.drill.snapshot.console import HelpdeskView
from sim.kernel.duration import HOUR_MS
from tui.painting.local_time import SHORT
from tui.painting.number_format import count, spaced, span_text
from tui.painting.rows import Page, Row, left, right, wrap
from tui.painting.view import View

_WITH_SOURCE = 64
"""Width from which the frame shows the source of the count."""


def draw_hours(view: View, width: int, height: int) -> Page:
    """A bar for each of the last hours, with the current hour on top."""
    desk, now = view.snapshot.helpdesk, view.snapshot.t_ms
    most, local = max([1, *desk.by_hour]), view.local.at(now)
    present_ms = now - (local.minute * 60_000 + local.second * 1000 + local.microsecond // 1000)
    rows: list[Row] = []
    for back, calls in enumerate(reversed(desk.by_hour[-min(height, 24) :])):
        start_ms = max(0, present_ms - back * HOUR_MS)
        longest = max(1, width - 10 - 7)
        bar = "▇" * -(-calls * longest // most)
        figure = (right(count(calls), 6) + " ", "strong" if calls else "dim")
        rows.append(((left(view.local.short(start_ms, now), 10), "dim"), figure, (bar, "plot")))
    whose = view.since(desk.seen) if view.old(desk.seen) else desk.seen.by
    whole = f"{whose}: {count(desk.calls)} in total, {count(desk.last_hour)} in the last 60 min"
    if width < _WITH_SOURCE:
        whole = f"{count(desk.calls)} in total, {count(desk.last_hour)} in 60 min"
    return Page("Calls per hour", rows[:height], ((whole, "dim"),), short="Calls")


def draw(view: View, width: int, height: int) -> Page:
    """Pilot users, calls from executives and partners, then tickets, the newest first."""
    desk = view.snapshot.helpdesk
    rows = [*_pilots(view, desk, width), *_phoned(desk, width)]
    now, local = view.snapshot.t_ms, view.local
    cells = 10 if local.is_near(0, now) else SHORT + 1
    told = [entry for entry in view.entries if entry.event.kind == "ticket"]
    for entry in told:
        again = f"  (×{entry.times} since {local.day_clock(entry.first_ms, now)})" if entry.times > 1 else ""
        first, *more = wrap(spaced(entry.event.text) + again, width - cells)
        rows.append(((left(local.short(entry.event.t_ms, now), cells), "dim"), (first, "")))
        rows += [((" " * cells + line, ""),) for line in more]
    if not told:
        rows.append((("no tickets yet", "dim"),))
    return Page("Tickets and pilot users", rows[:height])


def _phoned(desk: HelpdeskView, width: int) -> list[Row]:
    """Calls from executives and partners, who phone only if they have no valid update; no row if there are
    none.
    """
    told = [
        f"{who} phoned {'once' if calls == 1 else f'{count(calls)} times'}"
        for who, calls in (("executives", desk.executives), ("partners", desk.partners))
        if calls
    ]
    return [((line, "warn"),) for line in wrap(", ".join(told), width)] if told else []


def _pilots(view: View, desk: HelpdeskView, width: int) -> list[Row]:
    if desk.pilots_ms is None:
        told, role = "pilot users: not asked yet; continuity test", "dim"
    else:
        ago = span_text(view.snapshot.t_ms - desk.pilots_ms)
        told = f"pilot users: {desk.pilots_work} of {desk.pilots} can work, asked {ago} ago"
        role = "good" if desk.pilots_work == desk.pilots else "warn"
    return [((line, role),) for line in wrap(told, width)]
