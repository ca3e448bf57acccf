"""A gateway's delivery queue in the plainest form: one process for each message.

Read it beside `sim/mail`: it shares nothing with it but the arrivals, the gaps of the retry table, the
words for a condition and the draws. Nothing here is fast or clever. Times are integer milliseconds.

A message that has been accepted is in one of six places:

    waiting     between two attempts, for the next slot of its own table or the end of its life
    flying      its connection attempt is not answered: packets are dropped, and repeated
    in line     offered to the mail server, waiting for one of its connections
    in service  being taken
    held        deliveries are paused
    stopped     the gateway itself is dead; ages go on, and it may come due meanwhile

What the server does to an attempt is its *condition*; it may concern only a share of the attempts or
of the recipients. An attempt that is refused, deferred or rejected is so at once and needs no connection
of the server's few.

Within one millisecond: changes (what people do, the server stopping or answering), then whoever
looks, messages that reach the end of their life, ends of service and of attempts, attempts, starts of
service.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import simpy

from sim.kernel.draws import below, mix
from sim.mail.queue.receiver_condition import REFUSED, UP, Condition

SYN_MS = (0, 1000, 3000, 7000, 15000, 31000, 63000, 127000)
"""When the packets of one connection attempt are sent (RFC 6298 §2, §5.5)."""

REMOVED = ("bounced", "rejected")
"""How a message is returned: given up, or refused for good by the server or by an administrator."""

CHANGES, LOOKS, EXPIRIES, ENDS, ATTEMPTS, STARTS = 10, 11, 12, 13, 14, 15
"""Turns within a millisecond; SimPy itself uses 0 and 1 for what follows at once from something."""

Steps = Generator[simpy.Event, Any, str]


class Moment(simpy.Event):
    """Comes at `at_ms`, in its turn within that millisecond."""

    def __init__(self, env: simpy.Environment, at_ms: int, turn: int) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, priority=turn, delay=at_ms - int(env.now))  # type: ignore[arg-type]


@dataclass(eq=False)
class Message:
    """One message and what becomes of it."""

    id: int
    arrival_ms: int
    user: int = 0
    groups: Mapping[str, int] = field(default_factory=dict)
    """The numbers of its sender and of its sender's platform; nothing for mail from inside."""
    attempts: int = 0
    failures: int = 0
    place: str = "not yet here"
    """One of the six places, or at the end `delivered`, `bounced` or `rejected`."""
    left_ms: int | None = None
    terms: tuple[int, int | None, int] = (0, None, 0)
    """The limits when it arrived, and for how long the gateway's clock had stood by then."""
    due_ms: int = 0
    """When it is to be tried, while the gateway is dead."""
    hears: frozenset[str] = frozenset()
    """Changes that concern it where it is now."""
    process: Any = None


@dataclass
class Gateway:
    """The queue, and the mail server behind it."""

    env: simpy.Environment
    gaps_ms: tuple[int, ...]
    """Gaps between attempts 1, 2, 3 …; the last one is repeated."""
    limit_ms: int
    """How long a message is kept, from its arrival."""
    last_try: bool
    """Given up at the first failed attempt at or after the limit, rather than at the limit itself."""
    connections: int
    per_message_ms: int
    most_attempts: int | None = None
    """Given up as soon as so many attempts have failed, whatever its age."""
    connect_ms: int = 60_000
    """How long an attempt waits for an answer when packets are dropped."""
    covers_queued: bool = True
    """Whether a longer limit, of age and of attempts, also holds for what has arrived before."""
    paused_counts: bool = True
    dead_counts: bool = True
    """Whether such time makes messages older; else the clock by which they age stands meanwhile."""
    clock_stood_ms: int = 0
    clock_stands_from_ms: int | None = None
    seed: int = 0
    """Of the draws of those whom a condition concerns."""
    name: str = "server"
    """Of the receiver in these draws."""
    condition: Condition = UP
    paused: bool = False
    dead: bool = False
    free: int = 0
    line: list[tuple[int, int, int, simpy.Event]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    failed_ms: list[int] = field(default_factory=list)
    """When attempts failed."""

    def __post_init__(self) -> None:
        self.free = self.connections

    @property
    def now_ms(self) -> int:
        return int(self.env.now)

    # What happens from outside

    def accept(self, message: Message) -> None:
        """`message` will arrive at its time."""
        self.messages.append(message)
        message.process = self.env.process(self.life(message))

    def change(self, at_ms: int, word: str, limit_ms: int = 0) -> None:
        """`down`, `up`, `pause`, `resume`, `stop`, `start`, `retry` or `extend`."""

        def happens() -> None:
            if word in ("down", "up"):
                self.condition = UP if word == "up" else REFUSED
            if word in ("pause", "resume"):
                self.paused = word == "pause"
            if word in ("stop", "start"):
                self.dead = word == "stop"
            if word == "extend":
                self.limit_ms = limit_ms
            self.wind_clock()
            self.tell("meet" if word in ("down", "up") else word)

        self.at(at_ms, happens)

    def wind_clock(self) -> None:
        """Pause, resume, death and return: the clock by which messages age may stop or go on."""
        stands = (self.paused and not self.paused_counts) or (self.dead and not self.dead_counts)
        if stands and self.clock_stands_from_ms is None:
            self.clock_stands_from_ms = self.now_ms
        if not stands and self.clock_stands_from_ms is not None:
            self.clock_stood_ms += self.now_ms - self.clock_stands_from_ms
            self.clock_stands_from_ms = None

    def stood_ms(self) -> int:
        """For how long the clock has stood so far."""
        now = 0 if self.clock_stands_from_ms is None else self.now_ms - self.clock_stands_from_ms
        return self.clock_stood_ms + now

    def limits(self, message: Message) -> tuple[int, int | None]:
        """The age, by the calendar, and the number of attempts at which it is given up."""
        limit_ms, most, stood_ms = message.terms
        if self.covers_queued:
            limit_ms, most = self.limit_ms, self.most_attempts
        return limit_ms + self.stood_ms() - stood_ms, most

    def meet(self, at_ms: int, condition: Condition) -> None:
        """The server's condition from `at_ms` on."""

        def happens() -> None:
            self.condition = condition
            self.tell("meet")

        self.at(at_ms, happens)

    def take_so_many(self, at_ms: int, connections: int, per_message_ms: int) -> None:
        """The server's connections and its time for a message from `at_ms` on; what has begun goes on."""

        def happens() -> None:
            self.free += connections - self.connections
            self.connections, self.per_message_ms = connections, per_message_ms
            self.serve()

        self.at(at_ms, happens)

    def touch(self, at_ms: int, word: str, identity: int | None) -> None:
        """`retry`, `bounced` or `rejected`: an administrator acts on one message, or on all (None)."""
        self.at(at_ms, lambda: self.tell(word, identity))

    def retry_oldest(self, count: int) -> None:
        """An administrator forces an attempt of so many of those between two attempts."""
        waiting = [message for message in self.messages if message.place == "waiting"]
        for message in sorted(waiting, key=lambda one: (one.arrival_ms, one.id))[:count]:
            message.process.interrupt("retry")

    def tell(self, word: str, identity: int | None = None) -> None:
        """All messages, or one, that this concerns hear of it."""
        for message in self.messages:
            if word in message.hears and identity in (None, message.id):
                message.process.interrupt(word)

    def at(self, at_ms: int, happens: Callable[[], None]) -> None:
        due = Moment(self.env, at_ms, CHANGES)
        assert due.callbacks is not None
        due.callbacks.append(lambda _event: happens())

    def on_retry(self) -> int:
        """Messages that have failed, are still here and are not held."""
        here = ("waiting", "flying", "in line", "in service")
        return sum(message.failures > 0 and message.place in here for message in self.messages)

    # The life of a message

    def life(self, message: Message) -> Generator[simpy.Event, Any, None]:
        """From its arrival until it is delivered or bounced."""
        yield Moment(self.env, message.arrival_ms, ATTEMPTS)
        message.due_ms = message.arrival_ms
        message.terms = self.limit_ms, self.most_attempts, self.stood_ms()
        step = "held" if self.paused else "stopped" if self.dead else "in line"
        while step not in ("delivered", *REMOVED):
            message.place = step
            stay = {
                "held": self.held,
                "stopped": self.stopped,
                "flying": self.flying,
                "in line": self.in_line,
                "in service": self.in_service,
                "waiting": self.waiting,
            }
            step = yield from stay[step](message)
            message.hears = frozenset()
        message.place, message.left_ms = step, self.now_ms

    def held(self, message: Message) -> Steps:
        """Nothing is tried and nothing expires. On resuming it is offered at once."""
        message.hears = frozenset({"resume", *REMOVED})
        try:
            yield self.env.event()
        except simpy.Interrupt as news:
            if news.cause != "resume":
                return str(news.cause)
            message.due_ms = self.now_ms
            return "stopped" if self.dead else "in line"
        raise AssertionError("nothing else happens to held mail")

    def stopped(self, message: Message) -> Steps:
        """The gateway is dead. When it is back, mail that is too old is returned, what is due is tried."""
        message.hears = frozenset({"start", "pause", "retry", *REMOVED})
        while True:
            try:
                yield self.env.event()
            except simpy.Interrupt as news:
                if news.cause == "retry":
                    message.due_ms = self.now_ms
                    continue
                if news.cause != "start":
                    return "held" if news.cause == "pause" else str(news.cause)
            if not self.last_try and self.now_ms - message.arrival_ms >= self.limits(message)[0]:
                return "bounced"
            return "in line" if message.due_ms <= self.now_ms else "waiting"

    def answer(self, message: Message, attempt: int) -> str:
        """How the server answers this attempt of `message` now; the first attempt has number 1."""
        condition = self.condition
        if condition.users:
            return condition.answer if message.user in condition.users else "up"
        if condition.of == "recipients":
            bits = mix(self.seed, f"partial {self.name}", message.user)
        elif condition.of != "attempts":
            if condition.of not in message.groups:
                return "up"
            bits = mix(self.seed, f"partly by {condition.of}", message.groups[condition.of])
        else:
            bits = mix(self.seed, f"partly {self.name}", message.id, attempt)
        return condition.answer if int(below(bits, 1000)[0]) < condition.per_mille else "up"

    def flying(self, message: Message) -> Steps:
        """Packets are repeated until one is answered, in whichever way, or the attempt is given up."""
        begun_ms = self.now_ms
        message.hears = frozenset({"pause", "stop", *REMOVED})
        try:
            for after_ms in SYN_MS[1:]:
                if after_ms < self.connect_ms:
                    yield Moment(self.env, begun_ms + after_ms, ATTEMPTS)
                    if self.answer(message, message.attempts + 1) != "timeout":
                        return "in line"
            yield Moment(self.env, begun_ms + self.connect_ms, ENDS)
        except simpy.Interrupt as news:
            if news.cause not in ("pause", "stop"):
                return str(news.cause)
        message.attempts += 1
        return self.refused(message)

    def in_line(self, message: Message) -> Steps:
        """First come, first served: by the time of the offer, then of the arrival, then by number."""
        turn = self.env.event()
        entry = (self.now_ms, message.arrival_ms, message.id, turn)
        while True:
            answer = self.answer(message, message.attempts + 1)
            if answer != "up":
                if entry in self.line:
                    self.line.remove(entry)
                return self.unanswered(message, answer)
            if entry not in self.line:
                self.line.append(entry)
            self.serve()
            message.hears = frozenset({"meet", "pause", "stop", *REMOVED})
            try:
                yield turn
            except simpy.Interrupt as news:
                if news.cause == "meet":
                    continue
                self.line.remove(entry)
                message.due_ms = self.now_ms
                return {"pause": "held", "stop": "stopped"}.get(news.cause, str(news.cause))
            return "in service"

    def unanswered(self, message: Message, answer: str) -> str:
        """What an attempt that does not get through leads to."""
        if answer == "timeout":
            return "flying"
        message.attempts += 1
        if answer == "reject":
            self.failed_ms.append(self.now_ms)
            return "rejected"
        return self.refused(message)

    def in_service(self, message: Message) -> Steps:
        """A connection is open. If the server, the network or the gateway is gone, it has failed."""
        message.attempts += 1
        message.hears = frozenset({"meet", "stop"})
        end = Moment(self.env, self.now_ms + self.per_message_ms, ENDS)
        while True:
            try:
                yield end
            except simpy.Interrupt as news:
                breaks = news.cause == "stop"
                if not breaks and self.answer(message, message.attempts) not in ("refused", "timeout"):
                    continue
                self.free += 1
                self.serve()
                return self.refused(message)
            self.free += 1
            self.serve()
            return "delivered"

    def waiting(self, message: Message) -> Steps:
        """Until the next slot of its own table, or the end of its life, or until somebody acts."""
        due_ms = message.arrival_ms + self.slot_after(self.now_ms - message.arrival_ms)
        message.due_ms = due_ms
        message.hears = frozenset({"pause", "stop", "retry", "extend", *REMOVED})
        while True:
            gives_up_ms = message.arrival_ms + self.limits(message)[0]
            expires = not self.last_try and gives_up_ms <= due_ms
            try:
                yield (
                    Moment(self.env, gives_up_ms, EXPIRIES) if expires else Moment(self.env, due_ms, ATTEMPTS)
                )
            except simpy.Interrupt as news:
                if news.cause == "extend":
                    continue
                return {"pause": "held", "stop": "stopped", "retry": "in line"}.get(
                    news.cause, str(news.cause)
                )
            return "bounced" if expires else "in line"

    def refused(self, message: Message) -> str:
        """An attempt has failed. Past its limit a message bounces; paused or stopped mail never does."""
        message.failures += 1
        self.failed_ms.append(self.now_ms)
        message.due_ms = message.arrival_ms + self.slot_after(self.now_ms - message.arrival_ms)
        if self.paused or self.dead:
            return "held" if self.paused else "stopped"
        limit_ms, most = self.limits(message)
        too_often = most is not None and message.attempts >= most
        return "bounced" if too_often or self.now_ms - message.arrival_ms >= limit_ms else "waiting"

    def slot_after(self, age_ms: int) -> int:
        """The first slot of the retry table later than `age_ms` after arrival."""
        slot, step = 0, 0
        while slot <= age_ms:
            slot += self.gaps_ms[min(step, len(self.gaps_ms) - 1)]
            step += 1
        return slot

    # The mail server

    def serve(self) -> None:
        """When its turn in this millisecond comes, the server takes as many as it has connections for."""

        def take(_event: simpy.Event) -> None:
            while self.free > 0 and self.line:
                first = min(self.line, key=lambda entry: entry[:3])
                self.line.remove(first)
                self.free -= 1
                first[3].succeed()

        due = Moment(self.env, self.now_ms, STARTS)
        assert due.callbacks is not None
        due.callbacks.append(take)
