"""Periods in which users cannot reach the mail server."""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS

Flags = NDArray[np.bool_]


class Absences:
    """The users who cannot reach the mail server, now and at past times."""

    def __init__(self, count: int) -> None:
        self.lost: Flags = np.zeros(count, dtype=np.bool_)
        """Users who cannot reach the mail server now."""
        self.stretches: list[tuple[int, int, Flags]] = []
        """(from, to, users who could not reach the mail server); the end is NEVER_MS if the period has not
        ended.
        """

    def become(self, now_ms: int, lost: Flags) -> None:
        """Set the users who cannot reach the mail server from now on to `lost`; all other users can."""
        if self.lost.any():
            start_ms, _, who = self.stretches.pop()
            self.stretches.append((start_ms, now_ms, who))
        self.lost = lost.copy()
        if lost.any():
            self.stretches.append((now_ms, NEVER_MS, self.lost))

    @property
    def anyone_lost(self) -> bool:
        """True if a user cannot reach the mail server now."""
        return bool(self.lost.any())

    def lost_at(self, user: I64, moment_ms: I64) -> Flags:
        """True for each user who could not reach the mail server at the time given for them."""
        lost = np.zeros(np.broadcast(user, moment_ms).shape, dtype=np.bool_)
        for start_ms, end_ms, who in self.stretches:
            lost |= who[user] & (start_ms <= moment_ms) & (moment_ms < end_ms)
        return lost
