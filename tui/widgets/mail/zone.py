"""DNS: the MX record as entered and as published, answers of resolvers, arrivals per host.

How far a change has spread among resolvers is unknown; it shows only in the arrivals.
"""

from sim.drill.snapshot.mail_routes import ArrivalsView, DnsView
from tui.painting.number_format import count, span_text
from tui.painting.rows import Page, Row, left, right, wrap
from tui.painting.view import View

_SOURCE = 12


def draw(view: View, width: int, height: int) -> Page:
    """The record, the MTA-STS policy, the last answer of each resolver, then past versions."""
    dns, now = view.snapshot.dns, view.snapshot.t_ms
    rows = _labelled("entered", _record(dns.hosts, dns.ttl_s), width)
    same = (dns.authority, dns.authority_ttl_s) == (dns.hosts, dns.ttl_s)
    shown = "the same" if same else f"still {_record(dns.authority, dns.authority_ttl_s)}"
    rows += _labelled("published", shown, width, "dim" if same else "warn")
    rows += _labelled("MTA-STS", _policy(view, dns), width)
    for answer in dns.answers:
        ago, lives = span_text(now - answer.asked_ms), f"{answer.ttl_left_s} s left"
        rows += _labelled(answer.source, f"{ago} ago: {_names(answer.hosts)}  {lives}", width, "strong")
    if not dns.answers:
        rows.append((("no resolver queried yet: dns ask google", "dim"),))
    for one in reversed(dns.versions):
        told = f"{view.local.short(one.t_ms, now)} by {one.by}: {_record(one.hosts, one.ttl_s)}"
        rows += _labelled("changed", told, width, "dim")
    return Page("DNS: the MX record", rows[:height])


def _record(hosts: tuple[str, ...], ttl_s: int) -> str:
    return f"{_names(hosts)}  TTL {ttl_s} s"


def _names(hosts: tuple[str, ...]) -> str:
    return ", ".join(hosts) or "none"


def _labelled(label: str, text: str, width: int, role: str = "") -> list[Row]:
    first, *more = wrap(text, width - _SOURCE)
    head: Row = ((left(label, _SOURCE), "dim"), (first, role))
    return [head, *(((" " * _SOURCE + line, role),) for line in more)]


def _policy(view: View, dns: DnsView) -> str:
    if dns.policy_mode == "none":
        return "no policy"
    now, told = view.snapshot.t_ms, f"{dns.policy_mode}: {_names(dns.policy_hosts)}"
    if dns.policy_changed_ms is not None:
        told += f"; changed {view.local.short(dns.policy_changed_ms, now)}"
    return told if dns.id_changed_ms is None else f"{told}; new id {view.local.short(dns.id_changed_ms, now)}"


def draw_arrivals(view: View, width: int, height: int) -> Page:
    """Arrivals by half hour from the last check of the logs, the newest first, next to the same half hour
    a week earlier.
    """
    dns, now = view.snapshot.dns, view.snapshot.t_ms
    title = "Arrivals per half hour"
    if dns.arrivals_looked_ms is None:
        told = "logs not checked yet: arrivals show"
        return Page(title, [((line, "dim"),) for line in wrap(told, width)[:height]])
    cell = max(7, min(10, (width - 10) // 4))
    head = "".join(right(name, cell) for name in ("gateway", "backup", "server", "usual"))
    rows: list[Row] = [((left("from", 10) + head, "dim"),)]
    rows += [_half_hour(view, one, cell) for one in reversed(dns.arrivals)]
    aside: Row = ((f"checked {span_text(now - dns.arrivals_looked_ms)} ago", "dim"),)
    return Page(title, rows[:height], aside)


def _half_hour(view: View, one: ArrivalsView, cell: int) -> Row:
    gateway = "?" if one.gateway is None else count(one.gateway)
    figures = right(gateway, cell) + right(count(one.backup), cell) + right(count(one.server), cell)
    return (
        (left(view.local.short(one.from_ms, view.snapshot.t_ms), 10), "dim"),
        (figures, "strong"),
        (right(count(one.usual), cell), "dim"),
    )
