"""Ways round the gateway: where the connector leads, what guards the mail server, what tests showed."""

from sim.drill.snapshot_ways import FilterView, LockView, ProtectionView
from tui.figures import count, hours_minutes, in_words
from tui.rows import Page, Row, cut, left, wrap
from tui.view import View

_LABEL = 12
_LOCKS = {
    "rejects": ("only the gateway gets in", "good"),
    "quarantines": ("all but the gateway's is put aside", "warn"),
    "open": ("open to everybody", "bad"),
}


def draw(view: View, width: int, height: int) -> Page:
    """Connector, lock, filter, the register's clock, then the last tests, the newest first."""
    ways, now = view.snapshot.protection, view.snapshot.t_ms
    rows = [_connector(view, ways), _lock(view, ways.lock), _firewall(ways.lock)]
    rows += [_filter(view, ways.filter), _opened(ways)]
    for test in reversed(ways.tests):
        rows.append(((test.what, "strong"), (f"  {in_words(now - test.t_ms)} ago, {test.by}", "dim")))
        rows += [(("  " + line, ""),) for line in wrap(test.found, width - 2)]
    seen = ways.connector.seen
    answers: Row = ((view.since(seen), "warn"),) if view.old(seen) else (("its console answers", "good"),)
    return Page(
        "The mail server and ways round the gateway", [cut(row, width) for row in rows][:height], answers
    )


def _labelled(label: str, text: str, role: str, more: str = "") -> Row:
    return ((left(label, _LABEL) + " ", "dim"), (text, role), (more, "dim"))


def _connector(view: View, ways: ProtectionView) -> Row:
    one = ways.connector
    since = "" if one.since_ms is None else f"  since {view.local.short(one.since_ms, view.snapshot.t_ms)}"
    role = "strong" if one.path == "gateway" else "warn"
    return _labelled("outbound by", one.path, role, f"  {count(one.waiting)} wait{since}")


def _lock(view: View, lock: LockView) -> Row:
    text, role = _LOCKS[lock.lock]
    more = f"  lets in {', '.join(lock.lets_in)}" if lock.lets_in else ""
    if lock.changed_ms is not None:
        more += f"  since {view.local.short(lock.changed_ms, view.snapshot.t_ms)}"
    return _labelled("lock", text, "warn" if lock.lets_in else role, more)


def _firewall(lock: LockView) -> Row:
    return _labelled("firewall", f"lets in {', '.join(('the gateway', *lock.firewall))}", "strong")


def _filter(view: View, one: FilterView) -> Row:
    role = {"none of its own": "dim", "skipped by a rule": "bad"}.get(one.state, "good")
    more = "" if one.since_ms is None else f"  since {view.local.short(one.since_ms, view.snapshot.t_ms)}"
    more += f"  {view.since(one.seen)}" if view.old(one.seen) else ""
    return _labelled("filter", one.state, role, more)


def _opened(ways: ProtectionView) -> Row:
    """By the register: lock, firewall or filter."""
    text = f"{hours_minutes(ways.open_ms)} h:min" + (", running" if ways.open_now else "")
    role = "bad" if ways.open_now else "strong" if ways.open_ms else "dim"
    without = f"  {hours_minutes(ways.not_approved_ms)} without approval" if ways.not_approved_ms else ""
    return _labelled("stood open", text, role, without)
