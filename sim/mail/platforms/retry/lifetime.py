"""The retention of a message at its sender, and the moment at which it bounces."""

from sim.kernel.frozen import frozen


@frozen
class QueueLifetime:
    """`limit_ms` from arrival; `at_limit`: the bounce is sent when the limit is reached, without an
    attempt; else at the first failed attempt that ends at or after it. `attempts`: the other limit of
    some products, whichever comes first (None: no such limit).
    """

    limit_ms: int
    at_limit: bool
    attempts: int | None = None

    def bounce_ms(self, arrival_ms: int, now_ms: int, failures: int, due_ms: int) -> int | None:
        """The time at which a message whose attempt number `failures` failed at `now_ms` bounces; None: not
        before its next attempt at `due_ms`. An expiry and an attempt in the same millisecond: expiry first.
        """
        if self.attempts is not None and failures >= self.attempts:
            return now_ms
        limit_ms = arrival_ms + self.limit_ms
        if now_ms >= limit_ms:
            return now_ms
        if self.at_limit and due_ms >= limit_ms:
            return limit_ms
        return None
