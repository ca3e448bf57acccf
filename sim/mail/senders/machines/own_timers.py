"""Senders whose messages have timers of their own and share only the connection limit.

The platforms are those with offsets (hosted senders, gateways) or squares (qmail), and the application that
makes a single attempt.
"""

from heapq import heappop, heappush
from typing import ClassVar

from sim.mail.platforms.platform import Platform
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.rule import DeferredMessage
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage
from sim.mail.senders.machines.sender import Sender


class OwnTimers(Sender):
    """A sender that attempts, waits and attempts again. `busy`: attempts in progress, at most as many as
    in the platform's file; `line`: a heap of (due_ms, message) that wait for one of them to end.
    """

    STATE: ClassVar[tuple[str, ...]] = (*Sender.STATE, "busy", "line")

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds) -> None:
        super().__init__(agenda, platform, ends)
        self.rule = platform.rule
        self.once = platform.kind == "never"
        self.most = platform.file.drain.connections
        self.busy = 0
        self.line: list[tuple[int, int]] = []

    def at_rest(self, host: str) -> bool:
        return not self.busy

    def arrives(self, mail: QueuedMessage) -> None:
        mail.due_ms = mail.arrival_ms
        self.due(mail.id)

    def due(self, message: int) -> None:
        """Attempt the message now, or as soon as a connection is free."""
        if self.busy == self.most:
            heappush(self.line, (self.queue[message].due_ms, message))
        else:
            self.busy += 1
            self.begin(message)

    def begin(self, message: int) -> None:
        """Make the attempt; `due_ms` becomes the time at which it begins."""
        mail = self.queue[message]
        if mail.due_ms != self.now_ms:
            self.changing(mail)
            mail.due_ms = self.now_ms
        self.attempt(mail, "tried")

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """End the attempt; the next message in line takes its turn among this millisecond's attempts."""
        if self.line:
            following = heappop(self.line)[1]
            self.at(self.now_ms, Rank.ATTEMPT, following, "begin", following)
        else:
            self.busy -= 1
        if outcome.what == "delivered":
            return
        if outcome.what == "bounce" or self.once:
            self.failed(mail)
            self.bounce(mail, outcome.cause)
            return
        self._wait(mail, outcome.cause)

    def _wait(self, mail: QueuedMessage, cause: str) -> None:
        """Wait for the message's next attempt, or for its limit."""
        was = DeferredMessage(mail.arrival_ms, mail.due_ms, failures=mail.failures)
        # the wait is the same after any failure
        then = self.rule.after_failure(was, self.now_ms, AttemptFailure.REFUSED)
        self.failed(mail)
        if then.bounce_ms == self.now_ms:
            self.bounce(mail, cause)
            return
        self.notice_at_failure(mail, self.now_ms - mail.arrival_ms)
        if then.bounce_ms is not None:
            self.at(then.bounce_ms, Rank.EXPIRY, mail.id, "limit", mail.id, cause)
        elif then.due_ms is not None:
            self.changing(mail)
            mail.due_ms = then.due_ms
            self.at(then.due_ms, Rank.ATTEMPT, mail.id, "due", mail.id)

    def limit(self, message: int, cause: str) -> None:
        """Bounce the message at its limit, with no attempt left before it."""
        self.bounce(self.queue[message], cause)
