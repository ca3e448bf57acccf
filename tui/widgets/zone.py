"""DNS for people: the record as entered and as the authority shows it, what resolvers said, who got mail.

Whose resolver has seen a change nobody knows; it shows only in what arrives where.
"""

from sim.drill.snapshot import ArrivalsView, DnsView, MxAnswerView
from tui.figures import count, in_words
from tui.rows import Page, Row, cut, left, right, wrap
from tui.view import View

_SOURCE = 12


def draw(view: View, width: int, height: int) -> Page:
    """The record, the policy, then the last answer of everybody who was asked."""
    dns, now = view.snapshot.dns, view.snapshot.t_ms
    rows = [_labelled("entered", f"{_names(dns.hosts)}  TTL {_seconds(dns.ttl_s)}", width)]
    same = (dns.authority, dns.authority_ttl_s) == (dns.hosts, dns.ttl_s)
    shown = "the same" if same else f"still {_names(dns.authority)}  TTL {_seconds(dns.authority_ttl_s)}"
    rows.append(_labelled("authority", shown, width, "dim" if same else "warn"))
    if dns.versions:
        last = dns.versions[-1]
        rows.append(_labelled("changed", f"{view.local.short(last.t_ms, now)} by {last.by}", width))
    rows.append(_labelled("MTA-STS", _policy(view, dns), width))
    rows += [_answer(view, answer, width) for answer in dns.answers]
    if not dns.answers:
        rows.append((("nobody asked yet: dns ask google", "dim"),))
    return Page("DNS: the MX record", rows[:height])


def _names(hosts: tuple[str, ...]) -> str:
    return ", ".join(hosts) or "none"


def _seconds(ttl_s: int) -> str:
    return f"{ttl_s} s"


def _labelled(label: str, text: str, width: int, role: str = "") -> Row:
    return cut(((left(label, _SOURCE), "dim"), (text, role)), width)


def _policy(view: View, dns: DnsView) -> str:
    if dns.policy_mode == "none":
        return "no policy"
    named = f"{dns.policy_mode}: {_names(dns.policy_hosts)}"
    if dns.id_changed_ms is None:
        return named
    return f"{named}; new id {view.local.short(dns.id_changed_ms, view.snapshot.t_ms)}"


def _answer(view: View, answer: MxAnswerView, width: int) -> Row:
    """What it said, how much longer that lived, and how old the look is."""
    age = f"{in_words(view.snapshot.t_ms - answer.asked_ms)} ago"
    start = (left(answer.source, _SOURCE), ""), (left(age, 11), "dim")
    told = (_names(answer.hosts), "strong"), (f"  {_seconds(answer.ttl_left_s)} left", "dim")
    return cut((*start, *told), width)


def draw_arrivals(view: View, width: int, height: int) -> Page:
    """Half hours of the last look at the logs, the newest first, beside the same half hour a week before."""
    dns, now = view.snapshot.dns, view.snapshot.t_ms
    title = "Arrivals by the half hour"
    if dns.arrivals_looked_ms is None:
        told = "nobody has looked at the logs: arrivals show"
        return Page(title, [((line, "dim"),) for line in wrap(told, width)[:height]])
    cell = max(7, min(10, (width - 10) // 4))
    head = "".join(right(name, cell) for name in ("gateway", "backup", "server", "usual"))
    rows: list[Row] = [((left("from", 10) + head, "dim"),)]
    rows += [_half_hour(view, one, cell) for one in reversed(dns.arrivals)]
    aside: Row = ((f"looked {in_words(now - dns.arrivals_looked_ms)} ago", "dim"),)
    return Page(title, rows[:height], aside)


def _half_hour(view: View, one: ArrivalsView, cell: int) -> Row:
    gateway = "?" if one.gateway is None else count(one.gateway)
    figures = right(gateway, cell) + right(count(one.backup), cell) + right(count(one.server), cell)
    return (
        (left(view.local.short(one.from_ms, view.snapshot.t_ms), 10), "dim"),
        (figures, "strong"),
        (right(count(one.usual), cell), "dim"),
    )
