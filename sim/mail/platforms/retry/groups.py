"""Courier: groups of attempts, with pauses between the groups that double a few times.

Source: courier(8) (`retryalpha` …); measured on 1.4.1, which starts the pauses one doubling later than in the
manual.
"""

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.lifetime import QueueLifetime
from sim.mail.platforms.retry.rule import DeferredMessage, failed, offsets_by_gaps


@frozen
class Groups:
    """`beta` attempts `alpha_ms` apart, then a pause of `gamma_ms` · 2^min(k, max_delta), k = 1, 2, 3 …

    `suppress_ms`: time after a failed connection during which nothing connects to that destination; an
    attempt in that time counts in the schedule but does not open a connection.
    """

    alpha_ms: int
    beta: int
    gamma_ms: int
    max_delta: int
    suppress_ms: int
    lifetime: QueueLifetime

    def gap_ms(self, failures: int) -> int:
        """The wait after that number of attempts (1 or more)."""
        group, within = divmod(failures, self.beta)
        return self.alpha_ms if within else self.gamma_ms << min(group, self.max_delta)

    def until(self, up_to_ms: int) -> tuple[int, ...]:
        """All scheduled attempts from 0 to `up_to_ms`, including suppressed ones, if each fails at once."""
        return offsets_by_gaps(self.gap_ms, up_to_ms)

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The message's age."""
        return now_ms - arrival_ms

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The message's next place in the groups, or a bounce if its lifetime is over."""
        due_ms = now_ms + self.gap_ms(was.failures + 1)
        bounce_ms = self.lifetime.bounce_ms(was.arrival_ms, now_ms, was.failures + 1, due_ms)
        return failed(was, now_ms, due_ms, bounce_ms, step=(was.failures + 1) // self.beta)

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """False while the destination is suppressed."""
        return host_failed_ms is None or now_ms - host_failed_ms >= self.suppress_ms
