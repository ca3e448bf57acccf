"""The outcome of queued messages under the receiver's present condition, which is known in advance."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.kernel.series import distinct
from sim.mail.message.rows import BOUNCED, REJECTED, Rows
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.receiver_condition import Condition, ReceiverDraws

OFFERED = 3
"""The fourth outcome, in addition to the ways of leaving in `rows`: an attempt succeeds, and the message
joins the waiting line for transfer.
"""

Fails = Callable[[NDArray[np.intp], NDArray[np.int32]], NDArray[np.bool_]]
"""Called with message numbers and attempt numbers; returns True where that attempt gets the condition's
answer.
"""


@frozen
class QueueEndings:
    """How each message leaves. Columns of equal length."""

    end_ms: I64
    """The time of departure, counted from the drill's start; if the context is ages, the message's age."""
    kind: NDArray[np.int8]
    """How the message leaves: OFFERED, BOUNCED or REJECTED."""
    failures: NDArray[np.int32]
    """Number of failed attempts up to and including the departure."""
    tried: NDArray[np.bool_]
    """True if the message leaves through an attempt; False if it becomes too old between two attempts."""

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> "QueueEndings":
        return QueueEndings(self.end_ms[which], self.kind[which], self.failures[which], self.tried[which])


class AttemptSequence:
    """Successive attempts at a message's own slots, each of which is known to have failed `lag_ms` later.

    A slot that has passed by then is skipped.
    """

    def __init__(self, slots: Slots, lag_ms: int) -> None:
        self.slots, self.lag_ms = slots, lag_ms
        ages_ms = slots.ages_ms
        following = ages_ms.searchsorted(ages_ms + lag_ms, side="right")
        self.next_step: I64 = np.minimum(following, len(ages_ms) - 1).astype(np.int64)

    def fates(
        self,
        step: I64,
        attempts: NDArray[np.int32],
        terms: tuple[I64, I64],
        fails: Fails,
        condition: Condition,
    ) -> QueueEndings:
        """Outcomes by age. `step`: the first slot of each message; `attempts`: the number of attempts made
        before; `terms`: the age and the number of attempts at which it bounces.
        """
        slots, count = self.slots, len(step)
        limit_ms, most = (np.broadcast_to(numbers, count) for numbers in terms)
        end_ms, kind = np.zeros(count, dtype=np.int64), np.full(count, OFFERED, dtype=np.int8)
        number, step = attempts.copy(), step.copy()
        tried = np.ones(count, dtype=np.bool_)
        left: NDArray[np.intp] = np.arange(count)
        while len(left):
            age_ms = slots.ages_ms[step[left]]
            if not slots.last_try:
                young = age_ms < limit_ms[left]
                old = left[~young]
                end_ms[old], kind[old], tried[old] = limit_ms[old], BOUNCED, False
                left, age_ms = left[young], age_ms[young]
            failed = fails(left, number[left] + np.int32(1))
            end_ms[left] = age_ms
            left, age_ms = left[failed], age_ms[failed]
            number[left] += 1
            if condition.answer == "reject":
                kind[left] = REJECTED
                break
            known_ms = age_ms + self.lag_ms
            over = (known_ms >= limit_ms[left]) | (number[left] >= most[left])
            end_ms[left[over]], kind[left[over]] = known_ms[over], BOUNCED
            left = left[~over]
            step[left] = self.next_step[step[left]]
        return QueueEndings(end_ms, kind, number - attempts, tried)

    def walked(self, step: I64, age_ms: I64) -> tuple[I64, I64, I64]:
        """For messages that fail from slot `step` on, as seen at the age of `age_ms`:

        the number of attempts known to have failed before, the age at the last failure (-1: none), and the
        age at which the attempt under way began (-1: none).
        """
        ages_ms, lag_ms = self.slots.ages_ms, self.lag_ms
        after = ages_ms.searchsorted(age_ms)
        if lag_ms == 0:
            known = np.maximum(after - step, 0)
            last_ms = np.where(known > 0, ages_ms[np.maximum(after - 1, 0)], -1)
            return known, last_ms, np.full(len(step), -1, dtype=np.int64)
        pairs, which = distinct(step * (len(ages_ms) + 1) + after)
        at, stop = pairs // (len(ages_ms) + 1), pairs % (len(ages_ms) + 1)
        begun, last = np.zeros(len(pairs), dtype=np.int64), np.full(len(pairs), -1, dtype=np.int64)
        before = last.copy()
        going = at < stop
        while going.any():
            before[going], last[going] = last[going], at[going]
            begun[going] += 1
            at = np.where(going, self.next_step[at], at)
            going &= (at < stop) & (at > last)
        return self._known(begun[which], last[which], before[which], age_ms)

    def _known(self, begun: I64, last: I64, before: I64, age_ms: I64) -> tuple[I64, I64, I64]:
        ages_ms, lag_ms = self.slots.ages_ms, self.lag_ms
        flying = (last >= 0) & (ages_ms[last] + lag_ms >= age_ms)
        known = begun - flying
        last_known = np.where(flying, before, last)
        last_ms = np.where(last_known >= 0, ages_ms[last_known] + lag_ms, -1)
        return known, last_ms, np.where(flying, ages_ms[last], -1)


def foretell(
    rows: Rows, step: I64, rhythm: AttemptSequence, condition: Condition, host: ReceiverDraws
) -> QueueEndings:
    """The outcome of each row whose next slot is number `step` of its own schedule."""
    kept = rhythm.slots.kept
    terms = kept.limits_ms(rows.arrival_ms), kept.mosts(rows.arrival_ms)
    if condition.by_chance or not kept.uniform:
        fates = rhythm.fates(
            step,
            rows.attempts,
            terms,
            lambda some, number: host.meets(condition, rows.take(some), number),
            condition,
        )
        return QueueEndings(fates.end_ms + rows.arrival_ms, fates.kind, fates.failures, fates.tried)
    # A message either always fails or never does, so its outcome by age depends only on its place.
    fails = host.meets(condition, rows, rows.attempts)
    most = int(np.max(rows.attempts, initial=0)) + 1
    keys, which = distinct((step * most + rows.attempts) * 2 + fails)
    alike = rhythm.fates(
        keys // 2 // most,
        (keys // 2 % most).astype(np.int32),
        terms,
        lambda some, _number: keys[some] % 2 == 1,
        condition,
    ).take(which)
    return QueueEndings(alike.end_ms + rows.arrival_ms, alike.kind, alike.failures, alike.tried)
