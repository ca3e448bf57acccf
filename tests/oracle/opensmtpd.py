"""OpenSMTPD: each message on its own squares, a route that failed left alone, sessions one by one.

What is due at the same time shares a connection: if it fails, all of it is deferred. While there is mail
to send another session is opened every few seconds, up to the limit; the last one hangs on for some seconds.
Written down from mta.c, mta_session.c and limit.c: a domain has an entry (hoststat) for four hours after the
last answer about a message; what mta_flush defers goes into its list, and the first RCPT that is accepted
schedules the whole list.
"""

from math import isqrt

from sim.kernel.draws import mix
from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Rank
from tests.oracle.destination import HOST_FAILED, Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Sender, Waiting


class OpenSMTPD(Sender):
    """`ready`: messages that are due, each with the moment since when; `blocked`: until when a route is left
    alone; `opener`: the message for which a connection is being made. `hoststat`: the domain's list of
    deferred mail, and `heard_ms`: when it was last written to.
    """

    def __init__(self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.ready: list[tuple[int, int, Message]] = []
        self.blocked: dict[str, int] = {}
        self.sessions = 0
        self.connecting = False
        self.opener = self.drains = 0
        self.hoststat: list[Message] | None = None
        self.heard_ms = 0

    def arrives(self, message: Message) -> Waiting:
        limit_ms = message.arrival_ms + self.roles.duration("lifetime")
        self.due(message)
        yield self.env.until(limit_ms, Rank.EXPIRY, message.id)
        if message.open and not message.in_hand:
            self.ready = [one for one in self.ready if one[2] is not message]
            self.bounce(message, "refused")

    def due(self, message: Message) -> None:
        """The message joins what is to be sent; a session is opened if there is none. Which of several that
        become due together goes first is chance.
        """
        message.due_ms = 0
        self.ready.append((self.now_ms, int(mix(0, "opensmtpd order", message.id)[0]), message))
        self.ready.sort(key=lambda one: one[:2])
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
        while sent < self.roles.count("session_messages"):
            if not self.ready:
                hangs_on = bool(kept) and (yield from self.hang_on(kept))
                if not hangs_on:
                    break
            _, _, message = self.ready.pop(0)
            message.in_hand = True
            self.opener = self.opener if kept else message.id
            outcome = yield from self.attempt(message, kept=kept, skip=self.resting)
            message.in_hand = False
            if outcome.what == "delivered":
                self.hears()
            elif outcome.what == "bounce":
                self.bounce(message, outcome.cause)
            else:
                lost = outcome.cause in HOST_FAILED or not outcome.tried
                if lost and not kept:
                    self.cache(message)
                self.defer(message, outcome.cause, tried=outcome.tried)
                if lost and not kept:
                    self.give_up_on_all(outcome.cause)
                if lost:
                    break
            kept = kept or ("" if outcome.cause in HOST_FAILED else outcome.host)
            sent += 1
        self.close(bool(kept))

    def hang_on(self, host: str) -> Waiting:
        """Without mail the only session looks for some once a second; whether it found any in time. One to a
        host that refuses connections is gone.
        """
        for _ in range(self.roles.seconds("keep_connection")):
            if self.sessions > 1 or self.connecting:
                return False
            yield self.env.until(self.now_ms + 1000, Rank.SESSION)
            if self.hosts[host].behaviour.at(self.now_ms) == "refused":
                return False
            if self.ready:
                return True
        return False

    def close(self, opened: bool) -> None:
        if opened:
            self.sessions -= 1
        else:
            self.connecting = False
        if self.ready and not self.sessions and not self.connecting:
            self.open_session()

    def hears(self) -> None:
        """mta_hoststat_update: the entry is made, or lives for another four hours."""
        self.hoststat = self.entry() or []
        self.heard_ms = self.now_ms

    def entry(self) -> list[Message] | None:
        """The domain's list, while it lives."""
        if self.now_ms >= self.heard_ms + self.roles.duration("domain_memory"):
            self.hoststat = None
        return self.hoststat

    def cache(self, message: Message) -> None:
        """mta_hoststat_cache."""
        known = self.entry()
        if known is not None and message not in known and len(known) < self.roles.count("most_released"):
            known.append(message)

    def grows(self, drain: int) -> Waiting:
        """From the first session of a drain on, one more every few seconds while there is mail for it."""
        most, every_ms = self.platform.file.drain.connections or 1, self.roles.duration("connection_growth")
        yield self.env.until(self.now_ms + every_ms, Rank.SESSION)
        while self.sessions and drain == self.drains:
            tasks = len(self.ready)
            enough = self.sessions >= tasks or (self.sessions > 2 and self.sessions >= tasks // 2)
            if self.sessions < most and not self.connecting and not enough:
                self.open_session()
            yield self.env.until(self.now_ms + every_ms, Rank.SESSION)

    def give_up_on_all(self, cause: str) -> None:
        """No route is left: everything that is due waits for its own next time."""
        waiting, self.ready = self.ready, []
        for _, _, message in waiting:
            self.cache(message)
            self.defer(message, cause, tried=False)

    def resting(self, host: str) -> bool:
        return self.now_ms < self.blocked.get(host, 0)

    def answered(self, host: str, answer: str, message: Message) -> None:
        if answer not in HOST_FAILED and message.id == self.opener:
            self.opener, self.connecting, self.sessions = 0, False, self.sessions + 1
            if self.sessions == 1:
                self.drains += 1
                self.env.process(self.grows(self.drains))
        if answer not in HOST_FAILED:
            known = self.entry()
            if known is not None and message in known:
                known.remove(message)
            if answer != "up":
                self.hears()
            elif known is not None:
                self.hoststat = []
                for released in known:
                    if released.open and released.due_ms:
                        self.due(released)
        if answer in HOST_FAILED and self.platform.file.fallback[answer].value == "next":  # type: ignore[index]
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
        message.due_ms = message.arrival_ms + next_age_ms
        self.env.process(self.waits(message, message.due_ms))

    def waits(self, message: Message, due_ms: int) -> Waiting:
        yield self.env.until(due_ms, Rank.ATTEMPT, message.id)
        if message.open and message.due_ms == due_ms:
            self.due(message)
