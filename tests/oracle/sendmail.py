"""sendmail: a queue run tries everything, newest first; a host that failed is not tried again in the run.

New mail is tried at once by a process of its own. A run that is not finished when the next one starts
goes on beside it: one more connection for each queue run.
"""

from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Looks, Rank
from tests.oracle.destination import HOST_FAILED, Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Sender, Waiting


class Run:
    """What one process knows: hosts that failed, and the host to which it has a connection."""

    def __init__(self) -> None:
        self.failed: set[str] = set()
        self.connected: str = ""


class Sendmail(Sender):
    """Queue runs on a grid."""

    def __init__(
        self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver, looks: Looks
    ) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.looks = looks
        self.acting: dict[int, Run] = {}
        env.process(self.runs())

    def arrives(self, message: Message) -> Waiting:
        message.in_hand = True
        yield from self.one(message, Run())

    def runs(self) -> Waiting:
        for look_ms in self.looks:
            yield self.env.until(look_ms, Rank.ATTEMPT)
            self.env.process(self.run([m for m in self.queue if m.open]))

    def run(self, messages: list[Message]) -> Waiting:
        """What it finds when it starts, newest first, skipping what others have in hand."""
        run, started_ms = Run(), self.now_ms
        for message in sorted(messages, key=lambda m: (m.arrival_ms, m.id), reverse=True):
            if message.open and not message.in_hand and self.old_enough(message, started_ms):
                message.in_hand = True
                yield from self.one(message, run)

    def old_enough(self, message: Message, run_ms: int) -> bool:
        """MinQueueAge since the last attempt, in whole seconds."""
        return message.last_failed_ms // 1000 * 1000 + self.roles.duration("min_queue_age") <= run_ms

    def one(self, message: Message, run: Run) -> Waiting:
        self.acting[message.id] = run
        outcome = yield from self.attempt(message, skip=lambda host: host in run.failed)
        message.in_hand = False
        if outcome.what == "delivered":
            return
        self.failed(message)
        if not outcome.tried:
            message.put_off.append(self.now_ms)
        age_ms = (self.now_ms // 1000 - message.arrival_ms // 1000) * 1000
        if outcome.what == "bounce" or age_ms >= self.roles.duration("lifetime"):
            self.bounce(message, outcome.cause or "refused")
        else:
            self.notice_at_failure(message, age_ms)

    def answered(self, host: str, answer: str, message: Message) -> None:
        run = self.acting[message.id]
        if answer in HOST_FAILED:
            run.failed.add(host)
            if run.connected == host:
                run.connected = ""
        elif run.connected == host:
            place = len(self.connections) - 1
            while self.connections[place] != message.attempts[-1]:
                place -= 1
            del self.connections[place]  # over the run's connection
        else:
            run.connected = host
