"""The gateway's console: its state, deliveries, the continuity event, the last SMTP error."""

from sim.drill.snapshot.console import ContinuityView, QueueView
from sim.kernel.duration import in_words
from tui.painting.number_format import count, span_text
from tui.painting.rows import Page, Row, left, wrap
from tui.painting.view import View

_LABEL = 11
_BESIDE = 11
"""Width, in cells, of the short title and the frame, next to the age of the figures."""


def draw(view: View, width: int, height: int) -> Page:
    """Facts in order of importance; the error takes the remaining rows."""
    queue = view.snapshot.queue
    answers: Row = (("responding", "good"),)
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
    """Mail that the gateway's filter has not processed yet, if there is any."""
    if not queue.in_process and not queue.outbound_in_process:
        return []
    told = f"{count(queue.in_process)} in the filter, not queued yet"
    told += f"; outbound {count(queue.outbound_in_process)}" if queue.outbound_in_process else ""
    return _labelled("in process", told, "warn", width)


def _outbound(queue: QueueView, width: int) -> list[Row]:
    """The outbound queue, if it is used, paused or failing."""
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
    """State, depth and retention of the inbound queue; mail between colleagues is counted separately."""
    queue, internal = view.snapshot.queue, dict(view.snapshot.ledger).get("internal", ())
    own = dict(internal).get("gateway_queue")
    among = f" ({count(own.count)} internal)" if own is not None and own.count else ""
    state = "paused" if queue.paused else "running"
    return f"{state}, {count(queue.depth)} queued{among}, retention {in_words(queue.retention_ms)}"


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
        return _labelled("last error", "none yet", "dim", width)
    ago = f"{span_text(view.snapshot.t_ms - queue.last_error_ms)} ago"
    return _labelled("last error", f"{ago}: {queue.last_error}", "bad", width)
