"""The helpdesk's counts: calls as they arrive, and the answers of pilot users."""

from sim.drill.drill_state import DrillState
from sim.drill.room.phone_calls import called_ms
from sim.drill.snapshot.console import HelpdeskView
from sim.drill.snapshot.mail_routes import Seen
from sim.kernel.duration import HOUR_MS

NAME = "helpdesk"
HOURS = 24
"""Above this number of calls, the tally shows a count for each hour."""


def read(drill: DrillState) -> HelpdeskView:
    """The helpdesk's figures at the current moment."""
    now_ms, pilots, calls = drill.now_ms, drill.room.pilots, drill.room.stakeholder_calls
    return HelpdeskView(
        calls=drill.helpdesk.calls_before(now_ms),
        last_hour=drill.helpdesk.calls_between(max(0, now_ms - HOUR_MS), now_ms),
        seen=Seen(NAME, now_ms),
        by_hour=by_hour(drill),
        pilots_ms=pilots.t_ms if pilots else None,
        pilots=pilots.asked if pilots else 0,
        pilots_work=pilots.work if pilots else 0,
        executives=len(called_ms(calls, "executives")),
        partners=len(called_ms(calls, "partners")),
    )


def by_hour(drill: DrillState) -> tuple[int, ...]:
    """Calls by hour of the clock since the drill's start: at most `HOURS` counts, the current hour last."""
    now_ms, local = drill.now_ms, drill.local(drill.now_ms)
    present_ms = now_ms - (local.minute * 60_000 + local.second * 1000 + local.microsecond // 1000)
    starts_ms = [present_ms - back * HOUR_MS for back in reversed(range(HOURS))]
    since_ms = [max(0, start_ms) for start_ms in starts_ms if start_ms > -HOUR_MS]
    return drill.helpdesk.calls_in([*since_ms, now_ms])
