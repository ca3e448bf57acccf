"""The gateway's delivery queue: one retry clock per message, one receiver behind it.

While nothing changes, the outcome of every message is known in advance, so the cost of a stretch of time
depends on the messages that leave in it, not on those that stay. Messages between two attempts are in a lane
(`regimes`, `mixed_regime`), one for each regime; offered messages are in the line (`waiting_line`), from
which the receiver accepts them as fast as it can.

A change (`meet`, `pause`, `resume`, `stop`, `retry`, `extend`, …) is called at the moment up to which the
queue has been advanced; it settles the results of the old regime and enters the new one. A forecast includes
mail beyond the present; a change drops it again.

Within one millisecond: changes, expiries, ends of service and of attempts, attempts by (arrival, message),
starts of service by (offered at, arrival, message).
"""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.series import among
from sim.mail.message.rows import (
    BOUNCED,
    DELIVERED,
    NO_ROWS,
    NOBODY,
    REJECTED,
    Gone,
    Rows,
    bounced,
    gone,
    joined,
    merged,
)
from sim.mail.queue.in_flight import NONE_FLYING, Flying
from sim.mail.queue.queue_state import QueueState
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import REFUSED, UP, Condition

BROKEN_OFF = "451 4.4.2 connection dropped"
"""The queue's error text for an attempt during which the gateway itself failed (RFC 3463 section 3.5)."""


class DeliveryQueue(QueueState):
    """The queue and its changes. Everything before `now_ms` has happened."""

    # Time

    def advance(self, to_ms: int) -> Gone:
        """Advance over [now, to_ms); returns the messages that left."""
        self.look_ahead(to_ms)
        out = merged([self._lane.give_up(to_ms), self.line.leave(to_ms)])
        arrived = int(self._ahead_ms["arrival_ms"].searchsorted(to_ms))
        self.entered.extend(self._ahead_ms["arrival_ms"][:arrived])
        self._ahead_ms.drop(arrived)
        self.now_ms = to_ms
        return self._recorded(out)

    def pass_by(self, to_ms: int) -> Gone:
        """Advance a queue that is empty and that nothing can enter: no message leaves."""
        self.now_ms, self._horizon_ms = to_ms, max(to_ms, self._horizon_ms)
        return NOBODY

    def _recorded(self, out: Gone) -> Gone:
        if not len(out):
            return out
        self.left.extend(out.time_ms)
        self.bounced.extend(out.time_ms[out.kind != DELIVERED])
        self.delivered.extend(out.time_ms[out.kind == DELIVERED])
        return out

    # Changes

    def meet(self, condition: Condition) -> Gone:
        """Set the receiver's condition for attempts from now on; returns the rows that leave at once.

        The condition also applies to messages in the waiting line. If it ends conversations, the affected
        conversations in progress fail. Every message keeps its own schedule (`release = own_timers`);
        attempts in progress meet the condition at their next packet.
        """
        parked, flying = self._settle()
        waiting, offered_ms = self.line.take_waiting(self.now_ms)
        self.condition = condition
        begun = self.line.begun()
        cut_off = self.line.take_begun(self._meets(begun, 0) & condition.breaks)
        fails = self._meets(waiting, 1)
        met, through = waiting.split(fails)
        self.line.offer(through, offered_ms[~fails], firm=True, from_ms=self.now_ms)
        return self._after_attempts(parked, flying, met, cut_off)

    def refuse(self) -> Gone:
        """Let the receiver stop answering: transfers are cut off, and messages in the line are refused."""
        return self.meet(REFUSED)

    def accept(self) -> Gone:
        """Let the receiver accept everything again."""
        return self.meet(UP)

    def change_pace(self, receiver: Receiver) -> None:
        """Change the receiver's capacity or speed; transfers in progress end at their old speed."""
        self.forget_ahead()
        self.line.change_pace(receiver, self.now_ms)

    def pause(self) -> Gone:
        """Stop attempts and expiries until `resume`; transfers in progress continue.

        Connection attempts without an answer are abandoned.
        """
        parked, flying = self._settle()
        waiting, _offered_ms = self.line.take_waiting(self.now_ms)
        self._stand(paused=True)
        flying.rows.attempts[:] += 1
        return self._after_attempts(joined([parked, waiting]), NONE_FLYING, NO_ROWS, flying.rows)

    def resume(self) -> Gone:
        """Offer all held messages now; a message past its limit bounces only if that attempt fails."""
        parked, flying = self._settle()
        self._stand(paused=False)
        if self.stopped:
            return self._will_be_due(parked, parked.take(slice(0)))
        return self._offer(parked, NO_ROWS, flying)

    def stop(self) -> Gone:
        """Stop the queue because the gateway itself is dead: no attempts and no bounces until `start`.

        Transfers in progress and unanswered connection attempts break off and count as failed. Messages in
        the line stay due, and ages continue to grow.
        """
        parked, flying = self._settle()
        waiting, _offered_ms = self.line.take_waiting(self.now_ms)
        waiting.since_ms[:] = waiting.arrival_ms
        begun = self.line.begun()
        broken = self.line.take_begun(np.ones(len(begun), dtype=np.bool_))
        self._stand(stopped=True)
        flying.rows.attempts[:] += 1
        failed = joined([flying.rows, broken])
        out = self._after_attempts(joined([parked, waiting]), NONE_FLYING, NO_ROWS, failed)
        if len(failed):
            self._settled_reply = BROKEN_OFF
        return out

    def start(self) -> Gone:
        """Start the queue because the gateway works again: messages past their age limit bounce, and messages
        that became due while it was down are attempted now.

        All other messages wait for their next slot.
        """
        parked, _flying = self._settle()
        self._stand(stopped=False)
        if self.paused:
            self._enter(parked)
            return NOBODY
        old = self.slots.too_old(parked, self.now_ms)
        due = ~old & (self.slots.next_ms(parked) <= self.now_ms)
        over = parked.take(old)
        now_ms = np.full(len(over), self.now_ms, dtype=np.int64)
        returned = self._recorded(bounced(over, now_ms, over.tried_ms))
        return merged([returned, self._offer(parked.take(due), parked.take(~old & ~due), NONE_FLYING)])

    def _stand(self, *, paused: bool | None = None, stopped: bool | None = None) -> None:
        """Record that the queue stops, or continues; at the end of a stop, the time that does not count is
        recorded.
        """
        stood = self._clock_stands
        if paused is not None and paused != self.paused:
            self.pauses.append([self.now_ms]) if paused else self.pauses[-1].append(self.now_ms)
        self.paused = self.paused if paused is None else paused
        self.stopped = self.stopped if stopped is None else stopped
        if stood and not self._clock_stands:
            self.slots.stood(self._stands_from_ms, self.now_ms)
        elif self._clock_stands and not stood:
            self._stands_from_ms = self.now_ms

    def _will_be_due(self, rows: Rows, parked: Rows) -> Gone:
        """Record that `rows` will be attempted as soon as the gateway is back, whenever that is."""
        rows.since_ms[:] = rows.arrival_ms
        self._enter(joined([parked, rows]))
        return NOBODY

    def retry(self, ids: I64 | None = None, waiting: Rows | None = None) -> Gone:
        """Offer all messages between two attempts, or the given ones, now: an administrator's retry.

        `waiting`: the rows of `between_attempts` at this moment, if they have been read; they belong to the
        queue from now on.
        """
        parked, flying = self._settle(waiting)
        named, others = parked.split(self._named(parked, ids))
        if self.stopped:
            return self._will_be_due(named, others)
        return self._offer(named, others, flying)

    def remove(self, kind: int, ids: I64 | None = None) -> Gone:
        """Reject (REJECTED) or bounce early (BOUNCED) all queued messages, or some, for an administrator.

        Transfers in progress are not affected.
        """
        parked, flying = self._settle()
        waiting, offered_ms = self.line.take_waiting(self.now_ms)
        stays = ~self._named(waiting, ids)
        self.line.offer(waiting.take(stays), offered_ms[stays], firm=True, from_ms=self.now_ms)
        out, leaves = self._named(parked, ids), self._named(flying.rows, ids)
        rows = joined([parked.take(out), flying.rows.take(leaves), waiting.take(~stays)]).in_arrival_order()
        self._enter(parked.take(~out), flying.take(~leaves))
        return self._recorded(
            gone(rows, kind, np.full(len(rows), self.now_ms, dtype=np.int64), rows.tried_ms)
        )

    def extend(self, limit_ms: int, most_attempts: int | None = None, *, covers_queued: bool = True) -> None:
        """Set a longer limit, counted from arrival, for later mail and, if the extension covers it, for
        queued mail.

        The limit never gets shorter. `most_attempts`: the other limit from now on, if it changes too.
        """
        if limit_ms < self.slots.limit_ms:
            raise ValueError(f"the limit of {self.slots.limit_ms} ms cannot be shortened to {limit_ms} ms")
        parked, flying = self._settle()
        most_attempts = most_attempts or self.slots.most_attempts
        self.slots.extend(limit_ms, most_attempts, None if covers_queued else self.now_ms)
        self._enter(parked, flying)

    def _settle(self, waiting: Rows | None = None) -> tuple[Rows, Flying]:
        """All rows between two attempts, as the present regime leaves them now, and the attempts in
        progress. `waiting`: the first of these, if they have been read.
        """
        self.forget_ahead()
        first, after = self._windows.index(self._entered_ms), self._windows.index(self.now_ms - 1) + 1
        failed = self._lane.failed_windows(self._windows, first, after, self.now_ms)
        self._windows.mark_windows(first, failed)
        self._settled_reply, self._windows.last_ms = self.last_reply, self.last_failure_ms
        return self.between_attempts() if waiting is None else waiting, self.under_way()

    def _named(self, rows: Rows, ids: I64 | None) -> NDArray[np.bool_]:
        return np.full(len(rows), True) if ids is None else among(rows.id, ids)

    def _meets(self, rows: Rows, more: int) -> NDArray[np.bool_]:
        """True where attempt `attempts + more` of a row gets the condition's answer."""
        number = rows.attempts + np.int32(more) if self.condition.by_chance else rows.attempts
        return self._host.meets(self.condition, rows, number)

    def _offer(self, rows: Rows, parked: Rows, flying: Flying) -> Gone:
        """Attempt `rows` now."""
        met, through = rows.split(self._meets(rows, 1))
        self.line.offer(through, np.broadcast_to(np.int64(self.now_ms), len(through)), firm=True)
        return self._after_attempts(parked, flying, met, NO_ROWS)

    def _after_attempts(self, parked: Rows, flying: Flying, met: Rows, failed: Rows) -> Gone:
        """Attempt the messages in `met` now, which get the condition's answer; attempts for messages in
        `failed` have failed now and are already counted.

        A message past its limits bounces; any other message joins `parked`. Then the resulting regime begins.
        """
        answer = self.condition.answer
        if answer == "timeout":
            begun_ms = np.full(len(met), self.now_ms, dtype=np.int64)
            flying = Flying(joined([flying.rows, met]), np.concatenate([flying.begun_ms, begun_ms]))
            met = NO_ROWS
            self._dropped_reply = self.condition.reply
        met.attempts[:] += 1
        returned = met if answer == "reject" else NO_ROWS
        failing = failed if answer == "reject" else joined([failed, met])
        failing.failed[:] = True
        failing.since_ms[:] = self.now_ms + 1
        failing.tried_ms[:] = self.now_ms
        if len(failing) + len(returned):
            self._windows.mark(self.now_ms)
            self._settled_reply = self.condition.reply
        past = self.slots.past(failing, self.now_ms) & (not self.stands)
        over, staying = failing.split(past)
        rows = joined([over, returned])
        kinds = np.where(np.arange(len(rows)) < int(past.sum()), np.int8(BOUNCED), np.int8(REJECTED))
        now_ms = np.full(len(rows), self.now_ms, dtype=np.int64)
        parts = sorted([part for part in (parked, staying) if len(part)], key=lambda part: part.arrival_ms[0])
        self._enter(joined(parts or [NO_ROWS]), flying)
        return self._recorded(gone(rows, kinds.astype(np.int8), now_ms, now_ms))
