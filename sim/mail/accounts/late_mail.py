"""Inbound mail that was useless before it could be read: an expired code, a bid past its deadline.

A message can be read once it is delivered, or once its user's app shows it in continuity, whichever comes
first. If it is delivered to a mailbox that its user cannot reach, it can be read once the mailbox is
reachable again.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.growing_columns import Columns
from sim.mail.users.users import Users

Who = NDArray[np.int32]
Flags = NDArray[np.bool_]


@frozen
class InboundMail:
    """Inbound messages, columns of equal length."""

    id: I64
    user: Who
    arrival_ms: I64
    worthless_ms: I64

    def take(self, which: Flags) -> "InboundMail":
        """The messages selected by `which`."""
        return InboundMail(*(getattr(self, name)[which] for name in _TYPES))


_TYPES: dict[str, DTypeLike] = {
    "id": np.int64,
    "user": np.int32,
    "arrival_ms": np.int64,
    "worthless_ms": np.int64,
}


def joined(one: InboundMail, other: InboundMail) -> InboundMail:
    """The messages of `one`, followed by those of `other`."""
    return InboundMail(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in _TYPES))


class Lateness:
    """The ids of late messages. `certain`: only messages that are definitely late; those that could not be
    read yet are stored separately.
    """

    def __init__(self, users: Users) -> None:
        self._users = users
        self._certain = Columns({"id": np.int64})
        self._unseen = Columns(_TYPES)
        """Messages delivered to users who could not reach their mailboxes at that time."""

    def certain(self, some: InboundMail) -> None:
        """Record that these messages are definitely late."""
        self._certain.append([some.id])

    def delivered(self, mail: InboundMail, time_ms: I64) -> None:
        """Record that `mail` was delivered at `time_ms`, after the last change of users' access."""
        mortal, lost = mail.worthless_ms < NEVER_MS, self._users.absences.lost[mail.user]
        seen = mortal & ~lost & (mail.worthless_ms < time_ms)
        if seen.any():
            self.certain(self._late(mail.take(seen), time_ms[seen]))
        lost &= mortal
        if lost.any():
            self._wait(mail.take(lost))

    def reach(self, now_ms: int) -> None:
        """Have users whose mailbox is reachable again read the delivered mail now."""
        if not len(self._unseen):
            return
        mail = InboundMail(*(self._unseen[name].copy() for name in _TYPES))
        seen = ~self._users.absences.lost[mail.user]
        self.certain(self._by(now_ms, mail.take(seen)))
        self._unseen.cut(0)
        self._wait(mail.take(~seen))

    def so_far(self, now_ms: int, queued: InboundMail) -> I64:
        """Messages that are late by now: definitely, or because they are still unread (delivered, or
        `queued`).
        """
        unread = InboundMail(*(self._unseen[name] for name in _TYPES))
        late = [self._by(now_ms, some).id for some in (unread, queued)]
        return np.concatenate([self._certain["id"], *late])

    def _wait(self, mail: InboundMail) -> None:
        self._unseen.append([getattr(mail, name) for name in _TYPES])

    def _by(self, now_ms: int, mail: InboundMail) -> InboundMail:
        over = mail.worthless_ms < now_ms
        return self._late(mail.take(over), np.full(int(over.sum()), now_ms, dtype=np.int64))

    def _late(self, mail: InboundMail, by_ms: I64) -> InboundMail:
        """The messages that were already useless when they could be read, at the latest at `by_ms`."""
        return mail.take(
            self._users.membership.readable_from(mail.user, mail.arrival_ms, by_ms) > mail.worthless_ms
        )
