"""The backup MX's queue to the mail server."""

from collections.abc import Callable

from sim.kernel.duration import MINUTE_MS
from sim.mail.message.rows import Rows
from sim.mail.platforms.platform import load_platform, offsets_ms
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver_condition import ReceiverDraws
from sim.mail.world_spec import SERVER, WorldSpec


def relay_queue(spec: WorldSpec, incoming: Callable[[int, int], Rows]) -> DeliveryQueue:
    """The queue of the backup MX, with the retry schedule of the backup's platform."""
    platform = load_platform(spec.files, spec.backup_platform)
    most = platform.most_attempts
    slots = Slots(lambda up_to_ms: offsets_ms(platform, up_to_ms), platform.expires_ms, False, most)
    server = ReceiverDraws(spec.seed, SERVER, spec.senders)
    return DeliveryQueue(slots, spec.receiver, FailureWindows(MINUTE_MS, 0), incoming, server)
