"""Inbound mail that was worthless before anybody could read it: a code that had expired, a bid past its time.

A message can be read from when it is delivered or its user's app shows it in continuity, whichever is
first; delivered to a mailbox that its user does not reach, it can be read when they reach it again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.growing_columns import Columns
from sim.mail.users.users import Users

Who = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class InboundMail:
    """Inbound messages, columns of equal length."""

    id: I64
    user: Who
    arrival_ms: I64
    worthless_ms: I64

    def take(self, which: Flags) -> "InboundMail":
        """Some of them."""
        return InboundMail(*(getattr(self, name)[which] for name in _TYPES))


_TYPES: dict[str, DTypeLike] = {
    "id": np.int64,
    "user": np.int32,
    "arrival_ms": np.int64,
    "worthless_ms": np.int64,
}


def joined(one: InboundMail, other: InboundMail) -> InboundMail:
    """Both."""
    return InboundMail(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in _TYPES))


class Lateness:
    """Which messages these are. `certain` is what is so for good; what nobody could read yet is apart."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._certain = Columns({"id": np.int64})
        self._unseen = Columns(_TYPES)
        """Delivered to users who did not reach their mailboxes then."""

    def certain(self, some: InboundMail) -> None:
        """These are late for good."""
        self._certain.append([some.id])

    def delivered(self, mail: InboundMail, time_ms: I64) -> None:
        """`mail` has been delivered at `time_ms`, since the last change of who reaches what."""
        mortal, lost = mail.worthless_ms < NEVER_MS, self._users.absences.lost[mail.user]
        seen = mortal & ~lost & (mail.worthless_ms < time_ms)
        self.certain(self._late(mail.take(seen), time_ms[seen]))
        self._wait(mail.take(mortal & lost))

    def reach(self, now_ms: int) -> None:
        """Who reaches the mailbox again reads what has been delivered, now."""
        if not len(self._unseen):
            return
        mail = InboundMail(*(self._unseen[name].copy() for name in _TYPES))
        seen = ~self._users.absences.lost[mail.user]
        self.certain(self._by(now_ms, mail.take(seen)))
        self._unseen.cut(0)
        self._wait(mail.take(~seen))

    def so_far(self, now_ms: int, queued: InboundMail) -> I64:
        """What is certain, and what is late by now unread: delivered, or `queued`."""
        unread = InboundMail(*(self._unseen[name] for name in _TYPES))
        late = [self._by(now_ms, some).id for some in (unread, queued)]
        return np.concatenate([self._certain["id"], *late])

    def _wait(self, mail: InboundMail) -> None:
        self._unseen.append([getattr(mail, name) for name in _TYPES])

    def _by(self, now_ms: int, mail: InboundMail) -> InboundMail:
        over = mail.worthless_ms < now_ms
        return self._late(mail.take(over), np.full(int(over.sum()), now_ms, dtype=np.int64))

    def _late(self, mail: InboundMail, by_ms: I64) -> InboundMail:
        """Those that were worthless before they could be read, at the latest at `by_ms`."""
        return mail.take(
            self._users.membership.readable_from(mail.user, mail.arrival_ms, by_ms) > mail.worthless_ms
        )
