"""Courier: groups of attempts, with pauses between the groups that double a few times.

Source: courier(8) (`retryalpha` …); measured on 1.4.1, which starts the pauses one doubling later than in the
manual. The delay notice is a delivery that Courier counts when it computes the next attempt (cdmsgq3.C).
"""

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.lifetime import QueueLifetime
from sim.mail.platforms.retry.rule import DeferredMessage, failed


@frozen
class Groups:
    """`beta` attempts `alpha_ms` apart, then a pause of `gamma_ms` · 2^min(k, max_delta), k = 1, 2, 3 …

    `suppress_ms`: time after a failed connection during which nothing connects to that destination; an
    attempt in that time counts in the schedule but does not open a connection. `notice_ms`: the age from
    which a failed attempt sends the delay notice, 0 for none. The wait after that attempt is the one that
    would follow the next attempt; the attempts after it are counted as before.
    """

    alpha_ms: int
    beta: int
    gamma_ms: int
    max_delta: int
    suppress_ms: int
    lifetime: QueueLifetime
    notice_ms: int = 0

    def gap_ms(self, failures: int) -> int:
        """The wait after that number of attempts (1 or more)."""
        group, within = divmod(failures, self.beta)
        return self.alpha_ms if within else self.gamma_ms << min(group, self.max_delta)

    def until(self, up_to_ms: int) -> tuple[int, ...]:
        """All scheduled attempts from 0 to `up_to_ms`, including suppressed ones, if each fails at once."""
        offsets = [0]
        while True:
            before_ms = offsets[-2] if len(offsets) > 1 else -1
            counted = len(offsets) + self._sends_notice(before_ms, offsets[-1])
            again_ms = offsets[-1] + self.gap_ms(counted)
            if again_ms > up_to_ms:
                return tuple(offsets)
            offsets.append(again_ms)

    def _sends_notice(self, before_ms: int, age_ms: int) -> bool:
        """True if the failure at `age_ms` sends the notice; `before_ms`: the age at the failure before it."""
        return self.notice_ms > 0 and before_ms < self.notice_ms <= age_ms

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The message's age."""
        return now_ms - arrival_ms

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The message's next place in the groups, or a bounce if its lifetime is over."""
        before_ms = was.last_failed_ms - was.arrival_ms if was.failures else -1
        counted = was.failures + 1 + self._sends_notice(before_ms, now_ms - was.arrival_ms)
        due_ms = now_ms + self.gap_ms(counted)
        bounce_ms = self.lifetime.bounce_ms(was.arrival_ms, now_ms, was.failures + 1, due_ms)
        return failed(was, now_ms, due_ms, bounce_ms, step=(was.failures + 1) // self.beta)

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """False while the destination is suppressed."""
        return host_failed_ms is None or now_ms - host_failed_ms >= self.suppress_ms
