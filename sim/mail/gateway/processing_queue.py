"""The gateway's processing queue: mail that it has accepted but not filtered yet.

The queue normally empties at once, and is then not modelled. While the filter is slow, messages pass it in
order of arrival, a fixed number at a time, and then enter the delivery queue. Mail queued at the filter's
recovery is filtered at the usual pace until new messages no longer have to wait.
"""

from collections.abc import Callable

import numpy as np

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.queue.receiver import Receiver, service_starts
from sim.mail.routes.inbound import Come

_NONE = np.empty(0, dtype=np.int64)


@frozen
class InProcess:
    """Messages in front of the filter, in order. Columns of equal length."""

    id: I64
    came_ms: I64
    written_ms: I64
    start_ms: I64
    end_ms: I64
    """The time at which each message has passed the filter."""


NOTHING = InProcess(_NONE, _NONE, _NONE, _NONE, _NONE)


class Processing:
    """The processing queue of one direction. Everything before `now_ms` has happened."""

    def __init__(self, comes: Callable[[int, int], Come], usual: Receiver | None = None) -> None:
        """`comes`: returns messages that the gateway accepts in [a, b) if nothing changes. `usual`: the
        number of messages that it filters at a time, and the time of each, in normal operation; None: a
        backlog passes at once when the filter recovers, and a slow filter takes one message at a time.
        """
        self._comes, self._usual = comes, usual
        self.every_ms: int | None = None
        """Time per message while the filter is slow; None while it works at its usual pace."""
        self.stopped = False
        self._inside = NOTHING
        self._passed_of: dict[int, int] = {}
        """The times for which `passed_of` was called while older mail was in the filter, with its last
        results.
        """
        self.now_ms = 0

    @property
    def idle(self) -> bool:
        """True if everything passes in the millisecond in which it arrives."""
        return self.every_ms is None and not self.stopped and not len(self._inside.id)

    def passes(self, a_ms: int, b_ms: int) -> Come:
        """Messages that pass the filter in [a, b) if nothing changes before b."""
        if self.idle:
            return self._comes(a_ms, b_ms)
        inside = self._with(self._comes(self.now_ms, b_ms))
        out = (inside.end_ms >= a_ms) & (inside.end_ms < b_ms)
        order = np.lexsort((inside.id[out], inside.end_ms[out]))
        columns = (inside.id[out], inside.end_ms[out], inside.written_ms[out])
        return Come(*(column[order] for column in columns))

    def _with(self, come: Come) -> InProcess:
        """The messages in the queue now, followed by `come`."""
        order = np.lexsort((come.id, come.arrival_ms))
        ids, came_ms, written_ms = come.id[order], come.arrival_ms[order], come.written_ms[order]
        start_ms, end_ms = self._timed(came_ms, self._inside.end_ms)
        if self.every_ms is None and not self.stopped:
            free = np.flatnonzero(start_ms == came_ms)
            if len(free):  # the filter has caught up: from now on, messages pass without waiting
                start_ms[free[0] :] = end_ms[free[0] :] = came_ms[free[0] :]
        return _joined(self._inside, InProcess(ids, came_ms, written_ms, start_ms, end_ms))

    def _timed(self, able_ms: I64, before_end_ms: I64) -> tuple[I64, I64]:
        """Start and end times of messages that become ready at `able_ms` (ascending), behind messages that
        end at `before_end_ms`.
        """
        if self.stopped:
            never_ms = np.full(len(able_ms), NEVER_MS, dtype=np.int64)
            return never_ms, never_ms.copy()
        pace = self._pace()
        if pace is None:
            return able_ms.copy(), able_ms.copy()
        free_ms = np.full(pace.connections, -NEVER_MS, dtype=np.int64)
        # the places of the other messages have been used again
        last_ms = np.sort(before_end_ms)[-pace.connections :]
        free_ms[: len(last_ms)] = last_ms
        start_ms = service_starts(able_ms, free_ms, pace.per_message_ms)
        return start_ms, start_ms + pace.per_message_ms

    def _pace(self) -> Receiver | None:
        if self.every_ms is None:
            return self._usual
        return Receiver(self._usual.connections if self._usual is not None else 1, self.every_ms)

    def advance(self, to_ms: int) -> Come | None:
        """Advance over [now, to); returns the messages that arrived and did not pass at once, None if all
        did.

        Must be called once the delivery queue has added the messages that pass before `to_ms`, and before the
        senders are advanced.
        """
        came = None
        if not self.idle:
            came = self._comes(self.now_ms, to_ms)
            inside = self._with(came)
            stays = inside.end_ms >= to_ms
            self._inside = InProcess(*(getattr(inside, name)[stays] for name in InProcess.__match_args__))
        self.now_ms = to_ms
        return came

    # Changes at `now_ms`; the delivery queue must drop its forecast

    def becomes(self, every_ms: int | None, *, stopped: bool) -> None:
        """Set the filter's pace from now on. Messages being filtered continue; if the filter stops, they
        start again later.
        """
        begun = (self._inside.start_ms < self.now_ms) & (not stopped)
        self.every_ms, self.stopped = every_ms, stopped
        inside = self._inside
        able_ms = np.full(int((~begun).sum()), self.now_ms, dtype=np.int64)
        start_ms, end_ms = inside.start_ms.copy(), inside.end_ms.copy()
        start_ms[~begun], end_ms[~begun] = self._timed(able_ms, end_ms[begun])
        self._inside = InProcess(inside.id, inside.came_ms, inside.written_ms, start_ms, end_ms)

    def enters(self, held: Come) -> None:
        """Filter, from now on, mail that the gateway has held so far, each message since its `arrival_ms`;
        it queues behind the mail already inside.
        """
        able_ms = np.full(len(held.id), self.now_ms, dtype=np.int64)
        start_ms, end_ms = self._timed(able_ms, self._inside.end_ms)
        entering = InProcess(held.id, held.arrival_ms, held.written_ms, start_ms, end_ms)
        self._inside = _joined(self._inside, entering)

    # Looking up

    @property
    def ids(self) -> I64:
        """The messages in the processing queue."""
        return self._inside.id

    @property
    def came_ms(self) -> I64:
        """The arrival time of each message."""
        return self._inside.came_ms

    @property
    def written_ms(self) -> I64:
        """The time at which each message was written."""
        return self._inside.written_ms

    def wait_ms(self) -> int:
        """Time that a message arriving now would spend in the queue; NEVER_MS while the filter is stopped."""
        if self.idle:
            return 0
        now_ms = np.array([self.now_ms], dtype=np.int64)
        return min(int(self._timed(now_ms, self._inside.end_ms)[1][0]) - self.now_ms, NEVER_MS)

    def lengths(self, moments_ms: I64) -> I64:
        """The number of messages inside at each time (ascending, from now on), if nothing changes.

        A message that arrives or passes the filter exactly at one of these times has not done so yet.
        """
        if self.idle or not len(moments_ms):
            return np.zeros(len(moments_ms), dtype=np.int64)
        inside = self._with(self._comes(self.now_ms, int(moments_ms[-1])))
        came = np.searchsorted(np.sort(inside.came_ms), moments_ms)
        return came - np.searchsorted(np.sort(inside.end_ms), moments_ms)

    def passed_of(self, before_ms: int) -> int:
        """The time from which no message that arrived before `before_ms` is in the queue, if nothing
        changes; at least `before_ms`, and NEVER_MS while the filter is stopped.
        """
        old_ms = self._inside.end_ms[self._inside.came_ms < before_ms]
        if len(old_ms):
            self._passed_of[before_ms] = max(before_ms, min(int(old_ms.max()) + 1, NEVER_MS))
        return self._passed_of.get(before_ms, before_ms)

    def digest(self, record: Fingerprint) -> None:
        """Add the messages in the processing queue."""
        record.rows(self._inside.id, self._inside.came_ms, self._inside.end_ms)


def _joined(first: InProcess, then: InProcess) -> InProcess:
    names = InProcess.__match_args__
    return InProcess(*(np.concatenate([getattr(first, n), getattr(then, n)]) for n in names))
