"""The gateway's console: inbound queue, rates, returned mail, the continuity event.

The console is read as it is now; `last_seen` decides whether it can be read.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.drill.drill_state import DrillState
from sim.drill.instruments.gateway_readings import EventReading, GatewayReading, Losses, OutgoingReading
from sim.drill.instruments.mail_addresses import domain_of, from_addresses
from sim.drill.instruments.subjects import subject
from sim.drill.scenario.build_world import notice_after_ms
from sim.drill.snapshot.console import HopState, MailView
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.series import Times
from sim.mail.gateway.outbound_queue import notified
from sim.mail.message.queue_counts import InQueue
from sim.mail.message.rows import Rows
from sim.mail.message.traffic import OUTBOUND, REAL_MAIL
from sim.mail.world import World

NAME = "gateway console"
RATE_OVER_MS = 5 * MINUTE_MS
ADDED_UP = 100_000
"""Largest number of messages that a console adds up. If there are more, the first messages represent all
of them (error at most 1 %).
"""
DOMAINS_NAMED = 3
BANDS = (
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


def read(drill: DrillState) -> GatewayReading:
    """The state of the gateway's console now."""
    world, now_ms = drill.world, drill.now_ms
    queue, members, ledger = world.queue, world.cloud.counted(), world.ledger
    lost = losses(world)
    first_ms, expiry_ms = members.oldest_ms(), None
    oldest_ms = None if first_ms is None else now_ms - first_ms
    if first_ms is not None and now_ms - first_ms >= MINUTE_MS and not queue.stands:
        expiry_ms = queue.slots.first_give_up_ms(first_ms, members.arrivals_ms())
    before_ms = max(0, now_ms - RATE_OVER_MS)
    before = int(queue.entered.before(before_ms) - queue.left.before(before_ms))
    change = round((len(members) - before) * MINUTE_MS / max(now_ms - before_ms, MINUTE_MS))
    taken = per_minute(queue.delivered, now_ms)
    return GatewayReading(
        at_ms=now_ms,
        depth=len(members),
        depth_before=before,
        change_per_minute=change,
        oldest_ms=oldest_ms,
        retention_ms=queue.slots.limit_ms,
        paused=queue.paused,
        bands=_bands(members, now_ms),
        size_bytes=queue_bytes(world, members),
        last_error=drill.faults.last_reply() if queue.last_failure_ms is not None else "",
        last_error_ms=queue.last_failure_ms,
        first_expiry_ms=expiry_ms,
        deliveries=_deliveries(drill, taken, oldest_ms, change),
        queued=_queued(world, members),
        returned=lost.returned,
        rejected=lost.rejected,
        sent_out=int(ledger.delivered[OUTBOUND] + ledger.junked[OUTBOUND]),
        arriving=per_minute(world.arrived, now_ms),
        left=per_minute(queue.left, now_ms),
        taken=taken,
        leaving=per_minute(world.writers.sent, now_ms),
        users_in=drill.continuity.users_in(),
        outgoing=_outgoing(drill),
        in_process=len(world.cloud.processing.ids),
        in_process_ms=_oldest_ms(world.cloud.processing.came_ms, now_ms),
        events=tuple(
            EventReading(event.number, drill.continuity.group_of(event), event.start_ms, event.end_ms)
            for event in drill.continuity.events()
        ),
    )


def losses(world: World) -> Losses:
    """Returned and rejected mail as the console shows it now."""
    ledger = world.ledger
    return Losses(_by_direction(ledger.expired), _by_direction(ledger.recoverable - ledger.expired))


def _oldest_ms(came_ms: NDArray[Any], now_ms: int) -> int | None:
    return now_ms - int(came_ms.min()) if len(came_ms) else None


def _queued(world: World, members: InQueue) -> tuple[int, ...]:
    counts = members.by_direction()
    counts[OUTBOUND] += world.writers.outgoing.depth()
    return _by_direction(counts)


def _outgoing(drill: DrillState) -> OutgoingReading:
    outgoing, now_ms = drill.world.writers.outgoing, drill.now_ms
    if not outgoing.modelled:
        return OutgoingReading(retention_ms=outgoing.queue.slots.limit_ms)
    rows = outgoing.live()
    return OutgoingReading(
        depth=len(rows),
        oldest_ms=now_ms - int(rows.arrival_ms.min()) if len(rows) else None,
        retention_ms=outgoing.queue.slots.limit_ms,
        paused=outgoing.queue.paused,
        last_error=outgoing.queue.last_reply if outgoing.queue.last_failure_ms is not None else "",
        last_error_ms=outgoing.queue.last_failure_ms,
        notified=int(notified(rows, notice_after_ms(drill.scenario)).sum()),
        most_for=_most_for(drill, rows),
        in_process=len(outgoing.filter.ids),
        in_process_ms=_oldest_ms(outgoing.filter.came_ms, now_ms),
    )


def _most_for(drill: DrillState, rows: Rows) -> tuple[tuple[str, int], ...]:
    counts = np.bincount(rows.user)
    most = np.argsort(-counts, kind="stable")[:DOMAINS_NAMED].tolist()
    return tuple((domain_of(drill.seed, n), int(counts[n])) for n in most if counts[n])


def queue_bytes(world: World, members: InQueue | None = None) -> int:
    """Size of the inbound queue in bytes. `members`: the result of `world.cloud.counted()`, if already
    known.
    """
    members = world.cloud.counted() if members is None else members
    added = world.sizes.total(members.first_ids(ADDED_UP))
    return added * len(members) // ADDED_UP if len(members) > ADDED_UP else added


def per_minute(times: Times, now_ms: int) -> int:
    """Messages a minute, over the last five minutes."""
    over_ms = min(RATE_OVER_MS, max(now_ms, MINUTE_MS))
    return round(times.between(now_ms - over_ms, now_ms) * MINUTE_MS / over_ms)


def newest(drill: DrillState, listed: int) -> Rows:
    """The newest messages in the inbound queue now, real messages first."""
    rows = drill.world.cloud.newest(listed)
    return rows.take(np.lexsort((-rows.arrival_ms, rows.id < REAL_MAIL))[:listed])


def listing(drill: DrillState, rows: Rows) -> tuple[MailView, ...]:
    """These rows as the console's page lists them, with subjects; created only when the page is shown."""
    if not len(rows):
        return ()
    domain, views = drill.scenario.organisation.domain, []
    for row, sender in enumerate(from_addresses(drill, rows.id)):
        identity, arrival_ms, attempts = int(rows.id[row]), int(rows.arrival_ms[row]), int(rows.attempts[row])
        number = drill.world.numbering.number(identity)
        letter = drill.letters.of(identity)
        about = letter.subject if letter is not None else subject(drill.seed, identity)
        whom = f"user{int(rows.user[row]):04d}@{domain}" if letter is None else ", ".join(letter.recipients)
        views.append(MailView(number, about, sender, whom, arrival_ms, attempts, letter is not None))
    return tuple(views)


def said_by(reply: str) -> Literal["refused", "deferred", "timed out", "rejected"]:
    """The state of the mail flow according to the last line of a failed attempt."""
    if reply[:1] == "5":
        return "rejected"
    if "timed out" in reply:
        return "timed out"
    return "refused" if "refused" in reply else "deferred"


def _by_direction(counts: NDArray[Any]) -> tuple[int, ...]:
    return tuple(int(count) for count in counts)


def _bands(members: InQueue, now_ms: int) -> tuple[tuple[str, int], ...]:
    edges_ms = np.array([now_ms - edge_ms for _name, edge_ms in reversed(BANDS)])
    younger = len(members) - members.arrived_by(edges_ms)[::-1]
    counts = np.diff(younger, prepend=0).tolist()
    return tuple((name, count) for (name, _edge_ms), count in zip(BANDS, counts, strict=True))


def _deliveries(drill: DrillState, taken: int, oldest_ms: int | None, change: int) -> HopState:
    """The outcome of the last attempts: the errors of those that failed, and whether others succeed."""
    queue, now_ms = drill.world.queue, drill.now_ms
    if queue.paused:
        return "paused"
    if queue.stopped:
        return "idle"
    failed_ms, taken_ms = queue.last_failure_ms, queue.delivered.last
    if failed_ms is not None and now_ms - failed_ms <= RATE_OVER_MS and taken:
        return "partly"
    if failed_ms is not None and (taken_ms is None or failed_ms > taken_ms):
        return said_by(drill.faults.last_reply())
    if taken and oldest_ms is not None and oldest_ms > RATE_OVER_MS and change >= 0:
        return "slowly"
    return "flowing" if taken else "idle"
