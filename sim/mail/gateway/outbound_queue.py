"""The gateway's outbound delivery queue: mail from inside that it has accepted and cannot hand on yet.

While everything outside works and the queue is not paused, accepted mail leaves in the same millisecond and
single messages are not needed. From the first trouble on the queue is modelled: the platform's clock and
limits, receivers outside that may defer mail, pauses and forced attempts.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.message.recently_left import Lately
from sim.mail.message.rows import NO_ROWS, NOBODY, Gone, Rows, fresh_rows, joined
from sim.mail.message.traffic import EMPTY, Messages
from sim.mail.message.written_at import Written
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import Condition, ReceiverDraws
from sim.mail.world_spec import WorldSpec

INTERNET = Receiver(1024, 1)
"""The internet as a receiver: its concurrency is never the limit."""

RECEIVERS = "receivers outside"
"""Their name in draws."""


class OutgoingQueue:
    """The outbound queue. Everything before `now_ms` has happened."""

    def __init__(
        self,
        spec: WorldSpec,
        taken: Callable[[int, int], Messages],
        begins: Callable[[], object],
        left: Callable[[Gone], None],
    ) -> None:
        """`taken`: messages that the gateway accepts from inside in [a, b) if nothing changes; `begins` is
        called when single messages are needed from now on, `left` with the messages that a change has made
        leave.
        """
        self._spec, self._taken, self._begins, self._gone = spec, taken, begins, left
        self.modelled, self.dead = False, False
        self.written, self.lately = Written(), Lately()
        self._released = EMPTY
        self.now_ms = 0
        slots = Slots(spec.offsets, spec.limit_ms, spec.last_try, spec.most_attempts)
        self.queue = DeliveryQueue(
            slots,
            INTERNET,
            FailureWindows(60_000, 0),
            self._incoming,
            ReceiverDraws(spec.seed, RECEIVERS),
            counts=spec.standing_counts,
        )

    def _incoming(self, a_ms: int, b_ms: int) -> Rows:
        if not self.modelled:
            return NO_ROWS
        come = self._taken(a_ms, b_ms)
        ids, arrival_ms = come.id, come.arrival_ms
        if a_ms <= self.now_ms < b_ms and len(self._released):
            ids = np.concatenate([self._released.id, ids])
            arrival_ms = np.concatenate([self._released.arrival_ms, arrival_ms])
        return self._fresh(ids, arrival_ms).in_arrival_order()

    def _fresh(self, ids: I64, arrival_ms: I64) -> Rows:
        """Each with the organisation that it goes to as its user."""
        with_whom = self._spec.correspondents().of(ids).astype(np.int32)
        return fresh_rows(ids, arrival_ms, with_whom, np.full(len(ids), NEVER_MS, dtype=np.int64))

    def advance(self, to_ms: int) -> Gone:
        """Everything in [now, to_ms); returns the messages that left. To be called before the senders are
        advanced.
        """
        out = self.queue.advance(to_ms) if self.modelled else NOBODY
        self._released, self.now_ms = EMPTY, to_ms
        return out

    # Changes, at `now_ms`

    def begin(self) -> None:
        """From now on the queue is modelled."""
        if self.modelled:
            return
        self._begins()
        self.queue.advance(self.now_ms)
        self.modelled = True
        if self.dead:
            self.queue.stop()

    def forget_ahead(self) -> None:
        """The gateway will accept other mail than was foreseen."""
        if self.modelled:
            self.queue.forget_ahead()

    def release(self, ids: I64, written_ms: I64) -> None:
        """Mail that the gateway has held goes into the queue now; it was written at `written_ms`."""
        self.written.note(ids, written_ms)
        self._released = Messages(ids.copy(), np.full(len(ids), self.now_ms, dtype=np.int64))
        self.forget_ahead()

    def receivers_meet(self, condition: Condition) -> None:
        """The answer of receivers outside to mail from the gateway; a share is a share of the
        organisations.
        """
        self.begin()
        self._gone(self.queue.meet(condition))

    def stops(self, *, dead: bool) -> None:
        """The gateway is dead from now on, or works again."""
        self.dead = dead
        if self.modelled:
            self._gone(self.queue.stop() if dead else self.queue.start())

    def pause(self) -> None:
        """See `DeliveryQueue.pause`; likewise the others."""
        self.begin()
        self._gone(self.queue.pause())

    def resume(self) -> None:
        """Everything held is offered now."""
        self._gone(self.queue.resume())

    def retry(self, ids: I64 | None = None) -> None:
        """Everything between two attempts, or those messages, is offered now."""
        self._gone(self.queue.retry(ids))

    def remove(self, kind: int, ids: I64 | None = None) -> None:
        """All that waits, or some, leaves as `kind`, by hand."""
        self._gone(self.queue.remove(kind, ids))

    def extend(self, limit_ms: int, *, covers_queued: bool = True) -> None:
        """Both limits grow: see `Slots.most_attempts_with`."""
        self.begin()
        most = self.queue.slots.most_attempts_with(limit_ms)
        self.queue.extend(limit_ms, most, covers_queued=covers_queued)

    # Looking up

    @property
    def hands_on(self) -> bool:
        """True if mail that the gateway accepts from inside now leaves it."""
        return not self.modelled or (not self.queue.stands and self.queue.answers)

    def live(self) -> Rows:
        """Every message in it now, those that come in this very millisecond by a release included."""
        if not len(self._released):
            return self.queue.live() if self.modelled else NO_ROWS
        rows = self._fresh(self._released.id, self._released.arrival_ms)
        return joined([self.queue.live(), rows]) if self.modelled else rows

    def depth(self) -> int:
        """The number of messages in it."""
        return self.queue.depth() + len(self._released)


def notified(rows: Rows, after_ms: int | None) -> NDArray[np.bool_]:
    """True for each message whose writer has a delay notice: an attempt failed at age `after_ms` or later.

    `after_ms`: None if the gateway sends no such notices.
    """
    if after_ms is None:
        return np.zeros(len(rows), dtype=np.bool_)
    told: NDArray[np.bool_] = rows.failed & (rows.tried_ms - rows.arrival_ms >= after_ms)
    return told
