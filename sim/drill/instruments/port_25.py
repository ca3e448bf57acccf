"""A test of port 25: each host's answer to a message to the organisation, and whether a reply returns.

A probe does not count as a sender's message: the host's current state applies to it, and a random draw of its
own decides.
"""

from sim.drill.drill_state import DrillState
from sim.mail.routes.inbound import BACKUP, DIRECT, GATEWAY
from sim.mail.server.guard import MailOrigin

_SAYS = {
    "up": "220 banner, RCPT and DATA accepted with 250",
    "refused": "connection refused",
    "timeout": "no answer, the connection timed out",
    "silent": "connected, but there was no banner",
    "greeting_4xx": "421 instead of a banner",
    "greeting_5xx": "554 instead of a banner",
    "defer": "banner, then 451: deferred",
    "reject": "banner, then 550 at RCPT: mail sent there bounces at once",
}
UNREACHABLE = "timeout"


def answer(drill: DrillState, host: str, key: int, *, inside: bool) -> str:
    """The host's answer to a probe now, in the words of `sim.mail.senders.hosts.host.Behaviour`.

    From inside, the organisation's own firewall may block the test; the mail server itself can be reached.
    `key`: key of the draw if only a share of attempts fails.
    """
    if inside and host == DIRECT:
        return "up" if drill.server_down_since() is None else "refused"
    if inside and drill.dns.file.port_25_from_inside == "blocked":
        return UNREACHABLE
    reached = drill.world.inbound.hosts[host]
    number = key if reached.at(drill.now_ms).of == "attempts" else 0  # a probe always has the same sender
    return reached.answer(drill.now_ms, -1 - number, 0)


def line(drill: DrillState, host: str, given: str) -> str:
    """The host's answer in words: `mx-a.gateway.example: connection refused`."""
    return f"{drill.dns.names((host,))[0]}: {_SAYS[given]}"


def comes_back(drill: DrillState, host: str, waited_ms: int) -> bool:
    """True if a probe that this host accepted `waited_ms` ago has come back by now."""
    world, gates = drill.world, drill.world.server_door.gates
    if host not in GATEWAY:
        source: MailOrigin = "backup" if host == BACKUP else "internet"
        if gates.quarantines(source) or not gates.lets_in(source):
            return False
    if host == DIRECT:
        return drill.server_down_since() is None
    queue = world.relay if host == BACKUP else world.queue
    kept = host in GATEWAY and host in world.inbound.held.hosts
    came_ms = world.cloud.processing.came_ms
    slow = host in GATEWAY and len(came_ms) > 0 and int(came_ms.min()) <= drill.now_ms - waited_ms
    return not kept and not slow and queue.answers and not queue.stands
