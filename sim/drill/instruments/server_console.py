"""The mail server's own console and logs: mail accepted and processed, and its outbound queue.

The console does not answer while the server is down, or while sign-in to it fails.
"""

from sim.drill.drill_state import DrillState
from sim.drill.instruments.gateway_console import per_minute
from sim.drill.snapshot.console import HopState
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.message.traffic import INBOUND, INTERNAL, OUTBOUND
from sim.mail.senders.hosts.host import UP

NAME = "mail server's console"
_TROUBLES: dict[str, HopState] = {"refused": "refused", "timeout": "timed out", "reject": "rejected"}
"""For each reply of the connector's next hop that does not defer mail, the reply in words."""


@frozen
class ServerReading:
    """The figures of the mail server's console at `at_ms`. Each tuple of three is by direction."""

    at_ms: int
    waiting: int
    """Messages queued for outside receivers."""
    accepted: tuple[int, ...]
    """Messages accepted but not yet processed, and messages queued for outside receivers."""
    delivered: tuple[int, ...]
    """Messages delivered to mailboxes; for outbound mail, messages passed to the next hop."""
    junked: int
    """Inbound messages quarantined or junked."""
    returned: int
    """Outbound messages that the server returned to their senders at the end of their lifetime."""
    rejected: int
    """Outbound messages permanently rejected by receivers."""
    refused: int
    """Inbound messages from the backup or direct connections that the server permanently rejected."""
    taken: int
    """Messages a minute from the gateway, averaged over the last five minutes, as are the next two fields."""
    direct: int
    """Messages a minute directly from the internet."""
    handed: int
    """Messages a minute passed to the next hop, including those sent through the gateway by users' apps."""
    leaving: HopState
    """The state of the server's outbound queue."""


def read(drill: DrillState) -> ServerReading:
    """The state of the mail server's console now."""
    world, now_ms = drill.world, drill.now_ms
    writers, ledger = world.writers, world.ledger
    outbound = writers.outbound
    inside = world.intake.waiting()
    inside[OUTBOUND] += outbound.waiting
    outgoing = writers.outgoing
    passed_on = (
        len(writers.held) + len(outgoing.filter.ids) + outgoing.depth() + int(ledger.recoverable[OUTBOUND])
    )
    sent = int(ledger.delivered[OUTBOUND] + ledger.junked[OUTBOUND]) + passed_on
    over_ms = min(5 * MINUTE_MS, max(now_ms, MINUTE_MS))
    kept = round(writers.held.since(now_ms - over_ms) * MINUTE_MS / over_ms)
    more = per_minute(outgoing.accepted, now_ms) - per_minute(outgoing.queue.delivered, now_ms)
    handed = per_minute(writers.sent, now_ms) + kept + more
    return ServerReading(
        at_ms=now_ms,
        waiting=outbound.waiting,
        accepted=tuple(int(count) for count in inside),
        delivered=(int(ledger.delivered[INBOUND]), sent, int(ledger.delivered[INTERNAL])),
        junked=int(ledger.junked[INBOUND]),
        returned=int(ledger.bounced[OUTBOUND] - ledger.expired[OUTBOUND]),
        rejected=int(ledger.rejected[OUTBOUND] - (ledger.recoverable - ledger.expired)[OUTBOUND]),
        refused=ledger.returns.count("backup refused", "server refused senders"),
        taken=per_minute(world.queue.delivered, now_ms),
        direct=per_minute(world.inbound.direct, now_ms),
        handed=handed,
        leaving=_leaving(drill, handed),
    )


def _leaving(drill: DrillState, handed: int) -> HopState:
    """The last error of a queue with deferred mail: `refused`, `timed out`, …"""
    outbound = drill.world.writers.outbound
    if not outbound.waiting:
        return "flowing" if handed else "idle"
    spells = outbound.hosts[outbound.connector].spells
    if spells[-1][1].answer != UP and not _renewed(drill, spells[-1][0]):
        return "flowing" if handed else "idle"
    if handed:
        return "partly"
    met = next((behaviour.answer for _ms, behaviour in reversed(spells) if behaviour.answer != UP), UP)
    return "idle" if met == UP else _TROUBLES.get(met, "deferred")


def _renewed(drill: DrillState, since_ms: int) -> bool:
    """True if the page has refreshed since the next hop stopped accepting mail."""
    return drill.now_ms - since_ms >= drill.scenario.rules.screens.stands_ms
