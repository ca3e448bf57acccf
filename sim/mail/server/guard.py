"""The protection of the mail server against mail that does not come from the gateway: firewall, lock, filter.

A firewall drops the packets of hosts that it does not admit, so their mail waits. A lock is a rule of the
mail server that admits mail only from the gateway. A lock that requires the gateway's certificate rejects
other mail at RCPT with 550 5.7.51, so it is returned at once. A lock by transport rule accepts mail and
quarantines it.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, below, mix
from sim.kernel.frozen import frozen
from sim.mail.queue.receiver_condition import Condition

Lock = Literal["open", "rejects", "quarantines"]
"""How the lock treats mail that does not come from the gateway: it accepts it, rejects it with 550 5.7.51,
or accepts and quarantines it.
"""

MailOrigin = Literal["backup", "internet"]
"""Sources of mail to the server other than the gateway: the backup MX, or any host that finds the server."""

SOURCES: tuple[MailOrigin, ...] = ("backup", "internet")

LOCKED_REPLY = "550 5.7.51 TenantInboundAttribution; Rejecting"
"""The reply of Microsoft 365 with a partner connector that requires the gateway's certificate."""

DROPPED = Condition("timeout", reply="451 4.4.1 connection timed out")


@frozen
class Gates:
    """All protection apart from the gateway's own inbound route. By default, everything is admitted."""

    lock: Lock = "open"
    reply: str = LOCKED_REPLY
    """The SMTP reply to mail that the lock rejects."""
    trusted: frozenset[MailOrigin] = frozenset()
    """Sources that the lock admits in addition to the gateway."""
    firewall: frozenset[MailOrigin] = frozenset(SOURCES)
    """Sources that the firewall admits in addition to the gateway."""
    server_filters: bool = False
    """True if the mail server has a spam filter of its own."""
    skips: bool = False
    """True if a rule makes the mail server's filter skip all mail."""
    backup_filters: bool = True
    """True if the backup filters spam as the gateway does."""
    junk_permille: int = 0
    """Share of good mail sent through the backup that the server's filter junks: SPF fails (RFC 7208),
    because the filter mistakes the backup for the sender.
    """
    looks_behind: bool = False
    """True if the server's filter recognises the backup as a relay and judges the host that sent mail to
    the backup (Microsoft: enhanced filtering for connectors).
    """

    def lets_in(self, source: MailOrigin) -> bool:
        """True if mail from `source` reaches mailboxes or quarantine at all."""
        return source in self.firewall and (self.lock != "rejects" or source in self.trusted)

    def meets(self, source: MailOrigin, condition: Condition) -> Condition:
        """The condition that attempts by `source` meet while the server itself has `condition`."""
        if source not in self.firewall:
            return DROPPED
        if not self.lets_in(source) and not condition.total:
            return Condition("reject", reply=self.reply)
        return condition

    def knows(self, source: MailOrigin) -> bool:
        """True if a separate connector names `source`, so that the mail server expects a large volume from
        it.
        """
        return self.lock == "rejects" and source in self.trusted

    def quarantines(self, source: MailOrigin) -> bool:
        """True if all mail from `source` is accepted and quarantined."""
        return self.lock == "quarantines" and source not in self.trusted

    def unfiltered(self, source: MailOrigin) -> bool:
        """True if mail from `source` reaches mailboxes without a filter."""
        by_server = self.server_filters and not self.skips
        looked_at = by_server or (source == "backup" and self.backup_filters)
        return not looked_at and not self.quarantines(source)

    def aside(self, seed: int, source: MailOrigin, ids: I64) -> NDArray[np.bool_]:
        """True for messages in `ids`, accepted from `source`, that are quarantined or junked."""
        if self.quarantines(source):
            return np.ones(len(ids), dtype=np.bool_)
        mistaken = source == "backup" and not self.looks_behind
        share = self.junk_permille if mistaken and self.server_filters and not self.skips else 0
        if not share:
            return np.zeros(len(ids), dtype=np.bool_)
        put: NDArray[np.bool_] = below(mix(seed, "junked inside", ids), 1000) < share
        return put
