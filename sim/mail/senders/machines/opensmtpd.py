"""OpenSMTPD: retry times per message, and connections that all mail for the domain shares.

Messages wait together for a connection; above a limit, further ones are held back. After a failure, a route
is not used for some seconds, and another connection is only made after a pause. If no route is left, mail
waits for the next check of the routes, which defers all of it. While there is mail to send, another
connection is opened every few seconds, up to the limit, and the last one stays open for a while. Mail that
was deferred because there was no connection is sent as soon as a host accepts another message, provided a
host of the domain has answered in the hours before. The server counts whole seconds. Source: mta.c,
mta_session.c, limit.c, scheduler_ramqueue.c.
"""

from heapq import heappop, heappush
from math import isqrt
from typing import ClassVar

from sim.kernel.draws import mix
from sim.kernel.duration import NEVER_MS, SECOND_MS
from sim.mail.platforms.platform import Platform
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.rule import enter
from sim.mail.senders.hosts.host import HOST_FAILED, UP
from sim.mail.senders.hosts.known_domain import KnownDomain
from sim.mail.senders.hosts.spaced_routes import LONG_AGO_S, DomainLink, SpacedRoutes
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.expiring import Expiring
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage

TAKEN_UP = -1
"""The value of `due_ms` for a message without a retry time: it is ready or held back, or a delivery is in
progress.
"""
CONNECTS, CHECKS, DRAINS, OPENS, HANGS_ON = range(5)
"""The order of a sender's own steps within Rank.SESSION."""


class OpenSMTPD(Expiring):
    """`ready`: a heap of messages that wait for a connection, (since when, draw, message); those that become
    ready together leave in no order. `held`: messages held back, with their retry times, in order; `holding`:
    True if further ones are held back too. `to_drain`: messages have become ready in this millisecond.

    `links`: the connections, by number; `with_link`: the connection of each message being delivered;
    `untaken`: the number of connections being made, each with its first message; `tried_for`: messages for
    which a connection has failed; `cause`: the last answer of a failed connection.

    `mx`: the hosts of the domain, looked up once as long as there is mail or a connection; `stuck`: True if
    all routes were paused. `connects_ms`: when to try to connect; `checks`: True if the next check of the
    routes is on the agenda, `checks_s` its second; `checked`: True after the first one.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        *Expiring.STATE,
        *("ready", "held", "holding", "to_drain", "links", "numbers", "with_link", "untaken", "tried_for"),
        *("mx", "routes_to", "stuck", "connects_ms", "checks", "checks_s", "checked"),
        *("cause", "domain"),
    )

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds) -> None:
        super().__init__(agenda, platform, ends)
        roles = self.roles
        self.session_messages = roles.count("session_messages")
        self.session_failures = roles.count("session_failures")
        self.check_s, self.first_check_s = roles.seconds("route_check"), roles.seconds("first_route_check")
        self.keep_s = roles.seconds("keep_connection")
        self.remembers_ms = roles.duration("domain_memory")
        self.hold_from, self.hold_to = roles.count("hold_from"), roles.count("hold_to")
        self.hold_step, self.most_held = roles.count("hold_step"), roles.count("most_held")
        self.overflow_ms = roles.duration("overflow_unit")
        self.routes_to = SpacedRoutes(
            roles.seconds("connection_gap"),
            roles.seconds("connection_growth"),
            roles.seconds("reconnect_pause"),
            roles.duration("route_pause"),
            platform.file.drain.connections or 1,
        )
        self.ready: list[tuple[int, int, int]] = []
        self.held: list[tuple[int, int]] = []
        self.links: dict[int, DomainLink] = {}
        self.with_link: dict[int, int] = {}
        self.numbers = self.untaken = 0
        self.to_drain = self.checks = False
        self.cause = "refused"
        self.domain = KnownDomain(self.remembers_ms, roles.count("most_released"))
        self._forget_relay()

    def _forget_relay(self) -> None:
        """Forget what is known as long as there is mail or a connection."""
        self.mx: tuple[str, ...] = ()
        self.routes_to.connected_s = LONG_AGO_S
        self.stuck = self.checked = self.holding = False
        self.connects_ms = self.checks_s = 0
        self.tried_for: list[int] = []

    @property
    def now_s(self) -> int:
        """The current second."""
        return self.agenda.now_ms // SECOND_MS

    def found(self) -> tuple[str, ...] | str:
        return self.mx or super().found()

    def arrives(self, mail: QueuedMessage) -> None:
        self._becomes_ready(mail)
        self.expires(mail)

    def due(self, message: int) -> None:
        """The message's own retry time; earlier if it was released."""
        mail = self.queue.get(message)
        if mail is not None and mail.due_ms == self.now_ms:
            self._becomes_ready(mail)

    # Messages that wait for a connection

    def _becomes_ready(self, mail: QueuedMessage) -> None:
        """Let the message wait for a connection, or hold it back if many wait already."""
        self.changing(mail)
        due_ms, mail.due_ms, mail.in_hand = mail.due_ms, TAKEN_UP, True
        self.holding = self.holding or self._tasks() >= self.hold_from
        if self.holding and len(self.held) >= self.most_held:
            self._finds_no_room(mail, max(self.now_ms, due_ms))
            return
        if self.holding:
            self.held.append((mail.id, due_ms))
            return
        self._waits(mail.id, self.now_ms)
        if not self.to_drain:
            self.to_drain = True
            self.at(self.now_ms, Rank.SESSION, DRAINS, "drain")

    def _finds_no_room(self, mail: QueuedMessage, from_ms: int) -> None:
        """Let the message come back at the next square of its age in short units."""
        steps = isqrt((from_ms - mail.arrival_ms) // self.overflow_ms) + 1
        mail.due_ms, mail.in_hand = mail.arrival_ms + self.overflow_ms * steps * steps, False
        self.puts_off(mail)
        self.at(mail.due_ms, Rank.ATTEMPT, mail.id, "due", mail.id)

    def _waits(self, message: int, since_ms: int) -> None:
        heappush(self.ready, (since_ms, _draw(message), message))

    def _tasks(self) -> int:
        return len(self.ready) + self.untaken

    def _has_taken_one(self) -> None:
        """Release held messages once few are left that wait: the last ones held come first."""
        tasks = self._tasks()
        if tasks == self.hold_to:
            self.holding = False
            self._release_held(self.held[-self.hold_step :])
        elif not tasks:
            self._release_held(self.held)

    def _release_held(self, released: list[tuple[int, int]]) -> None:
        """Make held messages ready. Those that a success released before their retry time wait for it."""
        self.held = self.held[: len(self.held) - len(released)]
        for message, due_ms in released:
            mail = self.queue[message]
            if due_ms <= self.now_ms:
                self._becomes_ready(mail)
                continue
            self.changing(mail)
            mail.due_ms, mail.in_hand = due_ms, False
            if self.past_limit(mail):
                self.bounce(mail, self.cause)

    # Checks of the routes

    def drain(self) -> None:
        """Messages have become ready in this millisecond."""
        self.to_drain = False
        self._check()

    def check(self) -> None:
        """The next check of the routes."""
        self.checks = False
        self._check()
        self._ends_if_idle()

    def _check(self) -> None:
        """Connect if the time for it has come. If no route is left, defer everything."""
        if self.checks or self._looks_up() or not self._tasks():
            return
        now_s = self.now_s
        if now_s >= self.checks_s:
            self._connect()
            if self.stuck:
                self._fail_all(self.cause)
                return
            if self._looks_up():
                return
            self.checks_s = now_s + (self.check_s if self.checked else self.first_check_s)
            self.checked = True
        self.checks = True
        self.at(self._at_second(self.checks_s), Rank.SESSION, CHECKS, "check")

    def _at_second(self, second: int) -> int:
        """The time at which a timer for that second ends: it is set in whole seconds from now."""
        return self.now_ms + (second - self.now_s) * SECOND_MS

    # Connections

    def connect(self, at_ms: int) -> None:
        """The end of a wait for a connection, unless it was ended."""
        if at_ms == self.connects_ms:
            self._connect()

    def _connect(self, ended: str = "") -> None:
        """Open the connections that may be opened now, and set a timer for the next one. `ended`: the host
        whose connection has just ended.
        """
        self.connects_ms = 0
        while self.ready and not (self.stuck or self._looks_up() or self._enough()):
            found = self.found()
            hosts = ("",) if isinstance(found, str) else found
            host, then_s = self.routes_to.next(hosts, self.now_ms, ended)
            if then_s == NEVER_MS:
                self.stuck = True
                return
            if then_s > self.now_s:
                self.connects_ms = self._at_second(then_s)
                self.at(self.connects_ms, Rank.SESSION, CONNECTS, "connect", self.connects_ms)
                return
            self.mx = () if isinstance(found, str) else found
            self._open(host)

    def _looks_up(self) -> bool:
        """True during a look-up that will name no host."""
        return any(not link.host for link in self.links.values())

    def _enough(self) -> bool:
        """True if there is a connection for each message or, from the third one on, for every second one."""
        tasks, links = self._tasks(), len(self.links)
        made = sum(link.made for link in self.links.values())
        return made >= tasks or (links > 2 and links >= tasks // 2)

    def _open(self, host: str) -> None:
        """Begin to connect, for the first message that is ready."""
        self.numbers += 1
        since_ms, _, message = heappop(self.ready)
        self.links[self.numbers] = DomainLink(host, since_ms)
        self.with_link[message] = self.numbers
        self.untaken += 1
        self.routes_to.begins(host, self.now_ms)
        self.at(self.now_ms, Rank.SESSION, OPENS, "opens", message)

    def opens(self, message: int) -> None:
        """Connect to the host."""
        self.attempt(self.queue[message], "tried")

    def skips(self, mail: QueuedMessage, host: str, extra: int) -> bool:
        return host != self.links[self.with_link[mail.id]].host

    def answered(self, host: str, answer: str, mail: QueuedMessage) -> None:
        link = self.links[self.with_link[mail.id]]
        if answer in HOST_FAILED:
            if not link.made:
                self.routes_to.fails(host, self.now_ms)
            return
        if not link.made:
            link.made = True
            if self.routes_to.greets(host):
                self._connect()
            self.untaken -= 1
            self._has_taken_one()
        self.domain.forget(mail.id)
        if answer == UP:
            self._release()
        else:
            self.domain.hears(self.now_ms)

    def send(self, number: int) -> None:
        """Send the connection's next message. If there is none, the connection ends, except the last one,
        which waits for more mail.
        """
        link = self.links[number]
        if link.failed >= self.session_failures or link.sent >= self.session_messages:
            self._close(number)
        elif self.ready:
            message = heappop(self.ready)[2]
            self._has_taken_one()
            self.with_link[message] = number
            self.attempt(self.queue[message], "tried", kept=link.host)
        elif len(self.links) > 1:
            self._close(number)
        else:
            self.at(self.now_ms + SECOND_MS, Rank.SESSION, HANGS_ON, "hangs_on", number, 1)

    def hangs_on(self, number: int, waited_s: int) -> None:
        """Look for mail, as an idle connection does once a second. It ends if the host now refuses
        connections.
        """
        answer = self.agenda.hosts[self.links[number].host].at(self.now_ms)
        if answer.answer == "refused" and answer.per_mille == 1000:
            self._close(number)
        elif self.ready:
            self.send(number)
        elif waited_s >= self.keep_s or len(self.links) > 1:
            self._close(number)
        else:
            self.at(self.now_ms + SECOND_MS, Rank.SESSION, HANGS_ON, "hangs_on", number, waited_s + 1)

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """End an attempt. If no connection came about, its message waits with the others."""
        number = self.with_link.pop(mail.id)
        link = self.links[number]
        if not link.made:
            self._was_not_made(mail, number, outcome)
            return
        if outcome.what == "delivered":
            self.domain.hears(self.now_ms)
            link.sent, link.failed = link.sent + 1, 0
        else:
            link.failed += 1
            if outcome.what == "bounce":
                self.bounce(mail, outcome.cause)
            else:
                self._defer(mail, outcome.cause, tried=True)
        if outcome.cause in HOST_FAILED:
            self.domain.hears(self.now_ms)
            self._close(number)
        else:
            self.soon("send", number)

    def _was_not_made(self, mail: QueuedMessage, number: int, outcome: AttemptOutcome) -> None:
        link = self.links[number]
        self.untaken -= 1
        self._waits(mail.id, link.since_ms)
        if link.host:
            self.cause = outcome.cause
            self.tried_for.append(mail.id)
            self._close(number)
        else:
            del self.links[number]
            self._fail_all(outcome.cause, bounces=outcome.what == "bounce")

    def _close(self, number: int) -> None:
        """End a connection; another one may be opened after a pause."""
        link = self.links.pop(number)
        self.routes_to.ends(link.host, self.now_ms, made=link.made)
        self._connect(link.host)
        self._ends_if_idle()

    def _ends_if_idle(self) -> None:
        if not (self.links or self._tasks() or self.checks):
            self._forget_relay()

    def _release(self) -> None:
        """Make the remembered messages ready at once, because a host has accepted a recipient."""
        for message in sorted(self.domain.released(self.now_ms), key=_draw):
            mail = self.queue.get(message)
            if mail is not None and mail.due_ms != TAKEN_UP:
                self._becomes_ready(mail)

    # Waiting

    def _fail_all(self, cause: str, *, bounces: bool = False) -> None:
        """Let all messages that wait for a connection, or are held back, wait for their own retry time. Only
        those that wait for a connection can be released by a success.
        """
        waiting, self.ready = sorted(self.ready), []
        held, self.held, self.holding = self.held, [], False
        tried_for, self.tried_for = self.tried_for, []
        for _, _, message in waiting:
            if bounces:
                self.bounce(self.queue[message], cause)
            else:
                self.domain.remember(message, self.now_ms)
                self._defer(self.queue[message], cause, tried=message in tried_for)
        for message, due_ms in held:
            self._defer(self.queue[message], cause, tried=False, held_ms=due_ms)
        self._ends_if_idle()

    def _defer(self, mail: QueuedMessage, cause: str, *, tried: bool, held_ms: int | None = None) -> None:
        """Wait for the message's next retry time, or bounce it. A notice is sent now if it would be too
        late at the next attempt. A message that was held back, with the retry time `held_ms`, gets none, and
        skips a retry time that has not come yet.
        """
        self.failed(mail)
        mail.in_hand = False
        if not tried:
            self.puts_off(mail)
        from_ms = max(self.now_ms, held_ms or 0)
        then = self.platform.rule.after_failure(enter(mail.arrival_ms), from_ms, AttemptFailure.REFUSED)
        if self.past_limit(mail):
            self.bounce(mail, cause)
            return
        if held_ms is None:
            self.notify(mail, self.ages_passed(min(self.lifetime_ms, self._age_ms(then.due_ms, mail))))
        mail.due_ms = NEVER_MS if then.due_ms is None else then.due_ms
        if then.due_ms is not None:
            self.at(then.due_ms, Rank.ATTEMPT, mail.id, "due", mail.id)

    def _age_ms(self, due_ms: int | None, mail: QueuedMessage) -> int:
        return self.lifetime_ms if due_ms is None else due_ms - mail.arrival_ms


def _draw(message: int) -> int:
    """The place of a message among others that become ready together."""
    return int(mix(0, "opensmtpd order", message)[0])
