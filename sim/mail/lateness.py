"""Inbound mail that was worthless before anybody could read it: a code that had expired, a bid past its time.

A message can be read from when it is delivered or its user's app shows it in continuity, whichever is
first; delivered to a mailbox that its user does not reach, it can be read when they reach it again.
"""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.growing import Columns
from sim.mail.rows import NEVER_MS
from sim.mail.users import Users

Who = NDArray[np.int32]


class Lateness:
    """Counts it. `count` is what is certain; mail that nobody has been able to read yet is apart."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self.count = 0
        self._unseen = Columns({"user": np.int32, "arrival_ms": np.int64, "worthless_ms": np.int64})
        """Delivered to users who did not reach their mailboxes then."""

    def delivered(self, user: Who, arrival_ms: I64, time_ms: I64, worthless_ms: I64) -> None:
        """Inbound mail has been delivered at `time_ms`, since the last change of who reaches what."""
        mortal, lost = worthless_ms < NEVER_MS, self._users.lost[user]
        seen = mortal & ~lost & (worthless_ms < time_ms)
        self.count += self._late(user[seen], arrival_ms[seen], time_ms[seen], worthless_ms[seen])
        unseen = mortal & lost
        self._unseen.append([user[unseen], arrival_ms[unseen], worthless_ms[unseen]])

    def reach(self, now_ms: int) -> None:
        """Who reaches the mailbox again reads what has been delivered, now."""
        if not len(self._unseen):
            return
        columns = {name: self._unseen[name].copy() for name in ("user", "arrival_ms", "worthless_ms")}
        seen = ~self._users.lost[columns["user"]]
        self.count += self._by(now_ms, *(column[seen] for column in columns.values()))
        self._unseen.cut(0)
        self._unseen.append([column[~seen] for column in columns.values()])

    def so_far(self, now_ms: int, user: Who, arrival_ms: I64, worthless_ms: I64) -> int:
        """`count`, and what is late by now unread: delivered mail, and the mail given, which is queued."""
        names = ("user", "arrival_ms", "worthless_ms")
        waiting = self._by(now_ms, *(self._unseen[name] for name in names))
        return self.count + waiting + self._by(now_ms, user, arrival_ms, worthless_ms)

    def _by(self, now_ms: int, user: Who, arrival_ms: I64, worthless_ms: I64) -> int:
        over = worthless_ms < now_ms
        by_ms = np.full(int(over.sum()), now_ms, dtype=np.int64)
        return self._late(user[over], arrival_ms[over], by_ms, worthless_ms[over])

    def _late(self, user: Who, arrival_ms: I64, by_ms: I64, worthless_ms: I64) -> int:
        """How many were worthless before they could be read, at the latest at `by_ms`."""
        return int((self._users.readable_from(user, arrival_ms, by_ms) > worthless_ms).sum())
