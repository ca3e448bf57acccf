"""sendmail: every queue run attempts all mail; there is no back-off.

Source: sendmail's Installation and Operation Guide (`-q`, `Timeout.queuereturn`, `MinQueueAge`); measured on
8.18.1.
"""

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.lifetime import QueueLifetime
from sim.mail.platforms.retry.rule import DeferredMessage, failed, whole_seconds_ms
from sim.mail.platforms.retry.scans import Scans


@frozen
class QueueRuns:
    """An attempt in every run, at least `min_queue_age_ms` after the previous attempt."""

    runs: Scans
    min_queue_age_ms: int
    lifetime: QueueLifetime

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The age as sendmail counts it: a difference of whole seconds."""
        return whole_seconds_ms(now_ms) - whole_seconds_ms(arrival_ms)

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The next run that may attempt the message, or a bounce if its lifetime is over."""
        old_enough_ms = whole_seconds_ms(now_ms) + self.min_queue_age_ms
        due_ms = self.runs.at_or_after(max(now_ms + 1, old_enough_ms))
        age_ms = self.age_ms(was.arrival_ms, now_ms)
        over = self.lifetime.bounce_ms(0, age_ms, was.failures + 1, due_ms - was.arrival_ms) is not None
        return failed(was, now_ms, due_ms, now_ms if over else None)

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """True unless the host has already failed in this run, because a run attempts a failed host only
        once.
        """
        return host_failed_ms != now_ms
