"""The gateway's delivery queue: one retry clock per message, one receiver behind it.

While nothing changes, every message's fate is known in advance, so that a stretch of time costs
what leaves in it and not what waits. There are three regimes:

- *refusing*: the receiver does not answer. Messages wait in arrival order; each bounces at its
  limit, and its failed attempts are counted by formula, never made.
- *answering*: each message goes to the line at its next slot (or bounces if its limit comes
  first), new mail at once; from the line it is taken as fast as the receiver can.
- *paused*: nothing is attempted and nothing expires; what was being taken goes on.

A change (`refuse`, `accept`, `pause`, `resume`, `retry`, `extend`) is called at the moment up to
which the queue has been advanced; it settles what the old regime did and enters the new one.
Looking ahead takes in mail beyond the present; a change forgets it again.

Within one millisecond: changes, expiries, ends of service, attempts by (arrival, message), starts
of service by (offered at, arrival, message).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.growing import Columns
from sim.kernel.series import Times
from sim.mail.failures import FailureWindows
from sim.mail.line import Line
from sim.mail.rows import (
    BOUNCED,
    DELIVERED,
    NO_ROWS,
    NOBODY,
    ROW_TYPES,
    Gone,
    Rows,
    bounced,
    joined,
    merged,
)
from sim.mail.service import Receiver
from sim.mail.slots import Slots
from sim.mail.timetable import timetable

Incoming = Callable[[int, int], Rows]
"""Messages that arrive in [a, b), by (arrival, id), if nothing changes before b."""


class DeliveryQueue:
    """See the module. Everything before `now_ms` has happened."""

    def __init__(self, slots: Slots, receiver: Receiver, windows: FailureWindows, incoming: Incoming) -> None:
        self.slots, self._incoming = slots, incoming
        self.line = Line(receiver)
        self.answers, self.paused = True, False
        self.entered, self.left, self.bounced, self.delivered = Times(), Times(), Times(), Times()
        self._windows = windows
        self.now_ms, self._horizon_ms = 0, 0
        self._entered_ms, self._head = 0, 0
        self._ahead_ms = Columns({"arrival_ms": np.int64})
        self._parked = Columns(ROW_TYPES)
        self._enter(NO_ROWS)

    # Time

    def advance(self, to_ms: int) -> Gone:
        """Everything in [now, to_ms); returns who left."""
        self.look_ahead(to_ms)
        out = merged([self._give_up(to_ms), self.line.leave(to_ms)])
        arrived = int(np.searchsorted(self._ahead_ms["arrival_ms"], to_ms))
        self.entered.extend(self._ahead_ms["arrival_ms"][:arrived])
        self._ahead_ms.drop(arrived)
        self.now_ms = to_ms
        return self._recorded(out)

    def look_ahead(self, bound_ms: int) -> None:
        """Take in what arrives and what comes due before `bound_ms`."""
        if bound_ms <= self._horizon_ms:
            return
        rows = self._incoming(self._horizon_ms, bound_ms)
        self._ahead_ms.append([rows.arrival_ms])
        if self.answers and not self.paused:
            again, due_ms = self._timetable.offers(bound_ms)
            offered_ms = np.concatenate([due_ms, rows.arrival_ms])
            self.line.offer(joined([self._parked_rows(again), rows]), offered_ms)
        else:
            self._parked.append(rows.columns)
        self._horizon_ms = bound_ms

    def forget_ahead(self) -> None:
        """What was taken in beyond the present will be asked for again: something about it changes."""
        self._ahead_ms.cut(0)
        self._horizon_ms = self.now_ms
        if self.answers and not self.paused:
            self.line.cut(self.now_ms)
            self._timetable.rewind(self.now_ms)
        else:
            self._parked.cut(int(np.searchsorted(self._parked["arrival_ms"], self.now_ms)))

    def _give_up(self, to_ms: int) -> Gone:
        """Who reaches the limit before `to_ms`."""
        if self.paused:
            return NOBODY
        if not self.answers:
            until = int(np.searchsorted(self._parked["arrival_ms"], to_ms - self.slots.give_up_ms))
            rows = self._parked_rows(slice(self._head, max(until, self._head)))
            self._head = max(until, self._head)
            time_ms = rows.arrival_ms + self.slots.give_up_ms
            until_ms = time_ms + self.slots.last_try
            rows.attempts[:] += self.slots.used(rows, until_ms).astype(np.int32)
            return bounced(rows, time_ms, self.slots.last_tried(rows, until_ms))
        over, time_ms = self._timetable.limits(to_ms)
        rows = self._parked_rows(over)
        return bounced(rows, time_ms, rows.tried_ms)  # they have waited untried since the receiver's return

    def _recorded(self, out: Gone) -> Gone:
        self.left.extend(out.time_ms)
        self.bounced.extend(out.time_ms[out.kind == BOUNCED])
        self.delivered.extend(out.time_ms[out.kind == DELIVERED])
        return out

    # Changes

    def refuse(self) -> Gone:
        """The receiver stops answering: what is being taken is cut off, who waits in line is refused."""
        parked = self._settle()
        waiting = self.line.take_waiting(self.now_ms)
        waiting.attempts[:] += 1
        self.answers = False
        return self._fail(parked, joined([self.line.take_begun(), waiting]))

    def accept(self) -> None:
        """The receiver answers again; every message keeps its own clock (`release = own_timers`)."""
        parked = self._settle()
        self.answers = True
        self._enter(parked)

    def pause(self) -> None:
        """Nothing is attempted and nothing expires until `resume`; what is being taken goes on."""
        parked = self._settle()
        waiting = self.line.take_waiting(self.now_ms)
        self.paused = True
        self._enter(joined([parked, waiting]))

    def resume(self) -> Gone:
        """Everything held is offered now; past its limit it bounces only if that attempt fails."""
        parked = self._settle()
        self.paused = False
        return self._offer(parked)

    def retry(self) -> Gone:
        """An administrator's retry: everything between two attempts is offered now."""
        return self._offer(self._settle())

    def extend(self, limit_ms: int) -> None:
        """The limit counts from arrival, for mail in the queue and for later mail; it never shrinks."""
        if limit_ms < self.slots.limit_ms:
            raise ValueError(f"the limit is {self.slots.limit_ms} ms and cannot become {limit_ms} ms")
        parked = self._settle()
        self.slots.set_limit(limit_ms)
        self._enter(parked)

    def _settle(self) -> Rows:
        """All rows between two attempts, as the present regime leaves them now."""
        self.forget_ahead()
        if not self.paused and not self.answers:
            first, after = self._windows.index(self._entered_ms), self._windows.index(self.now_ms - 1) + 1
            self._windows.mark_windows(first, self.failed_windows(first, after, self.now_ms))
            self._windows.last_ms = self.last_failure_ms
        return self.between_attempts()

    def between_attempts(self) -> Rows:
        """The rows that wait for an attempt, or are held, now, by arrival."""
        return self._counted(self._parked_rows(self._parked_now()))

    def _parked_now(self) -> slice | NDArray[np.intp]:
        """The parked rows that wait or are held now, in their order."""
        if self.answers and not self.paused:
            return self._timetable.remaining(self.now_ms)
        after = int(np.searchsorted(self._parked["arrival_ms"], self.now_ms))
        return slice(self._head, max(after, self._head))

    def _counted(self, rows: Rows) -> Rows:
        """Parked `rows` with their attempts up to now."""
        if not self.answers and not self.paused:
            used = self.slots.used(rows, self.now_ms)
            rows.attempts[:] += used.astype(np.int32)
            rows.failed[:] |= used > 0
            rows.tried_ms[:] = self.slots.last_tried(rows, self.now_ms)
        np.maximum(rows.since_ms, self.now_ms, out=rows.since_ms)
        return rows

    def _offer(self, rows: Rows) -> Gone:
        if not self.answers:
            rows.attempts[:] += 1
            return self._fail(NO_ROWS, rows)
        self._enter(NO_ROWS)
        self.line.offer(rows, np.full(len(rows), self.now_ms, dtype=np.int64), firm=True)
        return NOBODY

    def _fail(self, parked: Rows, failing: Rows) -> Gone:
        """`failing` (attempt counted) fail now; past the limit they bounce, else they join `parked`."""
        failing.failed[:] = True
        failing.since_ms[:] = self.now_ms + 1
        failing.tried_ms[:] = self.now_ms
        if len(failing):
            self._windows.mark(self.now_ms)
        past = (failing.arrival_ms + self.slots.limit_ms <= self.now_ms) & (not self.paused)
        rows = failing.take(past)
        now_ms = np.full(len(rows), self.now_ms, dtype=np.int64)
        out = bounced(rows, now_ms, now_ms)
        self._enter(joined([parked, failing.take(~past)]))
        return self._recorded(out)

    def _enter(self, rows: Rows) -> None:
        """Begin the regime that `answers` and `paused` say, with `rows` between two attempts."""
        rows = rows.in_arrival_order()
        self._entered_ms, self._head = self.now_ms, 0
        self._parked.adopt(rows.columns)
        self._timetable = timetable(rows, self.slots)

    def _parked_rows(self, which: "slice | NDArray[np.intp]") -> Rows:
        return Rows(*(self._parked[name][which].copy() for name in ROW_TYPES))

    # Looking up

    def depth(self) -> int:
        """Messages in the queue now, those being taken included."""
        return len(self.entered) - len(self.left)

    def live(self) -> Rows:
        """Every message in the queue now; parked ones by arrival, then those in the line."""
        return joined([self.between_attempts(), self.line.live(self.now_ms)])

    def newest(self, count: int, real_from: int) -> Rows:
        """The `count` newest parked rows and rows in the line, and those with ids from `real_from` on."""
        parked, line = self._parked_now(), self.line.live(self.now_ms)
        ids = self._parked["id"][parked]
        shown = np.union1d(np.flatnonzero(ids >= real_from), np.arange(max(0, len(ids) - count), len(ids)))
        numbers = shown + parked.start if isinstance(parked, slice) else parked[shown]
        newest = np.argsort(line.arrival_ms, kind="stable")[-count:]
        line = line.take(np.union1d(newest, np.flatnonzero(line.id >= real_from)))
        return joined([self._counted(self._parked_rows(numbers)), line])

    def members(self) -> dict[str, NDArray[Any]]:
        """Columns `id`, `arrival_ms`, `user`, `worthless_ms` of every message in the queue now."""
        parked, names = self._parked_now(), ("id", "arrival_ms", "user", "worthless_ms")
        line = {name: self.line.column(name, self.now_ms) for name in names}
        if not len(line["id"]):
            return {name: self._parked[name][parked] for name in names}
        return {name: np.concatenate([self._parked[name][parked], line[name]]) for name in names}

    def on_retry(self, grid_ms: I64, bound_ms: int) -> I64:
        """Messages that have failed and still wait, at each moment of [now, bound_ms]; none while paused."""
        if self.paused:
            return np.zeros(len(grid_ms), dtype=np.int64)
        self.look_ahead(bound_ms)
        if not self.answers:
            arrival_ms = self._parked["arrival_ms"]
            over = np.searchsorted(arrival_ms, grid_ms - self.slots.give_up_ms)
            waiting: I64 = np.searchsorted(arrival_ms, grid_ms) - np.maximum(over, self._head)
            return waiting
        failed = self._parked["failed"]
        later = int(failed[self._timetable.not_seen()].sum())
        over, limits_ms = self._timetable.coming_limits()
        limits_ms, ends_ms = limits_ms[failed[over]], self.line.ends_of_failed()
        gone_by = np.searchsorted(limits_ms, grid_ms) + np.searchsorted(ends_ms, grid_ms)
        return later + len(limits_ms) + len(ends_ms) - gone_by

    def failed_windows(self, first: int, after: int, bound_ms: int) -> NDArray[np.bool_]:
        """Whether windows first <= n < after hold a failed attempt, if nothing changes before `bound_ms`."""
        known = self._windows.seen(first, after)
        if self.paused or self.answers or after <= first:
            return known
        self.look_ahead(bound_ms)
        starts_ms = self._windows.starts_ms(first, after)
        a_ms = np.maximum(starts_ms, self._entered_ms)
        b_ms = np.maximum(np.minimum(starts_ms + self._windows.width_ms, bound_ms), a_ms)
        return known | (self.slots.any_between(self._parked["arrival_ms"], a_ms, b_ms) > 0)

    @property
    def last_failure_ms(self) -> int | None:
        """The latest failed attempt."""
        known = self._windows.last_ms
        if self.paused or self.answers:
            return known
        last_ms = self.slots.latest_before(self._parked["arrival_ms"], self.now_ms)
        if last_ms is None or last_ms < self._entered_ms:
            return known
        return last_ms if known is None else max(known, last_ms)

    def next_bounce(self, bound_ms: int) -> int | None:
        """The first moment in [now, bound_ms) when a message is given up."""
        if self.paused:
            return None
        if self.answers:
            coming_ms = self._timetable.next_limit()
        else:
            self.look_ahead(bound_ms)
            oldest_ms = self._parked["arrival_ms"][self._head : self._head + 1] + self.slots.give_up_ms
            coming_ms = int(oldest_ms[0]) if len(oldest_ms) else None
        return coming_ms if coming_ms is not None and coming_ms < bound_ms else None

    def emptied_of(self, before_ms: int, bound_ms: int) -> int | None:
        """The first moment in [now, bound_ms) when nothing that arrived before `before_ms` is queued."""
        if self.paused or not self.answers:
            return None
        self.look_ahead(bound_ms)
        arrival_ms = self._parked["arrival_ms"]
        if (arrival_ms[self._timetable.not_seen()] < before_ms).any():
            return None
        over, limits_ms = self._timetable.coming_limits()
        last_ms = limits_ms[arrival_ms[over] < before_ms][-1:].tolist()
        end_ms = self.line.last_end_of(before_ms)
        empty_ms = max([self.now_ms, *(moment + 1 for moment in (end_ms, *last_ms) if moment is not None)])
        return empty_ms if empty_ms < bound_ms else None
