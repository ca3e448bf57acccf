"""A message's own retry schedule in closed form: its attempts before any moment."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import DAY_MS
from sim.mail.message.growing_columns import BLOCK
from sim.mail.message.rows import Rows
from sim.mail.queue.retention import Retention

Offsets = Callable[[int], tuple[int, ...]]
"""Attempt times, counted from arrival, ascending from 0, covering at least the given age."""

_MANY = 4096
"""Number of messages per slot of the schedule from which most blocks of messages have the same next slot."""


class Slots:
    """Attempts at fixed offsets from arrival, and the age at which a message bounces."""

    def __init__(
        self, offsets: Offsets, limit_ms: int, last_try: bool, most_attempts: int | None = None
    ) -> None:
        """`limit_ms`: age at which a message between two attempts bounces.

        With `last_try`, it bounces instead at its first failed attempt at or after that age. `most_attempts`:
        a message also bounces at this number of failed attempts, whatever its age; None: no such limit.
        """
        self._offsets, self.last_try = offsets, last_try
        self.kept = Retention(limit_ms, most_attempts)
        self._reckon()

    def _reckon(self) -> None:
        """Extend the table by repeating the last gap as often as needed."""
        self.ages_ms = np.array(self._offsets(2 * self.kept.longest_ms + 2 * DAY_MS), dtype=np.int64)
        self.give_up_ms = self.limit_ms
        if self.last_try:
            self.give_up_ms = int(self.ages_ms[self.ages_ms.searchsorted(self.limit_ms)])

    @property
    def limit_ms(self) -> int:
        """How long messages that arrive now are kept."""
        return self.kept.limit_ms

    @property
    def most_attempts(self) -> int | None:
        """The number of failed attempts at which messages that arrive now bounce."""
        return self.kept.most_attempts

    def extend(self, limit_ms: int, most_attempts: int | None, arriving_from_ms: int | None = None) -> None:
        """Change the retention, see `Retention.extend`."""
        self.kept.extend(limit_ms, most_attempts, arriving_from_ms)
        self._reckon()

    def stood(self, a_ms: int, b_ms: int) -> None:
        """Record a stop of the queue, see `Retention.stood`."""
        self.kept.stood(a_ms, b_ms)
        self._reckon()

    def give_ups_ms(self, arrival_ms: I64) -> I64:
        """The time at which each waiting message bounces, if nothing is delivered."""
        limits_ms = self.kept.limits_ms(arrival_ms)
        if self.last_try:
            limits_ms = self.ages_ms[self.ages_ms.searchsorted(limits_ms)]
        return arrival_ms + limits_ms

    def most_attempts_with(self, limit_ms: int) -> int | None:
        """The limit on attempts if the retention grows to `limit_ms`: higher by the number of attempts in
        the added time.
        """
        if self.most_attempts is None:
            return None
        ages_ms = np.array(self._offsets(max(limit_ms, self.limit_ms)), dtype=np.int64)
        first, after = ages_ms.searchsorted((self.limit_ms, limit_ms)).tolist()
        return int(self.most_attempts + after - first)

    def first_step(self, rows: Rows) -> I64:
        """The number of the first slot at or after its `since`, for each of `rows`, which are by arrival."""
        since_ms = rows.since_ms
        if len(rows) > len(self.ages_ms) and (since_ms == since_ms[0]).all():
            return self.steps_at(rows.arrival_ms, int(since_ms[0]))
        return self.ages_ms.searchsorted(since_ms - rows.arrival_ms).astype(np.int64)

    def steps_at(self, arrival_ms: I64, moment_ms: int | I64) -> I64:
        """The number of the first slot at or after `moment_ms`, for each message that arrived at `arrival_ms`
        (ascending).

        At one moment, the steps do not ascend. For many messages, it is therefore faster to look up the
        first message of each step than the step of each message.
        """
        if isinstance(moment_ms, int) and len(arrival_ms) > len(self.ages_ms):
            lengths = np.diff(self._ends(arrival_ms, moment_ms), prepend=0)
            return np.repeat(np.arange(len(self.ages_ms), -1, -1), lengths)
        return self.ages_ms.searchsorted(moment_ms - arrival_ms).astype(np.int64)

    def _ends(self, arrival_ms: I64, moment_ms: int) -> I64:
        """For each step, descending, the end of the messages with that step in `steps_at`."""
        return np.append(arrival_ms.searchsorted(moment_ms - self.ages_ms[::-1]), len(arrival_ms))

    def pieces(self, arrival_ms: I64, moment_ms: int) -> Iterator[tuple[slice, int | I64]]:
        """Consecutive messages, at most a block of them at a time, with their steps as in `steps_at`. In a
        large queue, each piece has messages of one step, and this step is a single number.
        """
        if len(arrival_ms) < _MANY * len(self.ages_ms):
            for first in range(0, len(arrival_ms), BLOCK):
                some = slice(first, min(first + BLOCK, len(arrival_ms)))
                yield some, self.steps_at(arrival_ms[some], moment_ms)
            return
        steps, ends = range(len(self.ages_ms), -1, -1), self._ends(arrival_ms, moment_ms).tolist()
        for step, (begin, end) in zip(steps, pairwise([0, *ends]), strict=True):
            for first in range(begin, end, BLOCK):
                yield slice(first, min(first + BLOCK, end)), step

    def first_steps(self, rows: Rows) -> Iterator[tuple[slice, int | I64]]:
        """The results of `first_step` in pieces, as `pieces` returns them."""
        since_ms = rows.since_ms
        if len(rows) and (since_ms == since_ms[0]).all():
            yield from self.pieces(rows.arrival_ms, int(since_ms[0]))
            return
        for first in range(0, len(rows), BLOCK):
            some = slice(first, min(first + BLOCK, len(rows)))
            yield some, self.first_step(rows.take(some))

    def too_old(self, rows: Rows, now_ms: int) -> NDArray[np.bool_]:
        """True for rows that have reached, between two attempts, the age at which they bounce without
        another attempt.
        """
        if self.last_try:
            return np.zeros(len(rows), dtype=np.bool_)
        old: NDArray[np.bool_] = self.give_ups_ms(rows.arrival_ms) <= now_ms
        return old

    def past(self, rows: Rows, now_ms: int) -> NDArray[np.bool_]:
        """True for rows that bounce because of their age or number of attempts after an attempt that has
        failed now.
        """
        old: NDArray[np.bool_] = rows.arrival_ms + self.kept.limits_ms(rows.arrival_ms) <= now_ms
        return old | (rows.attempts >= self.kept.mosts(rows.arrival_ms))

    def may_run_out(self, rows: Rows) -> bool:
        """True if new mail, or any of `rows`, may reach the limit on attempts before its age limit.

        Must be called only while the present terms apply to all messages.
        """
        if self.most_attempts is None:
            return False
        slots = len(self._tried_ages())
        left = np.maximum(slots - self.first_step(rows), 0) + rows.attempts
        return max(slots, int(np.max(left, initial=0))) >= self.most_attempts

    def attempted(self, rows: Rows, after: int | I64) -> tuple[int | I64, I64]:
        """The number of each row's own slots from its `since` to the one before slot `after`, and its last
        attempt before slot `after`: at one of these slots, or the attempt recorded in the row. `rows`: by
        arrival.
        """
        slot_ms = rows.arrival_ms + self.ages_ms[np.maximum(after - 1, 0)]
        if (rows.since_ms == rows.arrival_ms).all():  # all slots are their own
            return after, slot_ms
        used: I64 = np.maximum(after - self.first_step(rows), 0)
        return used, np.where(slot_ms >= rows.since_ms, slot_ms, rows.tried_ms)

    def next_ms(self, rows: Rows) -> I64:
        """The first slot at or after its `since`, for each of the `rows`, which are by arrival."""
        return self.slots_ms(rows.arrival_ms, self.first_step(rows))

    def slots_ms(self, arrival_ms: I64, step: int | I64) -> I64:
        """The time of slot `step` (if there are fewer, of the last) for messages that arrived at
        `arrival_ms`.
        """
        slots_ms: I64 = arrival_ms + self.ages_ms[np.minimum(step, len(self.ages_ms) - 1)]
        return slots_ms

    def any_between(self, arrival_ms: I64, edges_ms: I64) -> NDArray[np.bool_]:
        """True where an attempt falls between two consecutive edges, for messages that arrived at
        `arrival_ms`
        (sorted).

        New mail is attempted on arrival; if that leaves a gap, all ages are checked.
        """
        come = arrival_ms.searchsorted(edges_ms)
        tried: NDArray[np.bool_] = come[1:] > come[:-1]
        if tried.all():
            return tried
        before = arrival_ms.searchsorted(edges_ms - self._tried_ages()[:, None])
        return np.asarray((before[:, 1:] > before[:, :-1]).any(axis=0), dtype=np.bool_)

    def latest_before(self, arrival_ms: I64, moment_ms: int) -> int | None:
        """The last attempt before `moment_ms` of messages that arrived at `arrival_ms` (sorted)."""
        ages_ms = self._tried_ages()
        before = arrival_ms.searchsorted(moment_ms - ages_ms) - 1
        tried = before >= 0
        return int(np.max(arrival_ms[before[tried]] + ages_ms[tried])) if tried.any() else None

    def _tried_ages(self) -> I64:
        return self.ages_ms[: self.ages_ms.searchsorted(self.give_up_ms + self.last_try)]
