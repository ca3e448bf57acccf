"""What stands on the consoles' screens after something has broken: the page of before, until it renews."""

from dataclasses import dataclass, replace
from typing import Self

from sim.drill.instruments.gateway_console import GatewayReading
from sim.drill.instruments.server_console import ServerReading
from sim.drill.services.console_sessions import PLACES, SHELL


@dataclass(frozen=True, slots=True)
class Screens:
    """What pages showed as a fault began or ended at `since_ms`, and show until they renew themselves.

    None: the console did not answer then. Whoever works at a console has it renewed at once.
    """

    stands_ms: int
    """How long a page stays as it is before it renews itself (house rule)."""
    since_ms: int = -1
    gateway: GatewayReading | None = None
    server: ServerReading | None = None
    gateway_worked_ms: int = -1
    """When somebody has last got something done in the gateway's console; so the next."""
    server_worked_ms: int = -1
    gateway_tried_ms: int = -1
    """When somebody last got nowhere in it; so the next."""
    server_tried_ms: int = -1

    def looked_at(self, place: str, now_ms: int) -> Self:
        """A command at `place` has been carried out."""
        if place in PLACES:
            return replace(self, gateway_worked_ms=now_ms)
        return replace(self, server_worked_ms=now_ms) if place == SHELL else self

    def tried_at(self, place: str, now_ms: int) -> Self:
        """A command at `place` got nowhere."""
        if place in PLACES:
            return replace(self, gateway_tried_ms=now_ms)
        return replace(self, server_tried_ms=now_ms) if place == SHELL else self

    def stand(self, now_ms: int) -> bool:
        """Whether pages have not renewed themselves yet."""
        return self.since_ms >= 0 and now_ms - self.since_ms < self.stands_ms

    def gateway_before(self, now_ms: int) -> GatewayReading | None:
        """What the page of the gateway's console still shows; None: it has been renewed."""
        return self.gateway if self.stand(now_ms) and self.gateway_worked_ms < self.since_ms else None

    def server_before(self, now_ms: int) -> ServerReading | None:
        """The same of the mail server's."""
        return self.server if self.stand(now_ms) and self.server_worked_ms < self.since_ms else None
