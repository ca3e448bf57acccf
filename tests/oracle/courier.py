"""Courier: groups of attempts for each message, and a few children that connect for all of them.

A child whose connection or lookup failed makes none for esmtpdelay: what it is given meanwhile is put off,
which counts for the schedule. By libesmtp.c a host that greets with 421 ends the attempt, but sets no
`net_timeout`. A child that has a connection keeps it for some time, and whatever comes goes over it, to
whichever host that is. One that idles for that time ends, and its memory with it. Courier counts whole
seconds.
"""

from dataclasses import dataclass

from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Rank
from tests.oracle.destination import Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Sender, Waiting


@dataclass
class Child:
    """A slot for a delivery process for the destination, or the process in it."""

    started: bool = False
    busy: bool = False
    idle_since_ms: int = 0
    failed_s: int | None = None
    connected: str = ""


class Courier(Sender):
    """`line`: messages that are due while all children are busy."""

    def __init__(self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.children: list[Child] = []
        self.line: list[Message] = []

    def arrives(self, message: Message) -> Waiting:
        self.due(message)
        yield from ()

    def due(self, message: Message) -> None:
        message.due_ms = self.now_ms
        self.line.append(message)
        self.go_on()

    def go_on(self) -> None:
        """Each message that is due to a child."""
        while self.line:
            child = self.free_child()
            if child is None:
                return
            self.line.sort(key=lambda m: (m.due_ms, m.id))
            child.started = child.busy = True
            self.env.process(self.deliver(self.line.pop(0), child))

    def free_child(self) -> Child | None:
        """By courieresmtp.c: the first slot whose process idles; else the first that is empty, for a new one.
        A process that has idled for `esmtptimeoutkeepalive` is gone.
        """
        for slot, child in enumerate(self.children):
            gone_ms = child.idle_since_ms + self.roles.duration("keep_connection")
            if child.started and not child.busy and self.now_ms >= gone_ms:
                self.children[slot] = Child()
        running = [child for child in self.children if child.started and not child.busy]
        empty = [child for child in self.children if not child.started]
        if not running and not empty and len(self.children) < (self.platform.file.drain.connections or 1):
            self.children.append(Child())
            empty = self.children[-1:]
        return next(iter(running or empty), None)

    def deliver(self, message: Message, child: Child) -> Waiting:
        """With a child, which is free again in the next millisecond; after a failed connection, in the next
        second. Putting a message off takes it a while; then it goes on at once if others wait.
        """
        free_ms = 0
        suppress_s = self.roles.seconds("suppress")
        if child.failed_s is not None and self.now_ms // 1000 < child.failed_s + suppress_s:
            message.put_off.append(self.now_ms)
            self.defer(message, "refused")
            yield self.env.until(self.now_ms + self.roles.duration("deferral_time"), Rank.END, message.id)
            free_ms = self.now_ms if self.line else 0
        else:
            outcome = yield from self.attempt(message, kept=child.connected)
            child.connected, child.failed_s = outcome.host, None
            nobody_met = outcome.of_host and outcome.cause != "greeting_4xx"
            if outcome.what == "wait" and (nobody_met or outcome.cause == "servfail"):
                child.connected, child.failed_s = "", self.now_ms // 1000
            if outcome.of_host or outcome.cause == "greeting_5xx":
                child.connected = ""
            if outcome.what == "bounce":
                self.bounce(message, outcome.cause)
            elif outcome.what == "wait":
                self.defer(message, outcome.cause)
        if not free_ms and child.failed_s is None:
            free_ms = self.now_ms + 1
        elif not free_ms:
            free_ms = (self.now_ms // 1000 + 1) * 1000
        if free_ms > self.now_ms:
            yield self.env.until(free_ms, Rank.END, message.id)
        child.busy, child.idle_since_ms = False, self.now_ms
        self.go_on()

    def defer(self, message: Message, cause: str) -> None:
        """The next place in the groups, or a bounce at the first failure past the limit."""
        self.failed(message)
        age_ms = self.now_ms - message.arrival_ms
        if age_ms >= self.roles.duration("lifetime"):
            self.bounce(message, cause)
            return
        warned = len(message.notices)
        self.notice_at_failure(message, age_ms)
        done = message.failures + (len(message.notices) > warned)  # "completedcnt" of cdmsgq3.C
        group, within = divmod(done, self.roles.count("beta"))
        pause_ms = self.roles.duration("gamma") << min(group, self.roles.count("max_delta"))
        gap_ms = self.roles.duration("alpha") if within else pause_ms
        self.env.process(self.waits(message, self.now_ms + gap_ms))

    def waits(self, message: Message, due_ms: int) -> Waiting:
        yield self.env.until(due_ms, Rank.ATTEMPT, message.id)
        self.due(message)
