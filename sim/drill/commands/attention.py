"""Looking and acknowledging: what the systems say, and who has it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.command import Command, Facts, InYourProduct, arg
from sim.drill.drill import Drill
from sim.kernel.duration import HOUR_MS, MINUTE_MS, format_elapsed

Component = Literal["gateway", "server", "vendor"]

_ESTIMATES_H = (1, 4, 12, 24, 48, 96, 168, 336)
_ESTIMATE_AFTER_MS = HOUR_MS


@dataclass(frozen=True, slots=True)
class AlertsAck(Command):
    """Acknowledge every open alert: somebody has it, and it is not repeated."""

    words: ClassVar = ("alerts", "ack")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        hands_on_ms=MINUTE_MS,
        lead_ms=0,
        undo="no",
        exposes="nothing",
        product=InYourProduct(
            path="Mimecast: the alert's Acknowledge; Services | Service Monitor",
            who="whoever gets the alert",
            how_long="a minute",
            simplified="both monitors at once; notifications stay off until the queue is below the threshold",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not drill.open_alerts():
            return "no alert is open; there is nothing to acknowledge"
        return None

    def act(self, drill: Drill) -> str:
        count = drill.acknowledge()
        return f"{count} alert{'s' if count != 1 else ''} acknowledged"


@dataclass(frozen=True, slots=True)
class StatusCheck(Command):
    """Look at a component yourself: queue and last error, the server, or the vendor's status page."""

    component: Component = arg("choice", "what to look at", choices=("gateway", "server", "vendor"))

    words: ClassVar = ("status", "check")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=4 * MINUTE_MS,
        lead_ms=0,
        undo="not needed",
        exposes="nothing",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue; Exchange: Get-Queue, Test-Mailflow",
            who="messaging administrator",
            how_long="4 minutes",
            simplified="one look finds what there is to find",
        ),
    )

    def act(self, drill: Drill) -> str:
        if self.component == "gateway":
            queue = drill.world.queue
            found = drill.last_error() or "no failed attempt"
            return f"gateway: {queue.depth():,} in the inbound queue; last error: {found}"
        if self.component == "vendor":
            return "vendor status page: all services normal"
        return self._server(drill)

    def _server(self, drill: Drill) -> str:
        down_since = drill.server_down_since()
        if down_since is None:
            return "mail server: answers on port 25, a test message went through"
        for_ms = drill.now_ms - down_since
        found = f"mail server: {drill.reply()}, for {format_elapsed(for_ms)} h:min"
        if for_ms < _ESTIMATE_AFTER_MS:
            return f"{found}; the server team has no estimate yet"
        hours = drill.repair_ms() / HOUR_MS
        bound = next((limit for limit in _ESTIMATES_H if hours <= limit), None)
        return f"{found}; the server team expects it " + (
            f"within {bound} h of the onset" if bound else "to take weeks"
        )
