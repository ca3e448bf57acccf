"""The receiver's answer to an attempt: it accepts, or fails in one of several ways.

A condition lasts until the next one. A condition may apply to everything, to a share of all attempts (a
server that defers now and then), to a share of the recipients (part of a tenant), or to a share of the
senders or their platforms.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.mail.message.receiver_draws import Sharers, attempt_permille, recipient_permille, sender_permille
from sim.mail.message.rows import Rows
from sim.mail.message.traffic import INBOUND, direction_of

Answer = Literal["up", "refused", "defer", "timeout", "reject"]
"""`defer`: a 4xx to RCPT. `reject`: a 5xx to RCPT, after which the message is returned at once. `timeout`:
packets are dropped, so the sender knows only when its connection attempt times out.
"""


@frozen
class Condition:
    """The condition in which `per_mille` of the attempts, recipients or outside senders get `answer`; the
    others succeed.

    `reply`: the last error shown in the sender's queue. Raises ValueError for a share outside 0 to 1000.
    """

    answer: Answer
    per_mille: int = 1000
    of: Sharers = "attempts"
    reply: str = ""
    users: tuple[int, ...] = ()
    """The recipients that are affected; empty: a share of all recipients."""

    def __post_init__(self) -> None:
        if not 0 <= self.per_mille <= 1000:
            raise ValueError(f"{self.per_mille} per mille is not a share; give 0 to 1000")

    @property
    def lets_through(self) -> bool:
        """True if the receiver accepts everything."""
        return self.answer == "up" or self.per_mille == 0

    @property
    def total(self) -> bool:
        """True if the receiver accepts nothing."""
        return self.answer != "up" and self.per_mille == 1000 and not self.users

    @property
    def by_chance(self) -> bool:
        """True if a separate draw decides each attempt."""
        return self.of == "attempts" and not self.lets_through and not self.total

    @property
    def breaks(self) -> bool:
        """True if the condition also ends conversations in progress, because a server or a network is
        gone.
        """
        return self.answer in ("refused", "timeout")


UP = Condition("up")
REFUSED = Condition("refused", reply="connection refused")


@frozen
class ReceiverDraws:
    """The name of the receiver in draws: two hosts in one drill have separate draws."""

    seed: int
    name: str
    senders: Callable[[I64, Sharers], I64] | None = None
    """Called for the senders of messages, or for their platforms; only needed if a condition affects some
    senders.
    """

    def meets(self, condition: Condition, rows: Rows, number: NDArray[np.int32]) -> NDArray[np.bool_]:
        """True where attempt `number` (1 is the first) of a row gets the condition's answer."""
        if condition.lets_through or condition.total:
            return np.full(len(rows), condition.total, dtype=np.bool_)
        if condition.of == "recipients":
            return self.hits(condition, rows.user.astype(np.int64))
        if condition.of != "attempts":
            return self._of_senders(condition, rows)
        drawn = attempt_permille(self.seed, self.name, rows.id, number.astype(np.int64))
        return drawn < condition.per_mille

    def _of_senders(self, condition: Condition, rows: Rows) -> NDArray[np.bool_]:
        if self.senders is None:
            raise ValueError(f"the {condition.of} of mail for {self.name} are not given")
        drawn = sender_permille(self.seed, condition.of, self.senders(rows.id, condition.of))
        outside: NDArray[np.bool_] = direction_of(rows.id) == INBOUND
        return outside & (drawn < condition.per_mille)

    def hits(self, condition: Condition, users: I64) -> NDArray[np.bool_]:
        """True for users affected by a condition that applies to some recipients."""
        if condition.users:
            return np.isin(users, condition.users)
        return recipient_permille(self.seed, self.name, users) < condition.per_mille
