"""Courier: groups of attempts for each message, and a few children that connect for all of them.

After a failed connection or look-up, a child does not try again for the time `esmtpdelay`. Messages given to
the child during that time are deferred, some tens a second, and each deferral counts as an attempt in the
schedule. A child keeps an open connection and uses it for all its mail, whatever its host. A child that has
been idle for some time ends, and with it its connection and the memory of its last failure. Courier counts
whole seconds; of messages that are due in the same second, it starts the last deferred first. The scheduler
keeps a limited number of messages in memory, and knows no others until it reads the queue on disk again.
Source: courieresmtp.c, libesmtp.c, esmtpclient.c, courierd.C, cdmsgq.C, cdmsgq3.C.
"""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import ClassVar, cast

from sim.mail.platforms.platform import Platform
from sim.mail.platforms.retry.groups import Groups
from sim.mail.senders.hosts.host import HOST_FAILED
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage
from sim.mail.senders.machines.sender import Sender

SUPPRESSING = frozenset({"refused", "timeout", "silent", "servfail"})
"""Failures after which a child pauses. A 421 instead of a greeting is an answer and does not count."""

FOLDER_S = 10_000
"""Seconds for which the queue on disk has one folder (comqueuename.c)."""


@dataclass(slots=True)
class Child:
    """One delivery process for the destination. `idle_since_ms`: None before its first delivery;
    `failed_s`: the second of its last failed connection or look-up; `connected`: the host of its open
    connection, "" if there is none.
    """

    busy: bool = False
    idle_since_ms: int | None = None
    failed_s: int | None = None
    connected: str = ""

    def copied(self) -> "Child":
        """A copy of the child, to be changed independently."""
        return Child(self.busy, self.idle_since_ms, self.failed_s, self.connected)


class Courier(Sender):
    """`waiting`: messages in memory, ascending, as (the second in which it is due, minus the number of its
    placement, message): among messages due in one second, the last placed starts first; `line`: messages that
    are due while all children are busy; `wakes_ms`: when the scheduler's sleep ends; `with_child`: the child
    that delivers a message in progress, as an index into `children`.

    `loaded`: the number of messages in memory, also those due or in progress; `on_disk`: the others,
    ascending, as (second in which it is due, message); `fills_s`: the second in which the scheduler reads the
    disk again, 0 if it does not.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        *Sender.STATE,
        "children",
        "line",
        "waiting",
        "placed",
        "loaded",
        "on_disk",
        "fills_s",
        "wakes_ms",
        "with_child",
    )

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds) -> None:
        super().__init__(agenda, platform, ends)
        self.rule = cast(Groups, platform.rule)
        self.most = platform.file.drain.connections or 1
        self.keep_ms = self.roles.duration("keep_connection")
        self.suppress_s = self.roles.seconds("suppress")
        self.deferral_ms = self.roles.duration("deferral_time")
        self.lifetime_ms = self.roles.duration("lifetime")
        self.children: list[Child] = []
        self.line: deque[int] = deque()
        self.waiting: list[tuple[int, int, int]] = []
        self.least_loaded = self.roles.count("least_loaded")
        self.most_loaded = max(self.roles.count("most_loaded"), self.least_loaded)
        self.fill_s = self.roles.seconds("refill")
        self.placed = self.loaded = self.fills_s = 0
        self.on_disk: list[tuple[int, int]] = []
        self.wakes_ms = 0
        self.with_child: dict[int, int] = {}

    def arrives(self, mail: QueuedMessage) -> None:
        self._loads(self.now_ms // 1000, mail.id)
        self._wake()

    def _wake(self) -> None:
        """Start what is due, by a clock of whole seconds, and sleep whole seconds until the next message is
        due. The scheduler does so after every event.
        """
        now_s, waiting = self.now_ms // 1000, self.waiting
        due = bisect_left(waiting, (now_s + 1,))
        self.line.extend(message for _, _, message in waiting[:due])
        del waiting[:due]
        if self.fills_s and self.fills_s <= now_s:
            self._reads_disk()
        self._go_on()
        wakes_s = [one[0] for one in waiting[:1]] + ([self.fills_s] if self.fills_s else [])
        next_s = min(wakes_s, default=0)
        if next_s:
            wakes_ms = self.now_ms + (next_s - now_s) * 1000
            if wakes_ms != self.wakes_ms:
                self.wakes_ms = wakes_ms
                self.at(wakes_ms, Rank.ATTEMPT, 0, "slept", wakes_ms)

    def slept(self, until_ms: int) -> None:
        """The end of a sleep, unless another one has begun since."""
        if until_ms == self.wakes_ms:
            self.wakes_ms = 0
            self._wake()

    def _loads(self, due_s: int, message: int) -> bool:
        """Take a message into memory, in place of the last one if that is due later. If there is no room, it
        stays on disk, which is read again after some time.
        """
        waiting, now_s = self.waiting, self.now_ms // 1000
        if self.loaded >= self.most_loaded:
            if not waiting or waiting[-1][0] <= due_s:
                insort(self.on_disk, (due_s, message))
                if self.fill_s and not self.fills_s:
                    self.fills_s = now_s + self.fill_s
                return False
            last_s, _, last = waiting.pop()
            insort(self.on_disk, (last_s, last))
            self.loaded -= 1
        self.loaded += 1
        if due_s <= now_s:
            self.line.append(message)
        else:
            self.placed += 1
            insort(waiting, (due_s, -self.placed, message))
        return True

    def _reads_disk(self) -> None:
        """Read the queue on disk, folder by folder, until a folder holds nothing that finds room."""
        self.fills_s = 0
        for folder in sorted({due_s // FOLDER_S for due_s, _ in self.on_disk}):
            first, end = (bisect_left(self.on_disk, (n * FOLDER_S,)) for n in (folder, folder + 1))
            names = self.on_disk[first:end]
            read = 0
            for due_s, message in names:
                self.on_disk.remove((due_s, message))
                if not self._loads(due_s, message):
                    break
                read += 1
            if names and not read:
                break

    def _ends(self, due_s: int | None, message: int) -> None:
        """A message in progress leaves memory; deferred until `due_s`, it comes back. If few are left, the
        disk is read.
        """
        self.loaded -= 1
        if due_s is not None:
            self._loads(due_s, message)
        if self.loaded < self.least_loaded:
            self._reads_disk()

    def _go_on(self) -> None:
        """Assign each due message to a child, as long as there is one."""
        while self.line:
            number = self._free_child()
            if number is None:
                return
            self.children[number].busy = True
            self.soon("deliver", self.line.popleft(), number)

    def _free_child(self) -> int | None:
        """The first idle child; if there is none, a new one, which may take the place of one that ended."""
        place = None
        for number, child in enumerate(self.children):
            if child.busy:
                continue
            idle_since_ms = child.idle_since_ms
            if idle_since_ms is not None and self.now_ms - idle_since_ms < self.keep_ms:
                return number
            if place is None:
                place = number
        if place is not None:
            self.children[place] = Child()
        elif len(self.children) < self.most:
            self.children.append(Child())
            place = len(self.children) - 1
        return place

    def deliver(self, message: int, number: int) -> None:
        """Give the message to a child."""
        mail, child = self.queue[message], self.children[number]
        if child.failed_s is not None and self.now_ms // 1000 < child.failed_s + self.suppress_s:
            self.puts_off(mail)
            self._defer(mail, "refused")
            self.at(self.now_ms + self.deferral_ms, Rank.END, message, "free", number)
        else:
            self.with_child[message] = number
            self.attempt(mail, "tried", kept=child.connected)

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """The end of a child's attempt; after a delivery, the child is free in the next millisecond."""
        number = self.with_child.pop(mail.id)
        child = self.children[number]
        child.connected = "" if outcome.cause in HOST_FAILED else outcome.host
        pauses = outcome.what == "wait" and outcome.cause in SUPPRESSING
        child.failed_s = self.now_ms // 1000 if pauses else None
        if outcome.what == "bounce":
            self.bounce(mail, outcome.cause)
            self._ends(None, mail.id)
        elif outcome.what == "wait":
            self._defer(mail, outcome.cause)
        else:
            self._ends(None, mail.id)
        if outcome.what == "delivered":
            self.at(self.now_ms + 1, Rank.END, mail.id, "free", number)
        else:
            self.free(number)

    def free(self, number: int) -> None:
        """Free the child for the next message."""
        child = self.children[number]
        child.busy, child.idle_since_ms = False, self.now_ms
        self._wake()

    def _defer(self, mail: QueuedMessage, cause: str) -> None:
        """Move the message to its next attempt in the groups, or bounce it at the first failure past the
        limit. A delay notice counts as an attempt for the wait that follows it.
        """
        self.failed(mail)
        age_ms = (self.now_ms // 1000 - mail.arrival_ms // 1000) * 1000
        if age_ms >= self.lifetime_ms:
            self.bounce(mail, cause)
            self._ends(None, mail.id)
            return
        notified = mail.notified
        self.notice_at_failure(mail, age_ms)
        counted = mail.failures + mail.notified - notified
        self._ends((self.now_ms + self.rule.gap_ms(counted)) // 1000, mail.id)
