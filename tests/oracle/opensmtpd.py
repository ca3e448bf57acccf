"""OpenSMTPD: each message on its own squares, a route that failed left alone, sessions one by one.

What is due at the same time shares a connection: if it fails, all of it is deferred. While there is mail
to send another session is opened every few seconds, up to the limit.
"""

from math import isqrt

from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Rank
from tests.oracle.destination import HOST_FAILED, Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Sender, Waiting

NO_SESSION = HOST_FAILED | {"greeting_5xx"}
"""Answers after which there is no connection to send anything over."""


class OpenSMTPD(Sender):
    """`ready`: messages that are due; `blocked`: until when a route is left alone; `opener`: the message for
    which a connection is being made.
    """

    def __init__(self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.ready: list[Message] = []
        self.blocked: dict[str, int] = {}
        self.sessions = 0
        self.connecting = False
        self.opener = self.drains = 0

    def arrives(self, message: Message) -> Waiting:
        limit_ms = message.arrival_ms + self.roles.duration("lifetime")
        self.due(message)
        yield self.env.until(limit_ms, Rank.EXPIRY, message.id)
        if message.open and not message.in_hand:
            if message in self.ready:
                self.ready.remove(message)
            self.bounce(message, "refused")

    def due(self, message: Message) -> None:
        """The message joins what is to be sent; a session is opened if there is none."""
        self.ready.append(message)
        if not self.sessions and not self.connecting:
            self.open_session()

    def open_session(self) -> None:
        self.connecting = True
        self.env.process(self.session())

    def session(self) -> Waiting:
        """One connection: a message after another while there are any. All that is due in this
        millisecond is collected first.
        """
        yield self.env.until(self.now_ms, Rank.SESSION)
        kept, sent = "", 0
        while self.ready and sent < self.roles.count("session_messages"):
            self.ready.sort(key=lambda m: m.id)
            message = self.ready.pop(0)
            message.in_hand = True
            self.opener = self.opener if kept else message.id
            outcome = yield from self.attempt(message, kept=kept, skip=self.resting)
            message.in_hand = False
            if outcome.what == "wait":
                self.defer(message, outcome.cause, tried=outcome.tried)
                if outcome.cause in NO_SESSION or not outcome.tried:
                    self.give_up_on_all(outcome.cause)
                    break
            elif outcome.what == "bounce":
                self.bounce(message, outcome.cause)
            kept = kept or ("" if outcome.cause in NO_SESSION else outcome.host)
            sent += 1
        self.close(bool(kept))

    def close(self, opened: bool) -> None:
        if opened:
            self.sessions -= 1
        else:
            self.connecting = False
        if self.ready and not self.sessions and not self.connecting:
            self.open_session()

    def grows(self, drain: int) -> Waiting:
        """From the first session of a drain on, one more every few seconds while there is mail for it."""
        most, every_ms = self.platform.file.drain.connections or 1, self.roles.duration("connection_growth")
        yield self.env.until(self.now_ms + every_ms, Rank.SESSION)
        while self.sessions and drain == self.drains:
            if self.ready and self.sessions < most and not self.connecting:
                self.open_session()
            yield self.env.until(self.now_ms + every_ms, Rank.SESSION)

    def give_up_on_all(self, cause: str) -> None:
        """No route is left: everything that is due waits for its own next time."""
        waiting, self.ready = self.ready, []
        for message in waiting:
            self.defer(message, cause, tried=False)

    def resting(self, host: str) -> bool:
        return self.now_ms < self.blocked.get(host, 0)

    def answered(self, host: str, answer: str, message: Message) -> None:
        if answer not in NO_SESSION and message.id == self.opener:
            self.opener, self.connecting, self.sessions = 0, False, self.sessions + 1
            if self.sessions == 1:
                self.drains += 1
                self.env.process(self.grows(self.drains))
        if answer in NO_SESSION and self.platform.file.fallback[answer].value == "next":  # type: ignore[index]
            self.blocked[host] = self.now_ms + self.roles.duration("route_pause")

    def defer(self, message: Message, cause: str, *, tried: bool) -> None:
        """The next square of 20 s after now; a notice if that would be too late for it."""
        self.failed(message)
        if not tried:
            message.put_off.append(self.now_ms)
        root, limit_ms = self.roles.count("coefficient"), self.roles.duration("lifetime")
        age_ms = self.now_ms - message.arrival_ms
        if age_ms >= limit_ms:
            self.bounce(message, cause)
            return
        steps = isqrt(age_ms // (root * root * 1000)) + 1
        next_age_ms = root * root * steps * steps * 1000
        self.notify(message, self.ages_passed(min(next_age_ms, limit_ms)))
        self.env.process(self.waits(message, message.arrival_ms + next_age_ms))

    def waits(self, message: Message, due_ms: int) -> Waiting:
        yield self.env.until(due_ms, Rank.ATTEMPT, message.id)
        if message.open:
            self.due(message)
