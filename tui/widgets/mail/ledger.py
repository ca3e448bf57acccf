"""The ledger: mail by custody and direction, as far as consoles show it, and the total."""

from sim.drill.snapshot.console import SeenCount
from sim.drill.snapshot.mail_routes import Seen
from tui.painting.number_format import fitting
from tui.painting.places import key_of
from tui.painting.rows import Page, Row, left, right
from tui.painting.view import NOT_OF_NOW, View

Columns = list[tuple[str, dict[str, SeenCount]]]
"""For each direction, the accounts that consoles show."""

_ALWAYS = ("delivered", "gateway_queue", "bounced", "server_queue")
"""Accounts that are shown even if they are empty; if there is not enough space, the last empty account is
left out first.
"""
_ORDER = (
    "at_sender", "gateway_queue", "held", "server_queue", "relay_queue",
    "delivered", "junked", "bounced", "rejected", "lost",
)  # fmt: skip
_LABEL = 14
_SHORT = {"inbound": "in", "outbound": "out", "internal": "intern"}


def draw(view: View, width: int, height: int) -> Page:
    """A row for each account, and a column for each direction. Empty accounts are shown if there is space."""
    ledger: Columns = [
        (name, _unseen(view, name) | dict(accounts)) for name, accounts in view.snapshot.ledger
    ]
    used = [a for a in _ORDER if a in _ALWAYS or any(accounts.get(a) for _, accounts in ledger)]
    idle = [a for a in reversed(_ALWAYS) if not any(accounts.get(a) for _, accounts in ledger)]
    for account in idle[: max(0, len(used) - (height - 2))]:
        used.remove(account)
    cell = min(12, (width - _LABEL) // max(1, len(ledger)))
    names = {} if cell >= 10 else _SHORT
    head: Row = (
        (left("", _LABEL), "dim"),
        *((right(names.get(direction, direction), cell - 2) + "  ", "dim") for direction, _ in ledger),
    )
    rows = [head]
    for account in used[: height - 2]:
        rows.append(
            (
                (left(account.replace("_", " "), _LABEL), "dim"),
                *(
                    span
                    for direction, accounts in ledger
                    for span in _figure(view, direction, account, accounts.get(account), cell)
                ),
            )
        )
    rows.append(_foot(view, ledger, cell, width))
    left_out = len(used) - len(used[: height - 2])
    return Page("Ledger", rows, ((f"{left_out} more: press {key_of('Server')}", "warn"),) if left_out else ())


def _unseen(view: View, direction: str) -> dict[str, SeenCount]:
    """Zeros from consoles that do not respond: zero when last seen, but possibly changed since."""
    gateway, server = view.snapshot.queue.seen, view.snapshot.protection.connector.seen
    returns = server if direction == "outbound" and view.old(server) else gateway
    shown = {"gateway_queue": gateway, "server_queue": server, "bounced": returns}
    return {account: SeenCount(0, seen) for account, seen in shown.items() if view.old(seen)}


def _foot(view: View, ledger: Columns, cell: int, width: int) -> Row:
    """The total of the figures; if some are out of date, their consoles and times instead."""
    figures = [figure for _, accounts in ledger for figure in accounts.values()]
    old = list(dict.fromkeys(figure.seen for figure in figures if view.old(figure.seen)))
    if old:
        return ((_whose(view, old, width), "warn"),)
    sums = [sum(figure.count for figure in accounts.values()) for _, accounts in ledger]
    total = [(right(fitting(number, cell - 2), cell - 2) + "  ", "strong") for number in sums]
    return ((left("total seen", _LABEL), "dim"), *total)


def _whose(view: View, old: list[Seen], width: int) -> str:
    """The consoles that do not respond: `? gateway console, Tue 10:00; …`, shorter if that does not fit."""
    whole = f"{NOT_OF_NOW} " + "; ".join(view.since(seen) for seen in old)
    moments = dict.fromkeys(view.local.short(seen.at_ms, view.snapshot.t_ms) for seen in old)
    told = [whole, f"{NOT_OF_NOW} as of {' and '.join(moments)}", f"{NOT_OF_NOW} earlier"]
    return next(text for text in told if len(text) <= width or text is told[-1])


def _figure(view: View, direction: str, account: str, figure: SeenCount | None, cell: int) -> Row:
    number = figure.count if figure is not None else 0
    bad = account in {"bounced", "rejected", "lost"} and number > 0
    role = "bad" if bad else "strong" if number else "dim"
    mark = view.marks.of(f"{direction} {account}")
    if figure is not None and view.old(figure.seen):
        role, mark = "warn", NOT_OF_NOW
    return (
        (right(fitting(number, cell - 2), cell - 2), role),
        (f"{mark} ", "mark"),
    )
