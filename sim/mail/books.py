"""The books of a world: in whose custody mail is, what was tried for it, its fingerprint. Only looks."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.mail.delivery import DeliveryQueue
from sim.mail.rows import Rows, joined
from sim.mail.traffic import DIRECTIONS, INBOUND, INTERNAL, OUTBOUND
from sim.mail.traffic import direction_of as directions_of

if TYPE_CHECKING:
    from sim.mail.members import Members
    from sim.mail.world import World


def custody(world: "World", members: "Members") -> dict[str, dict[str, int]]:
    """The ledger now: account by account and direction, zero accounts left out.

    `members`: who is in the gateway's inbound queue.
    """
    live = np.bincount(directions_of(members.id), minlength=3)
    hop, ledger, writers = world.inbound.hop, world.ledger, world.writers
    live[OUTBOUND] += writers.outgoing.depth()
    held = np.bincount(directions_of(world.inbound.held_ids), minlength=3)
    held += np.bincount(directions_of(world.cloud.processing.ids), minlength=3)
    held[OUTBOUND] += writers.held
    unsent = (hop.waiting() if hop else 0, *map(writers.unsent, (OUTBOUND, INTERNAL)))
    inside = world.intake.waiting()
    inside[OUTBOUND] += writers.outbound.waiting
    book: dict[str, dict[str, int]] = {}
    for direction, name in enumerate(DIRECTIONS):
        counts = {
            "at_sender": unsent[direction],
            "gateway_queue": int(live[direction]),
            "held": int(held[direction]),
            "server_queue": int(inside[direction]),
            "relay_queue": world.relay.depth() if direction == INBOUND else 0,
            "delivered": int(ledger.delivered[direction]),
            "junked": int(ledger.junked[direction]),
            "bounced": int(ledger.bounced[direction]),
            "rejected": int(ledger.rejected[direction]),
        }
        book[name] = {account: count for account, count in counts.items() if count}
    return book


def attempts(world: "World") -> dict[str, int]:
    """Connections opened for messages of each direction so far."""
    rows = joined([world.live(), world.relay.live(), world.writers.outgoing.live()])
    now = np.bincount(directions_of(rows.id), weights=rows.attempts, minlength=3).astype(np.int64)
    hops = (world.inbound.hop, world.writers.outbound.hop, None)
    tried = [int(hop.live().tries.sum()) if hop is not None else 0 for hop in hops]
    return {name: int(world.ledger.attempts[d] + now[d]) + tried[d] for d, name in enumerate(DIRECTIONS)}


def deferrals(world: "World") -> dict[str, int]:
    """Looks at messages of each direction that opened no connection so far."""
    hops = (world.inbound.hop, world.writers.outbound.hop, None)
    now = [int(hop.live().put_off.sum()) if hop is not None else 0 for hop in hops]
    return {name: int(world.ledger.deferrals[d]) + now[d] for d, name in enumerate(DIRECTIONS)}


def flags(world: "World", queued: "Members") -> dict[str, int]:
    """Flags beside the ledger, over all directions; `queued` as for `custody`."""
    inbound = directions_of(queued.id) == INBOUND
    waiting = [column[inbound] for column in (queued.user, queued.arrival_ms, queued.worthless_ms)]
    return {
        "readable": int(world.users.in_continuity(queued.user, np.int64(world.now_ms)).sum()),
        "late": world.intake.late(world.now_ms, waiting),
        "unfiltered": world.unfiltered,
        "recoverable": int(world.ledger.recoverable.sum()),
        "duplicates": sum(world.copies.counts(world.inbound.hop).values()),
    }


def emptied_of(world: "World", before_ms: int, bound_ms: int) -> int | None:
    """The first moment in [now, bound) when nothing waits anywhere that came to a queue before."""
    moments = [world.queue.emptied_of(before_ms, bound_ms)]
    hops = [hop for hop in (world.inbound.hop, world.writers.outbound.hop) if hop is not None]
    if hops:
        moments += [world.relay.emptied_of(before_ms, bound_ms)]
        moments += [hop.emptied_of(before_ms, bound_ms) for hop in hops]
    if world.writers.outgoing.modelled:
        moments.append(world.writers.outgoing.queue.emptied_of(before_ms, bound_ms))
    lines = [queue.line.last_end_of(before_ms) for queue in (world.queue, world.relay)]
    moments.append(world.intake.submission.rid_of(before_ms, lines, bound_ms))
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


def digest(world: "World", record: Fingerprint, left_gateway: str, left_backup: str) -> None:
    """Add everything that has left, and the live rows by id, to `record`.

    `left_…`: fingerprints of what has left the gateway's queue, and the backup's.
    """
    record.row((), left_gateway)
    world.writers.digest(record)
    if world.writers.outgoing.modelled:
        digest_queue(record, world.writers.outgoing.queue, world.now_ms)
    ledger = world.ledger
    record.rows(ledger.generated, ledger.delivered, ledger.bounced, ledger.attempts)
    digest_queue(record, world.queue, world.now_ms)
    world.intake.digest(record)
    if world.inbound.hop is not None:
        world.inbound.digest(record)
        record.row((), left_backup)
        digest_queue(record, world.relay, world.now_ms)
    record.rows(np.sort(world.cloud.real.id))
    world.cloud.processing.digest(record)
    world.copies.digest(record, world.inbound.hop)


def digest_queue(record: Fingerprint, queue: DeliveryQueue, now_ms: int) -> None:
    """Add the state of `queue` to `record`: what it meets, its limits and pace, and its rows by id."""
    condition, slots, receiver = queue.condition, queue.slots, queue.line.receiver
    numbers = (
        condition.per_mille,
        queue.paused + 2 * queue.stopped,
        slots.limit_ms,
        slots.most_attempts or 0,
    )
    words = f"{condition.answer} {condition.of} {condition.reply}"
    terms = () if slots.kept.uniform else slots.kept.terms
    record.row((*numbers, receiver.connections, receiver.per_message_ms, *terms), words)
    waiting, flying, line = queue.between_attempts(), queue.under_way(), queue.line.live(now_ms)
    found: tuple[tuple[Rows, tuple[I64, ...]], ...] = (
        (waiting, (waiting.since_ms,)),
        (flying.rows, (flying.begun_ms,)),
        (line, queue.line.times(now_ms)),
    )
    for rows, times in found:
        order = np.argsort(rows.id)
        live: list[NDArray[Any]] = [rows.id, rows.arrival_ms, rows.attempts, rows.failed.astype(np.int8)]
        record.rows(*(column[order] for column in live), *(column[order] for column in times))
