"""The mail server's disk: the space that accepted mail takes up, and the level at which the server stops
accepting mail.

One volume holds the submission queue's database, and the logs that every accepted message leaves until a
backup truncates them. Each message counts with the organisation's mean size.
"""

from typing import TypeVar

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen

Number = TypeVar("Number", int, I64)


@frozen
class DiskRules:
    """Sizes in bytes. Mail is refused from the time at which `fills_percent` is used until less than
    `frees_percent` is.

    `used_bytes`: all other data, of which `old_logs_bytes` are logs that a backup truncates. A message leaves
    `logs_percent` of its size in logs.
    """

    size_bytes: int
    used_bytes: int
    old_logs_bytes: int
    message_bytes: int
    fills_percent: int
    frees_percent: int
    logs_percent: int
    nights_ms: tuple[int, ...] = ()
    """The times of successful nightly backups, ascending."""


class Disk:
    """The volume as it is now. `full`: as found at the server's last poll."""

    def __init__(self, rules: DiskRules) -> None:
        self.rules, self.full = rules, False
        self.size_bytes, self.other_bytes = rules.size_bytes, rules.used_bytes
        self._old_logs_bytes, self._freed, self.moved = rules.old_logs_bytes, 0, False

    def used_bytes(self, accepted: Number, waiting: Number) -> Number:
        """The space in use with that many messages accepted in total, and that many waiting to be
        processed.
        """
        logs = (accepted - self._freed) * self.rules.logs_percent
        return self.other_bytes + self.rules.message_bytes * (logs + 100 * waiting) // 100

    def logs_bytes(self, accepted: int) -> int:
        """The part of the used space that a backup truncates."""
        return self._old_logs_bytes + self.used_bytes(accepted, 0) - self.other_bytes

    def percent_used(self, accepted: int, waiting: int) -> float:
        """Used space as a percentage of the volume."""
        return 100 * self.used_bytes(accepted, waiting) / self.size_bytes

    def polled(self, full: bool, used_bytes: int) -> bool:
        """True if the disk counts as full after a poll that finds this space in use."""
        percent = self.rules.frees_percent if full else self.rules.fills_percent
        return 100 * used_bytes >= percent * self.size_bytes

    def stays(self, full: bool, least: tuple[int, int], most: tuple[int, int]) -> bool:
        """True if no poll can change `full` while (accepted, waiting) lies between `least` and `most`."""
        return all(self.polled(full, self.used_bytes(*one)) == full for one in (least, most))

    def back_up(self, accepted: int) -> int:
        """Truncate all logs so far, as a backup does; returns their size."""
        let_go = self.logs_bytes(accepted)
        self.other_bytes -= self._old_logs_bytes
        self._old_logs_bytes, self._freed = 0, accepted
        return let_go

    def move(self, size_bytes: int, accepted: int) -> None:
        """Put the queue and future logs on another volume, of that size and empty, from now on."""
        self.size_bytes, self.other_bytes, self._old_logs_bytes = size_bytes, 0, 0
        self._freed, self.moved = accepted, True


def over(disk: "Disk | None", accepted: I64, waiting: I64) -> list[int]:
    """The space in use at each of many polls; 0 without a disk."""
    used: I64 = np.zeros_like(accepted) if disk is None else disk.used_bytes(accepted, waiting)
    return [int(one) for one in used]
