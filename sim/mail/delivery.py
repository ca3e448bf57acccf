"""The gateway's delivery queue: one retry clock per message, one receiver behind it.

`plan` works out, without changing anything, what a quiet stretch will bring; `advance` makes it
so. A quiet stretch is one in which the receiver neither starts nor stops answering and nobody
pauses, resumes, retries or extends: those are the methods named after them, called at the moment
up to which the queue has been advanced.

Within one millisecond: changes, expiries, ends of service, attempts by (message), starts of
service by (offered at, arrival, message).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.series import Times
from sim.mail.failures import FailureWindows
from sim.mail.rows import (
    BOUNCED,
    DELIVERED,
    HELD,
    LINE,
    NEVER_MS,
    SERVICE,
    WAIT,
    Gone,
    Rows,
    fresh_rows,
    gone,
    joined,
)
from sim.mail.service import free_after, service_starts

Offsets = Callable[[int], tuple[int, ...]]
"""Attempt times after arrival, ascending from 0, at least as far as the given age."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """How much the server behind the queue takes at once."""

    connections: int
    per_message_ms: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a quiet stretch brings. `rows` are all rows at its end, the leaving ones included."""

    to_ms: int
    rows: Rows
    left_ms: I64
    """When each row leaves; NEVER_MS if it stays."""
    kind: NDArray[np.int8]
    """How it leaves, where it does."""
    free_ms: I64
    failed_slots: tuple[I64, ...]
    """Moments of failed attempts, in no order: one array for each retry step."""
    fresh: int
    """How many rows at the end of `rows` arrived during the stretch."""


class DeliveryQueue:
    """Live rows, the receiver's state, and the history that can be looked up."""

    def __init__(
        self, offsets: Offsets, limit_ms: int, last_try: bool, receiver: Receiver, windows: FailureWindows
    ) -> None:
        """`limit_ms`: age at which a message between two attempts bounces.

        With `last_try` it bounces at its first failed attempt at or after that age instead.
        """
        self._offsets, self.limit_ms, self._last_try, self._receiver = offsets, limit_ms, last_try, receiver
        self._slots = self._slot_table()
        self.rows = fresh_rows(
            *(np.empty(0, dtype=np.int64) for _ in range(2)), np.empty(0, dtype=np.int32), WAIT
        )
        self._free_ms = np.zeros(receiver.connections, dtype=np.int64)
        self.answers, self.paused = True, False
        self.entered, self.left, self.bounced, self.delivered = Times(), Times(), Times(), Times()
        self.failures = windows
        self.now_ms = 0

    def _slot_table(self) -> I64:
        return np.array(self._offsets(2 * self.limit_ms + 2 * 86_400_000), dtype=np.int64)

    @property
    def expiry_age_ms(self) -> int:
        """Age at which a message that is neither taken nor paused bounces."""
        if not self._last_try:
            return self.limit_ms
        return int(self._slots[np.searchsorted(self._slots, self.limit_ms)])

    # A quiet stretch

    def plan(self, to_ms: int, ids: I64, arrival_ms: I64, user: NDArray[np.int32]) -> Stretch:
        """What [now, to_ms) brings, with these arrivals in it; pure."""
        state = HELD if self.paused else WAIT
        rows = joined(self.rows, fresh_rows(ids, arrival_ms, user, state)).copy()
        left_ms = np.full(len(rows), NEVER_MS, dtype=np.int64)
        kind = np.zeros(len(rows), dtype=np.int8)
        self._expire(rows, left_ms, to_ms)
        free_ms, slots = self._free_ms, ()
        if self.answers:
            free_ms = self._serve(rows, left_ms, kind, to_ms)
        else:
            slots = self._fail_on(rows, left_ms, to_ms)
        return Stretch(to_ms, rows, left_ms, kind, free_ms, slots, len(ids))

    def _expire(self, rows: Rows, left_ms: I64, to_ms: int) -> None:
        """Messages whose limit comes before the attempt that could save them bounce at their limit."""
        limit_ms = rows.arrival_ms + self.expiry_age_ms
        doomed = (rows.state == WAIT) & (limit_ms < to_ms)
        if self.answers:
            doomed &= limit_ms < rows.touch_ms + (not self._last_try)
        left_ms[doomed] = limit_ms[doomed]

    def _serve(self, rows: Rows, left_ms: I64, kind: NDArray[np.int8], to_ms: int) -> I64:
        due = (rows.state == WAIT) & (rows.touch_ms < to_ms) & (left_ms == NEVER_MS)
        rows.state[due] = LINE
        rows.offered_ms[due] = rows.touch_ms[due]
        line = np.flatnonzero(rows.state == LINE)
        line = line[np.lexsort((rows.id[line], rows.arrival_ms[line], rows.offered_ms[line]))]
        starts = service_starts(rows.offered_ms[line], self._free_ms, self._receiver.per_message_ms)
        begun = line[: int(np.searchsorted(starts, to_ms))]
        ends = starts[: len(begun)] + self._receiver.per_message_ms
        rows.state[begun] = SERVICE
        rows.attempts[begun] += 1
        rows.end_ms[begun] = ends
        taken = (rows.state == SERVICE) & (rows.end_ms < to_ms)
        left_ms[taken] = rows.end_ms[taken]
        kind[taken] = DELIVERED
        return free_after(self._free_ms, ends)

    def _fail_on(self, rows: Rows, left_ms: I64, to_ms: int) -> tuple[I64, ...]:
        """Every attempt before `to_ms` fails; no attempt is an event, they are counted."""
        until = np.minimum(left_ms + self._last_try, to_ms)
        trying = np.flatnonzero((rows.state == WAIT) & (rows.touch_ms < until))
        arrival = rows.arrival_ms[trying]
        first = np.searchsorted(self._slots, rows.touch_ms[trying] - arrival)
        after = np.searchsorted(self._slots, until[trying] - arrival)
        rows.attempts[trying] += (after - first).astype(np.int32)
        rows.touch_ms[trying] = arrival + self._slots[after]
        rows.failed[trying] = True
        rows.tried_ms[trying] = arrival + self._slots[after - 1]
        if not len(trying):
            return ()
        steps = range(int(first.min()), int(after.max()))
        return tuple(arrival[(first <= n) & (n < after)] + self._slots[n] for n in steps)

    def advance(self, stretch: Stretch) -> Gone:
        """Make `stretch` so; returns who left."""
        fresh = stretch.rows.arrival_ms[len(stretch.rows) - stretch.fresh :]
        self.entered.extend(np.sort(fresh))
        for slots in stretch.failed_slots:
            self.failures.mark(slots)
        leaving = stretch.left_ms != NEVER_MS
        self._free_ms = stretch.free_ms
        self.now_ms = stretch.to_ms
        out = gone(stretch.rows.where(leaving), stretch.left_ms[leaving], stretch.kind[leaving])
        self.rows = stretch.rows.where(~leaving) if len(out) else stretch.rows
        self._record(out)
        return out

    def _record(self, out: Gone) -> None:
        self.left.extend(out.time_ms)
        self.bounced.extend(out.time_ms[out.kind == BOUNCED])
        self.delivered.extend(out.time_ms[out.kind == DELIVERED])

    # Changes, at the moment up to which the queue has been advanced

    def refuse(self) -> Gone:
        """The receiver stops answering: what is being taken is cut off, who waits in line is refused."""
        self.answers = False
        rows = self.rows
        cut_off = rows.state == SERVICE
        rows.attempts[cut_off] -= 1  # counted again as the failure that it became
        return self._fail(cut_off | (rows.state == LINE))

    def accept(self) -> None:
        """The receiver answers again; every message keeps its own clock (`release = own_timers`)."""
        self.answers = True
        self._free_ms = np.full(self._receiver.connections, self.now_ms, dtype=np.int64)

    def pause(self) -> None:
        """Nothing is attempted and nothing expires until `resume`; what is being taken goes on."""
        self.paused = True
        held = (self.rows.state == WAIT) | (self.rows.state == LINE)
        self.rows.state[held] = HELD

    def resume(self) -> Gone:
        """Everything held is offered now, in arrival order; past its limit it bounces only if that fails."""
        self.paused = False
        return self._offer(self.rows.state == HELD)

    def retry(self) -> Gone:
        """An administrator's retry: everything between two attempts is offered now."""
        return self._offer(self.rows.state == WAIT)

    def extend(self, limit_ms: int) -> None:
        """The limit counts from arrival, for mail in the queue and for later mail."""
        self.limit_ms = limit_ms
        self._slots = self._slot_table()

    def _offer(self, which: NDArray[np.bool_]) -> Gone:
        if not self.answers:
            return self._fail(which)
        self.rows.state[which] = LINE
        self.rows.offered_ms[which] = self.now_ms
        return self._fail(np.zeros(len(self.rows), dtype=np.bool_))

    def _fail(self, which: NDArray[np.bool_]) -> Gone:
        """An attempt of `which` fails now; past the limit they bounce, else they wait for their next slot."""
        rows, now_ms = self.rows, self.now_ms
        if which.any():
            self.failures.mark(np.array([now_ms], dtype=np.int64))
        rows.attempts[which] += 1
        rows.failed[which] = True
        rows.tried_ms[which] = now_ms
        rows.state[which] = HELD if self.paused else WAIT
        arrival = rows.arrival_ms[which]
        step = np.searchsorted(self._slots, now_ms - arrival, side="right")
        rows.touch_ms[which] = arrival + self._slots[np.minimum(step, len(self._slots) - 1)]
        past = which & (rows.arrival_ms + self.limit_ms <= now_ms) & (rows.state == WAIT)
        count = int(past.sum())
        out = gone(
            rows.where(past), np.full(count, now_ms, dtype=np.int64), np.full(count, BOUNCED, dtype=np.int8)
        )
        if count:
            self.rows = rows.where(~past)
            self._record(out)
        return out
