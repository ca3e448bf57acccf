"""The lane in which messages differ: some attempts succeed and some fail.

This lane is used if a share of attempts or of recipients fails, if attempts take time to fail, or if messages
run out of attempts. How and when a message ends under the present conditions is computed once, when it
enters; the attempts in between are counted by a formula.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.message.growing_columns import Columns
from sim.mail.message.queue_counts import QueuePart
from sim.mail.message.rows import BOUNCED, REJECTED, Gone, Rows, gone, joined
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.departures import Exits
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.in_flight import Flying, settled
from sim.mail.queue.outcomes import OFFERED, AttemptSequence, QueueEndings, foretell
from sim.mail.queue.receiver_condition import Condition, ReceiverDraws
from sim.mail.queue.regimes import Parked, Which

_FATE_TYPES: dict[str, DTypeLike] = {
    # the beginning of the attempt that was in progress when the regime began; NEVER_MS: none was
    "begun_ms": np.int64,
    "settled_ms": np.int64,  # the time at which that attempt is settled
    "pre_ms": np.int64,  # the time at which it fails; NEVER_MS: it does not fail
    "end_ms": np.int64,
    "kind": np.int8,
    "failures": np.int32,  # after that one
    "tried": np.bool_,
}


class Foretold:
    """The `Lane` in which messages differ from each other."""

    def __init__(
        self,
        rows: Rows,
        flying: Flying,
        slots: Slots,
        condition: Condition,
        host: ReceiverDraws,
        connect_ms: int,
        windows: FailureWindows,
        now_ms: int,
    ) -> None:
        """`flying`: attempts in progress; `connect_ms`: the time-out of such an attempt."""
        self._slots, self._condition, self._host = slots, condition, host
        self._rhythm = AttemptSequence(slots, connect_ms if condition.answer == "timeout" else 0)
        self._entered_ms, self._now_ms, self._connect_ms = now_ms, now_ms, connect_ms
        self._fates = Columns(_FATE_TYPES)
        rows, fates = self._carried(rows, flying, connect_ms)
        self.parked = Parked(rows)
        self._fates.append(list(fates))
        self._carried_rows = len(rows)
        self._marks, self._marked = FailureWindows(windows.width_ms, windows.phase_ms), 0
        waits_ms = np.where(self._pre_failed(slice(0, len(rows))), fates[2], NEVER_MS)
        first_ms = np.where(rows.failed, -1, np.minimum(waits_ms, self._first_slot_fails(rows, fates)))
        self._first_ms = np.sort(first_ms[first_ms < NEVER_MS])
        """The time of the first failure for each row that existed when the regime began; -1 if the row had
        failed earlier.
        """
        self._new_first_ms = Columns({"first_ms": np.int64})
        self._exits = Exits(self._fates["end_ms"].copy(), np.arange(len(rows)))
        self._offered_failed, self._returned_failed = 0, 0
        """The number of messages offered, and the number returned, that had failed before."""
        self._still: NDArray[np.intp] = np.arange(0)
        self._swept = 0
        """`_still`: those of the first `_swept` rows that had not left when time last advanced."""
        self._looked: tuple[tuple[int, int, int], NDArray[np.intp], I64] | None = None
        self._left_failed_ms = -1
        """The time of the latest failure among the messages that had left by then; -1 if none of them had
        failed.
        """
        self._failed_by: tuple[int, int] = (-1, -1)
        """A time, and the time of the latest failure before it."""

    # The beginning

    def _carried(self, rows: Rows, flying: Flying, connect_ms: int) -> tuple[Rows, tuple[NDArray[Any], ...]]:
        """The initial rows, by arrival, and their outcomes as columns."""
        none_ms, no_answer = np.full(len(rows), NEVER_MS), np.full(len(rows), OFFERED, dtype=np.int8)
        ends_ms, answers = settled(
            flying.rows, flying.begun_ms, self._condition, self._host, connect_ms, self._now_ms
        )
        rows = joined([rows, flying.rows])
        begun_ms = np.concatenate([none_ms, flying.begun_ms])
        settled_ms, answered = np.concatenate([none_ms, ends_ms]), np.concatenate([no_answer, answers])
        if len(flying.rows):
            order = np.lexsort((rows.id, rows.arrival_ms))
            rows, begun_ms = rows.take(order), begun_ms[order]
            settled_ms, answered = settled_ms[order], answered[order]
        fails = (begun_ms < NEVER_MS) & (answered != OFFERED)
        pre_ms = np.where(fails, settled_ms, NEVER_MS)
        rows.since_ms[begun_ms < NEVER_MS] = settled_ms[begun_ms < NEVER_MS] + 1
        attempts = rows.attempts + (pre_ms < NEVER_MS)
        after = replace(rows, attempts=attempts.astype(np.int32))
        fates = foretell(after, self._slots.first_step(rows), self._rhythm, self._condition, self._host)
        kept = self._slots.kept
        old = pre_ms - rows.arrival_ms >= kept.limits_ms(rows.arrival_ms)
        over = fails & (answered == BOUNCED) & (old | (attempts >= kept.mosts(rows.arrival_ms)))
        at_once = over | ((begun_ms < NEVER_MS) & (answered != BOUNCED))
        end_ms = np.where(at_once, settled_ms, fates.end_ms)
        kind = np.where(over, np.int8(BOUNCED), np.where(at_once, answered, fates.kind)).astype(np.int8)
        failures = np.where(at_once, 0, fates.failures).astype(np.int32)
        return rows, (begun_ms, settled_ms, pre_ms, end_ms, kind, failures, fates.tried | at_once)

    def _first_slot_fails(self, rows: Rows, fates: tuple[NDArray[Any], ...]) -> I64:
        """The time at which the attempt at each row's first slot is known to have failed; NEVER_MS if it
        does not fail.
        """
        ages_ms = self._slots.ages_ms[self._slots.first_step(rows)]
        fails = (fates[5] > 0) & (fates[4] != REJECTED)
        return np.where(fails, rows.arrival_ms + ages_ms + self._rhythm.lag_ms, NEVER_MS)

    # Time

    def take_in(self, rows: Rows, bound_ms: int) -> tuple[Rows, I64]:
        step = np.zeros(len(rows), dtype=np.int64)
        fates = foretell(rows, step, self._rhythm, self._condition, self._host)
        at_once = (fates.kind == OFFERED) & (fates.failures == 0)
        self._add(rows.take(~at_once), fates.take(~at_once))
        due = self._exits.look(bound_ms)
        due = due[self._fates["kind"][due] == OFFERED]
        due_rows, end_ms = self._left(due), self._fates["end_ms"][due]
        return joined([due_rows, rows.take(at_once)]), np.concatenate([end_ms, rows.arrival_ms[at_once]])

    def _add(self, rows: Rows, fates: QueueEndings) -> None:
        count = len(self.parked)
        never_ms = np.full(len(rows), NEVER_MS, dtype=np.int64)
        self.parked.columns.append(rows.columns)
        self._fates.append(
            [never_ms, never_ms, never_ms, fates.end_ms, fates.kind, fates.failures, fates.tried]
        )
        fails = fates.kind != REJECTED
        self._new_first_ms.append([rows.arrival_ms[fails] + self._rhythm.lag_ms])
        self._exits.add(fates.end_ms, np.arange(count, len(self.parked)))

    def give_up(self, to_ms: int) -> Gone:
        past = self._exits.past(to_ms)
        kind, failed = self._fates["kind"][past], self._has_failed(past)
        self._offered_failed += int((failed & (kind == OFFERED)).sum())
        self._returned_failed += int((failed & (kind != OFFERED)).sum())
        failed_ms = self._failures(past, NEVER_MS)[1]
        self._left_failed_ms = max(self._left_failed_ms, int(np.max(failed_ms, initial=-1)))
        self._still, self._swept = self._here(to_ms), self._arrived(to_ms)
        self._now_ms = to_ms
        who = past[kind != OFFERED]
        rows, kind, end_ms = self._left(who), self._fates["kind"][who], self._fates["end_ms"][who]
        tried_ms = np.where(kind == REJECTED, end_ms, rows.tried_ms)
        order = np.lexsort((kind, end_ms))
        return gone(rows.take(order), kind[order], end_ms[order], tried_ms[order])

    def forget(self, now_ms: int) -> None:
        new_ms = self.parked.arrival_ms[self._carried_rows :]
        rows = self._carried_rows + int(new_ms.searchsorted(now_ms))
        self.parked.columns.cut(rows)
        self._fates.cut(rows)
        self._exits.forget(now_ms, rows)
        first_ms = self._new_first_ms["first_ms"]
        self._new_first_ms.cut(int(first_ms.searchsorted(now_ms + self._rhythm.lag_ms)))

    # Looking up

    def _arrived(self, now_ms: int) -> int:
        return int(self.parked.arrival_ms.searchsorted(now_ms))

    def _not_swept(self, until: int) -> NDArray[np.intp]:
        """The first `until` rows without those that had left when time last advanced; ascending."""
        return np.concatenate([self._still, np.arange(self._swept, max(until, self._swept))])

    def _here(self, now_ms: int) -> NDArray[np.intp]:
        """The rows that have arrived and not left, ascending."""
        which = self._not_swept(self._arrived(now_ms))
        return which[self._fates["end_ms"][which] >= now_ms]

    def _waiting(self, now_ms: int) -> tuple[NDArray[np.intp], I64]:
        """The rows that are here now, ascending, and when the present attempt of each began. They are found
        once for all readings and changes of a moment.
        """
        key = now_ms, self._swept, self._arrived(now_ms)
        if self._looked is None or self._looked[0] != key:
            which = self._here(now_ms)
            self._looked = key, which, self._begun(which, now_ms)
        return self._looked[1:]

    def present(self, now_ms: int) -> Which:
        which, begun_ms = self._waiting(now_ms)
        present: NDArray[np.intp] = which[begun_ms == NEVER_MS]
        return present

    def part(self, now_ms: int) -> QueuePart:
        return self.parked.part(self.present(now_ms))

    def flying(self, now_ms: int) -> Flying:
        """Attempts in progress now, by arrival; they are not among the `present`."""
        which, begun_ms = self._waiting(now_ms)
        in_progress = begun_ms < NEVER_MS
        return Flying(self.counted(which[in_progress], now_ms), begun_ms[in_progress])

    def _begun(self, which: NDArray[np.intp], now_ms: int) -> I64:
        """The time at which each row's present attempt began; NEVER_MS if none is in progress."""
        carried = self._fates["settled_ms"][which] >= now_ms
        begun_ms = np.where(carried, self._fates["begun_ms"][which], NEVER_MS)
        if self._rhythm.lag_ms == 0:
            return begun_ms
        arrival_ms = self.parked.arrival_ms[which]
        step = self._step(which)
        _known, _last_ms, age_ms = self._rhythm.walked(step, now_ms - arrival_ms)
        settled = self._fates["begun_ms"][which] == NEVER_MS
        own = (settled | ~carried) & (age_ms >= 0)
        flying_ms: I64 = np.where(own, arrival_ms + age_ms, begun_ms)
        return flying_ms

    def _step(self, which: Which) -> I64:
        columns = self.parked.columns
        ages_ms = columns["since_ms"][which] - columns["arrival_ms"][which]
        step: I64 = self._slots.ages_ms.searchsorted(ages_ms).astype(np.int64)
        return step

    def counted(self, which: Which, now_ms: int) -> Rows:
        return self._seen(which, np.full(len(self._fates["end_ms"][which]), now_ms, dtype=np.int64))

    def _left(self, which: Which) -> Rows:
        """Some rows in the state in which they leave."""
        end_ms = self._fates["end_ms"][which]
        return self._seen(
            which, end_ms + (self._fates["tried"][which] & (self._fates["kind"][which] != OFFERED))
        )

    def _seen(self, which: Which, at_ms: I64) -> Rows:
        """Some rows in the state that each has at a given time, not later than its end."""
        rows = self.parked.rows(which)
        known, last_ms = self._failures(which, at_ms)
        pre_ms = self._fates["pre_ms"][which]
        rows.attempts[:] += (known + (pre_ms < at_ms)).astype(np.int32)
        rows.tried_ms[:] = np.where(last_ms >= 0, last_ms, np.where(pre_ms < at_ms, pre_ms, rows.tried_ms))
        slot = (known > 0) & (self._fates["kind"][which] != REJECTED)
        rows.failed[:] |= slot | (self._pre_failed(which) & (pre_ms < at_ms))
        return rows

    def _failures(self, which: Which, before_ms: I64 | int) -> tuple[I64, I64]:
        """The number of failed attempts of each row at its own slots, and when the last one had failed (-1:
        none).
        """
        fates, arrival_ms = self._fates, self.parked.arrival_ms[which]
        over_ms = fates["end_ms"][which] + (fates["tried"][which] & (fates["kind"][which] != OFFERED))
        known, age_ms, _begun = self._rhythm.walked(
            self._step(which), np.minimum(over_ms, before_ms) - arrival_ms
        )
        return known, np.where(age_ms >= 0, arrival_ms + age_ms, -1)

    def _pre_failed(self, which: Which) -> NDArray[np.bool_]:
        """True if the attempt in progress at the beginning makes the message wait rather than leave."""
        fates = self._fates
        pre_ms = fates["pre_ms"][which]
        failed: NDArray[np.bool_] = (pre_ms < NEVER_MS) & (
            (fates["kind"][which] != REJECTED) | (fates["end_ms"][which] != pre_ms)
        )
        return failed

    def _has_failed(self, which: Which) -> NDArray[np.bool_]:
        """True for messages that, by their end, have had to wait for another attempt or have bounced."""
        slot = (self._fates["failures"][which] > 0) & (self._fates["kind"][which] != REJECTED)
        failed: NDArray[np.bool_] = self.parked.columns["failed"][which] | slot | self._pre_failed(which)
        return failed

    def on_retry(self, grid_ms: I64) -> I64:
        moments_ms, who = self._exits.coming
        failed, offered = self._has_failed(who), self._fates["kind"][who] == OFFERED
        begun = self._first_ms.searchsorted(grid_ms) + np.searchsorted(
            self._new_first_ms["first_ms"], grid_ms
        )
        to_line = self._offered_failed + int((failed & offered).sum())
        returned = self._returned_failed + np.searchsorted(moments_ms[failed & ~offered], grid_ms)
        return begun - to_line - returned

    def failed_windows(
        self, windows: FailureWindows, first: int, after: int, bound_ms: int
    ) -> NDArray[np.bool_]:
        self._mark()
        failed = self._marks.seen(first, after)
        ahead = FailureWindows(windows.width_ms, windows.phase_ms)
        ahead.mark_moments(self._moments(slice(self._marked, len(self.parked)), bound_ms))
        failed |= ahead.seen(first, after)
        starts_ms = windows.starts_ms(first, after)
        # the later part of the window is not needed
        if after > first and starts_ms[-1] + windows.width_ms > bound_ms:
            failed[-1] = self._any_failed_between(int(starts_ms[-1]), bound_ms)
        return failed

    def _mark(self) -> None:
        """Record the monitor windows of messages that have arrived; their attempts are known while this
        regime lasts.
        """
        new_ms = self.parked.arrival_ms[self._carried_rows :]
        arrived = self._carried_rows + int(new_ms.searchsorted(self._now_ms))
        if arrived > self._marked:
            some = slice(self._marked, arrived)
            pre_ms = self._fates["pre_ms"][some]
            self._marks.mark_moments(pre_ms[pre_ms < NEVER_MS])
            self._marks.mark_moments(self._own_moments(*self._alike(some), NEVER_MS))
            self._marked = arrived

    def _alike(self, some: slice) -> tuple[I64, I64, I64]:
        """The arrival, next step and number of failures of rows whose attempts are in the same windows
        as those of all rows in `some`.

        If windows and slots are whole minutes, all rows that arrive within a minute are alike.
        """
        arrival_ms, step = self.parked.arrival_ms[some], self._step(some)
        failures = self._fates["failures"][some].astype(np.int64)
        ages_ms, phase_ms = self._slots.ages_ms, self._marks.phase_ms
        width_ms = int(np.gcd.reduce([*ages_ms.tolist(), self._rhythm.lag_ms, self._marks.width_ms]))
        steps, most = len(ages_ms) + 1, int(np.max(failures, initial=0)) + 1
        keys = np.unique(((arrival_ms - phase_ms) // width_ms * steps + step) * most + failures)
        arrival_ms = keys // most // steps * width_ms + phase_ms
        return arrival_ms, keys // most % steps, keys % most

    def _moments(self, some: slice, bound_ms: int) -> I64:
        """The times at which attempts of some rows fail before `bound_ms`, unordered."""
        pre_ms, failures = self._fates["pre_ms"][some], self._fates["failures"][some]
        own_ms = self._own_moments(self.parked.arrival_ms[some], self._step(some), failures, bound_ms)
        return np.concatenate([pre_ms[pre_ms < bound_ms], own_ms])

    def _own_moments(self, arrival_ms: I64, step: I64, failures: I64, bound_ms: int) -> I64:
        """The times before `bound_ms` at which messages fail at their own slots, from the slot `step` on."""
        parts = [arrival_ms[:0]]
        arrival_ms = arrival_ms + self._rhythm.lag_ms
        for number in range(int(failures.max(initial=0))):
            more = (failures > number) & (arrival_ms + self._slots.ages_ms[step] < bound_ms)
            arrival_ms, step, failures = arrival_ms[more], step[more], failures[more]
            parts.append(arrival_ms + self._slots.ages_ms[step])
            if not len(step):
                break
            step = self._rhythm.next_step[step]
        return np.concatenate(parts)

    def _any_failed_between(self, a_ms: int, b_ms: int) -> bool:
        a_ms = max(a_ms, 0)  # the first window may begin before the drill, and -1 stands for no failure
        pre_ms = self._fates["pre_ms"][: self._carried_rows]
        if self._left_failed_ms >= a_ms or ((pre_ms >= a_ms) & (pre_ms < b_ms)).any():
            return True
        return bool((self._failures(self._due_between(a_ms, b_ms), b_ms)[1] >= a_ms).any())

    def _due_between(self, a_ms: int, b_ms: int) -> NDArray[np.intp]:
        """Rows that had not left by a, with a slot at which a failure would become known in [a, b)."""
        arrival_ms, ages_ms = self.parked.arrival_ms, self._slots.ages_ms + self._rhythm.lag_ms
        first, after = arrival_ms.searchsorted(a_ms - ages_ms), arrival_ms.searchsorted(b_ms - ages_ms)
        counts = after - first
        before = np.cumsum(counts) - counts
        rows: NDArray[np.intp] = np.repeat(first - before, counts) + np.arange(int(counts.sum()))
        return rows[self._fates["end_ms"][rows] >= a_ms]

    def last_failure_ms(self, now_ms: int) -> int | None:
        from_ms, last_ms = self._failed_by
        if from_ms != now_ms:
            known = 0 <= from_ms < now_ms
            rows = self._due_between(from_ms, now_ms) if known else self._not_swept(self._arrived(now_ms))
            pre_ms = self._fates["pre_ms"][: self._carried_rows]
            latest = (self._failures(rows, now_ms)[1], pre_ms[pre_ms < now_ms])
            last_ms = max(last_ms if known else -1, self._left_failed_ms)
            last_ms = max(last_ms, *(int(np.max(some_ms, initial=-1)) for some_ms in latest))
            self._failed_by = now_ms, last_ms
        last_ms = self._failed_by[1]
        return last_ms if last_ms >= 0 else None

    def last_drop_ms(self, now_ms: int) -> int:
        """The time at which the last attempt that was in progress at the beginning of the regime timed
        out; -1 if there was none.
        """
        pre_ms, begun_ms = (self._fates[name][: self._carried_rows] for name in ("pre_ms", "begun_ms"))
        dropped = (pre_ms == begun_ms + self._connect_ms) & (pre_ms < now_ms)
        return int(pre_ms[dropped].max(initial=-1))

    def next_bounce(self) -> int | None:
        moments_ms, who = self._exits.coming
        returned = np.flatnonzero(self._fates["kind"][who] != OFFERED)
        return int(moments_ms[returned[0]]) if len(returned) else None

    def coming_returns(self, bound_ms: int) -> I64:
        moments_ms, who = self._exits.coming
        returns_ms: I64 = moments_ms[self._fates["kind"][who] != OFFERED]
        return returns_ms[: returns_ms.searchsorted(bound_ms)]

    def last_limit(self, before_ms: int) -> int | None:
        fates, until = self._fates, int(self.parked.arrival_ms.searchsorted(before_ms))
        end_ms = fates["end_ms"][:until]
        moments_ms, _who = self._exits.coming
        seen_ms = int(moments_ms[-1]) if len(moments_ms) else -1
        if (end_ms > max(seen_ms, self._now_ms - 1)).any():
            return None
        returned = (fates["kind"][:until] != OFFERED) & (end_ms >= self._now_ms)
        return int(end_ms[returned].max(initial=-1))
