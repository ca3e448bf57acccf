"""Postfix's deferred queue: messages by the scan that finds them due. Old messages, which all wait for the
same time after each scan, are moved together.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from sim.kernel.draws import I64
from sim.mail.platforms.platform import Platform
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.message_state import QueuedMessage
from sim.mail.senders.machines.scanning import Scanning

_ATTEMPT = int(Rank.ATTEMPT)


@dataclass(slots=True)
class Resting:
    """`ids`: ascending; never changed in place, so copies of the state can share them. `passes`: the number
    of deferrals of the whole group; a message's own count excludes the passes before it joined. `oldest_ms`:
    no message arrived before this.

    `tried`: the number of those passes in which the first `width` messages were attempted instead, at `hosts`
    hosts each time. The messages' own counts do not include these attempts yet.
    """

    ids: list[int] = field(default_factory=list)
    passes: int = 0
    oldest_ms: int = 0
    tried: int = 0
    width: int = 0
    hosts: int = 0

    def copied(self) -> "Resting":
        """A copy, to be changed independently."""
        return Resting(self.ids, self.passes, self.oldest_ms, self.tried, self.width, self.hosts)

    def keeps_its_first(self, message: int) -> bool:
        """True if the first messages stay the first when `message` joins, or if no attempts are to be
        counted.
        """
        return not self.tried or (len(self.ids) >= self.width and message > self.ids[self.width - 1])

    def join(self, mail: QueuedMessage) -> None:
        """Add a message, whose state the sender has already saved."""
        self.oldest_ms = min(self.oldest_ms, mail.arrival_ms) if self.ids else mail.arrival_ms
        mail.put_off -= self.passes
        self.ids = self.ids.copy()
        insort(self.ids, mail.id)

    def __contains__(self, message: int) -> bool:
        place = bisect_left(self.ids, message)
        return self.ids[place : place + 1] == [message]

    def first(self) -> list[int]:
        """The messages whose attempts are still to be counted."""
        return self.ids[: self.width] if self.tried else []


class DeferredQueue(Scanning):
    """`deferred`: messages by the time of the scan that finds them due. `resting`: likewise, the old
    messages that are moved together. Only the next of these scans has to be on the agenda.
    """

    STATE: ClassVar[tuple[str, ...]] = (*Scanning.STATE, "deferred", "resting")

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds, first_scan_ms: int) -> None:
        super().__init__(agenda, platform, ends, first_scan_ms)
        self.deferred: dict[int, list[int]] = {}
        self.resting: dict[int, Resting] = {}

    def _plan(self) -> None:
        """Put the next scan that finds something on the agenda."""
        if self.deferred:
            next_ms = min(self.deferred)
            if next_ms not in self.planned:
                self.planned.append(next_ms)
                self.agenda.at(next_ms, Rank.ATTEMPT, 0, self.number, "scan")

    def _due(self) -> tuple[list[int], Resting]:
        """The messages that are due now: messages with a state of their own, in order, and messages that
        are deferred as a group.
        """
        now_ms = self.agenda.now_ms
        single = self.deferred.pop(now_ms)
        single.sort()
        return single, self.resting.pop(now_ms, None) or Resting()

    def _age_ms(self, arrival_ms: int) -> int:
        return (self.agenda.now_ms // 1000 - arrival_ms // 1000) * 1000

    def _look_ms(self, wait_ms: int) -> int:
        """The scan that finds a message due after this wait; a scan includes what is due within a second."""
        now_ms = self.agenda.now_ms
        due_ms, to_come_ms = now_ms - now_ms % 1000 + wait_ms - 1000, now_ms + (self.agenda.rank >= _ATTEMPT)
        return self.next_scan_ms(due_ms if due_ms > to_come_ms else to_come_ms)

    def _settle(self, together: Resting) -> None:
        """Add the counted attempts of the first messages to each message's own count."""
        for message in together.first():
            mail = self.queue[message]
            self.changing(mail)
            mail.tries += together.tried * together.hosts
            mail.put_off -= together.tried
        together.tried = 0

    def _join(self, together: Resting, mail: QueuedMessage) -> None:
        """Add a message, whose state is already saved, to a group."""
        if not together.keeps_its_first(mail.id):
            self._settle(together)
        together.join(mail)

    def _rest(self, together: Resting, wait_ms: int) -> None:
        """Let the group wait for the first scan after that time."""
        if together.ids:
            look_ms = self._look_ms(wait_ms)
            single = self.deferred.setdefault(look_ms, [])
            if look_ms in self.resting:
                single += self._singly(together)
            else:
                self.resting[look_ms] = together

    def _singly(self, together: Resting) -> list[int]:
        """Dissolve a group; returns its messages, each with a state of its own again."""
        self._settle(together)
        for message in together.ids:
            mail = self.queue[message]
            self.changing(mail)
            mail.put_off += together.passes
        return together.ids

    def records(self) -> I64:
        tries = [(one, rest.tried * rest.hosts) for rest in self.resting.values() for one in rest.first()]
        more, rows = dict(tries), super().records()
        rows[:, 2] += np.array([more.get(message, 0) for message in rows[:, 0].tolist()], dtype=np.int64)
        return rows

    def put_offs(self) -> dict[int, int]:
        own = super().put_offs()
        for together in self.resting.values():
            for message in together.ids:
                own[message] += together.passes
            for message in together.first():
                own[message] -= together.tried
        return own
