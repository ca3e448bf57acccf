"""From the drill to what a trainee may see of it. Looking changes nothing."""

import numpy as np

from sim.drill.drill import Drill
from sim.drill.labels import label
from sim.drill.measures import shown_verdicts
from sim.drill.objectives import limit_of
from sim.drill.queue_look import queue_bytes
from sim.drill.snapshot import (
    AlertView,
    ContinuityView,
    Hop,
    HopState,
    MailView,
    ObjectiveView,
    PersonView,
    QueueView,
    Snapshot,
)
from sim.drill.views_dns import dns_view
from sim.drill.views_people import room_view
from sim.drill.views_protection import protection_view
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.local_time import utc_ms_to_local
from sim.kernel.series import Times, sample_grid
from sim.mail.members import Members
from sim.mail.traffic import DIRECTIONS, INBOUND, REAL_MAIL, direction_of

RATE_OVER_MS = 5 * MINUTE_MS
LISTED = 50
_BANDS = (
    ("< 5m", 5 * MINUTE_MS),
    ("5-15m", 15 * MINUTE_MS),
    ("15-60m", HOUR_MS),
    ("1-4h", 4 * HOUR_MS),
    ("4-12h", 12 * HOUR_MS),
    ("12-24h", 24 * HOUR_MS),
    ("24-48h", 48 * HOUR_MS),
    ("48-72h", 72 * HOUR_MS),
    ("72-96h", 96 * HOUR_MS),
    ("> 96h", 1 << 60),
)
_OWN_ACCOUNTS = ("gateway_queue", "server_queue", "relay_queue", "delivered", "junked", "bounced")
SERIES = ("queue", "delivered", "bounced", "without_mail")


def snapshot(drill: Drill, listed: int = LISTED) -> Snapshot:
    """Everything the console shows, at the moment that has been reached; at most `listed` messages."""
    world, scenario = drill.world, drill.scenario
    local = utc_ms_to_local(scenario.starts_utc_ms + drill.now_ms, scenario.zone)
    moment = np.array([drill.now_ms], dtype=np.int64)
    members = world.members()
    return Snapshot(
        t_ms=drill.now_ms,
        local=f"{local:%a} {local.day} {local:%b %Y %H:%M:%S %Z}",
        title=scenario.title,
        hops=_hops(drill, len(members)),
        queue=_queue(drill, members),
        continuity=_continuity(drill),
        ledger=_ledger(drill, members),
        flags=tuple(world.flags(members).items()),
        users=world.users.count,
        users_without_mail=int(world.users.without_mail(moment)[0]),
        user_hours_without_mail=world.users.lost_user_ms(drill.now_ms) / HOUR_MS,
        alerts=_alerts(drill),
        people=_people(drill),
        objectives=_objectives(drill),
        mail=_mail(drill, listed),
        ended=drill.ended,
        room=room_view(drill.room, drill.now_ms),
        dns=dns_view(drill.dns, drill.now_ms),
        protection=protection_view(drill),
    )


def series(drill: Drill, what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
    """`points` samples evenly over [a_ms, b_ms] of one of SERIES: depth of the inbound queue, messages
    that the mail server has taken from it or that have bounced (running totals), users without mail.
    """
    grid_ms = sample_grid(a_ms, b_ms, points)
    queue = drill.world.queue
    if what != "without_mail":
        grid_ms = np.minimum(grid_ms, drill.seen_ms())
    if what == "queue":
        values = queue.entered.before(grid_ms) - queue.left.before(grid_ms)
    elif what == "delivered":
        values = queue.delivered.before(grid_ms)
    elif what == "bounced":
        values = queue.bounced.before(grid_ms)
    elif what == "without_mail":
        values = drill.world.users.without_mail(grid_ms)
    else:
        raise KeyError(f"no series {what!r}; there are {', '.join(SERIES)}")
    return [int(value) for value in values]


def _per_minute(times: Times, now_ms: int) -> int:
    over_ms = min(RATE_OVER_MS, max(now_ms, MINUTE_MS))
    return round(times.between(now_ms - over_ms, now_ms) * MINUTE_MS / over_ms)


def _hops(drill: Drill, depth: int) -> tuple[Hop, ...]:
    queue, now_ms = drill.world.queue, drill.now_ms
    arriving, taken = _per_minute(drill.world.arrived, now_ms), _per_minute(queue.delivered, now_ms)
    sent = _per_minute(drill.world.writers.sent, now_ms)
    correspondents = drill.scenario.organisation.correspondent_count
    name = drill.scenario.organisation.server.name
    state = _delivery_state(drill, taken)
    by_apps = drill.continuity.in_force() is not None and state == "refused"
    writer, through = ("Users' apps", "in continuity") if by_apps else (name, "from the server")
    outbound = drill.world.writers.outbound
    beyond = {"gateway": "Gateway", "secondary": "Secondary", "direct": "Internet"}[outbound.connector]
    leaving, waits = _flow(sent), outbound.waiting
    if waits and not sent:
        leaving, through = "refused", f"{waits:,} queued"
    out = [Hop(writer, beyond, leaving, sent, through)]
    if beyond != "Internet":
        out.append(Hop(beyond, "Internet", _flow(sent), sent, ""))
    if drill.seen_ms() < now_ms:
        into = Hop("Internet", "Gateway", "unknown", 0, "console does not answer")
        return (into, Hop("Gateway", name, _flow(taken), taken, "as the server sees it"), *out)
    return (
        Hop("Internet", "Gateway", _flow(arriving), arriving, f"{correspondents:,} correspondents"),
        Hop("Gateway", name, state, taken, f"{depth:,} queued"),
        *out,
    )


def _flow(per_minute: int) -> HopState:
    return "flowing" if per_minute else "idle"


def _delivery_state(drill: Drill, taken: int) -> HopState:
    queue = drill.world.queue
    if queue.paused:
        return "paused"
    failed_ms, taken_ms = queue.last_failure_ms, queue.delivered.last
    if failed_ms is not None and (taken_ms is None or failed_ms > taken_ms):
        return "refused"
    return _flow(taken)


def _ledger(drill: Drill, members: Members) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """Whose custody mail is in, as far as the organisation's own systems and its gateway show it."""
    book, shown = drill.world.custody(members), []
    seen_ms = drill.seen_ms()
    for direction, accounts in book.items():
        seen = {name: count for name, count in accounts.items() if name in _OWN_ACCOUNTS}
        by_hand = drill.world.ledger.recoverable - drill.world.ledger.expired
        seen["rejected"] = int(by_hand[DIRECTIONS.index(direction)])  # others' rejections show elsewhere
        if direction == "inbound":
            seen["bounced"] = int(drill.world.ledger.expired[INBOUND])
        if direction == "outbound" and "junked" in seen:
            seen["delivered"] = seen.get("delivered", 0) + seen.pop("junked")  # who sends cannot know
        if seen_ms < drill.now_ms:
            seen.pop("gateway_queue", None)
        shown.append((direction, tuple((name, count) for name, count in seen.items() if count)))
    return tuple(shown)


def _last_seen(drill: Drill, seen_ms: int) -> QueueView:
    """The queue as the console showed it last."""
    queue = drill.world.queue
    depth = int(queue.entered.before(seen_ms) - queue.left.before(seen_ms))
    failed_ms = queue.last_failure_ms
    known_ms = failed_ms if failed_ms is not None and failed_ms < seen_ms else None
    error = drill.faults.last_reply() if known_ms is not None else ""
    return QueueView(
        depth, 0, None, queue.slots.limit_ms, queue.paused, (), error, known_ms, None, None, seen_ms
    )


def _queue(drill: Drill, members: Members) -> QueueView:
    queue, now_ms = drill.world.queue, drill.now_ms
    seen_ms = drill.seen_ms()
    if seen_ms < now_ms:
        return _last_seen(drill, seen_ms)
    oldest_ms = now_ms - int(np.min(members.arrival_ms)) if len(members) else None
    edges = np.array([edge for _name, edge in _BANDS], dtype=np.int64)
    counts = np.bincount(
        np.searchsorted(edges, now_ms - members.arrival_ms, side="right"), minlength=len(_BANDS)
    )
    before_ms = max(0, now_ms - RATE_OVER_MS)
    then = int(queue.entered.before(before_ms) - queue.left.before(before_ms))
    span_ms = max(now_ms - before_ms, MINUTE_MS)
    waits = oldest_ms is not None and oldest_ms >= MINUTE_MS and not queue.paused
    return QueueView(
        depth=len(members),
        change_per_minute=round((len(members) - then) * MINUTE_MS / span_ms),
        oldest_ms=oldest_ms,
        retention_ms=queue.slots.limit_ms,
        paused=queue.paused,
        bands=tuple((name, int(count)) for (name, _edge), count in zip(_BANDS, counts, strict=True)),
        last_error=drill.faults.last_reply() if queue.last_failure_ms is not None else "",
        last_error_ms=queue.last_failure_ms,
        first_expiry_ms=now_ms - oldest_ms + queue.slots.give_up_ms
        if waits and oldest_ms is not None
        else None,
        size_bytes=queue_bytes(drill.world, members),
    )


def _continuity(drill: Drill) -> ContinuityView:
    continuity = drill.continuity
    events = [event for event in continuity.events() if event.start_ms <= drill.now_ms]
    seen = drill.seen_ms() == drill.now_ms
    if not seen:  # what was started from here is known all the same, but not how many are in it
        events = [event for event in events if not continuity.started_by(event)]
    if not events:
        return ContinuityView(False, "", None, None, 0)
    newest, others = events[-1], len(events) - 1
    group = continuity.group_of(newest) + (f" and {others} more" if others else "")
    inside = continuity.users_in() if seen else 0
    return ContinuityView(True, group, newest.start_ms, newest.end_ms, inside)


def _alerts(drill: Drill) -> tuple[AlertView, ...]:
    return tuple(
        AlertView(alert.source, alert.source, alert.since_ms, alert.episode.acknowledged, alert.link_until_ms)
        for alert in drill.alerting.open.values()
    )


def _people(drill: Drill) -> tuple[PersonView, ...]:
    return tuple(
        PersonView(
            desk.person.id,
            desk.person.name,
            desk.person.role,
            desk.doing(drill.now_ms),
            desk.free_at_ms(drill.now_ms),
        )
        for desk in drill.staff.desks
    )


def _objectives(drill: Drill) -> tuple[ObjectiveView, ...]:
    return tuple(
        ObjectiveView(objective.id, objective.learns, limit_of(objective), verdict.state, verdict.at_ms)
        for objective, verdict in shown_verdicts(drill)
    )


def _mail(drill: Drill, listed: int) -> tuple[MailView, ...]:
    """The newest messages in the inbound queue, real ones first."""
    if not listed or drill.seen_ms() < drill.now_ms:
        return ()
    domain, rows = drill.scenario.organisation.domain, drill.world.newest(listed)
    views = []
    for row in np.lexsort((-rows.arrival_ms, rows.id < REAL_MAIL))[:listed].tolist():
        identity, arrival_ms, attempts = int(rows.id[row]), int(rows.arrival_ms[row]), int(rows.attempts[row])
        number = drill.world.numbering.number(identity)
        letter = drill.letters.of(identity)
        if letter is not None:
            sender, recipient = letter.envelope_from or "<>", ", ".join(letter.recipients)
            views.append(MailView(number, letter.subject, sender, recipient, arrival_ms, attempts, True))
            continue
        direction = int(direction_of(rows.id[row : row + 1])[0])
        made = label(drill.seed, identity, direction, int(rows.user[row]), domain)
        views.append(MailView(number, made.subject, made.sender, made.recipient, arrival_ms, attempts, False))
    return tuple(views)
