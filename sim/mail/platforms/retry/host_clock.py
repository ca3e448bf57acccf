"""Exim: a retry rule that counts from the first failure, in whole seconds, and is carried out by queue runs.

When the host failed, the record belongs to the host and is shared by every message for it; when one message
was deferred (4xx at RCPT), the record belongs to that message. The arithmetic is the same. Source: Exim's
retry.c and specification chapter 32; measured on 4.98.2.
"""

from typing import Literal

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.rule import DeferredMessage, failed, whole_seconds_ms
from sim.mail.platforms.retry.scans import Scans


@frozen
class EximRule:
    """One rule: `F` fixed interval, `G` geometric gaps, while the failure is at most `cutoff_s` old."""

    kind: Literal["F", "G"]
    cutoff_s: int
    interval_s: int
    factor_thousandths: int


@frozen
class HostClock:
    """Exim's retry record, with its rules.

    With ideal `runs`: the arithmetic of the rules alone, exact to the millisecond, as in published tables; no
    queue runs, no whole-second clock and no extra attempt at the cutoff.
    """

    rules: tuple[EximRule, ...]
    runs: Scans
    longest_gap_s: int

    @property
    def cutoff_s(self) -> int:
        """The time at which the last rule ends; from then on, a failure is final."""
        return self.rules[-1].cutoff_s

    def gap_ms(self, failing_ms: int, last_gap_ms: int, *, whole_seconds: bool) -> int | None:
        """The next gap when the failure is `failing_ms` old; None when every rule has timed out.

        `last_gap_ms`: the gap scheduled before (or, if shorter, the actual one); a G rule starts with its own
        interval and then multiplies, truncated to whole seconds.
        """
        rule = next((rule for rule in self.rules if failing_ms <= rule.cutoff_s * 1000), None)
        if rule is None:
            return None
        gap_ms = rule.interval_s * 1000
        if rule.kind == "G" and last_gap_ms >= gap_ms:
            gap_ms = last_gap_ms * rule.factor_thousandths // 1000
        gap_ms = min(gap_ms, self.longest_gap_s * 1000)
        return gap_ms // 1000 * 1000 if whole_seconds else gap_ms

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The age as Exim counts it: a difference of whole seconds."""
        if self.runs.ideal:
            return now_ms - arrival_ms
        return whole_seconds_ms(now_ms) - whole_seconds_ms(arrival_ms)

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The first queue run at or after the retry time; a last one when the message is past the cutoff,
        whatever the retry time; or a bounce when the failure itself is past the cutoff.
        """
        return self._ideally(was, now_ms) if self.runs.ideal else self._in_runs(was, now_ms, failure)

    def _ideally(self, was: DeferredMessage, now_ms: int) -> DeferredMessage:
        first_ms = was.first_failed_ms if was.failures else now_ms
        gap_ms = self.gap_ms(now_ms - first_ms, was.gap_ms, whole_seconds=False)
        if gap_ms is None:
            return failed(was, now_ms, None, now_ms)
        return failed(was, now_ms, now_ms + gap_ms, None, gap_ms=gap_ms)

    def _in_runs(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        now_s = now_ms // 1000
        first_s = was.first_failed_ms // 1000 if was.failures else now_s
        if not failure.of_host:  # for a deferred message, time is counted from its arrival
            first_s = min(first_s, was.arrival_ms // 1000)
        waited_ms = (now_s - was.last_failed_ms // 1000) * 1000
        gap_ms = self.gap_ms((now_s - first_s) * 1000, min(was.gap_ms, waited_ms), whole_seconds=True)
        if gap_ms is None:
            return failed(was, now_ms, None, now_ms)
        at_retry_time = self.runs.at_or_after(max((now_s * 1000 + gap_ms), now_ms + 1))
        too_old_ms = (was.arrival_ms // 1000 + self.cutoff_s + 1) * 1000
        at_cutoff = self.runs.at_or_after(max(too_old_ms, now_ms + 1))
        return failed(was, now_ms, min(at_retry_time, at_cutoff), None, gap_ms=gap_ms)

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """Always True, because a message is not due before its host's retry time."""
        return True
