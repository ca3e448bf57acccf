"""Postfix: a back-off by age, scans of the deferred queue, and a destination that can be dead.

A destination with mail in the active queue has a window: how many deliveries there may be at a time. A
success makes it wider, a host that cannot be reached makes it narrower; when as many failed as a whole
window (a cohort) the destination is dead: everything active is put off without a connection, and so is
what becomes active until minimal_backoff_time is over. A destination without active mail is forgotten.
"""

from collections import deque
from fractions import Fraction
from typing import ClassVar

from sim.mail.platform import Platform
from sim.mail.senders.agenda import Agenda, Rank
from sim.mail.senders.mail import End, Mail, Outcome
from sim.mail.senders.scanning import Scanning

UNREACHABLE = frozenset({"refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "servfail"})
"""Failures after which nobody spoke about the message: the destination is held responsible."""


class Postfix(Scanning):
    """`deferred`: messages by the scan that finds them due; `active`: those that wait for a place in the
    window; `busy`: deliveries under way; `failed_cohorts`: what failed since the last success, in windows.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        *Scanning.STATE,
        "deferred",
        "active",
        "busy",
        "window",
        "failed_cohorts",
        "dead_until_ms",
        "dead_because",
    )

    def __init__(self, agenda: Agenda, platform: Platform, ends: list[End], first_scan_ms: int) -> None:
        super().__init__(agenda, platform, ends, first_scan_ms)
        roles = self.roles
        self.least_ms, self.most_ms = roles.duration("backoff_min"), roles.duration("backoff_max")
        self.lifetime_ms = roles.duration("lifetime")
        self.first_window, self.widest = roles.count("initial_concurrency"), roles.count("concurrency")
        self.notices = bool(self.notice_ages())
        self.cohort_limit = roles.count("cohort_limit")
        self.deferred: dict[int, list[int]] = {}
        self.active: deque[int] = deque()
        self.busy = 0
        self.dead_until_ms = 0
        self.dead_because = ""
        self._forget()

    def _forget(self) -> None:
        """A destination about which nothing is known."""
        self.window = self.first_window
        self.failed_cohorts = Fraction(0)

    @property
    def dead(self) -> bool:
        """Whether the destination is given a rest."""
        return self.now_ms < self.dead_until_ms

    def at_rest(self, host: str) -> bool:
        return not (self.active or self.busy or self.dead)

    # Into the active queue

    def arrives(self, mail: Mail) -> None:
        self.active.append(mail.id)
        self._go_on()

    def scan(self) -> None:
        """All that is due becomes active before the first of it is tried."""
        super().scan()
        self.active.extend(sorted(self.deferred.pop(self.now_ms)))
        self._go_on()

    def _go_on(self) -> None:
        """As many deliveries as the window allows; if the destination is dead, put everything off."""
        if self.active and self.dead:
            self._put_off_all()
        while self.active and self.busy < self.window:
            self.busy += 1
            self.soon("deliver", self.active.popleft())
        if not self.active and not self.busy and not self.dead:
            self._forget()

    def _put_off_all(self) -> None:
        """What is active goes back without a connection; most of it waits equally long."""
        given_a_rest, self.active = self.active, deque()
        together: dict[int, list[int]] = {}
        for message in given_a_rest:
            mail = self.queue[message]
            self.changing(mail)
            mail.put_off += 1
            self.note("put off", message, "")
            wait_ms = self._wait_ms(mail, self.dead_because)
            if wait_ms in together:
                together[wait_ms].append(message)
            elif wait_ms:
                together[wait_ms] = self._deferred_for(wait_ms)
                together[wait_ms].append(message)

    # Out of it

    def deliver(self, message: int) -> None:
        """A place in the window is its own."""
        self.attempt(self.queue[message], "tried")

    def tried(self, mail: Mail, outcome: Outcome) -> None:
        """The attempt is over: what it says about the message, and about the destination."""
        self.busy -= 1
        if outcome.what == "wait":
            if outcome.cause in UNREACHABLE:
                self._unreachable(outcome.cause)
            self._defer(mail, outcome.cause)
        else:
            self._reachable()
            if outcome.what == "bounce":
                self.bounce(mail, outcome.cause)
        self._go_on()

    def _defer(self, mail: Mail, cause: str) -> None:
        """Back to the deferred queue, or a bounce if the lifetime is over."""
        wait_ms = self._wait_ms(mail, cause)
        if wait_ms:
            self._deferred_for(wait_ms).append(mail.id)

    def _wait_ms(self, mail: Mail, cause: str) -> int:
        """How long it waits after a failure, by its age; 0 if it has bounced. Ages count whole seconds."""
        age_ms = (self.agenda.now_ms // 1000 - mail.arrival_ms // 1000) * 1000
        if age_ms >= self.lifetime_ms:
            self.bounce(mail, cause)
            return 0
        if self.notices:
            self.notice_at_failure(mail, age_ms)
        if age_ms >= self.most_ms:
            return max(self.least_ms, self.most_ms)
        return age_ms if age_ms > self.least_ms else self.least_ms

    def _deferred_for(self, wait_ms: int) -> list[int]:
        """The messages that will be due by then; a scan looks up to a second ahead."""
        look_ms = self.look_from(self.now_ms // 1000 * 1000 + wait_ms - 1000)
        return self.deferred.setdefault(look_ms, [])

    # What is known about the destination

    def _unreachable(self, cause: str) -> None:
        """Negative feedback: one failure is 1 / window of a cohort, and the window shrinks."""
        if self.dead:
            return
        self.failed_cohorts += Fraction(1, self.window)
        if self.failed_cohorts < self.cohort_limit:
            self.window = max(1, self.window - 1)
            return
        self.dead_until_ms, self.dead_because = self.now_ms + self.least_ms, cause
        self.at(self.dead_until_ms, Rank.REVIVAL, 0, "revive", self.dead_until_ms)

    def revive(self, over_ms: int) -> None:
        """The rest is over, unless a delivery that was still under way ended it before."""
        if self.dead_until_ms == over_ms:
            self._forget()
            self.window = self.busy or self.window

    def _reachable(self) -> None:
        """Positive feedback: each success widens the window by one, up to the limit, but not by more than
        the initial window beyond what is really under way.
        """
        self.failed_cohorts = Fraction(0)
        if self.dead:
            self.dead_until_ms = self.now_ms
            self._forget()
        elif self.window < min(self.widest, self.busy + 1 + self.first_window):
            self.window += 1
