"""Postfix: a back-off that grows with the message's age, acted on by scans of the deferred queue.

Source: qmgr_active.c and qmgr_active_feed of Postfix; measured on 3.10.13. Each failed attempt moves
the queue file's time stamp to now + clamp(age, minimum, maximum); the next scan that finds the stamp
not more than one second ahead makes the message active. Expiry is checked after a failed attempt.
"""

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.lifetime import QueueLifetime
from sim.mail.platforms.retry.rule import DeferredMessage, failed, whole_seconds_ms
from sim.mail.platforms.retry.scans import Scans


@frozen
class AgedBackoff:
    """Back-off between `backoff_min_ms` and `backoff_max_ms` on a grid of scans.

    With ideal `scans`: exact ages, no scans and no whole-second clock, as in published tables.
    """

    backoff_min_ms: int
    backoff_max_ms: int
    lifetime: QueueLifetime
    scans: Scans

    def backoff_ms(self, age_ms: int) -> int:
        """The back-off after a failure at this age; the minimum takes precedence over the maximum."""
        return max(min(age_ms, self.backoff_max_ms), self.backoff_min_ms)

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The age as Postfix counts it: a difference of whole seconds."""
        if self.scans.ideal:
            return now_ms - arrival_ms
        return whole_seconds_ms(now_ms) - whole_seconds_ms(arrival_ms)

    def stamp_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The time from which a scan picks up the message, if it failed or was deferred at `now_ms`.

        Deferrals without a connection (dead destination) move this time in the same way.
        """
        backoff_ms = self.backoff_ms(self.age_ms(arrival_ms, now_ms))
        if self.scans.ideal:
            return now_ms + backoff_ms
        return whole_seconds_ms(now_ms) + backoff_ms - 1000

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The first scan at or after the time stamp, or a bounce if the lifetime is over."""
        due_ms = self.scans.at_or_after(max(self.stamp_ms(was.arrival_ms, now_ms), now_ms + 1))
        age_ms = self.age_ms(was.arrival_ms, now_ms)
        over = self.lifetime.bounce_ms(0, age_ms, was.failures + 1, due_ms - was.arrival_ms) is not None
        return failed(was, now_ms, due_ms, now_ms if over else None)

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """Always True: a single message opens a connection, because a destination is dead only after several
        failures in one scan.
        """
        return True


def failures_until_dead(initial_concurrency: int, cohort_limit: int) -> int:
    """The number of connections that must fail before the rest of the active queue is deferred without one.

    Each failure adds 1 / concurrency to a count of failed cohorts and lowers the concurrency by 1
    (qmgr_queue.c, default feedback); the destination is dead when the count reaches the limit.
    """
    window, failures, numerator, denominator = initial_concurrency, 0, 0, 1
    while numerator < cohort_limit * denominator:
        numerator, denominator = numerator * window + denominator, denominator * window
        failures += 1
        window = max(1, window - 1)
    return failures
