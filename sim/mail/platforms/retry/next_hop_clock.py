"""Exchange Server: one clock for each next-hop queue; a success releases the whole queue.

Source: Microsoft's "Message retry, resubmit, and expiration intervals". A queue that cannot connect goes
through a glitch phase, a transient phase and then steady retries. A message that is itself deferred (4xx at
RCPT) while the connection works waits for the message interval.
"""

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.lifetime import QueueLifetime
from sim.mail.platforms.retry.rule import DeferredMessage, failed, offsets_by_gaps


@frozen
class NextHopClock:
    """The queue's phases: (count, gap in ms) for the glitch phase and the transient phase, then `steady_ms`.

    For a single message, the `DeferredMessage` is the queue's clock: its `step` counts failures in a row.
    """

    glitch: tuple[int, int]
    transient: tuple[int, int]
    steady_ms: int
    message_ms: int
    lifetime: QueueLifetime

    def gap_ms(self, failures_in_a_row: int) -> int:
        """The wait after that number of failed connections in a row (1 or more)."""
        glitches, glitch_ms = self.glitch
        transients, transient_ms = self.transient
        if failures_in_a_row <= glitches:
            return glitch_ms
        return transient_ms if failures_in_a_row <= glitches + transients else self.steady_ms

    def until(self, up_to_ms: int) -> tuple[int, ...]:
        """Connection attempts from the queue's first failure up to `up_to_ms`, if each fails at once."""
        return offsets_by_gaps(self.gap_ms, up_to_ms)

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The message's age."""
        return now_ms - arrival_ms

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The queue's next connection, or the next turn of this message if only it was deferred."""
        step = was.step + 1 if failure.of_host else 0
        due_ms = now_ms + (self.gap_ms(step) if step else self.message_ms)
        bounce_ms = self.lifetime.bounce_ms(was.arrival_ms, now_ms, was.failures + 1, due_ms)
        return failed(was, now_ms, due_ms, bounce_ms, step=step)

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """Always True, because none of the queue's messages is due while the queue waits."""
        return True
