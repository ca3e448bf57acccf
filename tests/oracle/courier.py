"""Courier: groups of attempts for each message, and a few children that connect for all of them.

A child whose connection or lookup failed makes none for esmtpdelay: what it is given meanwhile is put off,
which counts for the schedule. By libesmtp.c a host that greets with 421 ends the attempt, but sets no
`net_timeout`. A child that has a connection keeps it for some time, and whatever comes goes over it, to
whichever host that is. One that idles for that time ends, and its memory with it. Courier counts whole
seconds.

By cdmsgq.C the scheduler has slots for `queuehi` messages. A message that finds none takes that of the last
one in the queue, if that is due later; if not, it stays on disk, and the queue is scanned again after
`queuefill`. It is scanned, too, whenever a message is done and fewer than `queuelo` are left.
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
    """`waiting`: (second in which it is due, message), as in cdmsgq.C, a new one in front of those of its
    second; `line`: messages that are due while all children are busy. `slots`: how many messages are in
    memory; `disk`: the others, with their seconds; `fill_s`: nextqueuefill.
    """

    def __init__(self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.children: list[Child] = []
        self.line: list[Message] = []
        self.waiting: list[tuple[int, Message]] = []
        self.wakes_ms = 0
        self.slots = self.fill_s = 0
        self.disk: list[tuple[int, Message]] = []

    def arrives(self, message: Message) -> Waiting:
        self.scan_one(self.now_ms // 1000, message)
        self.wakes()
        yield from ()

    def wakes(self) -> None:
        """courierd.C: whenever something happens, and when the time is over that it computed then, the
        scheduler starts what is due by its clock of whole seconds, and sleeps whole seconds.
        """
        now_s = self.now_ms // 1000
        while self.waiting and self.waiting[0][0] <= now_s:
            self.line.append(self.waiting.pop(0)[1])
        if self.fill_s and self.fill_s <= now_s:
            self.scan()
        self.go_on()
        moments_s = [due_s for due_s, _ in self.waiting[:1]] + [self.fill_s][: bool(self.fill_s)]
        if moments_s:
            self.wakes_ms = self.now_ms + (min(moments_s) - now_s) * 1000
            self.env.process(self.sleeps(self.wakes_ms))

    def scan_one(self, due_s: int, message: Message) -> bool:
        """queuescan3: whether the message is in memory now."""
        high = max(self.roles.count("most_loaded"), self.roles.count("least_loaded"))
        if self.slots == high and self.waiting and self.waiting[-1][0] > due_s:
            self.disk.append(self.waiting.pop())
            self.slots -= 1
        if self.slots == high:
            self.disk.append((due_s, message))
            every_s = self.roles.seconds("refill")
            if every_s and not self.fill_s:
                self.fill_s = self.now_ms // 1000 + every_s
            return False
        self.slots += 1
        if due_s <= self.now_ms // 1000:
            self.line.append(message)
            return True
        place = next((n for n, (other_s, _) in enumerate(self.waiting) if other_s >= due_s), None)
        self.waiting.insert(len(self.waiting) if place is None else place, (due_s, message))
        return True

    def scan(self) -> None:
        """queuescan and queuescan2: a directory for 10,000 s, in it by time."""
        self.fill_s = 0
        for directory in sorted({due_s // 10_000 for due_s, _ in self.disk}):
            files = [one for one in self.disk if one[0] // 10_000 == directory]
            added = False
            for one in sorted(files, key=lambda file: (file[0], file[1].id)):
                self.disk.remove(one)
                if not self.scan_one(*one):
                    break
                added = True
            if files and not added:
                return

    def done(self, due_s: int | None, message: Message) -> None:
        """msgq::done."""
        self.slots -= 1
        if due_s is not None:
            self.scan_one(due_s, message)
        if self.slots < self.roles.count("least_loaded"):
            self.scan()

    def sleeps(self, until_ms: int) -> Waiting:
        yield self.env.until(until_ms, Rank.ATTEMPT)
        if self.wakes_ms == until_ms:
            self.wakes_ms = 0
            self.wakes()

    def go_on(self) -> None:
        """Each message that is due to a child."""
        while self.line:
            child = self.free_child()
            if child is None:
                return
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
        """With a child. A delivery takes it until the next millisecond; putting a message off, a while."""
        suppress_s = self.roles.seconds("suppress")
        if child.failed_s is not None and self.now_ms // 1000 < child.failed_s + suppress_s:
            message.put_off.append(self.now_ms)
            self.defer(message, "refused")
            free_ms = self.now_ms + self.roles.duration("deferral_time")
        else:
            outcome = yield from self.attempt(message, kept=child.connected)
            child.connected, child.failed_s = outcome.host, None
            nobody_met = outcome.of_host and not outcome.cause.startswith("greeting")
            if outcome.what == "wait" and (nobody_met or outcome.cause == "servfail"):
                child.connected, child.failed_s = "", self.now_ms // 1000
            if outcome.of_host:
                child.connected = ""
            if outcome.what == "bounce":
                self.bounce(message, outcome.cause)
            if outcome.what == "wait":
                self.defer(message, outcome.cause)
            else:
                self.done(None, message)
            free_ms = self.now_ms + (outcome.what == "delivered")
        if free_ms > self.now_ms:
            yield self.env.until(free_ms, Rank.END, message.id)
        child.busy, child.idle_since_ms = False, self.now_ms
        self.wakes()

    def defer(self, message: Message, cause: str) -> None:
        """The next place in the groups, or a bounce at the first failure past the limit."""
        self.failed(message)
        age_ms = (self.now_ms // 1000 - message.arrival_ms // 1000) * 1000
        if age_ms >= self.roles.duration("lifetime"):
            self.bounce(message, cause)
            self.done(None, message)
            return
        warned = len(message.notices)
        self.notice_at_failure(message, age_ms)
        done = message.failures + (len(message.notices) > warned)  # "completedcnt" of cdmsgq3.C
        group, within = divmod(done, self.roles.count("beta"))
        pause_ms = self.roles.duration("gamma") << min(group, self.roles.count("max_delta"))
        gap_ms = self.roles.duration("alpha") if within else pause_ms
        self.done((self.now_ms + gap_ms) // 1000, message)
