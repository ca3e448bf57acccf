"""The time that a backlog took to drain, beyond the time that the mail server needed for it."""

from sim.drill.drill_state import DrillState
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import MINUTE_MS
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.receiver import Receiver


def least_ms(queue: DeliveryQueue, receiver: Receiver, works: Receiver | None, back_ms: int) -> int:
    """Time in ms that the server needs for the mail queued at `back_ms` if all of it is offered at once.

    The server needs the time to accept the mail over its connections or, if that is longer, the time to
    process it; `works`: None if processing takes no time.
    """
    waiting = int(queue.entered.before(back_ms)) - int(queue.left.before(back_ms))
    paces = [receiver] if works is None else [receiver, works]
    return max(-(-waiting // pace.connections) * pace.per_message_ms for pace in paces)


def behind_min(drill: DrillState) -> int | None:
    """Minutes, rounded up, from the end of the last fault until the queue had drained, less the time that the
    server itself needed.

    If the queue is not drained: up to the drill's current time. None during the outage.
    """
    due_ms = drained_due_ms(drill)
    if due_ms is None:
        return None
    over_ms = drill.milestones.get(Milestone.QUEUE_DRAINED, drill.now_ms) - due_ms
    return max(0, -(-over_ms // MINUTE_MS))


def drained_due_ms(drill: DrillState) -> int | None:
    """The time by which the server could have drained the backlog; None during the outage."""
    back_ms = drill.milestones.get(Milestone.OUTAGE_END)
    if back_ms is None:
        return None
    organisation = drill.scenario.organisation
    receiver = Receiver(organisation.server_connections, organisation.server.per_message_ms)
    works = drill.world.intake.submission.works
    return back_ms + least_ms(drill.world.queue, receiver, works, back_ms)
