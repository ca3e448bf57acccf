"""The gateway's queues as an administrator reads them: depth, age, rates, time until empty, last error."""

from sim.drill.drill import Drill
from sim.drill.instruments.gateway_console import RATE_OVER_MS
from sim.drill.instruments.gateway_readings import GatewayReading, OutgoingReading
from sim.drill.services.forced_attempts import Batch
from sim.drill.services.forced_attempts import told as in_words_of
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.duration import in_words as words
from sim.kernel.quantities import size_in_words

LONGEST_ESTIMATE_MS = 48 * HOUR_MS
"""The longest estimate that a report gives."""


def inbound_queue(drill: Drill) -> str:
    """One line: depth, the oldest message's age, rates over five minutes, time until empty, last error.

    The line states the time of the console's figures.
    """
    seen = drill.last_seen.gateway()
    of = "" if seen.at_ms == drill.now_ms else f", figures of {drill.clock(seen.at_ms)}"
    told = [f"gateway{of}: {seen.depth:,} in the inbound queue"]
    if seen.oldest_ms is not None:
        told.append(size_in_words(seen.size_bytes))
        told.append(f"the oldest for {words(seen.oldest_ms // MINUTE_MS * MINUTE_MS)}")
    told.append(f"{seen.arriving:,} a minute arriving, {seen.left:,} leaving")
    if seen.paused:
        told.append("deliveries are paused")
    elif (empty_ms := empty_in(seen)) is not None:
        told.append(f"empty in {words(-(-empty_ms // MINUTE_MS) * MINUTE_MS)} at this rate")
    if seen.in_process_ms is not None:
        oldest = words(seen.in_process_ms // MINUTE_MS * MINUTE_MS)
        told.append(f"{seen.in_process:,} still being processed, the oldest for {oldest}")
    if drill.batches.all and not of:
        told.append(f"last forced attempt: {of_batch(drill, drill.batches.all[-1])}")
    return f"{', '.join(told)}; last error: {last_error(drill, seen)}{_outbound(drill, seen.outgoing)}"


def _outbound(drill: Drill, queue: OutgoingReading) -> str:
    """The report on the outbound queue; empty if it has no mail and is not paused."""
    if not queue.depth and not queue.paused and queue.in_process_ms is None:
        return ""
    told = [f"; outbound queue: {queue.depth:,}"]
    if queue.in_process_ms is not None:
        oldest = words(queue.in_process_ms // MINUTE_MS * MINUTE_MS)
        told.append(f"{queue.in_process:,} still being processed, the oldest for {oldest}")
    if queue.most_for:
        told.append("most for " + ", ".join(f"{domain} ({count:,})" for domain, count in queue.most_for))
    if queue.oldest_ms is not None:
        told.append(f"the oldest for {words(queue.oldest_ms // MINUTE_MS * MINUTE_MS)}")
    if queue.notified:
        told.append(f"{queue.notified:,} senders notified of the delay")
    told += ["deliveries are paused"] if queue.paused else []
    if queue.last_error_ms is not None:
        told.append(f"last error {queue.last_error} at {drill.clock(queue.last_error_ms)}")
    return ", ".join(told)


def of_batch(drill: Drill, batch: Batch) -> str:
    """The result of a forced retry: `Mon 12:10, 2,000 (the oldest): 1,800 accepted, 200 deferred again`."""
    line = drill.world.queue.line.live(drill.now_ms)
    return f"{drill.clock(batch.at_ms)}, {in_words_of(batch, line.id)}"


def last_error(drill: Drill, seen: GatewayReading) -> str:
    """The last SMTP error that the console shows, with its time."""
    if seen.last_error_ms is None:
        return "no failed attempt"
    return f"{seen.last_error} at {drill.clock(seen.last_error_ms)}"


def empty_in(seen: GatewayReading) -> int | None:
    """Time until the queue is empty at the rate of the last five minutes, ms.

    None if the queue does not shrink, is already empty, or would take longer than LONGEST_ESTIMATE_MS.
    """
    span_ms = min(RATE_OVER_MS, seen.at_ms)
    if seen.depth_before <= seen.depth or seen.depth == 0:
        return None
    left_ms = seen.depth * span_ms // (seen.depth_before - seen.depth)
    return left_ms if left_ms <= LONGEST_ESTIMATE_MS else None
