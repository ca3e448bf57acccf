"""The last reading of each console: current while the console answers, otherwise from the time when it last
answered.

A reading is taken before any change in whether a console answers, and every few minutes while the gateway's
console lags, so no figure depends on the trainee looking at that moment.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.instruments import gateway_console, server_console
from sim.drill.instruments.gateway_readings import GatewayReading, Losses
from sim.drill.instruments.server_console import ServerReading
from sim.drill.instruments.stale_pages import Screens
from sim.drill.organisation.vendor_file import gateway_console_rules
from sim.drill.snapshot.console import LISTED, MailView


class LastSeen:
    """The last readings of a drill. Reading them changes nothing."""

    def __init__(self, drill: DrillState, console_answers: Callable[[], None]) -> None:
        """`console_answers` is called when the gateway's console works again after not responding."""
        self._drill, self._console_answers = drill, console_answers
        self._gateway: list[GatewayReading] = []
        """Readings in chronological order, limited to those that a lagging console may still show."""
        self._refreshes = False
        """True if it is time for a lagging console to take new figures."""
        self._shown: GatewayReading | None = None
        """The last reading of the gateway's console before the faults changed, if it was already out of
        date then.
        """
        self._server: ServerReading | None = None
        self._hung: GatewayReading | None = None
        """The reading of the gateway's console when a command timed out; None if it has answered since."""
        self._screens = Screens(drill.scenario.rules.screens.stands_ms)

    # When a command times out

    def hang(self) -> None:
        """Called when a command times out, whether or not it takes effect: from now on the console keeps
        showing its present figures.
        """
        self._hung = self._listed() if self._lives() else self.gateway()
        self._drill.consoles.hang(self._hung.at_ms)

    def answer(self) -> None:
        """Called when the console answers a command, or works again."""
        self._hung = None
        self._drill.consoles.answer()

    # When something changes

    def before_a_change(self) -> None:
        """Called when a fault begins or ends: the readings up to now are kept, and stay on the screens
        until the pages refresh.
        """
        self.remember()
        if not self._screens.stand(self._drill.now_ms):
            gateway = self._gateway[-1] if self._lives() else None
            server = self._server if self._drill.consoles.server().live else None
            self._screens = replace(
                self._screens, since_ms=self._drill.now_ms, gateway=gateway, server=server
            )

    def remember(self) -> None:
        """Keep the current reading of each console that answers, in case it stops answering."""
        self._shown = None
        if self._lives():
            self._gateway = [self._listed()]
        elif self._gateway:
            self._shown = self.gateway()
        if self._drill.consoles.server().live:
            self._server = server_console.read(self._drill)

    def _lives(self) -> bool:
        """True if the gateway's console shows current figures."""
        return not self._drill.consoles.hung and self._drill.consoles.gateway().live

    def _listed(self) -> GatewayReading:
        """The current reading of the gateway's console, including the list of messages."""
        newest = gateway_console.newest(self._drill, LISTED)
        return replace(gateway_console.read(self._drill), newest=newest)

    def after_a_change(self) -> None:
        """Called just after a fault has begun or ended. Figures that a lagging console has not shown yet
        are dropped.
        """
        if self._drill.consoles.hung and self._drill.faults.gateway.console == "works":
            self._console_answers()
        if self._drill.faults.gateway.console != "stale":
            self._gateway = self._gateway if self._shown is None else [self._shown]
        elif not self._refreshes:
            self._refreshes = True
            self._drill.at(
                self._drill.now_ms + gateway_console_rules(self._drill.scenario.files).refresh_ms,
                self._refresh,
            )
        self._shown = None

    def _refresh(self) -> None:
        drill = self._drill
        if drill.faults.gateway.console != "stale":
            self._refreshes = False
            return
        oldest_ms = self.gateway().at_ms
        self._gateway = [one for one in self._gateway if one.at_ms >= oldest_ms]
        self._gateway.append(self._listed())
        drill.at(drill.now_ms + gateway_console_rules(self._drill.scenario.files).refresh_ms, self._refresh)

    # Looking

    def gateway(self) -> GatewayReading:
        """The gateway console's current or last reading; `at_ms` is the moment of its figures."""
        if self._hung is not None:
            return self._hung
        state = self._drill.consoles.gateway()
        return gateway_console.read(self._drill) if state.live else self._kept(state.figures_ms)

    def _kept(self, figures_ms: int) -> GatewayReading:
        return next((one for one in reversed(self._gateway) if one.at_ms <= figures_ms), self._gateway[0])

    def gateway_ms(self) -> int:
        """`gateway().at_ms`, without the cost of a full reading, which adds up the whole queue."""
        if self._hung is not None:
            return self._hung.at_ms
        state = self._drill.consoles.gateway()
        return self._drill.now_ms if state.live else self._kept(state.figures_ms).at_ms

    def gateway_losses(self) -> Losses:
        """Bounced and rejected mail as in `gateway()`, without the cost of a full reading."""
        if self._hung is None and self._drill.consoles.gateway().live:
            return gateway_console.losses(self._drill.world)
        reading = self.gateway()
        return Losses(reading.returned, reading.rejected)

    def server(self) -> ServerReading:
        """The mail server console's current or last reading."""
        if self._drill.consoles.server().live or self._server is None:
            return server_console.read(self._drill)
        return self._server

    # On the screen

    def worked(self, place: str) -> None:
        """Called when a command at `place` has been carried out: the console's current figures have been
        seen.
        """
        self._screens = self._screens.looked_at(place, self._drill.now_ms)

    def tried(self, place: str) -> None:
        """Called when a command at `place` failed: the figures on the screen are known to be old."""
        self._screens = self._screens.tried_at(place, self._drill.now_ms)

    def gateway_on_screen(self) -> GatewayReading:
        """The gateway's console as the trainee sees it. The last reading counts as current until the page
        is due to refresh, or until a command shows that the console does not answer.
        """
        now_ms = self._drill.now_ms
        if self._lives():
            before = self._screens.gateway_before(now_ms)
            return gateway_console.read(self._drill) if before is None else replace(before, at_ms=now_ms)
        reading = self.gateway()
        stands = self._stands(reading.at_ms) and self._screens.gateway_tried_ms < reading.at_ms
        return replace(reading, at_ms=now_ms) if stands else reading

    def server_on_screen(self) -> ServerReading:
        """The mail server's console as the trainee sees it; see `gateway_on_screen`."""
        now_ms = self._drill.now_ms
        if self._drill.consoles.server().live:
            before = self._screens.server_before(now_ms)
            return server_console.read(self._drill) if before is None else replace(before, at_ms=now_ms)
        reading = self.server()
        stands = self._stands(reading.at_ms) and self._screens.server_tried_ms < reading.at_ms
        return replace(reading, at_ms=now_ms) if stands else reading

    def mail_on_screen(self, listed: int) -> tuple[MailView, ...]:
        """The newest messages in the inbound queue, as the console lists them or last listed them."""
        if not listed:
            return ()  # no page with the list is shown, and subjects take time to create
        if self._lives():
            before = self._screens.gateway_before(self._drill.now_ms)
            rows = gateway_console.newest(self._drill, listed) if before is None else before.newest
        else:
            rows = self.gateway().newest
        return gateway_console.listing(self._drill, rows.take(np.arange(min(listed, len(rows)))))

    def plotted_ms(self) -> int:
        """The time at which the plots of the gateway's console end: the time of the figures on the screen."""
        if self._lives() and self._screens.gateway_before(self._drill.now_ms) is not None:
            return self._screens.since_ms
        return self.gateway_ms()

    def no_answer_ms(self, console: str) -> int | None:
        """The time at which a command last failed in that console, if it still does not answer; None if no
        command failed.
        """
        if console == server_console.NAME:
            at_ms = -1 if self._drill.consoles.server().live else self._screens.server_tried_ms
        else:
            at_ms = -1 if self._lives() else self._screens.gateway_tried_ms
        return None if at_ms < 0 else at_ms

    def _stands(self, at_ms: int) -> bool:
        return self._drill.now_ms - at_ms < self._drill.scenario.rules.screens.stands_ms
