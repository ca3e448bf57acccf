"""Mail that arrived at each host by half hours, as the hosts' logs show it.

The number of senders that have moved to a new MX record is not visible. The backup's mail is visible, next to
the usual mail at this hour; the logs count retried mail together with new mail.
"""

from sim.drill.drill_state import DrillState
from sim.drill.scenario.milestones import Milestone
from sim.drill.services.mx_zone import HalfHour
from sim.kernel.duration import DAY_MS, MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.message.traffic import INBOUND

HALF_HOUR_MS = 30 * MINUTE_MS
LOOKS_BACK = 4
"""Number of half hours that one reading shows."""
_WEEK_MS = 7 * DAY_MS


def half_hours(drill: DrillState, count: int = LOOKS_BACK) -> tuple[HalfHour, ...]:
    """The last whole half hours of the local clock that lie in the drill, in order."""
    starts_ms, world = drill.scenario.starts_utc_ms, drill.world
    end_ms = (starts_ms + drill.now_ms) // HALF_HOUR_MS * HALF_HOUR_MS - starts_ms
    first_ms = max(end_ms - count * HALF_HOUR_MS, -(starts_ms // -HALF_HOUR_MS) * HALF_HOUR_MS - starts_ms)
    console = drill.faults.gateway.console in ("works", "slow")
    rows = []
    for from_ms in range(first_ms, end_ms, HALF_HOUR_MS):
        until_ms = from_ms + HALF_HOUR_MS
        taken = (world.queue.delivered, world.relay.delivered, world.inbound.direct)
        rows.append(
            HalfHour(
                from_ms,
                world.arrived.between(from_ms, until_ms) if console else None,
                world.relay.entered.between(from_ms, until_ms),
                sum(times.between(from_ms, until_ms) for times in taken),
                _usual(drill, from_ms),
            )
        )
    return tuple(rows)


@frozen
class Herd:
    """The half hour since the onset in which mail from the internet most exceeds the usual number."""

    from_ms: int
    came: int
    """Messages accepted by the gateway, the backup and the mail server itself."""
    usual: int
    """Messages that were written in that half hour."""


def herd(drill: DrillState) -> Herd | None:
    """The retry storm; None if no half hour received more mail than was written in it."""
    world, start_ms = drill.world, drill.milestones.get(Milestone.OUTAGE_START)
    if start_ms is None or world.inbound.hop is None:
        return None  # all mail has arrived in the millisecond in which it was written
    stream = drill.spec.stream(INBOUND)
    doors, rows = (world.arrived, world.relay.entered, world.inbound.direct), []
    for from_ms in range(start_ms, drill.now_ms - HALF_HOUR_MS + 1, HALF_HOUR_MS):
        until_ms = from_ms + HALF_HOUR_MS
        came = sum(times.between(from_ms, until_ms) for times in doors)
        rows.append(Herd(from_ms, came, stream.count(from_ms, until_ms)))
    most = max(rows, key=lambda one: one.came - one.usual, default=None)
    return most if most is not None and most.came > most.usual else None


def _usual(drill: DrillState, from_ms: int) -> int:
    """The logs of a week ago, as they would show that week's mail without an outage."""
    stream = drill.spec.stream(INBOUND)
    return stream.count(from_ms - _WEEK_MS, from_ms - _WEEK_MS + HALF_HOUR_MS)


def told(drill: DrillState, rows: tuple[HalfHour, ...]) -> str:
    """The last half hour in one line, next to the usual figure; never a share of all senders."""
    if not rows:
        return "arrivals: no whole half hour has passed yet"
    last = rows[-1]
    gateway = "no figures" if last.gateway is None else f"{last.gateway:,}"
    return (
        f"arrivals {drill.clock(last.from_ms)} to {drill.clock(last.from_ms + HALF_HOUR_MS)[-5:]}: "
        f"gateway: {gateway}, backup: {last.backup:,}, accepted by the mail server: {last.server:,}; "
        f"a week earlier: {last.usual:,}"
    )
