"""The gateway's alerts: their texts, how they reach people, and the links that still work."""

from collections.abc import Callable
from dataclasses import dataclass

from sim.drill.room.events import EventKind
from sim.drill.room.evidence import ALERT, GATEWAY_FAILS, SERVER_FAILS, Sighting
from sim.drill.scenario.scenario import Scenario
from sim.kernel.draws import mix_one, within_one
from sim.kernel.duration import in_words
from sim.mail.gateway.monitors import (
    Alert,
    AlertRhythm,
    ContinuityWatcher,
    Episode,
    Outlook,
    Over,
    ServiceWatcher,
)
from sim.mail.queue.failure_windows import FailureWindows

Say = Callable[[EventKind, str, str], None]
At = Callable[[int, Callable[[], None]], None]
SERVICE, CONTINUITY = "Service Monitor", "Continuity Monitor"
MONITORS = frozenset({SERVICE, CONTINUITY})
"""The two monitors: one counts messages on retry, the other failed deliveries."""


@dataclass(slots=True)
class OpenAlert:
    """One alert of a monitor, with its repetitions, as people know it."""

    source: str
    since_ms: int
    episode: Episode
    link_until_ms: int | None = None
    came_ms: int | None = None
    """The time at which the alert first reached a phone; None while it is on its way."""


class Alerts:
    """Both monitors, and the messages that carry their alerts."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        queue: Outlook,
        windows: FailureWindows,
        at: At,
        *,
        keyed_by_cause: bool = False,
    ) -> None:
        """`windows`: the windows in which the queue's failures are counted; `at(moment_ms, act)` schedules an
        action; `keyed_by_cause`: see `DrillState`.

        The recipients are those that `tell` reaches.
        """
        gateway = scenario.organisation.gateway
        self._delay, self._link_valid_ms = gateway.alerting.sms_delay, gateway.alerting.link_valid_ms
        self._seed, self._at = seed, at
        self._sent, self._keyed_by_cause = 0, keyed_by_cause
        self.acknowledged = 0
        """The number of acknowledged alerts. Monitors do not repeat acknowledged alerts."""
        self.texts = 0
        """Number of text messages that have arrived."""
        self._known: set[str] = set()
        """Monitors with an alert that has already reached a phone."""
        self.open: dict[str, OpenAlert] = {}
        self.links: list[int] = []
        """The time in ms at which each alert's link expires."""
        self.email_links: list[int] = []
        """The time in ms at which the link expires in each alert sent to an external email address; alert
        emails to the organisation's own mailboxes are never read in time.
        """
        self._email_outside = gateway.alerting.email_to == "outside address"
        self._say: Say = lambda _kind, _source, _text: None
        self._arrived: Callable[[str], None] = lambda _source: None
        self._seen: list[Sighting] = []
        service, continuity = gateway.service_monitor, gateway.continuity_monitor
        self._limit, self._escalation_after = service.threshold, service.escalation_after
        phase_ms = mix_one(seed, "service sample") % service.sample_ms
        self._service = ServiceWatcher(
            queue,
            service.sample_ms,
            phase_ms,
            service.threshold,
            AlertRhythm(service.repeat_ms, service.rearm_ms),
            self._service_says,
        )
        self._continuity = ContinuityWatcher(
            queue,
            windows.width_ms,
            windows.phase_ms,
            continuity.threshold,
            AlertRhythm(continuity.repeat_ms, continuity.rearm_ms),
            self._continuity_says,
        )

    def tell(self, say: Say, arrived: Callable[[str], None], seen: list[Sighting]) -> None:
        """Connect the monitors: `arrived` is called with the monitor when its alert reaches a phone;
        evidence in the alert about the gateway and the mail server is added to `seen`.
        """
        self._say, self._arrived, self._seen = say, arrived, seen

    @property
    def watchers(self) -> tuple[ServiceWatcher, ContinuityWatcher]:
        return self._service, self._continuity

    @property
    def known(self) -> bool:
        """True if an alert has reached a phone."""
        return bool(self._known)

    def acknowledge(self) -> int:
        """Acknowledge the open alerts; returns their number."""
        fresh = [alert for alert in self.open.values() if not alert.episode.acknowledged]
        for alert in fresh:
            alert.episode.acknowledged = True
        self.acknowledged += len(fresh)
        return len(fresh)

    def unacknowledged(self) -> list[OpenAlert]:
        return [alert for alert in self.open.values() if not alert.episode.acknowledged]

    def open_ms(self) -> int | None:
        """The time at which the oldest unacknowledged alert reached a phone; None if there is none."""
        came = [one.came_ms for one in self.unacknowledged() if one.came_ms is not None]
        return min(came, default=None)

    def _service_says(self, alert: Alert | Over) -> None:
        if isinstance(alert, Over):
            self._over(SERVICE, self._service.episode, alert.moment_ms)
            return
        text = f"{alert.count:,} inbound messages on retry (threshold {self._limit:,})"
        if alert.number > self._escalation_after:
            text += "; escalated, not acknowledged"
        self._raise(SERVICE, alert, self._service.episode, text)

    def _continuity_says(self, alert: Alert | Over) -> None:
        if isinstance(alert, Over):
            self._over(CONTINUITY, self._continuity.episode, alert.moment_ms)
            return
        text = "deliveries to your mail server are failing; use the link to manage the continuity event"
        self._raise(CONTINUITY, alert, self._continuity.episode, text, linked=True)

    def _over(self, source: str, episode: Episode, over_ms: int) -> None:
        self.open.pop(source, None)
        rearm_ms = episode.rhythm.rearm_ms
        lasts = f" for {in_words(rearm_ms)}" if rearm_ms else ""
        self._say("monitor", source, f"below the threshold again{lasts}")
        if not self.open and self.texts:
            self._seen.append(Sighting(over_ms, by=ALERT))

    def _sms_delay_ms(self, source: str, alert: Alert) -> int:
        """Time until the text message of this alert arrives."""
        self._sent += 1
        span = self._delay.most_ms - self._delay.least_ms + 1
        bits = (
            mix_one(self._seed, f"sms delay of {source}", alert.moment_ms)
            if self._keyed_by_cause
            else mix_one(self._seed, "sms delay", self._sent)
        )
        return self._delay.least_ms + within_one(bits, span)

    def _raise(self, source: str, alert: Alert, episode: Episode, text: str, *, linked: bool = False) -> None:
        """Send the alert by email now, and by SMS after the network's delay."""
        self.open.setdefault(source, OpenAlert(source, alert.moment_ms, episode))
        self._say("monitor", source, text)
        arrives_ms = alert.moment_ms + self._sms_delay_ms(source, alert)
        if linked and self._email_outside:
            self.email_links.append(alert.moment_ms + self._link_valid_ms)

        def arrive() -> None:
            if linked:
                self.links.append(arrives_ms + self._link_valid_ms)
                if source in self.open:
                    self.open[source].link_until_ms = arrives_ms + self._link_valid_ms
            if source in self.open and self.open[source].came_ms is None:
                self.open[source].came_ms = arrives_ms
            self.texts += 1
            self._say("sms", source, text)
            self._arrived(source)
            self._seen.append(Sighting(arrives_ms, GATEWAY_FAILS, SERVER_FAILS, ALERT))
            self._known.add(source)

        self._at(arrives_ms, arrive)
