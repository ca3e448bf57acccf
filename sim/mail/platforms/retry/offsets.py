"""A fixed table of attempt times for each message, as used by most hosted senders and gateways."""

from bisect import bisect_right

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.lifetime import QueueLifetime
from sim.mail.platforms.retry.rule import DeferredMessage, failed, offsets_by_gaps


@frozen
class Offsets:
    """Attempts at fixed times from arrival: the sums of `gaps_ms`, with the last gap repeated without end.

    Attempt 1 is on arrival. If an attempt ends after the next entry of the table (a long time-out), that
    entry is skipped.
    """

    gaps_ms: tuple[int, ...]
    lifetime: QueueLifetime

    def at(self, index: int) -> int:
        """The offset of attempt `index` (0 is the first attempt), in ms from arrival."""
        listed = min(index, len(self.gaps_ms))
        return sum(self.gaps_ms[:listed]) + (index - listed) * self.gaps_ms[-1]

    def until(self, up_to_ms: int) -> tuple[int, ...]:
        """All offsets from 0 to `up_to_ms` inclusive, ascending: the closed form of the rule."""
        last = len(self.gaps_ms)
        return offsets_by_gaps(lambda attempts: self.gaps_ms[min(attempts, last) - 1], up_to_ms)

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The message's age."""
        return now_ms - arrival_ms

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The first entry of the table after `now_ms`, or the end of the message's life."""
        age_ms = now_ms - was.arrival_ms
        known = self.until(age_ms)
        due_ms = was.arrival_ms + self.at(bisect_right(known, age_ms))
        bounce_ms = self.lifetime.bounce_ms(was.arrival_ms, now_ms, was.failures + 1, due_ms)
        return failed(was, now_ms, due_ms, bounce_ms, step=len(known))

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """Always True, because nothing is remembered about the destination."""
        return True
