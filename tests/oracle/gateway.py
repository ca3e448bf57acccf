"""A gateway's delivery queue in the plainest form: one process for each message.

Read it beside `sim/mail`: it shares nothing with it but the arrivals and the gaps of the retry
table. Nothing here is fast or clever. Times are integer milliseconds.

A message that has been accepted is in one of four places:

    waiting     between two attempts, for the next slot of its own table or the end of its life
    in line     offered to the mail server, waiting for one of its connections
    in service  being taken
    held        deliveries are paused

Within one millisecond: changes (what people do, the server stopping or answering), then whoever
looks, messages that reach the end of their life, ends of service, attempts, starts of service.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

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
    attempts: int = 0
    failures: int = 0
    place: str = "not yet here"
    """One of the four places, or at the end `delivered` or `bounced`."""
    left_ms: int | None = None
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
    answers: bool = True
    paused: bool = False
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
        """`down`, `up`, `pause`, `resume`, `retry` or `extend` at `at_ms`, after what was said before."""

        def happens(_event: simpy.Event) -> None:
            if word in ("down", "up"):
                self.answers = word == "up"
            if word in ("pause", "resume"):
                self.paused = word == "pause"
            if word == "extend":
                self.limit_ms = limit_ms
            for message in self.messages:
                if word in message.hears:
                    message.process.interrupt(word)

        due = Moment(self.env, at_ms, CHANGES)
        assert due.callbacks is not None
        due.callbacks.append(happens)

    def on_retry(self) -> int:
        """Messages that have failed, are still here and are not held."""
        here = ("waiting", "in line", "in service")
        return sum(message.failures > 0 and message.place in here for message in self.messages)

    # The life of a message

    def life(self, message: Message) -> Generator[simpy.Event, Any, None]:
        """From its arrival until it is delivered or bounced."""
        yield Moment(self.env, message.arrival_ms, ATTEMPTS)
        step = "held" if self.paused else "in line"
        while step not in ("delivered", "bounced"):
            message.place = step
            stay = {
                "held": self.held,
                "in line": self.in_line,
                "in service": self.in_service,
                "waiting": self.waiting,
            }
            step = yield from stay[step](message)
            message.hears = frozenset()
        message.place, message.left_ms = step, self.now_ms

    def held(self, message: Message) -> Steps:
        """Nothing is tried and nothing expires. On resuming it is offered at once."""
        message.hears = frozenset({"resume"})
        try:
            yield self.env.event()
        except simpy.Interrupt:
            return "in line"
        raise AssertionError("nothing else happens to held mail")

    def in_line(self, message: Message) -> Steps:
        """First come, first served: by the time of the offer, then of the arrival, then by number."""
        if not self.answers:
            message.attempts += 1
            return self.refused(message)
        turn = self.env.event()
        entry = (self.now_ms, message.arrival_ms, message.id, turn)
        self.line.append(entry)
        self.serve()
        message.hears = frozenset({"down", "pause"})
        try:
            yield turn
        except simpy.Interrupt as news:
            self.line.remove(entry)
            if news.cause == "pause":
                return "held"
            message.attempts += 1
            return self.refused(message)
        return "in service"

    def in_service(self, message: Message) -> Steps:
        """A connection is open. If the server stops, that attempt has failed."""
        message.attempts += 1
        message.hears = frozenset({"down"})
        try:
            yield Moment(self.env, self.now_ms + self.per_message_ms, ENDS)
        except simpy.Interrupt:
            self.free += 1
            return self.refused(message)
        self.free += 1
        self.serve()
        return "delivered"

    def waiting(self, message: Message) -> Steps:
        """Until the next slot of its own table, or the end of its life, or until somebody acts."""
        due_ms = message.arrival_ms + self.slot_after(self.now_ms - message.arrival_ms)
        message.hears = frozenset({"pause", "retry", "extend"})
        while True:
            gives_up_ms = message.arrival_ms + self.limit_ms
            expires = not self.last_try and gives_up_ms <= due_ms
            try:
                yield (
                    Moment(self.env, gives_up_ms, EXPIRIES) if expires else Moment(self.env, due_ms, ATTEMPTS)
                )
            except simpy.Interrupt as news:
                if news.cause == "extend":
                    continue
                return "held" if news.cause == "pause" else "in line"
            return "bounced" if expires else "in line"

    def refused(self, message: Message) -> str:
        """An attempt has failed. Past its limit a message bounces; paused mail never does."""
        message.failures += 1
        self.failed_ms.append(self.now_ms)
        if self.paused:
            return "held"
        return "bounced" if self.now_ms - message.arrival_ms >= self.limit_ms else "waiting"

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
            while self.free and self.line:
                first = min(self.line, key=lambda entry: entry[:3])
                self.line.remove(first)
                self.free -= 1
                first[3].succeed()

        due = Moment(self.env, self.now_ms, STARTS)
        assert due.callbacks is not None
        due.callbacks.append(take)
