"""Key figures: helpdesk calls, age of the queue, bounces, users in continuity, outbound mail, pilot users."""

from sim.drill.snapshot.mail_routes import Seen
from tui.painting.number_format import count, span_text
from tui.painting.rows import Page, Row, left, right
from tui.painting.view import NOT_OF_NOW, View

_VALUE = 8
"""Width of a value, in cells; a longer value takes cells from its label."""
OLD = "warn"
"""The role of a figure that is out of date; this pane does not use it for anything else."""
_CELL = 25
"""Width in cells of each figure in a row with several figures."""


def draw(view: View, width: int, height: int) -> Page:
    """One figure in each row if there is space, otherwise several."""
    figures = _figures(view)
    if height >= 5:
        return Page("Now", [_wide(view, figure, width) for figure in figures[:height]])
    columns = max(1, width // _CELL)
    shown = figures[: columns * height]
    cells = [_narrow(view, figure) for figure in shown]
    rows = [sum(cells[start : start + columns], ()) for start in range(0, len(cells), columns)]
    return Page("Now", rows)


_Figure = tuple[str, str, str, str, str, str]
"""(name of the mark, long label, short label, value, unit or `of …`, role)."""


def _figures(view: View) -> list[_Figure]:
    """Figures by importance. If a figure is out of date, its time is shown in place of its unit."""
    snapshot, desk = view.snapshot, view.snapshot.helpdesk
    queue, event, way_out = snapshot.queue, snapshot.continuity, snapshot.protection.connector
    returned = [dict(accounts).get("bounced") for name, accounts in snapshot.ledger if name != "outbound"]
    bounced = sum(figure.count for figure in returned if figure is not None)
    oldest = "–" if queue.oldest_ms is None else span_text(queue.oldest_ms)
    pilots = "–" if desk.pilots_ms is None else count(desk.pilots_work)
    asked = "not asked" if desk.pilots_ms is None else f"of {desk.pilots}"
    users, waiting = f"of {count(snapshot.users)}", count(way_out.waiting)
    trouble = "bad" if bounced else "strong"
    return [
        ("calls", "Calls to the helpdesk", "Calls", count(desk.calls), "in total", "strong"),
        ("last-hour", "Calls in the last hour", "In last hour", count(desk.last_hour), "calls", "strong"),
        _of(view, queue.seen, ("oldest", "Oldest in the queue", "Oldest", oldest, "", "strong")),
        _of(view, queue.seen,
            ("inbound bounced", "Bounced by the gateway", "Bounced", count(bounced), "messages", trouble)),
        _of(view, event.seen,
            ("users-in", "Users in continuity", "In continuity", count(event.users_in), users, "strong")),
        _of(view, way_out.seen,
            ("going-out", "Waiting to go out", "Going out", waiting, "messages", "strong")),
        ("pilots", "Pilot users able to work", "Pilot users", pilots, asked, "strong"),
    ]  # fmt: skip


def _of(view: View, seen: Seen, figure: _Figure) -> _Figure:
    if not view.old(seen):
        return figure
    return (*figure[:4], view.local.short(seen.at_ms, view.snapshot.t_ms), OLD)


def _wide(view: View, figure: _Figure, width: int) -> Row:
    name, long, short, value, unit, role = figure
    tail, cells = 11, max(_VALUE, len(value))
    room = width - cells - 2 - tail
    return (
        (left(long if len(long) <= room else short, room), "dim"),
        (right(value, cells), role),
        (f" {view.marks.of(name)}", "mark"),
        (left(" " + unit, tail), "dim"),
    )


def _narrow(view: View, figure: _Figure) -> Row:
    name, _, label, value, _, role = figure
    mark = NOT_OF_NOW if role == OLD else view.marks.of(name)
    cells = max(_VALUE, len(value))
    return ((left(label, 13 + _VALUE - cells), "dim"), (right(value, cells), role), (f" {mark}  ", "mark"))
