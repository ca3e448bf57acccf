"""How long a message is kept at its sender, and when it bounces."""

from sim.kernel.frozen import frozen


@frozen
class QueueLifetime:
    """`limit_ms` counts from arrival. `at_limit`: the bounce is sent when the limit is reached, without an
    attempt; otherwise at the first failed attempt that ends at or after it. `attempts`: a limit on the
    number of attempts, which some products have as well; the limit that is reached first decides (None: no
    such limit).
    """

    limit_ms: int
    at_limit: bool
    attempts: int | None = None

    def bounce_ms(self, arrival_ms: int, now_ms: int, failures: int, due_ms: int) -> int | None:
        """The time at which a message whose attempt number `failures` failed at `now_ms` bounces; None: not
        before its next attempt at `due_ms`. If an expiry and an attempt fall in the same millisecond, the
        expiry comes first.
        """
        if self.attempts is not None and failures >= self.attempts:
            return now_ms
        limit_ms = arrival_ms + self.limit_ms
        if now_ms >= limit_ms:
            return now_ms
        if self.at_limit and due_ms >= limit_ms:
            return limit_ms
        return None
