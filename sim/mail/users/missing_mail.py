"""Users with open mailboxes who miss mail from outside and call the helpdesk about it.

No one tells them that their mail is late: those who are waiting for a message notice it (see `patience`). The
users who might call in a given hour are drawn once; the share of mail missed by then decides whether they do
call.
"""

import numpy as np

from sim.kernel.draws import I64, below, mix
from sim.kernel.duration import NEVER_MS
from sim.mail.users.callers import Callers
from sim.mail.users.patience import WHOLE


class MailAway:
    """Periods in which mail from outside is missed, and the users who would call about it."""

    def __init__(self, seed: int, callers: Callers, patience_ms: tuple[int, ...]) -> None:
        """`patience_ms`: see `patience.missed_permille`."""
        self._seed, self._callers, self.patience_ms = seed, callers, patience_ms
        self._stretches: list[tuple[int, int, int, int]] = []
        """(from, to, permille of mail missed, time since which mail has been late or failing); `to` is
        NEVER_MS if the period has not ended.
        """
        self.changes = 0
        """The number of times that the share has changed."""
        self.trouble_ms: int | None = None
        """The time since which mail has been late or failing; None if it is not."""
        self.looks_at_ms: int | None = None
        """The time of the next hourly check; None if no check is planned."""

    @property
    def permille(self) -> int:
        """The share of mail from outside that is missed now."""
        lasts = bool(self._stretches) and self._stretches[-1][1] == NEVER_MS
        return self._stretches[-1][2] if lasts else 0

    def becomes(self, now_ms: int, permille: int, since_ms: int) -> None:
        """Set the share missed from now on; mail has been late or failing since `since_ms`."""
        if permille == self.permille:
            return
        self.changes += 1
        if self.permille:
            from_ms, _, share, began_ms = self._stretches[-1]
            self._stretches[-1] = (from_ms, now_ms, share, began_ms)
        if permille:
            self._stretches.append((now_ms, NEVER_MS, permille, since_ms))

    def next_call_hour_ms(self, from_ms: int) -> int | None:
        """The beginning of the first hour from `from_ms` on in which users would call; None if there is
        none.
        """
        return self._callers.next_hour_ms(from_ms)

    def callers(self, a_ms: int, b_ms: int) -> tuple[I64, I64, I64]:
        """Times of calls, users, and the time since which mail has been late or failing, for users who
        would call in [a, b).
        """
        none = np.empty(0, dtype=np.int64)
        found = [(none, none, none)]
        for from_ms, until_ms, permille, since_ms in self._stretches:
            begin_ms, end_ms = max(a_ms, from_ms), min(b_ms, until_ms)
            if begin_ms >= end_ms:
                continue
            moment_ms, user = self._callers.between(begin_ms, end_ms)
            if not len(user):
                continue
            misses = below(mix(self._seed, "misses mail", moment_ms, user), WHOLE) < permille
            since = np.full(int(misses.sum()), since_ms, dtype=np.int64)
            found.append((moment_ms[misses], user[misses], since))
        moments, users, since = (np.concatenate(column) for column in zip(*found, strict=True))
        return moments, users, since
