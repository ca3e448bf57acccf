"""The interface of every kind of retry rule: the next attempt after a failure, and the end of the message's
life.

A rule is a small frozen value made from a platform and its settings. A rule does not contain a message: the
state between two attempts is a `DeferredMessage`, which the caller stores (in a row of a table, or in a
variable of a process). Times are absolute integer milliseconds on the caller's clock; rules that count in
whole seconds, as the servers do, take the second of a time as `t // 1000`.
"""

from collections.abc import Callable
from typing import Protocol

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure


@frozen
class DeferredMessage:
    """A message between a failed attempt and the next step. All times absolute, in ms.

    `due_ms` is the next attempt, None when there is none; then `bounce_ms` is the time of the bounce.
    `failures` counts attempts so far, `gap_ms` and `step` are the rule's own memory (the gap that was
    scheduled last; the place in a table or group).
    """

    arrival_ms: int
    due_ms: int | None
    bounce_ms: int | None = None
    failures: int = 0
    first_failed_ms: int = 0
    last_failed_ms: int = 0
    gap_ms: int = 0
    step: int = 0


class RetryRule(Protocol):
    """One kind of retry rule with its settings."""

    def after_failure(self, was: DeferredMessage, now_ms: int, failure: AttemptFailure) -> DeferredMessage:
        """The state after the attempt of `was` is known to have failed at `now_ms`.

        `was.due_ms` is the beginning of the attempt, and `now_ms` its end, after any time-out. The rule does
        not handle permanent replies: callers bounce the message before they use it.
        """

    def age_ms(self, arrival_ms: int, now_ms: int) -> int:
        """The age of a message as the server counts it."""

    def connects(self, now_ms: int, host_failed_ms: int | None) -> bool:
        """True if a due message opens a connection. `host_failed_ms`: the time at which the last attempt
        at its destination failed before any greeting; None if it did not.
        """


def whole_seconds_ms(time_ms: int) -> int:
    """The time as read by a server that counts in whole seconds."""
    return time_ms // 1000 * 1000


def enter(arrival_ms: int) -> DeferredMessage:
    """A new message: its first attempt is due on arrival."""
    return DeferredMessage(arrival_ms=arrival_ms, due_ms=arrival_ms)


def failed(
    was: DeferredMessage,
    now_ms: int,
    due_ms: int | None,
    bounce_ms: int | None,
    *,
    gap_ms: int = 0,
    step: int = 0,
) -> DeferredMessage:
    """`was` after one more failure, with the rule's decision."""
    return DeferredMessage(
        arrival_ms=was.arrival_ms,
        due_ms=due_ms if bounce_ms is None else None,
        bounce_ms=bounce_ms,
        failures=was.failures + 1,
        first_failed_ms=was.first_failed_ms if was.failures else now_ms,
        last_failed_ms=now_ms,
        gap_ms=gap_ms,
        step=step,
    )


def offsets_by_gaps(gap_ms: Callable[[int], int], up_to_ms: int) -> tuple[int, ...]:
    """Attempts from 0 up to `up_to_ms` inclusive; `gap_ms(n)` is the wait after attempt n (from 1)."""
    offsets = [0]
    while (after := offsets[-1] + gap_ms(len(offsets))) <= up_to_ms:
        offsets.append(after)
    return tuple(offsets)
