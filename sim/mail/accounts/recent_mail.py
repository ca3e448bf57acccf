"""Recent mail from outside: when it was written, and how much of it has left its sender and reached a
mailbox.

Mail is remembered for as long as people may miss it; a returned message counts as not arrived.
"""

import numpy as np

from sim.kernel.draws import I64
from sim.mail.message.growing_columns import Columns
from sim.mail.users.patience import LONGEST_PATIENCE_MS

_ROOM = 1 << 12
"""Number of outdated rows that are kept before they are all removed."""


class RecentMail:
    """The times at which recent messages were written, as three unordered lists."""

    def __init__(self) -> None:
        self._lists = {name: Columns({"written_ms": np.int64}) for name in ("written", "sent", "come")}
        self._outdated_ms = 0
        """Drop mail written before this time, which no one misses any more."""

    def write(self, written_ms: I64, to_ms: int) -> None:
        """Record messages written before `to_ms`; outdated ones are dropped now and then."""
        self._outdated_ms = to_ms - LONGEST_PATIENCE_MS
        self._lists["written"].append([written_ms])
        for rows in self._lists.values():
            if len(rows) > _ROOM and int(rows["written_ms"][0]) < to_ms - 2 * LONGEST_PATIENCE_MS:
                kept = rows["written_ms"][rows["written_ms"] >= self._outdated_ms].copy()
                rows.cut(0)
                rows.append([kept])

    def send(self, written_ms: I64) -> None:
        """Record messages that a host has accepted from their senders."""
        self._add("sent", written_ms)

    def come(self, written_ms: I64) -> None:
        """Record messages that have reached mailboxes."""
        self._add("come", written_ms)

    def _add(self, name: str, written_ms: I64) -> None:
        """The messages that are not outdated; in a draining backlog, most are."""
        self._lists[name].append([written_ms[written_ms >= self._outdated_ms]])

    @property
    def written_ms(self) -> I64:
        """All messages of the last `LONGEST_PATIENCE_MS`, and perhaps some older ones."""
        return self._lists["written"]["written_ms"]

    @property
    def sent_ms(self) -> I64:
        """Messages in the same period that hosts have accepted from their senders since the sending hop
        has been simulated.
        """
        return self._lists["sent"]["written_ms"]

    @property
    def come_ms(self) -> I64:
        """Messages in the same period that have reached mailboxes."""
        return self._lists["come"]["written_ms"]
