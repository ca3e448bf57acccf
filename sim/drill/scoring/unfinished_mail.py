"""Mail that is still undelivered at the drill's current time, by direction: truth."""

from sim.drill.drill_state import DrillState
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import MINUTE_MS
from sim.mail.message.traffic import DIRECTIONS, INBOUND


def oldest_ms(drill: DrillState, direction: str) -> int | None:
    """Age in ms of the oldest undelivered message, in a queue, at its sender or in an Outbox."""
    written_ms = drill.world.waits()[direction]
    return drill.now_ms - int(written_ms.min()) if len(written_ms) else None


def on_the_way(drill: DrillState) -> int:
    """Undelivered messages that are less than a minute old: a drill may end between two deliveries.

    Users' mail in a direction is not counted while some of it is still in an Outbox, because that mail does
    not wait for a queue to drain.
    """
    world, since_ms = drill.world, drill.now_ms - MINUTE_MS
    waits = {DIRECTIONS.index(name): written_ms for name, written_ms in world.waits().items()}
    return sum(
        int((written_ms > since_ms).sum())
        for direction, written_ms in waits.items()
        if direction == INBOUND or not world.writers.unsent(direction)
    )


def lost_again(drill: DrillState) -> list[tuple[int, int]]:
    """The spans in which outbound mail had lost its restored route, because the connector pointed to a
    dead host.
    """
    restored_ms, ways = drill.milestones.get(Milestone.OUTBOUND_RESTORED), drill.protection.ways_out
    if restored_ms is None:
        return []
    ends_ms = [*(t_ms for t_ms, _works in ways), drill.now_ms][1:]
    lost = [(t_ms, end_ms) for (t_ms, works), end_ms in zip(ways, ends_ms, strict=False) if not works]
    return [(max(t_ms, restored_ms), end_ms) for t_ms, end_ms in lost if end_ms > restored_ms]


def left_waiting(drill: DrillState) -> int:
    """Users' undelivered messages that are too old (house rule) to be merely in transit."""
    since_ms = drill.now_ms - drill.scenario.rules.outbound.left_ms
    waits = drill.world.waits()
    return sum(int((waits[direction] <= since_ms).sum()) for direction in ("outbound", "internal"))
