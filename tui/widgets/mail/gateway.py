"""The gateway's console: whether it answers, deliveries, the continuity event, the last SMTP error."""

from sim.drill.snapshot.console import ContinuityView, QueueView
from sim.kernel.duration import HOUR_MS
from tui.painting.number_format import count, in_words
from tui.painting.rows import Page, Row, left, wrap
from tui.painting.view import View

_LABEL = 11
_BESIDE = 11
"""Cells that the short title and the frame take beside the age of the figures."""


def draw(view: View, width: int, height: int) -> Page:
    """Three facts in the order of need; the error takes the lines that are left."""
    queue = view.snapshot.queue
    answers: Row = (("answers", "good"),)
    if view.old(queue.seen):
        told = view.age_of(queue.seen, queue.no_answer_ms)
        answers = ((told if len(told) <= width - _BESIDE else view.age_of(queue.seen, None), "warn"),)
    rows = [
        *_labelled("deliveries", _deliveries(view), "warn" if queue.paused else "strong", width),
        *_labelled("continuity", _event(view, view.snapshot.continuity), "strong", width),
        *_process(queue, width),
        *_outbound(queue, width),
        *_error(view, queue, width),
    ]
    return Page("Gateway console", rows[:height], answers, short="Console")


def _process(queue: QueueView, width: int) -> list[Row]:
    """What its filter has not let pass, if that is anything."""
    told = f"{count(queue.in_process)} before the queue"
    return _labelled("in process", told, "warn", width) if queue.in_process else []


def _outbound(queue: QueueView, width: int) -> list[Row]:
    """The queue to the internet, once there is anything to say of it."""
    if not (queue.outbound or queue.outbound_paused or queue.outbound_error):
        return []
    told = f"{'paused' if queue.outbound_paused else 'running'}, {count(queue.outbound)} queued"
    told += f": {queue.outbound_error}" if queue.outbound_error else ""
    return _labelled("outbound", told, "warn", width)


def _labelled(label: str, text: str, role: str, width: int) -> list[Row]:
    first, *more = wrap(text, width - _LABEL)
    head: Row = ((left(label, _LABEL), "dim"), (first, role))
    return [head, *(((" " * _LABEL + line, role),) for line in more)]


def _deliveries(view: View) -> str:
    """Mail between colleagues in continuity waits in the same queue: it is told apart."""
    queue, internal = view.snapshot.queue, dict(view.snapshot.ledger).get("internal", ())
    own = dict(internal).get("gateway_queue")
    among = f" ({count(own.count)} between colleagues)" if own is not None and own.count else ""
    state = "paused" if queue.paused else "running"
    return f"{state}, {count(queue.depth)} queued{among}, kept for {queue.retention_ms // HOUR_MS} h"


def _event(view: View, event: ContinuityView) -> str:
    now = view.snapshot.t_ms
    if not event.active:
        return "no event" + (f" ({view.since(event.seen)})" if view.old(event.seen) else "")
    text = f"{event.group}, {count(event.users_in)} user{'s' * (event.users_in != 1)} in it"
    if event.ends_ms is not None:
        text += f", until {view.local.short(event.ends_ms, now)}"
    return text if event.started_ms is None else f"{text}, since {view.local.short(event.started_ms, now)}"


def _error(view: View, queue: QueueView, width: int) -> list[Row]:
    if not queue.last_error or queue.last_error_ms is None:
        return _labelled("last error", "none so far", "dim", width)
    age = f"{in_words(view.snapshot.t_ms - queue.last_error_ms)} ago"
    return _labelled("last error", f"{age}: {queue.last_error}", "bad", width)
