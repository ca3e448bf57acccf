"""qmail and OpenSMTPD: attempts at the squares of a step count, for each message, without a cap."""

from math import isqrt

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.lifetime import QueueLifetime
from sim.mail.platforms.retry.rule import DeferredMessage, failed


@frozen
class Polynomial:
    """Attempt n + 1 at `root_s`² n² seconds from arrival, n = 0, 1, 2 …

    `by_age` is True for qmail (qmail-send.c, pass_dochan): when an attempt begins, qmail schedules the next
    one for (⌊√age⌋ + root_s)² seconds after arrival, and decides whether a failure will bounce the message,
    which is the case once the message is older than the limit. `by_age` is False for OpenSMTPD
    (scheduler_ramqueue.c): the next step that is still in the future.
    """

    root_s: int
    by_age: bool
    lifetime: QueueLifetime

    def until(self, up_to_ms: int) -> tuple[int, ...]:
        """All attempts from 0 to `up_to_ms` inclusive, if each fails at once."""
        unit_ms = self.root_s * self.root_s * 1000
        return tuple(unit_ms * n * n for n in range(isqrt(up_to_ms // unit_ms) + 1))

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The message's age."""
        return now_ms - arrival_ms

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The next square after `now_ms`, or the end of the message's life."""
        if self.by_age:
            return self._scheduled_at_its_start(was, now_ms)
        steps = self._step_after(now_ms - was.arrival_ms)
        due_ms = was.arrival_ms + (steps * self.root_s) ** 2 * 1000
        bounce_ms = self.lifetime.bounce_ms(was.arrival_ms, now_ms, was.failures + 1, due_ms)
        return failed(was, now_ms, due_ms, bounce_ms, step=steps)

    def _scheduled_at_its_start(self, was: DeferredMessage, now_ms: int) -> DeferredMessage:
        """If the attempt ends after the time scheduled for the next one, that one follows at once."""
        began_ms = now_ms if was.due_ms is None else was.due_ms
        age_ms = began_ms - was.arrival_ms
        root_s = isqrt(age_ms // 1000) + self.root_s
        due_ms = max(was.arrival_ms + root_s * root_s * 1000, now_ms)
        bounce_ms = now_ms if age_ms > self.lifetime.limit_ms else None
        return failed(was, now_ms, due_ms, bounce_ms, step=root_s // self.root_s)

    def _step_after(self, age_ms: int) -> int:
        return isqrt(age_ms // (self.root_s * self.root_s * 1000)) + 1

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """Always True: each message has its own schedule."""
        return True
