"""The backup MX's queue to the mail server."""

from collections.abc import Callable

from sim.kernel.duration import MINUTE_MS
from sim.mail.condition import Host
from sim.mail.delivery import DeliveryQueue
from sim.mail.failures import FailureWindows
from sim.mail.platform import load_platform, offsets_ms
from sim.mail.rows import Rows
from sim.mail.slots import Slots
from sim.mail.world_spec import SERVER, WorldSpec


def relay_queue(spec: WorldSpec, incoming: Callable[[int, int], Rows]) -> DeliveryQueue:
    """The queue of the backup MX, with the clock of its own platform."""
    platform = load_platform(spec.backup_platform)
    most = platform.most_attempts
    slots = Slots(lambda up_to_ms: offsets_ms(platform, up_to_ms), platform.expires_ms, False, most)
    server = Host(spec.seed, SERVER)
    return DeliveryQueue(slots, spec.receiver, FailureWindows(MINUTE_MS, 0), incoming, server)
