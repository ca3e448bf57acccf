"""The newest messages in the inbound queue; real messages come first and are marked."""

from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from tui.painting.rows import Page, Row, left, right
from tui.painting.view import View


def draw(view: View, width: int, height: int) -> Page:
    """A row for each message: number, arrival, age, attempts, from, to, subject."""
    now, mail = view.snapshot.t_ms, view.snapshot.mail
    address = 26 if width >= 100 else 18 if width >= 72 else 12
    both = width >= 100
    old, least_ms = (12, MINUTE_MS) if width >= 72 else (7, HOUR_MS)
    arrived = [view.local.short(message.arrival_ms, now) for message in mail[: height - 1]]
    when = 1 + max((len(text) for text in arrived), default=9)
    digits = 2 + max((len(str(message.number)) for message in mail[: height - 1]), default=4)
    subject = max(8, width - 2 - digits - when - old - 8 - (address + 1) * (2 if both else 1))
    head: Row = (
        (
            "  " + left("no.", digits) + left("arrived", when) + right("age", old) + right("tries", 6) + "  ",
            "dim",
        ),
        (left("subject", subject) + left("from", address) + (" to" if both else ""), "dim"),
    )
    rows: list[Row] = [head]
    for message, text in zip(mail, arrived, strict=False):
        rows.append(
            (
                ("✉ " if message.real else "  ", "title"),
                (left(str(message.number), digits), ""),
                (left(text, when), ""),
                (right(in_words(now - message.arrival_ms, least_ms), old), "strong"),
                (right(str(message.attempts), 6) + "  ", ""),
                (left(message.subject, subject - 1) + " ", "strong" if message.real else ""),
                (left(message.sender, address), "dim"),
                ((" " + left(message.recipient, address)) if both else "", "dim"),
            )
        )
    queue = view.snapshot.queue
    if not mail:
        told = "the queue was empty when last seen" if view.old(queue.seen) else "the queue is empty"
        rows.append(((told, "warn" if view.old(queue.seen) else "dim"),))
    aside: Row = (("✉ real mail", "dim"),) if view.lab else ()
    if view.old(queue.seen):
        aside = ((view.age_of(queue.seen, None), "warn"),)
    return Page("Newest in the inbound queue", rows, aside, short="Newest in the queue")
