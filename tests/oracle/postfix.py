"""Postfix: a back-off by age, scans of the deferred queue, and a destination that can be dead.

The queue manager keeps, for a destination with mail in the active queue, a window (how many deliveries
at a time). A success makes it wider, a host that cannot be reached makes it narrower; when as many
failed as a whole window (a cohort) the destination is dead: everything active is put off without a
connection, and so is what becomes active until minimal_backoff_time is over. A destination without
active mail is forgotten, but not before the last refused delivery would really have been over.
"""

from fractions import Fraction

from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Looks, Rank
from tests.oracle.destination import Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Outcome, Sender, Waiting

UNREACHABLE = frozenset({"refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "servfail"})
"""Failures after which nobody spoke about the message: the destination is held responsible."""


class Postfix(Sender):
    """One destination; `todo` are active messages that wait for a place in the window."""

    def __init__(
        self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver, looks: Looks
    ) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.looks = looks
        self.todo: list[Message] = []
        self.busy = 0
        self.dead_until_ms = 0
        self.dead_because = ""
        self.refused_ms: int | None = None
        self.forget()
        env.process(self.scans())

    def forget(self) -> None:
        """A destination about which nothing is known."""
        self.window = self.roles.count("initial_concurrency")
        self.failed_cohorts = Fraction(0)
        self.refused_ms = None

    def forget_if_idle(self) -> None:
        """Nothing is active, and the last refusal was long enough ago."""
        recent = self.refused_ms is not None and self.now_ms - self.refused_ms < self.roles.duration(
            "refusal_time"
        )
        if not self.todo and not self.busy and not self.dead and not recent:
            self.forget()

    @property
    def dead(self) -> bool:
        """Whether the destination is given a rest."""
        return self.now_ms < self.dead_until_ms

    # ------------------------------------------------------------ into the active queue

    def arrives(self, message: Message) -> Waiting:
        self.activate([message])
        yield from ()

    def scans(self) -> Waiting:
        """Every queue_run_delay what is due becomes active; a scan looks up to a second ahead."""
        for look_ms in self.looks:
            yield self.env.until(look_ms, Rank.ATTEMPT)
            due = [m for m in self.queue if m.open and not m.in_hand and m.due_ms <= self.now_ms]
            self.activate(sorted(due, key=lambda m: m.id))

    def activate(self, messages: list[Message]) -> None:
        """Into the active queue, all of them before the first is tried."""
        self.forget_if_idle()
        for message in messages:
            message.in_hand = True
            self.todo.append(message)
        self.go_on()

    def go_on(self) -> None:
        """As many deliveries as the window allows; if the destination is dead, put everything off."""
        while self.todo and self.dead:
            message = self.todo.pop(0)
            message.put_off.append(self.now_ms)
            self.defer(message, self.dead_because)
        while self.todo and self.busy < self.window:
            self.busy += 1
            self.env.process(self.deliver(self.todo.pop(0)))
        self.forget_if_idle()

    # ------------------------------------------------------------ out of it

    def deliver(self, message: Message) -> Waiting:
        outcome = yield from self.attempt(message)
        self.busy -= 1
        if outcome.what == "wait":
            if outcome.cause in UNREACHABLE:
                self.unreachable(outcome)
            self.defer(message, outcome.cause)
        else:
            self.reachable()
            if outcome.what == "bounce":
                self.bounce(message, outcome.cause)
        self.go_on()

    def defer(self, message: Message, cause: str) -> None:
        """Back to the deferred queue, or a bounce if the lifetime is over. Ages count whole seconds."""
        now_s, arrival_s = self.now_ms // 1000, message.arrival_ms // 1000
        age_ms = (now_s - arrival_s) * 1000
        message.in_hand = False
        if age_ms >= self.roles.duration("lifetime"):
            self.bounce(message, cause)
            return
        self.notice_at_failure(message, age_ms)
        longest_ms, least_ms = self.roles.duration("backoff_max"), self.roles.duration("backoff_min")
        message.due_ms = now_s * 1000 + max(least_ms, min(age_ms, longest_ms)) - 1000

    def unreachable(self, outcome: Outcome) -> None:
        """Negative feedback: one failure is 1 / window of a cohort, and the window shrinks."""
        if self.dead:
            return
        self.failed_cohorts += Fraction(1, self.window)
        takes_time = outcome.cause in {"timeout", "silent", "servfail"}
        self.refused_ms = None if takes_time else self.now_ms
        if self.failed_cohorts >= self.roles.count("cohort_limit"):
            self.dead_until_ms = self.now_ms + self.roles.duration("backoff_min")
            self.dead_because = outcome.cause
            self.env.process(self.revives())
            return
        self.window = max(1, self.window - 1)

    def revives(self) -> Waiting:
        """The rest is over, unless a delivery that was still under way ended it before."""
        over_ms = self.dead_until_ms
        yield self.env.until(over_ms, Rank.CHANGE)
        if self.dead_until_ms == over_ms:
            self.forget()
            self.window = self.busy or self.window

    def reachable(self) -> None:
        """Positive feedback: each success widens the window by one, up to the limit, but not by more than
        the initial window beyond what is really under way.
        """
        self.failed_cohorts, self.refused_ms = Fraction(0), None
        if self.dead_until_ms > self.now_ms:
            self.dead_until_ms = self.now_ms
            self.forget()
            return
        widest = self.roles.count("concurrency")
        if self.window < min(widest, self.busy + 1 + self.roles.count("initial_concurrency")):
            self.window += 1
