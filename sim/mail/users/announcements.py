"""Updates to the users: who receives each update, when they act on it, and how long it keeps them from
calling.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.kernel.draws import I64, below, mix, quantile
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.users.absences import Flags


@frozen
class UpdateChannel:
    """A channel over which users are notified."""

    reaches_percent: int
    acts_after_ms: tuple[int, ...]
    """Quantiles of the time from a notification until the user acts on it."""
    needs_mail: bool
    """True if the update reaches only users who have mail at that moment."""
    same_people: str = ""
    """If the update always reaches the same people, the property that selects them, such as having a
    number in the directory.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Announcement:
    """One update to the users: when each user has read it, and the time until which it keeps them from
    calling.
    """

    informed_ms: I64
    until_ms: int


class Announcements:
    """All updates to the users so far, as vectors indexed by user number."""

    def __init__(self, seed: int, count: int) -> None:
        self._seed, self._everyone = seed, np.arange(count, dtype=np.int64)
        self._made: list[Announcement] = []
        self.informed_ms = np.full(count, NEVER_MS, dtype=np.int64)
        """The time at which each user first acted on an update."""
        self.told_ms = self.informed_ms.copy()
        """The time at which an update first reached each user."""
        self.advised_ms = self.informed_ms.copy()
        """The time at which each user first read an update that asks them not to send anything again."""

    def announce(
        self,
        now_ms: int,
        channel: UpdateChannel,
        until_ms: int,
        who: Flags | None,
        have_mail: Callable[[], Flags],
        *,
        advises: bool,
        key: int | None = None,
    ) -> int:
        """Notify `who` (None: everyone) over `channel`; returns how many users it reaches.

        `have_mail`: users who can reach their mail now. For the other arguments, see `Users.tell`.
        """
        number = len(self._made) + 1 if key is None else key
        purpose, key = (f"has {channel.same_people}", 0) if channel.same_people else ("reached", number)
        bits = mix(self._seed, purpose, key, self._everyone)
        reached = below(bits, 100) < channel.reaches_percent
        if who is not None:
            reached &= who
        if channel.needs_mail:
            reached &= have_mail()
        delay_ms = quantile(mix(self._seed, "acts", number, self._everyone), list(channel.acts_after_ms))
        informed_ms = np.where(reached, now_ms + delay_ms, NEVER_MS)
        self._made.append(Announcement(informed_ms, until_ms))
        self.informed_ms = np.minimum(self.informed_ms, informed_ms)
        self.told_ms = np.where(reached, np.minimum(self.told_ms, now_ms), self.told_ms)
        if advises:
            self.advised_ms = np.minimum(self.advised_ms, informed_ms)
        return int(reached.sum())

    def have_word(self, user: I64, moment_ms: I64, since_ms: I64) -> Flags:
        """True where an update that a user read after `since_ms` is still valid at the time given for
        them.
        """
        held = np.zeros(len(user), dtype=np.bool_)
        for made in self._made:
            informed_ms = made.informed_ms[user]
            taken_in = (since_ms <= informed_ms) & (informed_ms <= moment_ms)
            held |= taken_in & (moment_ms < made.until_ms)
        return held
