"""Delay notices (RFC 3464 `delayed`): when a sender sends one.

Every function takes and returns times in ms from the message's arrival, as the server counts them.
"""

from typing import Literal

from sim.kernel.frozen import frozen


@frozen
class NoticeRule:
    """`after_ms`: the ages from which a notice is due, ascending; empty: none is ever sent.

    `repeats`: the last step of `after_ms` is repeated without end, with one notice each. `when`: at the
    failed attempt (`at-failure`), whenever a queue run looks at the message, with or without an attempt
    (`at-look`: only if the message was deferred, not the host), at the age itself (`at-limit`), or at the
    failed attempt after which the next would not come before the age (`next-too-late`).
    """

    when: Literal["at-failure", "at-look", "at-limit", "next-too-late", "off"]
    after_ms: tuple[int, ...]
    repeats: bool

    def passed(self, age_ms: int) -> int:
        """The number of thresholds that a message of this age has passed."""
        if self.when == "off":
            return 0
        listed = sum(after_ms <= age_ms for after_ms in self.after_ms)
        if not self.repeats or not listed or listed < len(self.after_ms):
            return listed
        last_ms = self.after_ms[-1]
        step_ms = last_ms - self.after_ms[-2] if listed > 1 else last_ms
        return listed + (age_ms - last_ms) // step_ms

    def threshold_ms(self, number: int) -> int | None:
        """The age from which notice `number` (1, 2 …) is due; None if there is no such notice."""
        if self.when == "off" or not self.after_ms:
            return None
        if number <= len(self.after_ms):
            return self.after_ms[number - 1]
        if not self.repeats:
            return None
        step_ms = self.after_ms[-1] - (self.after_ms[-2] if len(self.after_ms) > 1 else 0)
        return self.after_ms[-1] + (number - len(self.after_ms)) * step_ms
