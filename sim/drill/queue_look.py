"""What an administrator reads off the gateway's inbound queue: how much, how old, how fast, until when."""

from typing import TYPE_CHECKING

import numpy as np

from sim.kernel.duration import HOUR_MS, MINUTE_MS, format_duration
from sim.kernel.series import Times
from sim.mail.members import Members
from sim.mail.sizes import in_words
from sim.mail.world import World

if TYPE_CHECKING:
    from sim.drill.drill import Drill

RATE_OVER_MS = 5 * MINUTE_MS
ADDED_UP = 100_000
"""Up to so many messages a console adds up; of more, the first so many stand for all (1 % off at most)."""
LONGEST_ESTIMATE_MS = 48 * HOUR_MS
"""Nobody extrapolates further."""


def inbound_queue(drill: "Drill") -> str:
    """One line: depth, the oldest message's age, rates over five minutes, when it is empty, last error."""
    world, now_ms = drill.world, drill.now_ms
    depth = world.queue.depth()
    found = drill.last_error() or "no failed attempt"
    told = [f"gateway: {depth:,} in the inbound queue"]
    if depth:
        told.append(in_words(queue_bytes(world)))
        oldest_ms = now_ms - int(np.min(world.members().arrival_ms))
        told.append(f"the oldest {format_duration(oldest_ms // MINUTE_MS * MINUTE_MS)}")
    taken = _rate(world.queue.left, now_ms)
    told.append(f"{_rate(world.arrived, now_ms):,} a minute arrive, {taken:,} leave")
    if world.queue.paused:
        told.append("deliveries are paused")
    elif (empty_ms := empty_in(drill)) is not None:
        told.append(f"at this rate empty in {format_duration(-(-empty_ms // MINUTE_MS) * MINUTE_MS)}")
    return f"{', '.join(told)}; last error: {found}"


def queue_bytes(world: World, members: Members | None = None) -> int:
    """How large the inbound queue is. `members`: `world.members()`, if they are known already."""
    ids = (members or world.members()).id
    added = world.sizes.total(ids[:ADDED_UP])
    return added * len(ids) // ADDED_UP if len(ids) > ADDED_UP else added


def empty_in(drill: "Drill") -> int | None:
    """How long it takes until the queue is empty if it goes on as in the last five minutes, ms.

    None if it does not shrink, if there is nothing in it to speak of, or if nobody would say so.
    """
    queue, now_ms = drill.world.queue, drill.now_ms
    before_ms = max(0, now_ms - RATE_OVER_MS)
    then = int(queue.entered.before(before_ms) - queue.left.before(before_ms))
    depth = queue.depth()
    if then <= depth or depth == 0:
        return None
    span_ms = depth * (now_ms - before_ms) // (then - depth)
    return span_ms if span_ms <= LONGEST_ESTIMATE_MS else None


def _rate(times: Times, now_ms: int) -> int:
    """A minute, over the last five."""
    over_ms = min(RATE_OVER_MS, max(now_ms, MINUTE_MS))
    return round(int(times.between(now_ms - over_ms, now_ms)) * MINUTE_MS / over_ms)
