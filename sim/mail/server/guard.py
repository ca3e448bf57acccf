"""What stands before the mail server for mail that does not come from the gateway: firewall, lock, filter.

A firewall drops the packets of whoever it does not let in, so that their mail waits. A lock that asks for
the gateway's certificate refuses at RCPT with 550 5.7.51: such mail is returned at once. A lock by
transport rule takes mail and puts it aside.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, below, mix
from sim.mail.queue.receiver_condition import Condition

Lock = Literal["open", "rejects", "quarantines"]
"""To mail that does not come from the gateway: taken; refused with 550 5.7.51; taken and put aside."""

MailOrigin = Literal["backup", "internet"]
"""Who else hands mail to the server: the backup MX, or anybody who finds it."""

SOURCES: tuple[MailOrigin, ...] = ("backup", "internet")

LOCKED_REPLY = "550 5.7.51 TenantInboundAttribution; Rejecting"
"""Microsoft 365 with a partner connector that asks for the gateway's certificate."""

DROPPED = Condition("timeout", reply="451 4.4.1 connection timed out")


@dataclass(frozen=True, slots=True)
class Gates:
    """All that mail meets beside the gateway's own way in. The default lets everything in."""

    lock: Lock = "open"
    reply: str = LOCKED_REPLY
    """What a lock that rejects answers."""
    trusted: frozenset[MailOrigin] = frozenset()
    """Whom the lock lets in as well."""
    firewall: frozenset[MailOrigin] = frozenset(SOURCES)
    """Whom the firewall lets in beside the gateway."""
    server_filters: bool = False
    """Whether the mail server has a spam filter of its own."""
    skips: bool = False
    """Whether a rule tells that filter to leave everything alone."""
    backup_filters: bool = True
    """Whether the backup filters spam as the gateway does."""
    junk_permille: int = 0
    """Of good mail by the backup, what the server's filter takes for junk: to it the backup looks like the
    sender, and SPF (RFC 7208) fails."""
    looks_behind: bool = False
    """Whether that filter knows the backup as a relay and judges by who handed mail to it (Microsoft:
    enhanced filtering for connectors)."""

    def lets_in(self, source: MailOrigin) -> bool:
        """Whether mail from `source` gets to mailboxes or quarantine at all."""
        return source in self.firewall and (self.lock != "rejects" or source in self.trusted)

    def meets(self, source: MailOrigin, condition: Condition) -> Condition:
        """What attempts by `source` meet while the server itself does `condition`."""
        if source not in self.firewall:
            return DROPPED
        if not self.lets_in(source) and not condition.total:
            return Condition("reject", reply=self.reply)
        return condition

    def knows(self, source: MailOrigin) -> bool:
        """Whether a connector of its own names `source`, so that its volume surprises nobody."""
        return self.lock == "rejects" and source in self.trusted

    def quarantines(self, source: MailOrigin) -> bool:
        """Whether what comes from `source` is taken and put aside, all of it."""
        return self.lock == "quarantines" and source not in self.trusted

    def unfiltered(self, source: MailOrigin) -> bool:
        """Whether what comes from `source` gets to mailboxes and no filter looks at it."""
        by_server = self.server_filters and not self.skips
        looked_at = by_server or (source == "backup" and self.backup_filters)
        return not looked_at and not self.quarantines(source)

    def aside(self, seed: int, source: MailOrigin, ids: I64) -> NDArray[np.bool_]:
        """Which of the messages `ids`, taken from `source`, are put aside."""
        if self.quarantines(source):
            return np.ones(len(ids), dtype=np.bool_)
        mistaken = source == "backup" and not self.looks_behind
        share = self.junk_permille if mistaken and self.server_filters and not self.skips else 0
        if not share:
            return np.zeros(len(ids), dtype=np.bool_)
        put: NDArray[np.bool_] = below(mix(seed, "junked inside", ids), 1000) < share
        return put
