"""The ledger: every message is in exactly one account, and the accounts add up to all mail written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.series import Times
from sim.mail.accounts.return_times import Returns
from sim.mail.message.rows import BOUNCED, DELIVERED, REJECTED, Gone
from sim.mail.message.traffic import DIRECTIONS, INBOUND, direction_of

ACCOUNTS = (
    "at_sender",
    "gateway_queue",
    "held",
    "server_queue",
    "relay_queue",
    "delivered",
    "junked",
    "bounced",
    "rejected",
    "suppressed",
    "lost",
)
_NONE = np.empty(0, dtype=np.int32)
Delays = NDArray[np.signedinteger]
FLAGS = ("readable", "late", "unfiltered", "recoverable", "duplicates")


@dataclass(slots=True)
class Ledger:
    """Running counts, by direction, of messages that have left their queues, and the delays of delivered
    messages.
    """

    generated: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    delivered: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    junked: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    bounced: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    rejected: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    """Messages that the receiving side rejected permanently, so that the sender's server returned them at
    once.
    """
    suppressed_ms: Times = field(default_factory=lambda: Times(1 << 10))
    """The times at which inbound messages were written that were not sent because of a suppression list on
    the sender's platform.
    """
    recoverable: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    """Bounced or rejected messages that the gateway had accepted, and therefore has in its archive."""
    expired: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    """Bounced messages that the gateway returned; the senders' and other queues returned the rest."""
    by_hand: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    """Bounced messages that were returned by hand."""
    first_returned_ms: int | None = None
    """The time at which an inbound message first left a queue of the gateway, the backup or the mail server
    as bounced or rejected; None if none did.
    """
    youngest_ms: int | None = None
    """The lowest age at which the gateway has returned a message automatically; None if it has returned
    none.
    """
    deferrals: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    """Retry times at which no connection was made, counted for messages that have left their sender."""
    attempts: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    """Attempts for messages that have left; attempts for queued messages are counted in their rows."""
    returns: Returns = field(default_factory=Returns)
    """Times at which messages bounced or were permanently rejected."""
    _delays_ms: list[list[Delays]] = field(default_factory=lambda: [[_NONE], [_NONE], [_NONE]])
    """Delays above zero for each direction, stored in parts, in any order."""
    _no_delay: I64 = field(default_factory=lambda: np.zeros(3, dtype=np.int64))

    @property
    def suppressed(self) -> int:
        """Inbound messages that never left their senders' platforms."""
        return len(self.suppressed_ms)

    def enter(self, direction: int, count: int) -> None:
        self.generated[direction] += count

    def leave(self, out: Gone, *, archived: bool = True, by_hand: bool = False) -> None:
        """Record that the messages `out` have left a queue. `archived`: the queue was the gateway's, which
        keeps a copy of everything; `by_hand`: the messages left on a command.

        Messages that the mail server has accepted are delivered only once they are processed: see `deliver`.
        """
        directions = direction_of(out.id)
        bounced = np.bincount(directions[out.kind == BOUNCED], minlength=3)
        self.bounced += bounced
        rejected = np.bincount(directions[out.kind == REJECTED], minlength=3)
        self.rejected += rejected
        expired_ms = out.time_ms[(out.kind == BOUNCED) & (directions == INBOUND)]
        self.returns.add("gateway expired" if archived else "backup expired", expired_ms)
        refused_ms = out.time_ms[out.kind == REJECTED]
        self.returns.add("gateway refused" if archived else "backup refused", refused_ms)
        returned_ms = out.time_ms[(out.kind != DELIVERED) & (directions == INBOUND)]
        if len(returned_ms):
            known_ms = NEVER_MS if self.first_returned_ms is None else self.first_returned_ms
            self.first_returned_ms = min(int(returned_ms.min()), known_ms)
        if archived:
            self.recoverable += bounced + rejected
            self.expired += bounced
            if by_hand:
                self.by_hand += bounced
            elif bounced.any():
                ages_ms = (out.time_ms - out.arrival_ms)[out.kind == BOUNCED]
                self.youngest_ms = min(int(ages_ms.min()), self.youngest_ms or NEVER_MS)
        self.attempts += np.bincount(directions, weights=out.attempts, minlength=3).astype(np.int64)

    def deliver(self, directions: I64, delay_ms: I64) -> None:
        """Record that messages reach mailboxes, with the given delays since they were written;
        `directions`: that of each message.
        """
        self.delivered += np.bincount(directions, minlength=3)
        for direction in range(len(DIRECTIONS)):
            some = delay_ms[directions == direction]
            waited = some[some > 0]
            self._no_delay[direction] += len(some) - len(waited)
            if len(waited):
                self._delays_ms[direction].append(_narrow(waited))

    def give_up(self, direction: int, rejected: int, bounced: int, attempts: int, deferrals: int) -> None:
        """Record that senders bounced `rejected` and `bounced` messages of `direction`, after that many
        failed attempts.
        """
        self.rejected[direction] += rejected
        self.bounced[direction] += bounced
        self.attempts[direction] += attempts
        self.deferrals[direction] += deferrals

    def hand_over(self, direction: int, count: int) -> None:
        """Record that `count` messages of `direction` were accepted, each at its first attempt, but not
        delivered yet.
        """
        self.attempts[direction] += count

    def put_aside(self, direction: int, count: int) -> None:
        """Record that `count` of the messages counted as delivered in `direction` are in recipients' junk
        folders.
        """
        self.delivered[direction] -= count
        self.junked[direction] += count

    def leave_own(self, direction: int, delay_ms: I64) -> None:
        """Record that users' own mail of `direction` was sent, each message at its only attempt."""
        self.delivered[direction] += len(delay_ms)
        self.attempts[direction] += len(delay_ms)
        self._delays_ms[direction].append(_narrow(delay_ms))

    def leave_at_once(self, direction: int, count: int) -> None:
        """Record that `count` messages of `direction` were sent in the millisecond in which they were
        written.
        """
        self.delivered[direction] += count
        self.attempts[direction] += count
        self._no_delay[direction] += count

    def delay_ms(self, direction: int, percent: int) -> int | None:
        """The nearest-rank percentile of the delays of all delivered messages; None if there are none."""
        waited = self._waited(direction)
        at_once = int(self._no_delay[direction])
        count = at_once + len(waited)
        if count == 0:
            return None
        rank = max(-(-percent * count // 100), 1)
        if rank <= at_once:
            return 0
        if rank == count:
            return int(waited.max())
        waited.partition(rank - at_once - 1)  # many times faster than sorting
        return int(waited[rank - at_once - 1])

    def delay_counts(self, direction: int, up_to_ms: Sequence[int]) -> list[int]:
        """Delivered messages by delay: for each of `up_to_ms` (ascending), those up to that delay and
        above the previous one; finally those above all.
        """
        places = np.searchsorted(np.array(up_to_ms, dtype=np.int64), self._waited(direction))
        counts = np.bincount(places, minlength=len(up_to_ms) + 1)
        counts[np.searchsorted(up_to_ms, 0)] += self._no_delay[direction]
        found: list[int] = counts.tolist()
        return found

    def _waited(self, direction: int) -> Delays:
        """Delays of the messages that were not delivered in the millisecond of their arrival, in
        any order.
        """
        parts = self._delays_ms[direction]
        if len(parts) > 1:
            parts[:] = [np.concatenate(parts)]
        return parts[0]


def _narrow(delay_ms: I64) -> Delays:
    """The delays, stored in half the memory (32 bits) unless one is longer than 24 days."""
    return delay_ms.astype(np.int32) if np.max(delay_ms, initial=0) < np.iinfo(np.int32).max else delay_ms
