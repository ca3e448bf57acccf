"""How late what was opened for the outage was proven closed, counted from when it could be closed.

That is the way back: the MX names the gateway alone again; where it never named anything else, the moment
at which the return was reported. A lock and a firewall wait longer if the MX had been elsewhere: answers of
resolvers that stretch TTLs still lead mail to the backup, and what is refused then is gone.
"""

from typing import TYPE_CHECKING

from sim.drill.house_rules import read_house_rules
from sim.kernel.duration import HOUR_MS

if TYPE_CHECKING:
    from sim.drill.drill import Drill

_FOR_STALE_ANSWERS = ("lock", "firewall")


def latest_closing_h(drill: "Drill") -> int | None:
    """Hours begun by which the last opening was proven closed too late, or is not yet; None: nothing was
    opened, or there was no way back.
    """
    came, entries = drill.milestones, drill.room.openings.entries
    elsewhere = "mx.changed" in came
    back_ms = came.get("mx.restored") if elsewhere else None
    if back_ms is None:
        back_ms = came.get("server.reported-back")
    if back_ms is None or not entries:
        return None
    stale_ms = drill.dns.file.ttl_ms + read_house_rules().openings.stale_ms if elsewhere else 0
    late_ms = 0
    for one in entries:
        due_ms = max(back_ms + (stale_ms if one.kind in _FOR_STALE_ANSWERS else 0), one.opened_ms)
        proven_ms = drill.now_ms if one.proven_ms is None else one.proven_ms
        late_ms = max(late_ms, proven_ms - due_ms)
    return -(-late_ms // HOUR_MS)
