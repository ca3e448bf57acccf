"""The first success of an organisation, which moves its mail out of the last tier of its schedule."""

import numpy as np

from sim.kernel.duration import NEVER_MS
from sim.mail.senders.timers.attempts import Attempts
from sim.mail.senders.timers.pending import CourseEndings
from sim.mail.senders.timers.tiers import in_last_tier
from sim.mail.senders.timers.timer_rows import GIVEN_UP


def first_move(
    attempts: Attempts, mail: CourseEndings, since_ms: int, from_ms: int, bound_ms: int
) -> int | None:
    """The time at which mail of one organisation is moved for the first time because of a success in
    [from_ms, bound_ms); None if it is not.

    `mail`: all its messages, in their state at `since_ms` (or on arrival), and their ends as far as they are
    known.
    """
    rows, timers = mail.rows, attempts.schedules.timers
    taken = (rows.host != GIVEN_UP) & (from_ms <= rows.end_ms) & (rows.end_ms < bound_ms)
    entry_ms = np.full(len(rows), NEVER_MS, dtype=np.int64)
    for number in sorted(set(mail.timer.tolist())):
        tier = timers[number].last_tier
        if tier is not None:
            here = mail.timer == number
            entry_ms[here] = rows.arrival_ms[here] + tier.age_ms(tier.until)
    successes_ms = np.unique(rows.end_ms[taken])
    comes_there = entry_ms < rows.end_ms
    rows, entry_ms = rows.take(comes_there), entry_ms[comes_there]
    there = np.sort(entry_ms).searchsorted(successes_ms, side="right")
    there -= np.sort(rows.end_ms).searchsorted(successes_ms, side="right")
    meeting_ms: list[int] = successes_ms[there > 0].tolist()
    for success_ms in meeting_ms:
        some = rows.take((entry_ms <= success_ms) & (rows.end_ms > success_ms))
        some.end_ms[:], some.host[:] = NEVER_MS, GIVEN_UP
        attempts.follow(some, success_ms + 1, since_ms=since_ms)
        if in_last_tier(attempts.schedules, some.arrival_ms, some.due_ms, some.timer).any():
            return success_ms + 1
    return None
