"""The newest messages in the inbound queue, real ones first and marked."""

from tui.figures import in_words
from tui.rows import Page, Row, left, right
from tui.view import View


def draw(view: View, width: int, height: int) -> Page:
    """A row a message: arrival, age, attempts, from, to, subject."""
    now, mail = view.snapshot.t_ms, view.snapshot.mail
    address = 24 if width >= 90 else 16
    subject = max(8, width - 2 - 10 - 8 - 6 - 2 * (address + 1) - 1)
    head: Row = (
        ("  " + left("arrived", 10) + right("age", 7) + right("tries", 6) + "  ", "dim"),
        (left("from", address + 1) + left("to", address + 1) + "subject", "dim"),
    )
    rows: list[Row] = [head]
    for message in mail[: height - 1]:
        rows.append(
            (
                ("✉ " if message.real else "  ", "title"),
                (left(view.local.day_clock(message.arrival_ms), 10), ""),
                (right(in_words(now - message.arrival_ms), 7), "strong"),
                (right(str(message.attempts), 6) + "  ", ""),
                (left(message.sender, address) + " ", "dim"),
                (left(message.recipient, address) + " ", "dim"),
                (left(message.subject, subject), "strong" if message.real else ""),
            )
        )
    if not mail:
        rows.append((("the queue is empty", "dim"),))
    return Page("Newest in the inbound queue", rows, (("✉ real mail", "dim"),))
