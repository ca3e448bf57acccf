"""The route of mail: each hop with its state and rate, the continuity event, the last SMTP error."""

from collections.abc import Sequence

from sim.drill.snapshot.console import Hop, HopState
from sim.kernel.duration import MINUTE_MS
from tui.painting.number_format import count, left_text, spaced, span_text
from tui.painting.rows import Page, Row, centred, cut, spread, width_of
from tui.painting.view import View

# line, head, word, role: shape and word show the state; the colour only repeats it
_LOOKS: dict[HopState, tuple[str, str, str, str]] = {
    "flowing": ("─", "▶", "", "good"),
    "slowly": ("─", "▶", "slowly", "warn"),
    "partly": ("─", "▶", "partly", "warn"),
    "idle": ("┄", "▷", "", "dim"),
    "refused": ("─", "▷", "✗ refused", "bad"),
    "deferred": ("─", "▷", "↺ deferred", "bad"),
    "timed out": ("─", "▷", "… timed out", "bad"),
    "rejected": ("─", "▷", "✗ rejected", "bad"),
    "paused": ("═", "▷", "‖ paused", "warn"),
    "unknown": ("┄", "▷", "? unknown", "warn"),
}
_WITH_RATE = ("slowly", "partly")
_HEAD_BACK = {"▶": "◀", "▷": "◁"}


def draw(view: View, width: int, height: int) -> Page:
    """Chains of hops, each with its details below; the least important rows are left out if necessary."""
    chains = _chains(view.snapshot.hops)
    ranked: list[tuple[int, Row]] = []
    for number, chain in enumerate(chains):
        ends = chain[0].source, chain[-1].target
        back = number > 0 and ends == (chains[0][-1].target, chains[0][0].source)
        path, details = _chain(chain, width, back)
        ranked.append((0, path))
        ranked.append((2 if number == 0 else 4, details))
    ranked.append((3, _continuity(view, width)))
    ranked.append((1, _error(view, width)))
    kept = sorted(sorted(range(len(ranked)), key=lambda i: ranked[i][0])[:height])
    return Page("Flow", [cut(ranked[i][1], width) for i in kept], _aside(view))


def _aside(view: View) -> Row:
    lab: Row = ((f"send to {view.lab} · ", "title"),) if view.lab else ()
    if view.snapshot.queue.paused:
        return (*lab, ("deliveries paused", "warn"))
    return (*lab, ("rates over 5 min", "dim"))


def _chains(hops: Sequence[Hop]) -> list[list[Hop]]:
    """Chains of consecutive hops; a chain is split where it would return to a place that it has passed.

    The first chain is inbound and ends at the mail server; a hop that leaves the server begins a new chain.
    """
    chains: list[list[Hop]] = []
    server = _to_server(hops).target if hops else ""
    for hop in hops:
        meets = bool(chains) and chains[-1][-1].target == hop.source != server
        if meets and hop.target not in _nodes(chains[-1]):
            chains[-1].append(hop)
        else:
            chains.append([hop])
    return chains


def _to_server(hops: Sequence[Hop]) -> Hop:
    """The last hop of inbound mail: from the gateway, or from the internet if there is no gateway."""
    return hops[1] if hops[0].target == "Gateway" and len(hops) > 1 else hops[0]


def _nodes(chain: Sequence[Hop]) -> list[str]:
    return [chain[0].source, *(hop.target for hop in chain)]


def _chain(chain: Sequence[Hop], width: int, back: bool) -> tuple[Row, Row]:
    """The row of a chain and the row of its details; `back` draws from right to left, so that places are
    aligned.
    """
    hops = list(reversed(chain)) if back else list(chain)
    nodes = _nodes(chain)[::-1] if back else _nodes(chain)
    room = width - sum(map(len, nodes)) - 2 * len(hops)
    path: list[tuple[str, str]] = [(nodes[0], "strong")]
    details: list[tuple[str, str]] = []
    for number, hop in enumerate(hops):
        stretch = room // len(hops) + (1 if number < room % len(hops) else 0)
        path += [(" ", ""), *_connector(hop, max(stretch, 4), back), (" ", ""), (nodes[number + 1], "strong")]
        before = len(nodes[number]) if number == 0 else 0
        below = stretch + 2 + before + (len(nodes[number + 1]) if number < len(hops) - 1 else 0)
        last = number == len(hops) - 1  # the space below the last hop is free too
        text = spaced(hop.detail)
        details.append((text if last and len(text) > below else centred(text, below), "dim"))
    return tuple(path), tuple(details)


def _labels(hop: Hop, word: str) -> Sequence[str]:
    """Labels for a segment, the longest first; if not even a sign fits, only the shape is drawn."""
    rate = f"{count(hop.per_minute)}/min"
    if hop.state in _WITH_RATE:
        return f"{word} {rate}", word
    return (word, word[:1]) if word else (f"{rate:>10}", rate)


def _connector(hop: Hop, width: int, back: bool) -> Row:
    line, head, word, role = _LOOKS[hop.state]
    label = next((text for text in _labels(hop, word) if len(text) + 3 <= width), "")
    body = centred(f" {label} ", width - 1) if label else ""
    start = len(body) - len(body.lstrip())
    end = len(body) - len(body.rstrip())
    text = label.strip() if body else ""
    pad_left, pad_right = line * max(start - 1, 0), line * max(width - 1 - start - len(text) - 1, 0)
    inner: Row = (
        ((pad_left + " ", role), (text, "strong" if not word else role), (" " + pad_right, role))
        if text and end >= 0
        else ((line * (width - 1), role),)
    )
    return ((_HEAD_BACK[head], role), *inner) if back else (*inner, (head, role))


def _continuity(view: View, width: int) -> Row:
    event, now = view.snapshot.continuity, view.snapshot.t_ms
    if not event.active and view.old(event.seen):
        when = view.local.short(event.seen.at_ms, now)
        return (("Continuity  ", "dim"), ("not active", "warn"), (f" when last seen, {when}", "dim"))
    if not event.active:
        return (("Continuity  ", "dim"), ("not active", "strong"))
    ends, users = event.ends_ms, "user in " if event.users_in == 1 else "users in"
    old = view.old(event.seen)
    row: Row = (
        ("Continuity  ", "dim"),
        (f"active: {event.group}", "good"),
        (f"  {count(event.users_in) + '?' * old:>6} {users}", "warn" if old else "strong"),
        (f" {view.marks.of('users-in')} ", "mark"),
    )
    if ends is None:
        return row
    until, left_ = f"until {view.local.short(ends, now)}", f", {left_text(ends - now)} left"
    room = width - width_of(row)
    return (*row, (next((text for text in (until + left_, until) if len(text) <= room), ""), "dim"))


PAST_MS = 15 * MINUTE_MS
"""Age from which an error counts as over if mail has reached the server since."""


def _past(view: View, error_ms: int) -> bool:
    """True if the last error is over: mail reaches the mail server, and there has been no error for a
    while.
    """
    hops = view.snapshot.hops
    flows = bool(hops) and _to_server(hops).state in ("flowing", "idle")
    return flows and view.snapshot.t_ms - error_ms >= PAST_MS


def _error(view: View, width: int) -> Row:
    queue = view.snapshot.queue
    since = view.local.short(queue.seen.at_ms, view.snapshot.t_ms)
    silent = f"no figures from the {queue.seen.by} since {since}" if view.old(queue.seen) else ""
    if not queue.last_error or queue.last_error_ms is None:
        return ((silent, "warn"),) if silent else (("no SMTP errors yet", "dim"),)
    age = span_text(view.snapshot.t_ms - queue.last_error_ms)
    error: Row = (("✗ ", "bad"), (queue.last_error, ""))
    if not silent and _past(view, queue.last_error_ms):
        error = (("past error: ", "dim"), (queue.last_error, "dim"))
    if silent:
        short = f"figures as of {since}"
        fits = width_of(error) + 2 + len(silent) <= width
        return spread(error, ((f"  {silent if fits else short}", "warn"),), width)
    seen: Row = ((f"  {view.local.clock_s(queue.last_error_ms)}, {age:>6} ago", "dim"),)
    if width_of(error) + width_of(seen) > width:
        seen = ((f"  {age:>6} ago", "dim"),)
    if width_of(error) + width_of(seen) > width and _past(view, queue.last_error_ms):
        error = (("past: ", "dim"), (queue.last_error, "dim"))
    return spread(error, seen, width)
