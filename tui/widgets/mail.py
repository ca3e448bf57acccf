"""The newest messages in the inbound queue, real ones first and marked."""

from tui.figures import in_words
from tui.rows import Page, Row, left, right
from tui.view import View


def draw(view: View, width: int, height: int) -> Page:
    """A row a message: arrival, age, attempts, from, to, subject."""
    now, mail = view.snapshot.t_ms, view.snapshot.mail
    address = 30 if width >= 100 else 18
    both = width >= 100
    subject = max(8, width - 2 - 10 - 7 - 8 - (address + 1) * (2 if both else 1))
    head: Row = (
        ("  " + left("arrived", 10) + right("age", 7) + right("tries", 6) + "  ", "dim"),
        (left("subject", subject) + left("from", address) + (" to" if both else ""), "dim"),
    )
    rows: list[Row] = [head]
    for message in mail[: height - 1]:
        rows.append(
            (
                ("✉ " if message.real else "  ", "title"),
                (left(view.local.day_clock(message.arrival_ms), 10), ""),
                (right(in_words(now - message.arrival_ms), 7), "strong"),
                (right(str(message.attempts), 6) + "  ", ""),
                (left(message.subject, subject - 1) + " ", "strong" if message.real else ""),
                (left(message.sender, address), "dim"),
                ((" " + left(message.recipient, address)) if both else "", "dim"),
            )
        )
    if not mail:
        rows.append((("the queue is empty", "dim"),))
    return Page("Newest in the inbound queue", rows, (("✉ real mail", "dim"),))
