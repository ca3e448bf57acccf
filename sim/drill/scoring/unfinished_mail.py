"""What has not come to its end at the moment that a drill has reached, for each way of mail: truth."""

from sim.drill.drill_state import DrillState
from sim.drill.scenario.milestones import Milestone


def oldest_ms(drill: DrillState, direction: str) -> int | None:
    """How long ago the oldest was written that still waits, its sender's queue or Outbox included."""
    written_ms = drill.world.waits()[direction]
    return drill.now_ms - int(written_ms.min()) if len(written_ms) else None


def lost_again(drill: DrillState) -> list[tuple[int, int]]:
    """When, after it had its way again, outbound mail had none: the connector led where nothing takes it."""
    restored_ms, ways = drill.milestones.get(Milestone.OUTBOUND_RESTORED), drill.protection.ways_out
    if restored_ms is None:
        return []
    ends_ms = [*(t_ms for t_ms, _works in ways), drill.now_ms][1:]
    lost = [(t_ms, end_ms) for (t_ms, works), end_ms in zip(ways, ends_ms, strict=False) if not works]
    return [(max(t_ms, restored_ms), end_ms) for t_ms, end_ms in lost if end_ms > restored_ms]


def left_waiting(drill: DrillState) -> int:
    """Messages that users wrote so long ago (house rule) that they are not on their way: they wait."""
    since_ms = drill.now_ms - drill.scenario.rules.outbound.left_ms
    waits = drill.world.waits()
    return sum(int((waits[direction] <= since_ms).sum()) for direction in ("outbound", "internal"))
