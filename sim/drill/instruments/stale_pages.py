"""Console pages after a fault: a page stays on the screen as it was until it refreshes."""

from dataclasses import replace
from typing import Self

from sim.drill.instruments.gateway_readings import GatewayReading
from sim.drill.instruments.server_console import ServerReading
from sim.drill.services.console_sessions import PLACES, SHELL
from sim.kernel.frozen import frozen


@frozen
class Screens:
    """The pages at `since_ms`, when a fault began or ended; they stay until they refresh.

    None: the console did not answer then. A command in a console refreshes that console's page at once.
    """

    stands_ms: int
    """The house rules' time after which a page refreshes itself."""
    since_ms: int = -1
    gateway: GatewayReading | None = None
    server: ServerReading | None = None
    gateway_worked_ms: int = -1
    """The time of the last command carried out in the gateway's console; the next field is the same for
    the mail server's console.
    """
    server_worked_ms: int = -1
    gateway_tried_ms: int = -1
    """The time of the last command that failed in the gateway's console; the next field is the same for
    the mail server's console.
    """
    server_tried_ms: int = -1

    def looked_at(self, place: str, now_ms: int) -> Self:
        """Called when a command at `place` has been carried out."""
        if place in PLACES:
            return replace(self, gateway_worked_ms=now_ms)
        return replace(self, server_worked_ms=now_ms) if place == SHELL else self

    def tried_at(self, place: str, now_ms: int) -> Self:
        """Called when a command at `place` failed."""
        if place in PLACES:
            return replace(self, gateway_tried_ms=now_ms)
        return replace(self, server_tried_ms=now_ms) if place == SHELL else self

    def stand(self, now_ms: int) -> bool:
        """True if pages have not refreshed yet."""
        return self.since_ms >= 0 and now_ms - self.since_ms < self.stands_ms

    def gateway_before(self, now_ms: int) -> GatewayReading | None:
        """The page that the gateway's console still shows; None if it has been refreshed."""
        return self.gateway if self.stand(now_ms) and self.gateway_worked_ms < self.since_ms else None

    def server_before(self, now_ms: int) -> ServerReading | None:
        """The page that the mail server's console still shows; None if it has been refreshed."""
        return self.server if self.stand(now_ms) and self.server_worked_ms < self.since_ms else None
