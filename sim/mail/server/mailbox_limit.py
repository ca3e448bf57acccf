"""The hourly limit of one mailbox, and the reply to senders once it is exceeded.

Exchange Online: a mailbox that has received more than 3,600 messages within an hour does not accept mail from
outside for the next hour, and senders get 554 5.2.122 for each message. Mailboxes are checked each minute.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.growing_columns import Columns
from sim.mail.queue.receiver_condition import Condition


@frozen
class MailboxRules:
    """If a mailbox receives more than `most` messages within `window_ms`, it closes for `stays_ms`, during
    which senders get `reply`.
    """

    most: int
    reply: str
    window_ms: int = HOUR_MS
    stays_ms: int = HOUR_MS
    every_ms: int = MINUTE_MS


class Mailboxes:
    """A watcher of the mail that each mailbox accepts; `act` is called when a mailbox closes or opens
    again.
    """

    def __init__(
        self, rules: MailboxRules, coming: Callable[[int], Sequence[I64]], act: Callable[[], None]
    ) -> None:
        """`coming`: returns, by source, when mail will be accepted before a bound, if nothing changes."""
        self._rules, self._coming, self._act = rules, coming, act
        self._taken = Columns({"time_ms": np.int64, "user": np.int32})
        """Messages accepted within the last window, for each mailbox."""
        self._shut: dict[int, int] = {}
        """The time until which each mailbox does not accept mail."""
        self._looked_ms = 0

    def took(self, time_ms: I64, users: NDArray[np.int32]) -> None:
        """Record that mailboxes of `users` accepted messages at these times."""
        if not len(time_ms):
            return
        young = self._taken["time_ms"] >= int(time_ms.max()) - self._rules.window_ms - self._rules.every_ms
        if not young.all():
            kept = [self._taken[name][young] for name in ("time_ms", "user")]
            self._taken.cut(0)
            self._taken.append(kept)
        self._taken.append([time_ms, users])

    def meets(self, met: Condition) -> Condition:
        """The condition for senders: `met`, or a rejection for closed mailboxes if `met` accepts everything.

        A server that does not accept everything does not check mailboxes.
        """
        if not self._shut or not met.lets_through:
            return met
        return Condition("reject", of="recipients", reply=self._rules.reply, users=tuple(sorted(self._shut)))

    # The watcher

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The first check in [a, b) that can find a mailbox too full, or end a closure."""
        opens_ms = max(min(self._shut.values(), default=NEVER_MS), a_ms)
        moments_ms = [opens_ms] if opens_ms < b_ms else []
        coming_ms, every_ms = np.sort(np.concatenate(self._coming(b_ms))), self._rules.every_ms
        room = self._rules.most - self._fullest(a_ms)
        if len(coming_ms) > room:
            full_ms = int(coming_ms[room]) if room >= 0 else a_ms - 1
            look_ms = max(full_ms // every_ms * every_ms, self._looked_ms) + every_ms
            look_ms = max(look_ms, -(-a_ms // every_ms) * every_ms)
            moments_ms += [look_ms] if look_ms < b_ms else []
        return min(moments_ms, default=None)

    def _fullest(self, now_ms: int) -> int:
        """The largest number of messages that any open mailbox has accepted within the last window plus
        one check interval.
        """
        lately = self._taken["time_ms"] >= now_ms - self._rules.window_ms - self._rules.every_ms
        counts = np.bincount(self._taken["user"][lately], minlength=1)
        counts[[user for user in self._shut if user < len(counts)]] = 0
        return int(counts.max())

    def cross(self, moment_ms: int) -> None:
        """Check mailboxes at `moment_ms`, or reopen those that have been closed for long enough."""
        before = set(self._shut)
        self._shut = {user: until_ms for user, until_ms in self._shut.items() if until_ms > moment_ms}
        if moment_ms % self._rules.every_ms == 0:
            self._looked_ms = moment_ms
            since_ms = moment_ms - self._rules.window_ms
            lately = (self._taken["time_ms"] >= since_ms) & (self._taken["time_ms"] < moment_ms)
            counts = np.bincount(self._taken["user"][lately], minlength=1)
            for user in np.flatnonzero(counts > self._rules.most).tolist():
                self._shut.setdefault(user, moment_ms + self._rules.stays_ms)
        if set(self._shut) != before:
            self._act()
