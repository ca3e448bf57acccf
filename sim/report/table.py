"""The figures of a play beside those of doing nothing, row by row: for text and for screens."""

from collections.abc import Callable, Sequence

from sim.kernel.duration import HOUR_MS
from sim.report.outcome import Outcome
from sim.report.sender_ranges import span

Entry = tuple[str, str, str]
"""What it is, this play, doing nothing."""


def comparison_rows(did: Outcome, nothing: Outcome) -> list[Entry]:
    """Rows in order; what is nothing in both plays and belongs to some outages only is left out."""
    rows = [
        (name, shown(did), shown(nothing))
        for name, shown, always in _ROWS
        if always or shown(did) not in _NOTHING or shown(nothing) not in _NOTHING
    ]
    return rows


def side_by_side(plays: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """Each row's name and its figure in every play; the same rows are left out."""
    rows = [(name, *(shown(one) for one in plays)) for name, shown, _always in _ROWS]
    kept = [always for _name, _shown, always in _ROWS]
    return [row for row, always in zip(rows, kept, strict=True) if always or set(row[1:]) - set(_NOTHING)]


def _count(name: str) -> Callable[[Outcome], str]:
    return lambda outcome: f"{getattr(outcome, name):,}"


def _span(name: str) -> Callable[[Outcome], str]:
    return lambda outcome: hours(getattr(outcome, name))


def _by_mix(name: str) -> Callable[[Outcome], str]:
    """The range over mixes of senders; where this play cannot tell it, what does."""

    def shown(outcome: Outcome) -> str:
        low, high, count = (getattr(outcome, f"{name}{end}") for end in ("_low", "_high", ""))
        if outcome.unknown_mixes and count:
            return "see --range"
        return span(low, high).replace(" to ", "–") if low != high else "–"

    return shown


def hours(span_ms: int | None) -> str:
    """`3 h 59`, or that it has not come to an end."""
    if span_ms is None:
        return "not over"
    return f"{span_ms // HOUR_MS} h {span_ms % HOUR_MS // 60_000:02d}"


_NOTHING = ("0", "0 h 00", "–")
_ROWS: tuple[tuple[str, Callable[[Outcome], str], bool], ...] = (
    ("Drill lasted", _span("at_ms"), True),
    ("Inbound messages", _count("generated"), True),
    ("Delivered", _count("delivered"), True),
    ("Still queued", _count("queued"), True),
    ("In queues behind the gateway", _count("elsewhere"), False),
    ("Still with their senders", _count("at_senders"), False),
    ("Bounced by the gateway", _count("bounced"), True),
    ("Returned by their senders", _count("returned"), False),
    ("  by who may write to you", _by_mix("returned"), False),
    ("Held by the gateway", _count("held"), False),
    ("Refused for good", _count("rejected"), False),
    ("Never sent, suppressed", _count("suppressed"), False),
    ("Went round the filter", _count("unfiltered"), False),
    ("Put aside as junk", _count("junked"), False),
    ("Returned to strangers", _count("backscatter"), False),
    ("Sent without SPF or DKIM", _count("unsigned"), False),
    ("Open and not approved", _span("not_approved_ms"), False),
    ("Late (useless by then)", _count("late"), True),
    ("  by who may write to you", _by_mix("late"), False),
    ("Came twice", _count("copies"), False),
    ("  by who may write to you", _by_mix("copies"), False),
    ("Longest delay of what came", _span("longest_delay_ms"), True),
    ("Outbound, still queued", _count("outbound_queued"), False),
    ("Outbound held by the gateway", _count("outbound_held"), False),
    ("Outbound refused for good", _count("outbound_rejected"), False),
    ("Outbound returned", _count("outbound_returned"), False),
    ("Outbound, longest delay", _span("outbound_delay_ms"), False),
    ("Between colleagues, queued", _count("internal_queued"), False),
    ("Between colleagues, returned", _count("internal_returned"), False),
    ("Backlog after the return", _span("drained_after_ms"), True),
    ("  messages in it", _count("backlog"), True),
    ("  of these among colleagues", _count("backlog_internal"), False),
    ("User-hours without mailbox", lambda outcome: f"{outcome.user_hours_without_mail:,.0f}", True),
    ("User-hours without gateway", lambda outcome: f"{outcome.user_hours_in_part:,.0f}", False),
    ("Calls to the helpdesk", _count("calls"), True),
    ("Calls of executives", _count("executive_calls"), False),
    ("Calls of partners", _count("partner_calls"), False),
    ("Alerts by text message", _count("alert_texts"), False),
)
