"""Exchange Server: one queue and one clock for the next hop; a success releases everything.

While connecting fails the whole queue is in Retry: one connection when the timer fires, in phases
(glitch, transient, steady). Whatever arrives meanwhile waits for the same timer.
"""

from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Rank
from tests.oracle.destination import Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Sender, Waiting


class Exchange(Sender):
    """`ready`: messages that wait for a connection; `in_a_row`: failed connections since the last success."""

    def __init__(self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.ready: list[Message] = []
        self.in_a_row = 0
        self.retry = False
        self.busy = 0
        self.episode = 0

    def arrives(self, message: Message) -> Waiting:
        self.ready.append(message)
        self.go_on()
        limit_ms = message.arrival_ms + self.roles.duration("lifetime")
        if self.roles.word("expiry") == "at-limit":
            yield self.env.until(limit_ms, Rank.EXPIRY, message.id)
            if message.open and not message.in_hand:
                self.expire(message, "refused")

    def expire(self, message: Message, cause: str) -> None:
        if message in self.ready:
            self.ready.remove(message)
        self.bounce(message, cause)

    def go_on(self) -> None:
        """Deliver in order of arrival, unless the queue is in Retry."""
        while self.ready and not self.retry and self.busy < (self.platform.file.drain.connections or 1):
            self.start()

    def start(self) -> None:
        self.ready.sort(key=lambda m: (m.arrival_ms, m.id))
        message = self.ready.pop(0)
        message.in_hand = True
        self.busy += 1
        self.env.process(self.deliver(message, self.episode))

    def deliver(self, message: Message, episode: int) -> Waiting:
        outcome = yield from self.attempt(message)
        message.in_hand = False
        self.busy -= 1
        if outcome.what == "wait":
            self.failed(message)
            if self.over(message):
                self.bounce(message, outcome.cause)
            elif outcome.of_host or not outcome.tried:
                self.ready.append(message)
            else:
                self.env.process(self.by_itself(message))
        elif outcome.what == "bounce":
            self.bounce(message, outcome.cause)
        if outcome.what == "wait" and (outcome.of_host or not outcome.tried):
            self.unreachable(episode, outcome.cause)
        else:
            self.in_a_row, self.retry = 0, False
            self.episode += 1
            self.go_on()

    def over(self, message: Message) -> bool:
        return self.now_ms >= message.arrival_ms + self.roles.duration("lifetime")

    def unreachable(self, episode: int, cause: str) -> None:
        """The queue goes into Retry; connections that were begun before tell nothing new by failing."""
        for message in [m for m in self.ready if self.over(m)]:
            self.expire(message, cause)
        if episode != self.episode:
            self.go_on()  # if another one has succeeded since, this message is tried again at once
            return
        self.episode += 1
        self.retry = True
        self.in_a_row += 1
        self.env.process(self.timer(self.episode))

    def timer(self, episode: int) -> Waiting:
        glitches, transients = self.roles.count("glitch_count"), self.roles.count("transient_count")
        if self.in_a_row <= glitches:
            gap_ms = self.roles.duration("glitch_gap")
        elif self.in_a_row <= glitches + transients:
            gap_ms = self.roles.duration("transient_gap")
        else:
            gap_ms = self.roles.duration("steady_gap")
        yield self.env.until(self.now_ms + gap_ms, Rank.ATTEMPT)
        if episode == self.episode and self.ready:
            self.start()
        elif episode == self.episode:
            self.retry, self.in_a_row = False, 0  # an empty queue is forgotten

    def by_itself(self, message: Message) -> Waiting:
        """Deferred by name: its own interval, while the queue goes on. At the limit it expires."""
        yield self.env.until(self.now_ms + self.roles.duration("message_gap"), Rank.ATTEMPT, message.id)
        if message.open:
            self.ready.append(message)
            self.go_on()
