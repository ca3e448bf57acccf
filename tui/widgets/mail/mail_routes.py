"""The mail server, and the routes that bypass the gateway: connector, lock, firewall, filter, last tests."""

from sim.drill.snapshot.mail_routes import FilterView, LockView, ProtectionView
from tui.painting.number_format import count, span_text
from tui.painting.rows import Page, Row, left, width_of, wrap
from tui.painting.view import View

_LABEL = 12
_LOCKS = {
    "rejects": ("accepts only {}", "good"),
    "quarantines": ("quarantines all mail not from {}", "warn"),
    "open": ("open to any source", "bad"),
}
"""(text, role) for each state of the lock; `{}` is replaced by the sources that the lock admits."""


def draw(view: View, width: int, height: int) -> Page:
    """Connector, lock, firewall, filter, total time open, then the last tests, the newest first."""
    ways, now = view.snapshot.protection, view.snapshot.t_ms
    rows = [row for fact in _facts(view, ways) for row in _labelled(*fact, width)]
    for test in reversed(ways.tests):
        ago = f"  {span_text(now - test.t_ms)} ago, {test.by}"
        rows += _test(test.what, ago, width)
        rows += [(("  " + line, ""),) for line in wrap(test.found, width - 2)]
    title = "Mail server and bypass routes"
    answers: Row = () if view.old(ways.connector.seen) else (("console responding", "good"),)
    return Page(title, rows[:height], answers, short="Mail server")


def _test(what: str, age: str, width: int) -> list[Row]:
    if len(what) + len(age) <= width:
        return [((what, "strong"), (age, "dim"))]
    return [*(((line, "strong"),) for line in wrap(what, width)), ((age, "dim"),)]


_Fact = tuple[str, str, str, str]
"""(label, text, role of the text, text to add)."""


def _facts(view: View, ways: ProtectionView) -> list[_Fact]:
    seen = ways.connector.seen
    age = ("console", view.age_of(seen, ways.connector.no_answer_ms), "warn", "")
    return [
        *([age] if view.old(seen) else []),
        _connector(view, ways),
        _lock(view, ways.lock),
        _firewall(ways.lock),
        _filter(view, ways.filter),
        _opened(ways),
    ]


def _labelled(label: str, text: str, role: str, more: str, width: int) -> list[Row]:
    """A fact in one row; `more` goes below if it does not fit in the same row."""
    room = width - _LABEL - 1
    first, *rest = wrap(text, room)
    rows: list[Row] = [((left(label, _LABEL) + " ", "dim"), (first, role))]
    rows += [((" " * (_LABEL + 1) + line, role),) for line in rest]
    if more and width_of(rows[-1]) + 2 + len(more) <= width:
        rows[-1] = (*rows[-1], (f"  {more}", "dim"))
    elif more:
        rows += [((" " * (_LABEL + 1) + line, "dim"),) for line in wrap(more, room)]
    return rows


def _connector(view: View, ways: ProtectionView) -> _Fact:
    one = ways.connector
    since = "" if one.since_ms is None else f"  since {view.local.short(one.since_ms, view.snapshot.t_ms)}"
    role = "strong" if one.path == "gateway" else "warn"
    return "outbound via", one.path, role, f"{count(one.waiting)} waiting{since}"


def _lock(view: View, lock: LockView) -> _Fact:
    told, role = _LOCKS[lock.lock]
    if "internet" in lock.lets_in:
        text, role = _LOCKS["open"]
    elif lock.lets_in:
        who = ["the gateway", *(f"the {source}" for source in lock.lets_in)]
        text, role = told.format(" and ".join(who)), "warn"
    else:
        text = told.format("the gateway")
    since = lock.changed_ms
    more = "" if since is None else f"since {view.local.short(since, view.snapshot.t_ms)}"
    return "lock", text, role, more


def _firewall(lock: LockView) -> _Fact:
    if lock.firewall is None:
        return "firewall", "does not protect the mail server", "dim", ""
    return "firewall", f"allows {', '.join(('the gateway', *lock.firewall))}", "strong", ""


def _filter(view: View, one: FilterView) -> _Fact:
    role = {"none of its own": "dim", "skipped by a rule": "bad"}.get(one.state, "good")
    more = [] if one.since_ms is None else [f"since {view.local.short(one.since_ms, view.snapshot.t_ms)}"]
    return "filter", one.state, role, "  ".join(more)


def _opened(ways: ProtectionView) -> _Fact:
    """How long the lock, firewall or filter has been open, according to the register."""
    text = (span_text(ways.open_ms) if ways.open_ms else "never") + (", still open" if ways.open_now else "")
    role = "bad" if ways.open_now else "strong" if ways.open_ms else "dim"
    without = f"{span_text(ways.not_approved_ms)} without approval" if ways.not_approved_ms else ""
    return "time open", text, role, without
