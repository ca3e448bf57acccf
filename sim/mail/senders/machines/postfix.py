"""Postfix: a back-off by age, scans of the deferred queue, and a destination that can be dead.

A destination with mail in the active queue has a window: the number of concurrent deliveries. A success
widens the window, and an unreachable host narrows it. When a whole window of deliveries has failed (a
cohort), the destination is dead: everything active is deferred without a connection, and so is mail that
becomes active until minimal_backoff_time is over. A destination without active mail is forgotten. A refused
connection takes a few milliseconds and one round trip: its failure counts at once, and the destination is
remembered for that time, so a burst of new mail finds it dead.
"""

from collections import deque
from functools import cache
from typing import ClassVar

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.platforms.platform import Platform
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.immediate import AtOnce
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage
from sim.mail.senders.machines.postfix_deferred import DeferredQueue, Resting


def after_failure(window: int, cohorts: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    """Window and failed cohorts after one more failure, which counts as 1 / window of a cohort and narrows
    the window.
    """
    failed, of = cohorts
    return max(1, window - 1), (failed * window + of, of * window)


@cache
def dies(window: int, cohorts: tuple[int, int], limit: int, count: int) -> bool:
    """True if `count` more failures make the destination dead."""
    for _ in range(count):
        window, cohorts = after_failure(window, cohorts)
    return cohorts[0] >= limit * cohorts[1]


UNREACHABLE = frozenset({"refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "servfail"})
"""Failures that say nothing about the message itself; they count against the destination."""

AT_ONCE = frozenset({"refused", "greeting_4xx", "greeting_5xx"})
"""The answers of unreachable hosts that take no time in the simulation."""


class Postfix(DeferredQueue):
    """`active`: messages that wait for a place in the window; `busy`: deliveries under way; `failed_cohorts`:
    failures since the last success, in windows, as a fraction; `failing_until_ms`: the time until which the
    last of these that took no time is remembered, 0 if there is none.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        *DeferredQueue.STATE,
        "active",
        "busy",
        "window",
        "failed_cohorts",
        "failing_until_ms",
        "dead_until_ms",
        "dead_because",
    )

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds, first_scan_ms: int) -> None:
        super().__init__(agenda, platform, ends, first_scan_ms)
        roles = self.roles
        self.least_ms, self.most_ms = roles.duration("backoff_min"), roles.duration("backoff_max")
        self.most_wait_ms = max(self.least_ms, self.most_ms)
        self.lifetime_ms = roles.duration("lifetime")
        self.first_window, self.widest = roles.count("initial_concurrency"), roles.count("concurrency")
        self.notices = bool(self.notice_ages())
        self.cohort_limit = roles.count("cohort_limit")
        self.refusal_ms = roles.duration("refusal_time")
        self.active: deque[int] = deque()
        self.busy = 0
        self.dead_until_ms = 0
        self.dead_because = ""
        self._forget()

    def _forget(self) -> None:
        """A destination without any history."""
        self.window = self.first_window
        self.failed_cohorts = (0, 1)
        self.failing_until_ms = 0

    def _forget_if_idle(self) -> None:
        """True if nothing is active, in progress or remembered."""
        now_ms = self.agenda.now_ms
        if not (self.active or self.busy or now_ms < self.dead_until_ms or now_ms < self.failing_until_ms):
            self._forget()

    @property
    def dead(self) -> bool:
        """True if the destination is dead at the moment."""
        return self.agenda.now_ms < self.dead_until_ms

    def at_rest(self, host: str) -> bool:
        return not (self.active or self.busy or self.dead or self.agenda.now_ms < self.failing_until_ms)

    # Into the active queue

    def arrives(self, mail: QueuedMessage) -> None:
        self._forget_if_idle()
        if self.active or self.busy >= self.window or self.dead:
            self.active.append(mail.id)
            self._go_on()
        else:
            self.busy += 1
            self.attempt(mail, "tried")

    def scan(self) -> None:
        """Make all due messages active; they are attempted only after that."""
        if self.agenda.now_ms not in self.planned:
            return  # `take_in` has already done this scan
        super().scan()
        self._forget_if_idle()
        known = self._nobody_gets_through()
        if known is not None:
            self._all_fail(known)
        else:
            self._all_active(*self._due())
        self._plan()

    def _all_active(self, due: list[int], together: Resting) -> None:
        """Make these messages active together. If a host accepts all of them at once, nothing is
        remembered.
        """
        found, idle = self.found(), not (self.active or self.busy or self.dead or self.trace is not None)
        known = self.at_once(found) if idle and not isinstance(found, str) else None
        if known is not None and known.outcome.what == "delivered":
            self._settle(together)
            self.all_taken_at_once([self.queue[message] for message in due], known)
            self.all_taken_at_once([self.queue[one] for one in together.ids], known, together.passes)
            self._forget()
            return
        self.active.extend(sorted(due + self._singly(together)))
        self._go_on()

    # While no mail gets through

    def only_waits(self, bound_ms: int) -> bool:
        if self.trace is not None or not self.keeps_route(bound_ms):
            return False
        return self._nobody_gets_through() is not None

    def take_in(self, arrival_ms: I64, ids: I64, bound_ms: int) -> None:
        """Carry out all scans and new messages until `bound_ms` without the agenda, because no other
        sender notices them.
        """
        agenda, known = self.agenda, self._nobody_gets_through()
        if known is None:
            raise ValueError(f"mail of {self.platform.id} may be delivered before {bound_ms} ms")
        began_ms, rank, agenda.rank = agenda.now_ms, agenda.rank, Rank.ATTEMPT
        look_ms = min(self.deferred, default=NEVER_MS)
        for at_ms, message in zip(arrival_ms.tolist(), ids.tolist(), strict=True):
            if look_ms <= at_ms:
                look_ms = self._scans_until(at_ms + 1, known)
            self._comes_to(at_ms)
            look_ms = min(look_ms, self._refused(message, known))
        self._scans_until(bound_ms, known)
        agenda.now_ms, agenda.rank = began_ms, rank
        self.planned = [look_ms for look_ms in self.planned if look_ms >= bound_ms]
        self._plan()

    def _scans_until(self, bound_ms: int, known: AtOnce) -> int:
        """Carry out all scans before `bound_ms`; returns the time of the next one that finds something."""
        deferred, look_ms = self.deferred, min(self.deferred, default=NEVER_MS)
        while look_ms < bound_ms:
            self._comes_to(look_ms)
            self._all_fail(known)
            self.agenda.steps += 1
            look_ms = self.next_scan_ms(look_ms + 1)
            if look_ms not in deferred:
                look_ms = min(deferred, default=NEVER_MS)
        return look_ms

    def _comes_to(self, now_ms: int) -> None:
        """Move on to the time of a scan or of a new message. A destination whose pause is over is
        forgotten.
        """
        self.agenda.now_ms = now_ms
        if self.dead_until_ms:
            if now_ms >= self.dead_until_ms:
                self.dead_until_ms = 0
                self._forget()
        elif self.failing_until_ms and now_ms >= self.failing_until_ms:
            self._forget()

    def _refused(self, message: int, known: AtOnce) -> int:
        """Let a new message fail, or defer it if the destination is dead. Returns the time of its next
        scan, NEVER_MS if it bounces.
        """
        now_ms, put_off = self.agenda.now_ms, -self.passes
        dead = now_ms < self.dead_until_ms
        tries, cause = (0, self.dead_because) if dead else (len(known.tried), known.outcome.cause)
        mail = QueuedMessage(message, now_ms, tries, put_off + dead, held=self.agenda.holds)
        self.queue[message] = mail
        if not dead:
            self._fail_together(1, cause)
        wait_ms = self._wait_ms(mail, cause)
        if not wait_ms:
            return NEVER_MS
        look_ms = self._look_ms(wait_ms)
        self.deferred.setdefault(look_ms, []).append(message)
        return look_ms

    def _nobody_gets_through(self) -> AtOnce | None:
        """The result of every delivery, if all of them fail now and make the destination dead; otherwise
        None.
        """
        found = self.found()
        if self.active or self.busy or self.notices or self.cohort_limit > 1 or isinstance(found, str):
            return None
        known = self.at_once(found)
        fails = known is not None and known.outcome.what == "wait" and known.outcome.cause in UNREACHABLE
        return known if fails else None

    def _all_fail(self, known: AtOnce) -> None:
        """Carry out a scan: as many deliveries fail as the window allows, or none if the destination is
        dead; the rest is deferred.
        """
        due, together = self._due()
        if together.ids and self._age_ms(together.oldest_ms) >= self.lifetime_ms:
            due, together = sorted(due + self._singly(together)), Resting()
        if self.agenda.now_ms < self.dead_until_ms:
            self._move_on(due, together, [], self.dead_because)
            return
        window, cause, tried = self.window, known.outcome.cause, list[int]()
        first = together.ids[:window]
        if self.trace is None and len(first) == window and (not due or due[0] > first[-1]):
            self._first_are_tried(together, window, len(known.tried))
            self._fail_together(window, cause)
        else:
            tried = sorted(due[:window] + first)[:window]
            self._settle(together)
            for message in tried:
                self.offered(self.queue[message], known)
            self._fail_together(len(tried), cause)
        self._move_on(due, together, tried, cause)

    def _first_are_tried(self, together: Resting, width: int, hosts: int) -> None:
        """Count one attempt for each of the first `width` messages; the counts from full scans are added
        to those messages later.
        """
        if together.width != width or together.hosts != hosts:
            self._settle(together)
            together.width, together.hosts = width, hosts
        together.tried += 1

    def _fail_together(self, count: int, cause: str) -> None:
        """Record `count` failures at once for the destination. If they make it dead, it is forgotten
        except for its pause.
        """
        now_ms = self.agenda.now_ms
        if dies(self.window, self.failed_cohorts, self.cohort_limit, count):
            self.dead_until_ms, self.dead_because = now_ms + self.least_ms, cause
            self._forget()
            return
        for _ in range(count):
            self.window, self.failed_cohorts = after_failure(self.window, self.failed_cohorts)
        if count:
            self.failing_until_ms = now_ms + self.refusal_ms

    def _move_on(self, due: list[int], together: Resting, tried: list[int], cause: str) -> None:
        """Defer all messages except those in `tried`, without a connection; all wait for their next scan.

        Delay notices are not sent here: a platform that sends them checks each message.
        """
        together.passes += 1
        for message in tried if together.ids else ():
            if message in together:
                self.queue[message].put_off -= 1
        if self.trace is not None:
            for message in (*together.ids, *due):
                if message not in tried:
                    self.note("put off", message, "")
        if due:
            self._wait_again(due, together, tried, cause)
        self._rest(together, self.most_wait_ms)

    def _wait_again(self, due: list[int], together: Resting, tried: list[int], cause: str) -> None:
        """Let each message in `due` wait according to its age; an old message joins those that are
        deferred together.
        """
        queue, now_s, holds = self.queue, self.agenda.now_ms // 1000, self.agenda.holds
        least_ms, most_ms, lifetime_ms = self.least_ms, self.most_ms, self.lifetime_ms
        for message in due:
            mail = queue[message]
            if mail.held != holds:
                self.changing(mail)
            mail.put_off += message not in tried
            age_ms = (now_s - mail.arrival_ms // 1000) * 1000
            if age_ms >= lifetime_ms:
                self.bounce(mail, cause)
            elif age_ms >= most_ms:
                self._join(together, mail)
            else:
                look_ms = self._look_ms(age_ms if age_ms > least_ms else least_ms)
                self.deferred.setdefault(look_ms, []).append(message)

    def _go_on(self) -> None:
        """Start as many deliveries as the window allows; if the destination is dead, defer everything."""
        if self.active and self.dead:
            self._put_off_all()
        while self.active and self.busy < self.window:
            self.busy += 1
            self.soon("deliver", self.active.popleft())
        self._forget_if_idle()

    def _put_off_all(self) -> None:
        """Defer all active messages without a connection."""
        given_a_rest, self.active = self.active, deque()
        for message in given_a_rest:
            mail = self.queue[message]
            self.changing(mail)
            mail.put_off += 1
            self.note("put off", message, "")
            self._defer(mail, self.dead_because)

    # Out of it

    def deliver(self, message: int) -> None:
        """Attempt a message that has a place in the window."""
        self.attempt(self.queue[message], "tried")

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """End an attempt, with its consequences for the message and for the destination."""
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

    def _defer(self, mail: QueuedMessage, cause: str) -> None:
        """Return the message to the deferred queue, or bounce it if its lifetime is over."""
        wait_ms = self._wait_ms(mail, cause)
        if wait_ms:
            self.deferred.setdefault(self._look_ms(wait_ms), []).append(mail.id)
            self._plan()

    def _wait_ms(self, mail: QueuedMessage, cause: str) -> int:
        """The message's wait after a failure, by its age in whole seconds; 0 if it has bounced."""
        age_ms = self._age_ms(mail.arrival_ms)
        if age_ms >= self.lifetime_ms:
            self.bounce(mail, cause)
            return 0
        if self.notices:
            self.notice_at_failure(mail, age_ms)
        if age_ms >= self.most_ms:
            return self.most_wait_ms
        return age_ms if age_ms > self.least_ms else self.least_ms

    # The state of the destination

    def _unreachable(self, cause: str) -> None:
        """Apply negative feedback: one failure counts as 1 / window of a cohort, and narrows the window."""
        if self.dead:
            return
        self.window, self.failed_cohorts = after_failure(self.window, self.failed_cohorts)
        self.failing_until_ms = self.now_ms + self.refusal_ms if cause in AT_ONCE else 0
        if self.failed_cohorts[0] < self.cohort_limit * self.failed_cohorts[1]:
            return
        self.dead_until_ms, self.dead_because = self.now_ms + self.least_ms, cause
        self.at(self.dead_until_ms, Rank.REVIVAL, 0, "revive", self.dead_until_ms)

    def revive(self, over_ms: int) -> None:
        """Declare the destination dead and drop its history, unless an earlier delivery has already
        done so.
        """
        if self.dead_until_ms == over_ms:
            self._forget()
            self.window = self.busy or self.window

    def _reachable(self) -> None:
        """Apply positive feedback: a success widens the window by one, up to the limit, and up to the
        deliveries in progress plus the initial window.
        """
        self.failed_cohorts, self.failing_until_ms = (0, 1), 0
        if self.dead:
            self.dead_until_ms = self.now_ms
            self._forget()
        elif self.window < min(self.widest, self.busy + 1 + self.first_window):
            self.window += 1
