"""The helpdesk's tally: calls counted as they come, and what pilots say when they are asked."""

from typing import TYPE_CHECKING

from sim.drill.snapshot import HelpdeskView, Seen
from sim.kernel.duration import HOUR_MS

if TYPE_CHECKING:
    from sim.drill.drill import Drill

NAME = "helpdesk"


def read(drill: "Drill") -> HelpdeskView:
    """Its figures now."""
    now_ms, pilots = drill.now_ms, drill.room.pilots
    return HelpdeskView(
        calls=drill.helpdesk.calls_before(now_ms),
        last_hour=drill.helpdesk.calls_between(max(0, now_ms - HOUR_MS), now_ms),
        seen=Seen(NAME, now_ms),
        pilots_ms=pilots.t_ms if pilots else None,
        pilots=pilots.asked if pilots else 0,
        pilots_work=pilots.work if pilots else 0,
    )
