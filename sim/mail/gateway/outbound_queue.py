"""The gateway's outbound delivery queue: mail from inside that it has accepted but cannot pass on yet.

While everything outside works and the queue is not paused, accepted mail leaves in the same millisecond, and
single messages are not modelled. From the first failure onwards, the queue is modelled, with the platform's
clock and limits, outside receivers that may defer mail, pauses and forced attempts.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.series import Times
from sim.mail.gateway.processing_queue import Processing
from sim.mail.message.recently_left import Lately
from sim.mail.message.rows import NO_ROWS, NOBODY, Gone, Rows, fresh_rows
from sim.mail.message.traffic import real_whom
from sim.mail.message.written_at import Written
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import Condition, ReceiverDraws
from sim.mail.routes.inbound import Come
from sim.mail.world_spec import WorldSpec

INTERNET = Receiver(1024, 1)
"""The internet as a receiver: it accepts any number of messages at a time."""

RECEIVERS = "receivers outside"
"""The name of the outside receivers in keyed draws."""


class OutgoingQueue:
    """The outbound queue. Everything before `now_ms` has happened."""

    def __init__(
        self,
        spec: WorldSpec,
        taken: Callable[[int, int], Come],
        begins: Callable[[], object],
        left: Callable[[Gone], None],
    ) -> None:
        """`taken`: returns messages that the gateway accepts from inside in [a, b) if nothing changes;
        `begins` is called when single messages are needed from now on; `left` is called with the messages
        that leave because of a change.
        """
        self._spec, self._begins, self._gone = spec, begins, left
        self.modelled, self.dead = False, False
        self.written, self.lately = Written(), Lately()
        self.filter = Processing(taken, spec.filter.usual if spec.filter else None)
        """The outbound processing queue."""
        self.takes_time = spec.filter is not None
        """True if the filter's pace is limited. If it is unlimited, mail in a dead gateway stays in the
        delivery queue.
        """
        self.accepted = Times()
        """The times at which mail has come from inside since the start of the queue's simulation."""
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
        come = self.filter.passes(a_ms, b_ms)
        return self._fresh(come.id, come.arrival_ms).in_arrival_order()

    def _fresh(self, ids: I64, arrival_ms: I64) -> Rows:
        """Each message, with the organisation to which it goes as its user."""
        given = real_whom(ids)
        drawn = self._spec.correspondents().of(ids)
        with_whom = np.where(given >= 0, given, drawn).astype(np.int32)
        return fresh_rows(ids, arrival_ms, with_whom, np.full(len(ids), NEVER_MS, dtype=np.int64))

    def advance(self, to_ms: int) -> Gone:
        """Advance over [now, to_ms); returns the messages that left. Must be called before the senders are
        advanced.
        """
        out, before = NOBODY, len(self.queue.entered)
        if self.modelled:
            out = self.queue.advance(to_ms)
        came = self.filter.advance(to_ms)
        if came is not None:
            fresh = came.arrival_ms == came.written_ms  # the authors of the other messages know already
            self.written.note(came.id[fresh], came.written_ms[fresh])
        self.accepted.extend(self.queue.entered.since(before) if came is None else np.sort(came.arrival_ms))
        self.now_ms = to_ms
        return out

    # Changes, at `now_ms`

    def begin(self) -> None:
        """Begin to model the queue now."""
        if self.modelled:
            return
        self._begins()
        self.queue.advance(self.now_ms)
        self.modelled = True
        if self.dead:
            self.queue.stop()
            self.filter.becomes(None, stopped=self.takes_time)

    def forget_ahead(self) -> None:
        """Called when the gateway will accept other mail than that in the forecast."""
        if self.modelled:
            self.queue.forget_ahead()

    def release(self, held: Come) -> None:
        """Filter, from now on, mail that the gateway has held."""
        self.written.note(held.id, held.written_ms)
        self.filter.enters(held)
        self.forget_ahead()

    def filters(self, every_ms: int | None) -> None:
        """Set the filter's time for each message from now on; None: the filter works as usual."""
        if every_ms != self.filter.every_ms:
            self.begin()
            self.filter.becomes(every_ms, stopped=self.dead and self.takes_time)
            self.forget_ahead()

    def receivers_meet(self, condition: Condition) -> None:
        """Set the answer of outside receivers to mail from the gateway; a share is a share of the
        organisations.
        """
        self.begin()
        self._gone(self.queue.meet(condition))

    def stops(self, *, dead: bool) -> None:
        """Record that the gateway is dead from now on, or works again."""
        self.dead = dead
        if self.modelled:
            if self.takes_time:
                self.filter.becomes(self.filter.every_ms, stopped=dead)
                self.forget_ahead()
            self._gone(self.queue.stop() if dead else self.queue.start())

    def pause(self) -> None:
        """Pause the queue, as in `DeliveryQueue.pause`; the methods below are also those of
        `DeliveryQueue`.
        """
        self.begin()
        self._gone(self.queue.pause())

    def resume(self) -> None:
        """Resume the queue: all held messages are offered now."""
        self._gone(self.queue.resume())

    def retry(self, ids: I64 | None = None, waiting: Rows | None = None) -> None:
        """Offer everything between two attempts, or the given messages, now: see `DeliveryQueue.retry`."""
        self._gone(self.queue.retry(ids, waiting))

    def remove(self, kind: int, ids: I64 | None = None) -> None:
        """Remove all queued mail, or some of it, as `kind`, by hand."""
        self._gone(self.queue.remove(kind, ids))

    def extend(self, limit_ms: int, *, covers_queued: bool = True) -> None:
        """Extend both limits: see `Slots.most_attempts_with`."""
        self.begin()
        most = self.queue.slots.most_attempts_with(limit_ms)
        self.queue.extend(limit_ms, most, covers_queued=covers_queued)

    # Looking up

    @property
    def hands_on(self) -> bool:
        """True if mail that the gateway accepts from inside leaves it now."""
        return not self.modelled or (not self.queue.stands and self.queue.answers)

    def live(self) -> Rows:
        """Every message in the queue now."""
        return self.queue.live() if self.modelled else NO_ROWS

    def emptied_of(self, before_ms: int, bound_ms: int) -> int | None:
        """The first time in [now, bound) at which no message that arrived before `before_ms` is inside the
        gateway.
        """
        passed_ms = self.filter.passed_of(before_ms)
        known = passed_ms == before_ms or passed_ms < bound_ms
        return self.queue.emptied_of(passed_ms, bound_ms) if known else None

    def in_process(self) -> Rows:
        """Messages that the gateway has accepted but not filtered, with their arrival times."""
        return self._fresh(self.filter.ids, self.filter.came_ms)

    def depth(self) -> int:
        """The number of messages in the queue."""
        return self.queue.depth()


def notified(rows: Rows, after_ms: int | None) -> NDArray[np.bool_]:
    """True for each message whose author has received a delay notice: an attempt failed at age `after_ms` or
    later.

    `after_ms`: None if the gateway does not send such notices.
    """
    if after_ms is None:
        return np.zeros(len(rows), dtype=np.bool_)
    told: NDArray[np.bool_] = rows.failed & (rows.tried_ms - rows.arrival_ms >= after_ms)
    return told
