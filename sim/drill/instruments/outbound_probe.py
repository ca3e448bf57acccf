"""The result of one test message to an external mailbox."""

from sim.drill.drill_state import DrillState
from sim.drill.room.evidence import CONNECTOR, GATEWAY_FAILS, NOTHING, SENT, Sighting
from sim.drill.room.work_given import Turn
from sim.kernel.duration import MINUTE_MS
from sim.mail.routes.connector import GATEWAY

_SAYS = {
    "refused": "connection refused",
    "timeout": "451 4.4.0 connection timed out",
    "silent": "421 4.4.2 no greeting",
    "greeting_4xx": "421 service not available",
    "greeting_5xx": "554 no SMTP service here",
    "defer": "451 4.3.2 temporarily deferred",
    "reject": "550 refused",
}


def cannot_send(drill: DrillState) -> str | None:
    """The reason why the message cannot even be sent; None if it can. A message that cannot be sent still
    counts as a test, and its number keys the draws.
    """
    drill.protection.tests += 1
    if drill.world.users.absences.lost.all():
        return "the test stays in the Outbox because your own mail client cannot connect"
    return None


def by_gateway(drill: DrillState, turn: Turn) -> str | None:
    """The reason why the message cannot leave through the gateway, as its sender sees it; None if it leaves.

    A message that the organisation's own pause holds back says nothing about the gateway.
    """
    waits = cannot_send(drill)
    if waits is not None:
        return waits
    met = _met_at_gateway(drill, turn)
    if met is None or not drill.world.writers.outgoing.queue.paused:
        works, fails = (SENT, NOTHING) if met is None else (NOTHING, GATEWAY_FAILS)
        drill.room.sightings.append(Sighting(drill.now_ms, works, fails, CONNECTOR))
    return met


def _met_at_gateway(drill: DrillState, turn: Turn) -> str | None:
    writers, key = drill.world.writers, turn.key(drill.protection.tests)
    answer = writers.outbound.hosts[GATEWAY].answer(drill.now_ms, -1 - key, 0)
    if answer == "reject":
        return f"returned at once: {_SAYS[answer]}"
    if answer != "up":
        return f"the test is queued on the mail server, last error: {_SAYS[answer]}"
    slow = writers.outgoing.filter.wait_ms() >= 5 * MINUTE_MS
    if slow or not drill.faults.gateway.takes_outbound or not writers.outgoing.hands_on:
        return "the gateway accepted the test with 250, but it has not arrived within 5 minutes"
    return None
