"""Mail that the organisation's own users write: to the outside, and to each other.

While the mail server is up, mail leaves at once. In a continuity event it goes from the app through the
gateway: outbound to the internet, internal into the gateway's *inbound* queue. Otherwise it waits in the
user's Outbox (custody `at_sender`) until the client has reconnected to the server.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, below, mix, within
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.kernel.series import order_of
from sim.mail.message.growing_columns import BLOCK
from sim.mail.message.traffic import EMPTY, INBOUND, REAL_MAIL, Messages, direction_of, joined, real_whom
from sim.mail.users.users import Users

Some = NDArray[np.bool_] | slice
_ALL, _NONE = slice(None), slice(0)
PARTS = 32
"""The reconnection time is divided into this many parts; messages that are freed together are sorted one
part at a time.
"""


@frozen
class Posted:
    """Messages that users sent in a period: those that left at once, those that entered the gateway's
    queue, and those in an Outbox.
    """

    at_once: Messages
    queued: Messages
    outbox: Messages


def senders(seed: int, ids: I64, users: int) -> I64:
    """The user who wrote each message."""
    return below(mix(seed, "sender", ids), users)


def recipients(seed: int, ids: I64, users: int, busy_permille: int = 0) -> NDArray[np.int32]:
    """The recipient of each inbound or internal message; `busy_permille` of the inbound mail goes to user 0,
    whose mailbox represents one that receives much mail.
    """
    whom = below(mix(seed, "recipient", ids), users).astype(np.int32)
    if busy_permille:
        outside = (direction_of(ids) == INBOUND) & (ids < REAL_MAIL)
        whom[outside & (below(mix(seed, "busy mailbox", ids), 1000) < busy_permille)] = 0
    if len(ids) and ids.max() >= REAL_MAIL:
        given = real_whom(ids)
        whom = np.where(given >= 0, given, whom).astype(np.int32)
    return whom


def post(seed: int, mail: Messages, users: Users, internal: bool) -> Posted:
    """The route that `mail` of one direction takes in the present state of its senders; pure."""
    if not users.membership.events and not users.absences.anyone_lost:
        return Posted(mail, EMPTY, EMPTY)
    if not users.membership.events and users.absences.lost.all():
        return Posted(EMPTY, EMPTY, mail)
    writer = senders(seed, mail.id, users.count)
    in_event = users.membership.in_continuity(writer, mail.arrival_ms)
    through_app = in_event & internal
    at_once = ~through_app & (in_event | ~users.absences.lost[writer])
    stays = ~through_app & ~at_once
    return Posted(*map(mail.take, (at_once, through_app, stays)))


class Outbox:
    """Messages of one direction in their senders' Outboxes.

    Once the server is back, each message leaves when its sender's client reconnects. There may be millions of
    messages, so they are not sorted when the server recovers, but later, one part of the reconnection time at
    a time.
    """

    def __init__(self, seed: int, reconnect_ms: int) -> None:
        """`reconnect_ms`: time within which a client finds its server again."""
        self._seed, self._reconnect_ms = seed, reconnect_ms
        self._unsent: list[Messages] = []
        self._leaving, self._due_ms, self._sent = EMPTY, EMPTY.arrival_ms, 0
        """Messages that will leave at a known time, by due time; the first `_sent` of them have left."""
        self._freed: list[Messages] = []
        """All messages that were unsent when the server recovered at `_freed_ms`, in their state at that
        time.
        """
        self._wait_ms: list[NDArray[np.int32]] = []
        """For each part of the freed messages, the time from `_freed_ms` until each message leaves; drawn
        when the first is due.
        """
        self._freed_ms, self._sorted_ms, self._unsorted = 0, 0, 0
        """Freed messages that leave within `_sorted_ms` of `_freed_ms` are already in `_leaving`; the
        others are counted in `_unsorted`.
        """

    def __len__(self) -> int:
        return sum(map(len, self._unsent)) + self._unsorted + len(self._leaving) - self._sent

    def put(self, mail: Messages) -> None:
        """Add `mail` that cannot be sent while the server is down."""
        if self._unsent and len(self._unsent[-1]) < BLOCK:
            self._unsent[-1] = joined([self._unsent[-1], mail])
        elif len(mail):
            self._unsent.append(mail)

    def reach(self, now_ms: int, lost: NDArray[np.bool_]) -> None:
        """Set the users whose programs cannot find the server from now on to `lost`; all others can."""
        leaving, due_ms = self._going()
        self._leaving, self._due_ms, self._sent = EMPTY, EMPTY.arrival_ms, 0
        if not len(leaving) and not lost.any():
            self._freed, self._unsent = self._unsent, []
            self._freed_ms, self._sorted_ms, self._unsorted = now_ms, 0, sum(map(len, self._freed))
            return
        # frees millions of rows, of which there is now a copy
        unsent, self._unsent = joined(self._unsent), []
        free, stuck = self._parted(unsent, lost)
        going, cut = self._parted(leaving, lost)
        self._unsent = [part for part in (unsent.take(stuck), leaving.take(cut)) if len(part)]
        freed = unsent.take(free)
        going_ms = now_ms + self._waits(freed.id).astype(np.int64)
        if len(leaving):
            going_ms = np.concatenate([going_ms, due_ms[going]])
        order = order_of(going_ms)  # by due time, then in their previous order
        self._leaving = joined([freed, leaving.take(going)]).take(order)
        self._due_ms = going_ms[order]

    def _parted(self, mail: Messages, lost: NDArray[np.bool_]) -> tuple[Some, Some]:
        """The messages whose senders' programs find the server, and the others."""
        if lost.all() or not lost.any():
            return (_NONE, _ALL) if lost.all() else (_ALL, _NONE)
        stuck = np.empty(len(mail), dtype=np.bool_)
        for some in _blocks(len(mail)):
            stuck[some] = lost[senders(self._seed, mail.id[some], len(lost))]
        return ~stuck, stuck

    def _waits(self, ids: I64) -> NDArray[np.int32]:
        """Time until each message leaves, from the moment at which the server can be found again."""
        wait_ms = np.empty(len(ids), dtype=np.int32)
        for some in _blocks(len(ids)):
            wait_ms[some] = within(mix(self._seed, "reconnect", ids[some]), self._reconnect_ms)
        return wait_ms

    def _sort(self, to_ms: int) -> None:
        """Sort, by time, the freed messages that leave before `to_ms` and some that leave later."""
        if not self._unsorted or to_ms <= self._freed_ms + self._sorted_ms:
            return
        if not self._sorted_ms:
            self._wait_ms = [self._waits(part.id) for part in self._freed]
        part_ms, first_ms = -(-self._reconnect_ms // PARTS), self._sorted_ms
        until_ms = min(-(-(to_ms - self._freed_ms) // part_ms) * part_ms, self._reconnect_ms)
        which = [np.flatnonzero((wait_ms >= first_ms) & (wait_ms < until_ms)) for wait_ms in self._wait_ms]
        waits = [wait_ms[some] for wait_ms, some in zip(self._wait_ms, which, strict=True)]
        due_ms = self._freed_ms + np.concatenate(waits).astype(np.int64)
        order = order_of(due_ms)  # by due time, then in their previous order
        near = joined([part.take(some) for part, some in zip(self._freed, which, strict=True)]).take(order)
        going = slice(self._sent, None)
        self._leaving = joined([self._leaving.take(going), near])
        self._due_ms, self._sent = np.concatenate([self._due_ms[going], due_ms[order]]), 0
        self._sorted_ms, self._unsorted = until_ms, self._unsorted - len(order)
        if not self._unsorted:
            self._freed, self._wait_ms = [], []

    def leave(self, to_ms: int) -> tuple[Messages, I64]:
        """Messages sent before `to_ms`, with their times, in chronological order."""
        self._sort(to_ms)
        some = slice(self._sent, int(self._due_ms.searchsorted(to_ms)))
        left = self._leaving.take(some), self._due_ms[some]
        self._sent = some.stop
        if self._sent == len(self._leaving):
            self._leaving, self._due_ms, self._sent = EMPTY, EMPTY.arrival_ms, 0
        return left

    def due(self, a_ms: int, b_ms: int) -> tuple[Messages, I64]:
        """Messages sent in [a, b) if nothing changes, with their times, in chronological order."""
        self._sort(b_ms)
        some = slice(*self._due_ms.searchsorted((a_ms, b_ms)).tolist())
        return self._leaving.take(some), self._due_ms[some]

    def live(self) -> tuple[Messages, I64]:
        """Messages that have not been sent, by id, with the time at which each will be (NEVER_MS while the
        server is down).
        """
        unsent, (leaving, due_ms) = joined(self._unsent), self._going()
        whole, never_ms = joined([unsent, leaving]), np.full(len(unsent), NEVER_MS, dtype=np.int64)
        order = np.argsort(whole.id)
        return whole.take(order), np.concatenate([never_ms, due_ms])[order]

    def _going(self) -> tuple[Messages, I64]:
        """Messages that are on their way and have not been sent, with the time at which each will be."""
        self._sort(NEVER_MS)
        some = slice(self._sent, None)
        return self._leaving.take(some), self._due_ms[some]


def _blocks(count: int) -> Iterator[slice]:
    """The rows in parts, because draws need several times the memory of their keys."""
    return (slice(first, first + BLOCK) for first in range(0, count, BLOCK))
