"""OpenSMTPD: each message on its own squares, and one relay for all of them.

Written down from mta.c, mta_session.c, limit.c and scheduler_ramqueue.c, under their names. A relay exists as
long as it has tasks, connections or its own timer. mta_drain asks for a source now and then (after 1 s, then
every 10 s), which connects; a connector that finds no route has an error, and the next look for a source
then flushes all tasks. From 50 tasks on the scheduler holds what comes (ONHOLD) and gives ten back whenever
30 tasks are left; what is given back before its time waits for it. What mta_flush defers goes into the
domain's list (hoststat), and the first RCPT that is accepted schedules the whole list. time() counts whole
seconds.
"""

from collections.abc import Generator
from dataclasses import dataclass
from math import isqrt
from typing import Any

import simpy

from sim.kernel.draws import mix
from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Rank
from tests.oracle.destination import HOST_FAILED, Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Outcome, Sender, Waiting

CONNECTOR, RELAY, ENVELOPES, CONNECT, HANGON = range(5)
"""What comes first within one millisecond."""
NEVER = -(1 << 40)


def chance(message: Message) -> int:
    """Envelopes have random numbers, by which they are sorted."""
    return int(mix(0, "opensmtpd order", message.id)[0])


@dataclass(eq=False)
class Session:
    """A connection to `host`, "" if it is a look-up. `task`: the message that it is opened for, `taken` when
    the host greets.
    """

    host: str
    task: tuple[int, int, Message]
    ready: bool = False
    taken: bool = False
    msgcount: int = 0
    msgtried: int = 0


@dataclass(eq=False)
class Held:
    """A held message with its time in the scheduler."""

    message: Message
    sched_ms: int


class OpenSMTPD(Sender):
    """`tasks`: messages that are ready, each with the moment since when; `held`: the scheduler's queue of
    those that wait for the relay. `disabled`: until when a route is; `lastconn` and `lastdisc` of routes.
    `hoststat`: the domain's list of deferred mail, and `heard_ms`: when it was last written to.
    """

    def __init__(self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.tasks: list[tuple[int, int, Message]] = []
        self.held: list[Held] = []
        self.sessions: list[Session] = []
        self.serves: dict[int, Session] = {}
        self.disabled: dict[str, int] = {}
        self.lastconn: dict[str, int] = {}
        self.lastdisc: dict[str, int] = {}
        self.hoststat: list[Message] | None = None
        self.heard_ms = 0
        self.failure = "refused"
        self.relay_timer = False
        self.new_relay()

    def new_relay(self) -> None:
        """The old one was freed, with its domain and its connector."""
        self.mxs: tuple[str, ...] = ()
        self.relay_lastconn = self.nextsource = NEVER
        self.connector_error = self.onhold = False
        self.connector_new = True
        self.wakes: object = None
        self.tried: list[Message] = []

    @property
    def now_s(self) -> int:
        """time(NULL)."""
        return self.now_ms // 1000

    def timer(self, second: int) -> int:
        """runq_schedule_at: whole seconds from now."""
        return self.now_ms + (second - self.now_s) * 1000

    def found(self) -> tuple[str, ...] | str:
        return self.mxs or super().found()

    # ------------------------------------------------------------ the scheduler

    def arrives(self, message: Message) -> Waiting:
        limit_ms = message.arrival_ms + self.roles.duration("lifetime")
        self.envelope(message, 0)
        yield self.env.until(limit_ms, Rank.EXPIRY, message.id)
        if message.open and not message.in_hand:
            self.bounce(message, "refused")

    def envelope(self, message: Message, sched_ms: int) -> None:
        """mta_handle_envelope: a task, or held."""
        message.in_hand, message.due_ms = True, 0
        if self.ntask() >= self.roles.count("hold_from"):
            self.onhold = True
        if self.onhold:
            if len(self.held) < self.roles.count("most_held"):
                self.held.append(Held(message, sched_ms))
            else:
                self.overflow(message, sched_ms)
            return
        self.insert((self.now_ms, chance(message), message))
        self.env.process(self.drains())

    def overflow(self, message: Message, sched_ms: int) -> None:
        """scheduler_ram_hold with HOLDQ_MAXSIZE: back to the queue, with BACKOFF_OVERFLOW."""
        message.in_hand = False
        message.put_off.append(self.now_ms)
        step, unit_ms = 1, self.roles.duration("overflow_unit")
        while message.arrival_ms + unit_ms * step * step <= max(self.now_ms, sched_ms):
            step += 1
        message.due_ms = message.arrival_ms + unit_ms * step * step
        self.env.process(self.waits(message, message.due_ms))

    def insert(self, task: tuple[int, int, Message]) -> None:
        self.tasks.append(task)
        self.tasks.sort(key=lambda one: one[:2])

    def ntask(self) -> int:
        """Those that no session has taken."""
        return len(self.tasks) + sum(not session.taken for session in self.sessions)

    def drains(self) -> Waiting:
        yield self.env.until(self.now_ms, Rank.SESSION, ENVELOPES)
        self.drain()

    def task_taken(self) -> None:
        """mta_route_next_task."""
        if self.ntask() == self.roles.count("hold_to"):
            self.onhold = False
            self.release(self.roles.count("hold_step"))
        elif self.ntask() == 0:
            self.release(len(self.held))

    def release(self, count: int) -> None:
        """scheduler_ram_release: they are pending again, and due at their time."""
        back = self.held[max(0, len(self.held) - count) :]
        self.held = self.held[: max(0, len(self.held) - count)]
        for task in back:
            message = task.message
            if task.sched_ms <= self.now_ms:
                self.envelope(message, task.sched_ms)
            elif self.now_ms - message.arrival_ms >= self.roles.duration("lifetime"):
                self.bounce(message, self.failure)
            else:
                message.in_hand, message.due_ms = False, task.sched_ms

    def tempfail(self, message: Message, cause: str, *, tried: bool, held_ms: int | None = None) -> None:
        """The next square of 20 s after now; a notice if that would be too late for it. A held message is
        only updated, when it comes up: no notice.
        """
        self.failed(message)
        message.in_hand = False
        if not tried:
            message.put_off.append(self.now_ms)
        root, limit_ms = self.roles.count("coefficient"), self.roles.duration("lifetime")
        if self.now_ms - message.arrival_ms >= limit_ms:
            self.bounce(message, cause)
            return
        age_ms = max(self.now_ms, held_ms or 0) - message.arrival_ms
        steps = isqrt(age_ms // (root * root * 1000)) + 1
        next_age_ms = root * root * steps * steps * 1000
        if held_ms is None:
            self.notify(message, self.ages_passed(min(next_age_ms, limit_ms)))
        message.due_ms = message.arrival_ms + next_age_ms
        self.env.process(self.waits(message, message.due_ms))

    def waits(self, message: Message, due_ms: int) -> Waiting:
        yield self.env.until(due_ms, Rank.ATTEMPT, message.id)
        if message.open and message.due_ms == due_ms:
            self.envelope(message, due_ms)

    # ------------------------------------------------------------ the relay

    def resolving(self) -> bool:
        """Whether a look-up goes on that will find nothing."""
        return any(session.host == "" for session in self.sessions)

    def drain(self) -> None:
        """mta_drain, with mta_query_source."""
        if self.ntask() == 0 or self.relay_timer or self.resolving():
            return
        if self.nextsource <= self.now_s:
            slow, fast = self.roles.seconds("route_check"), self.roles.seconds("first_route_check")
            self.connect()
            if self.connector_error:
                self.flush(self.failure)
                return
            if self.resolving():
                return
            self.nextsource = self.now_s + (fast if self.connector_new else slow)
            self.connector_new = False
        self.relay_timer = True
        self.env.process(self.looks_for_source())

    def looks_for_source(self) -> Waiting:
        yield self.env.until(self.timer(self.nextsource), Rank.SESSION, RELAY)
        self.relay_timer = False
        self.drain()
        self.unref()

    def unref(self) -> None:
        """The relay is freed if nothing is left of it."""
        if not self.sessions and not self.ntask() and not self.relay_timer:
            self.new_relay()

    def flush(self, cause: str, *, permanently: bool = False) -> None:
        """mta_flush: all tasks fail; they are kept for the domain's next success. What is held is only
        updated.
        """
        tasks, held, tried = self.tasks, self.held, self.tried
        self.tasks, self.held, self.tried, self.onhold = [], [], [], False
        for _, _, message in tasks:
            if permanently:
                self.bounce(message, cause)
                continue
            known = self.entry()
            if known is not None and message not in known and len(known) < self.roles.count("most_released"):
                known.append(message)
            self.tempfail(message, cause, tried=message in tried)
        for task in held:
            self.tempfail(task.message, cause, tried=False, held_ms=task.sched_ms)
        self.unref()

    # ------------------------------------------------------------ the connector

    def connect(self, gone: str = "") -> None:
        """mta_connect, with mta_find_route. `gone`: the host of the session that is being freed."""
        self.wakes = None
        while not self.connector_error and self.tasks and not self.resolving():
            nconn, nready = len(self.sessions), sum(session.ready for session in self.sessions)
            if nready >= self.ntask() or (nconn > 2 and nconn >= self.ntask() // 2):
                return
            found = self.found()
            next_s, host = self.relay_lastconn + self.roles.seconds("connection_gap"), ""
            if next_s <= self.now_s and not isinstance(found, str):
                route = self.find_route(found, gone)
                if route is None:
                    self.connector_error = True
                    return
                next_s, host = route
            if next_s > self.now_s:
                self.wakes = object()
                self.env.process(self.connects_later(self.timer(next_s), self.wakes))
                return
            self.mxs = () if isinstance(found, str) else found
            self.relay_lastconn = self.now_s
            if host:
                self.lastconn[host] = self.now_s
            session = Session(host, self.tasks.pop(0))
            self.sessions.append(session)
            self.env.process(self.session(session))

    def connects_later(self, time_ms: int, mine: object) -> Waiting:
        yield self.env.until(time_ms, Rank.SESSION, CONNECTOR)
        if self.wakes is mine:
            self.connect()

    def find_route(self, mxs: tuple[str, ...], gone: str) -> tuple[int, str] | None:
        """When the best route that is not disabled can be used; None if all are."""
        for host in mxs:
            if self.now_ms < self.disabled.get(host, 0):
                continue
            conns = [session for session in self.sessions if session.host == host]
            per_route = self.roles.seconds("connection_growth")
            valid = any(session.ready for session in conns)
            if len(conns) >= (self.platform.file.drain.connections or 1) or (conns and not valid):
                return self.now_s + per_route, host
            next_s = self.lastconn.get(host, NEVER) + per_route
            if next_s <= self.now_s and (conns or host == gone):
                next_s = self.lastdisc.get(host, NEVER) + self.roles.seconds("reconnect_pause")
            return max(next_s, self.now_s), host
        return None

    # ------------------------------------------------------------ a session

    def session(self, mine: Session) -> Waiting:
        """A connection for the first task; then one task after another."""
        yield self.env.until(self.now_ms, Rank.SESSION, CONNECT)
        message = mine.task[2]
        outcome = yield from self.serve(mine, message, kept="")
        if not mine.ready:
            self.sessions.remove(mine)
            self.insert(mine.task)
            if not mine.host:
                self.flush(outcome.cause, permanently=outcome.what == "bounce")
                return
            self.failure = outcome.cause
            self.tried.append(message)
            self.collect(mine)
            return
        while self.settle(mine, message, outcome):
            if mine.msgtried >= self.roles.count("session_failures"):
                break
            if mine.msgcount >= self.roles.count("session_messages"):
                break
            if not self.tasks and not (yield from self.hang_on(mine)):
                break
            _, _, message = self.tasks.pop(0)
            self.task_taken()
            outcome = yield from self.serve(mine, message, kept=mine.host)
        self.sessions.remove(mine)
        self.collect(mine)

    def serve(self, mine: Session, message: Message, kept: str) -> Generator[simpy.Event, Any, Outcome]:
        self.serves[message.id] = mine
        outcome = yield from self.attempt(message, kept=kept, skip=lambda host: host != mine.host)
        del self.serves[message.id]
        return outcome

    def settle(self, mine: Session, message: Message, outcome: Outcome) -> bool:
        """What became of a message; whether the connection lives."""
        mine.msgtried += 1
        if outcome.what == "delivered":
            mine.msgcount, mine.msgtried = mine.msgcount + 1, 0
            self.hears()
        elif outcome.what == "bounce":
            self.bounce(message, outcome.cause)
        else:
            self.tempfail(message, outcome.cause, tried=True)
        if outcome.cause in HOST_FAILED:
            self.hears()
            return False
        return True

    def hang_on(self, mine: Session) -> Generator[simpy.Event, Any, bool]:
        """Without mail the only session looks for some once a second; whether it found any in time. One to a
        host that refuses connections is gone.
        """
        for _ in range(self.roles.seconds("keep_connection")):
            if len(self.sessions) > 1:
                return False
            yield self.env.until(self.now_ms + 1000, Rank.SESSION, HANGON)
            if self.hosts[mine.host].behaviour.at(self.now_ms) == "refused":
                return False
            if self.tasks:
                return True
        return False

    def collect(self, gone: Session) -> None:
        """mta_route_collect."""
        self.lastdisc[gone.host] = self.now_s
        self.connect(gone.host)
        self.unref()

    def answered(self, host: str, answer: str, message: Message) -> None:
        mine = self.serves[message.id]
        valid = any(session.ready and session.host == host for session in self.sessions)
        if answer in HOST_FAILED:
            if not mine.ready and not valid:
                self.disabled[host] = self.now_ms + self.roles.duration("route_pause")
            return
        if not mine.ready:
            self.made(mine, valid)
        known = self.entry()
        if known is not None and message in known:
            known.remove(message)
        if answer != "up":
            self.hears()
        elif known is not None:
            self.hoststat = []
            for released in sorted(known, key=chance):
                if released.open and released.due_ms:
                    self.envelope(released, released.due_ms)

    def made(self, mine: Session, valid: bool) -> None:
        """MTA_READY: a new route's first session looks for another one, while its task still counts."""
        mine.ready = True
        if not valid:
            self.connect()
        mine.taken = True
        self.task_taken()

    # ------------------------------------------------------------ the domain's list

    def hears(self) -> None:
        """mta_hoststat_update: the entry is made, or lives for another four hours."""
        self.hoststat = self.entry() or []
        self.heard_ms = self.now_ms

    def entry(self) -> list[Message] | None:
        """The domain's list, while it lives."""
        if self.now_ms >= self.heard_ms + self.roles.duration("domain_memory"):
            self.hoststat = None
        return self.hoststat
