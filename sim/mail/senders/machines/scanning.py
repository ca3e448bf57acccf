"""Platforms that scan their queues on a grid of times."""

from typing import ClassVar

from sim.mail.platforms.platform import Platform
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.sender import Sender


class Scanning(Sender):
    """A sender that scans. `planned`: the scans on the agenda; scans that would find nothing are left out.
    Subclasses add `scan`, which starts with `super().scan()`.
    """

    STATE: ClassVar[tuple[str, ...]] = (*Sender.STATE, "planned")

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds, first_scan_ms: int) -> None:
        """Raises ValueError for a platform with an ideal grid, which exists only in published tables."""
        super().__init__(agenda, platform, ends)
        self.first_scan_ms, self.scan_every_ms = first_scan_ms, self.roles.duration("scan")
        if not self.scan_every_ms:
            raise ValueError(f"{platform.id} needs scans to be simulated as a server")
        self.planned: list[int] = []

    def look_from(self, due_ms: int) -> int:
        """Put the first future scan at or after `due_ms` on the agenda. Within a millisecond, a scan comes
        before messages' attempts.
        """
        look_ms = self.first_scan(due_ms)
        if look_ms not in self.planned:
            self.planned.append(look_ms)
            self.agenda.at(look_ms, Rank.ATTEMPT, 0, self.number, "scan")
        return look_ms

    def first_scan(self, due_ms: int) -> int:
        """The first future scan at or after `due_ms`."""
        agenda = self.agenda
        to_come_ms = agenda.now_ms + (agenda.rank >= Rank.ATTEMPT)
        return self.next_scan_ms(due_ms if due_ms > to_come_ms else to_come_ms)

    def next_scan_ms(self, from_ms: int) -> int:
        """The first time of the grid at or after `from_ms`."""
        if from_ms <= self.first_scan_ms:
            return self.first_scan_ms
        return from_ms + (self.first_scan_ms - from_ms) % self.scan_every_ms

    def scan(self) -> None:
        """Carry out a scan of the queue."""
        self.planned.remove(self.agenda.now_ms)
