"""A script or a device: one attempt, no queue."""

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.rule import DeferredMessage, failed


@frozen
class Never:
    """The first failure ends the message's life."""

    def until(self, up_to_ms: int) -> tuple[int, ...]:
        """The only attempt."""
        return (0,)

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The message's age."""
        return now_ms - arrival_ms

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The message is lost at once."""
        return failed(was, now_ms, None, now_ms)

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """Always True, because nothing is remembered about the destination."""
        return True
