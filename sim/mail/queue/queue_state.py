"""The state of a delivery queue at a moment, and its future if nothing changes. Read-only.

The changes are in `sim.mail.queue.delivery_queue`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.series import Times, latest
from sim.mail.message.growing_columns import Columns
from sim.mail.message.queue_counts import QueuePart
from sim.mail.message.rows import NO_ROWS, Rows, joined
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.in_flight import NONE_FLYING, Flying
from sim.mail.queue.mixed_regime import Foretold
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, ReceiverDraws
from sim.mail.queue.regimes import Answering, Held, Lane, Refusing
from sim.mail.queue.waiting_line import WaitingLine

Incoming = Callable[[int, int], Rows]
"""Called with (a, b): returns the messages that arrive in [a, b), by (arrival, id), if nothing changes
before b.
"""

CONNECT_MS = 60_000
"""The time-out for a connection attempt; the figure is from another cloud gateway (Broadcom), which
publishes it.
"""


class QueueState:
    """The queue, read-only. Everything before `now_ms` has happened."""

    def __init__(
        self,
        slots: Slots,
        receiver: Receiver,
        windows: FailureWindows,
        incoming: Incoming,
        host: ReceiverDraws | None = None,
        connect_ms: int = CONNECT_MS,
        counts: tuple[bool, bool] = (True, True),
    ) -> None:
        """`host`: name of the receiver in draws; `connect_ms`: time-out of a connection attempt; `counts`:
        whether time during which the queue is paused, and time during which the gateway is dead, counts as
        age.
        """
        self._counts, self._stands_from_ms = counts, 0
        self.slots, self._incoming, self._connect_ms = slots, incoming, connect_ms
        self._host = host or ReceiverDraws(0, "server")
        self.line = WaitingLine(receiver)
        self.condition, self.paused, self.stopped = UP, False, False
        self.pauses: list[list[int]] = []
        """[time of the pause, time of the resumption] for each pause; the second is missing while a pause
        lasts.
        """
        self._settled_reply, self._dropped_reply = "", ""
        self.entered, self.left, self.bounced, self.delivered = Times(), Times(), Times(), Times()
        self._windows = windows
        self.now_ms, self._horizon_ms, self._entered_ms = 0, 0, 0
        self._ahead_ms = Columns({"arrival_ms": np.int64})
        self.changes = 0
        """The number of times that the queue's forecast has been discarded; every change discards it."""
        self._enter(NO_ROWS)

    @property
    def stands(self) -> bool:
        """True if nothing in the queue moves: an administrator has paused it, or the gateway itself is
        dead.
        """
        return self.paused or self.stopped

    @property
    def _clock_stands(self) -> bool:
        """True if the present time does not count as age."""
        paused_counts, dead_counts = self._counts
        return (self.paused and not paused_counts) or (self.stopped and not dead_counts)

    @property
    def answers(self) -> bool:
        """True if the receiver accepts any mail."""
        return not self.condition.total

    def look_ahead(self, bound_ms: int) -> None:
        """Add arrivals and due attempts before `bound_ms` to the forecast."""
        if bound_ms <= self._horizon_ms:
            return
        rows = self._incoming(self._horizon_ms, bound_ms)
        self._ahead_ms.append([rows.arrival_ms])
        self.line.offer(*self._lane.take_in(rows, bound_ms))
        self._horizon_ms = bound_ms

    def forget_ahead(self) -> None:
        """Discard the forecast beyond the present. The forecast will be computed again, because something
        in it changes.
        """
        self.changes += 1
        self._ahead_ms.cut(0)
        self._horizon_ms = self.now_ms
        self.line.cut(self.now_ms)
        self._lane.forget(self.now_ms)

    def _enter(self, rows: Rows, flying: Flying = NONE_FLYING) -> None:
        """Begin the regime given by `condition` and `stands`, with `rows` between two attempts."""
        rows, condition = rows.in_arrival_order(), self.condition
        self._entered_ms = self.now_ms
        simple = condition.lets_through or (
            condition.total and condition.answer in ("refused", "defer") and self._all_reach_their_age(rows)
        )
        if self.stands:
            self._lane: Lane = Held(rows)
        elif len(flying.rows) or not simple:
            self._lane = Foretold(
                rows, flying, self.slots, condition, self._host, self._connect_ms, self._windows, self.now_ms
            )
        else:
            self._lane = (
                Answering(rows, self.slots) if self.answers else Refusing(rows, self.slots, self.now_ms)
            )

    def _all_reach_their_age(self, rows: Rows) -> bool:
        """True if all messages are kept under the same terms, and none runs out of attempts first."""
        return self.slots.kept.uniform and not self.slots.may_run_out(rows)

    # Looking up

    def depth(self) -> int:
        """Messages in the queue now, including those in transfer."""
        return len(self.entered) - len(self.left)

    def waiting(self) -> int:
        """The number of messages between two attempts."""
        return len(self._lane.parked.arrival_ms[self._lane.present(self.now_ms)])

    def live(self) -> Rows:
        """Every message in the queue now: those between two attempts (by arrival), attempts in progress,
        the line.
        """
        return joined([self.between_attempts(), self.under_way().rows, self.line.live(self.now_ms)])

    def newest(self, count: int, real_from: int) -> Rows:
        """The `count` newest rows in the lane or in the waiting line, and rows with ids of `real_from` or
        higher.
        """
        parked, now_ms = self._lane.present(self.now_ms), self.now_ms
        ids = self._lane.parked.columns["id"][parked]
        shown = np.union1d(np.flatnonzero(ids >= real_from), np.arange(max(0, len(ids) - count), len(ids)))
        numbers = shown + parked.start if isinstance(parked, slice) else parked[shown]
        newest = latest(self.line.column("arrival_ms", now_ms), count)
        offered = np.union1d(newest, np.flatnonzero(self.line.column("id", now_ms) >= real_from))
        return joined([self._counted(numbers), self.under_way().rows, self.line.live(now_ms, offered)])

    def members(self, names: Sequence[str], *, waiting: bool = False) -> dict[str, NDArray[Any]]:
        """The named columns of every message in the queue now; `waiting`: only of those between two
        attempts.
        """
        parked, columns = self._lane.present(self.now_ms), self._lane.parked.columns
        if waiting:
            return {name: columns[name][parked] for name in names}
        flying = self.under_way().rows
        parts = {name: [self.line.column(name, self.now_ms), getattr(flying, name)] for name in names}
        if not len(parts["id"][0]) + len(flying):
            return {name: columns[name][parked] for name in names}
        if isinstance(parked, slice):
            return {name: np.concatenate([columns[name][parked], *parts[name]]) for name in names}
        return {name: _taken(columns[name], parked, parts[name]) for name in names}

    def parts(self) -> list[QueuePart]:
        """The messages of `members`, in the same order, for counting: columns are not copied."""
        flying, line = self.under_way().rows, self.line
        offered = QueuePart(line.column("id", self.now_ms), line.column("arrival_ms", self.now_ms))
        return [self._lane.part(self.now_ms), offered, QueuePart(flying.id, flying.arrival_ms)]

    def on_retry(self, grid_ms: I64, bound_ms: int) -> I64:
        """The number of failed messages that wait or are being transferred, at each of the ascending times in
        [now, bound_ms].

        While the queue is stopped, only messages that were being transferred when it was paused.
        """
        if self.stands:
            return self.line.failed_at(grid_ms)
        self.look_ahead(bound_ms)
        return self._lane.on_retry(grid_ms) + self.line.failed_at(grid_ms)

    def failed_windows(self, first: int, after: int, bound_ms: int) -> NDArray[np.bool_]:
        """True for each window from first to after - 1 with a failed attempt, if nothing changes before
        `bound_ms`.
        """
        known = self._windows.seen(first, after)
        if (
            self.stands
            or (self.condition.lets_through and isinstance(self._lane, Answering))
            or after <= first
        ):
            return known
        self.look_ahead(bound_ms)
        return known | self._lane.failed_windows(self._windows, first, after, bound_ms)

    @property
    def last_failure_ms(self) -> int | None:
        """The time of the latest failed attempt."""
        known, last_ms = self._windows.last_ms, self._lane.last_failure_ms(self.now_ms)
        return (
            last_ms if known is None or (last_ms is None and known is None) else max(known, last_ms or known)
        )

    @property
    def last_reply(self) -> str:
        """The receiver's reply to the latest failed attempt: the `reply` of its condition at that time."""
        last_ms = self._lane.last_failure_ms(self.now_ms)
        if last_ms is None:
            return self._settled_reply
        if isinstance(self._lane, Foretold) and last_ms == self._lane.last_drop_ms(self.now_ms):
            return self._dropped_reply
        return self.condition.reply

    def coming_deliveries(self, bound_ms: int) -> I64:
        """The times at which messages are delivered in [now, bound_ms), if nothing changes; ascending."""
        self.look_ahead(bound_ms)
        return self.line.ends_before(bound_ms)

    def coming_and_going(self, bound_ms: int) -> tuple[I64, I64]:
        """The times at which messages enter and leave the queue in [now, bound_ms), if nothing changes; each
        ascending.
        """
        self.look_ahead(bound_ms)
        come_ms: I64 = self._ahead_ms["arrival_ms"]
        come_ms = come_ms[: come_ms.searchsorted(bound_ms)]
        gone_ms = np.concatenate([self.line.ends_before(bound_ms), self._lane.coming_returns(bound_ms)])
        return come_ms.copy(), np.sort(gone_ms)

    def coming_returns(self, bound_ms: int) -> I64:
        """The times at which messages bounce or are rejected in [now, bound_ms), if nothing changes."""
        self.look_ahead(bound_ms)
        return self._lane.coming_returns(bound_ms).copy()

    def next_bounce(self, bound_ms: int) -> int | None:
        """The first moment in [now, bound_ms) at which a message bounces."""
        self.look_ahead(bound_ms)
        coming_ms = self._lane.next_bounce()
        return coming_ms if coming_ms is not None and coming_ms < bound_ms else None

    def emptied_of(self, before_ms: int, bound_ms: int) -> int | None:
        """The first moment in [now, bound_ms) at which no message that arrived before `before_ms` is
        queued.
        """
        self.look_ahead(bound_ms)
        last_ms = self._lane.last_limit(before_ms)
        if last_ms is None:
            return None
        end_ms = self.line.last_end_of(before_ms)
        empty_ms = max(self.now_ms, last_ms + 1, -1 if end_ms is None else end_ms + 1)
        return empty_ms if empty_ms < bound_ms else None

    def under_way(self) -> Flying:
        """Connection attempts that have not been answered so far, with the time at which each began."""
        return self._lane.flying(self.now_ms) if isinstance(self._lane, Foretold) else NONE_FLYING

    def between_attempts(self) -> Rows:
        """The rows that are waiting for an attempt or are held now, by arrival."""
        return self._counted(self._lane.present(self.now_ms))

    def _counted(self, which: "slice | NDArray[np.intp]") -> Rows:
        """Parked rows with their attempts up to now. Slots that pass while the gateway is dead do not
        count as attempts.
        """
        rows = self._lane.counted(which, self.now_ms)
        if not self.stopped:
            np.maximum(rows.since_ms, self.now_ms, out=rows.since_ms)
        return rows


def _taken(column: NDArray[Any], rows: NDArray[np.intp], more: list[NDArray[Any]]) -> NDArray[Any]:
    """Some rows of a column, then `more`, in one new array: each row is copied once."""
    taken = np.empty(len(rows) + sum(map(len, more)), dtype=column.dtype)
    # indices are in range, and "raise" would copy twice
    np.take(column, rows, out=taken[: len(rows)], mode="clip")
    np.concatenate(more, out=taken[len(rows) :])
    return taken
