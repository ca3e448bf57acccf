"""The figures that matter now: who is without mail, how old the queue is, what was lost."""

from tui.figures import count, hours_minutes
from tui.rows import Page, Row, left, right
from tui.view import View

_CELL = 25
"""Width of a figure where several stand in a row."""


def draw(view: View, width: int, height: int) -> Page:
    """One figure a row where there is room, else several in columns."""
    figures = _figures(view)
    if height >= 5:
        return Page("Now", [_wide(view, figure, width) for figure in figures[:height]])
    columns = max(1, width // _CELL)
    shown = figures[: columns * height]
    cells = [_narrow(view, figure) for figure in shown]
    rows = [sum(cells[start : start + columns], ()) for start in range(0, len(cells), columns)]
    return Page("Now", rows)


def _figures(view: View) -> list[tuple[str, str, str, str, str, str]]:
    """(mark's name, long label, short label, value, unit or `of …`, role) by importance."""
    snapshot, flags = view.snapshot, dict(view.snapshot.flags)
    bounced = sum(dict(accounts).get("bounced", 0) for _, accounts in snapshot.ledger)
    oldest = "–" if snapshot.queue.oldest_ms is None else hours_minutes(snapshot.queue.oldest_ms)
    without, users = snapshot.users_without_mail, snapshot.users
    trouble = "bad" if without else "strong"
    return [
        ("without", "Users without mail", "Without mail", count(without), f"of {count(users)}", trouble),
        ("oldest", "Oldest in the queue", "Oldest", oldest, "h:min", "strong"),
        ("inbound bounced", "Bounced", "Bounced", count(bounced), "messages", "bad" if bounced else "strong"),
        ("late", "Late (useless by then)", "Late", count(flags.get("late", 0)), "messages", "strong"),
        ("readable", "Readable in continuity", "Readable", count(flags.get("readable", 0)), "messages",
         "strong"),
        ("user-hours", "User-hours without mail", "User-hours",
         count(round(snapshot.user_hours_without_mail)), "hours", "strong"),
        ("unfiltered", "Unfiltered", "Unfiltered", count(flags.get("unfiltered", 0)), "messages", "strong"),
    ]  # fmt: skip


def _wide(view: View, figure: tuple[str, str, str, str, str, str], width: int) -> Row:
    name, label, _, value, unit, role = figure
    tail = 11
    return (
        (left(label, width - 8 - 2 - tail), "dim"),
        (right(value, 8), role),
        (f" {view.marks.of(name)}", "mark"),
        (left(" " + unit, tail), "dim"),
    )


def _narrow(view: View, figure: tuple[str, str, str, str, str, str]) -> Row:
    name, _, label, value, _, role = figure
    return ((left(label, 13), "dim"), (right(value, 8), role), (f" {view.marks.of(name)}  ", "mark"))
