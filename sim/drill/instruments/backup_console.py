"""The secondary gateway's console: mail accepted for the domain, and its queue. The console always
answers.
"""

from sim.drill.drill_state import DrillState
from sim.drill.instruments.gateway_console import per_minute, said_by
from sim.drill.snapshot.console import HopState
from sim.kernel.frozen import frozen

NAME = "secondary's console"


@frozen
class BackupReading:
    """The figures of the backup's console at `at_ms`."""

    at_ms: int
    ever: bool
    """True if the backup has accepted mail in this drill."""
    depth: int
    arriving: int
    """Messages that arrive each minute, averaged over the last five minutes, as is the next field."""
    taken: int
    """Messages that the mail server accepts from the backup each minute."""
    deliveries: HopState


def read(drill: DrillState) -> BackupReading:
    """The backup's console now."""
    relay, now_ms = drill.world.relay, drill.now_ms
    depth, taken = relay.depth(), per_minute(relay.delivered, now_ms)
    state: HopState = "flowing" if taken else "idle"
    failed_ms, taken_ms = relay.last_failure_ms, relay.delivered.last
    if failed_ms is not None and (taken_ms is None or failed_ms > taken_ms) and depth:
        state = said_by(relay.last_reply)
    return BackupReading(
        now_ms, bool(len(relay.entered)), depth, per_minute(relay.entered, now_ms), taken, state
    )
