"""Users with their mailboxes open who miss mail from outside and call the helpdesk for it.

Nothing notifies them that it stays away: users who expect mail notice after hours. The users who would call
in an hour are drawn once; whether they miss anything depends on the share of the mail that stays away
meanwhile.
"""

import numpy as np

from sim.kernel.draws import I64, below, mix
from sim.kernel.duration import NEVER_MS
from sim.mail.users.callers import Callers


class MailAway:
    """Stretches in which mail from outside stays away, and the users who would call about it."""

    def __init__(self, seed: int, callers: Callers, after_ms: int) -> None:
        """`after_ms`: from when it begins to stay away to when it is missed."""
        self._seed, self._callers, self._after_ms = seed, callers, after_ms
        self._stretches: list[tuple[int, int, int]] = []
        """(from, to, share in percent); NEVER_MS ends one that lasts."""

    @property
    def percent(self) -> int:
        """The share of the mail from outside that stays away now, in percent."""
        lasts = bool(self._stretches) and self._stretches[-1][1] == NEVER_MS
        return self._stretches[-1][2] if lasts else 0

    def begins_or_ends(self, now_ms: int, percent: int) -> None:
        """From now on `percent` of it stays away."""
        if percent == self.percent:
            return
        if self.percent:
            from_ms, _, share = self._stretches[-1]
            self._stretches[-1] = (from_ms, now_ms, share)
        if percent:
            self._stretches.append((now_ms, NEVER_MS, percent))

    def missed(self, now_ms: int) -> bool:
        """True if it may be missed by now."""
        return bool(self.percent) and now_ms >= self._stretches[-1][0] + self._after_ms

    def callers(self, a_ms: int, b_ms: int) -> tuple[I64, I64, I64]:
        """(moments, users, since when it has stayed away) of users who would call in [a, b)."""
        none = np.empty(0, dtype=np.int64)
        found = [(none, none, none)]
        for number, (from_ms, until_ms, percent) in enumerate(self._stretches):
            begin_ms, end_ms = max(a_ms, from_ms + self._after_ms), min(b_ms, until_ms)
            if begin_ms >= end_ms:
                continue
            moment_ms, user = self._callers.between(begin_ms, end_ms)
            misses = below(mix(self._seed, "misses mail", number, user), 100) < percent
            since_ms = np.full(int(misses.sum()), from_ms, dtype=np.int64)
            found.append((moment_ms[misses], user[misses], since_ms))
        moments, users, since = (np.concatenate(column) for column in zip(*found, strict=True))
        return moments, users, since
