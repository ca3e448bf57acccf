"""The ledger: in whose custody mail is, as far as it can be seen, by direction; last their sum."""

from tui.figures import fitting
from tui.rows import Page, Row, left, right
from tui.view import View

_ALWAYS = ("gateway_queue", "server_queue", "delivered", "bounced")
_ORDER = (
    "at_sender", "gateway_queue", "held", "server_queue", "relay_queue",
    "delivered", "junked", "bounced", "rejected", "lost",
)  # fmt: skip
_LABEL = 14
_SHORT = {"inbound": "in", "outbound": "out", "internal": "intern"}


def draw(view: View, width: int, height: int) -> Page:
    """A row an account, a column a direction. Accounts without mail are shown if there is room."""
    ledger = [(direction, dict(accounts)) for direction, accounts in view.snapshot.ledger]
    used = [a for a in _ORDER if a in _ALWAYS or any(accounts.get(a) for _, accounts in ledger)]
    for account in ("at_sender", "server_queue"):
        if len(used) > height - 2 and not any(accounts.get(account) for _, accounts in ledger):
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
                    for span in _figure(view, direction, account, accounts.get(account, 0), cell)
                ),
            )
        )
    sums = [(direction, sum(accounts.values())) for direction, accounts in ledger]
    total = [(right(fitting(number, cell - 2), cell - 2) + "  ", "strong") for _, number in sums]
    rows.append(((left("seen in all", _LABEL), "dim"), *total))
    left_out = len(used) - len(used[: height - 2])
    return Page("Ledger", rows, ((f"{left_out} more: 3", "warn"),) if left_out else ())


def _figure(view: View, direction: str, account: str, number: int, cell: int) -> Row:
    bad = account in {"bounced", "rejected", "lost"} and number > 0
    role = "bad" if bad else "strong" if number else "dim"
    return (
        (right(fitting(number, cell - 2), cell - 2), role),
        (f"{view.marks.of(f'{direction} {account}')} ", "mark"),
    )
