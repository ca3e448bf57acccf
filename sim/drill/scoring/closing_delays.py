"""Delay until each opening was proven closed, counted from the moment when it could be closed.

That moment is the failback, when the MX names only the gateway again; if it never named other hosts, it is
the report of the recovery. For a lock or firewall it is later if the MX was changed, because resolvers that
stretch TTLs still direct mail to the backup, and mail rejected at that time is lost.
"""

from sim.drill.drill_state import DrillState
from sim.drill.room.openings_register import Opening
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import HOUR_MS

_FOR_STALE_ANSWERS = ("lock", "firewall")


def latest_closing_h(drill: DrillState) -> int | None:
    """Delay, in hours rounded up, until the last opening was proven closed; up to now if that proof is
    missing; 0 if nothing was opened; None before the failback.
    """
    if not drill.room.openings.entries:
        return 0
    late_ms = [proven_ms - due_ms for _, due_ms, proven_ms in _closings(drill)]
    return -(-max(0, *late_ms) // HOUR_MS) if late_ms else None


def latest_closed(drill: DrillState) -> Opening | None:
    """The opening with the longest such delay; None if nothing was opened, or before the failback."""
    closings = _closings(drill)
    return max(closings, key=lambda closing: closing[2] - closing[1])[0] if closings else None


def late_beyond_ms(drill: DrillState, hours: int) -> int | None:
    """The first moment at which an opening had been open for more than `hours` after it was due to be
    closed; None if there was none.
    """
    allowed_ms = hours * HOUR_MS
    return min(
        (due + allowed_ms for _, due, proven in _closings(drill) if proven - due > allowed_ms), default=None
    )


def _closings(drill: DrillState) -> list[tuple[Opening, int, int]]:
    """Each opening with the time at which it was due to be closed, and the time at which it was proven
    closed (now, if it is not); empty if nothing was opened, or before the failback.
    """
    came, entries = drill.milestones, drill.room.openings.entries
    elsewhere = Milestone.MX_CHANGED in came
    back_ms = came.get(Milestone.MX_RESTORED) if elsewhere else None
    if back_ms is None:
        back_ms = came.get(Milestone.SERVER_REPORTED_BACK)
    if back_ms is None:
        return []
    stale_ms = drill.dns.file.ttl_ms + drill.scenario.rules.openings.stale_ms if elsewhere else 0
    return [
        (
            one,
            max(back_ms + (stale_ms if one.kind in _FOR_STALE_ANSWERS else 0), one.opened_ms),
            drill.now_ms if one.proven_ms is None else one.proven_ms,
        )
        for one in entries
    ]
