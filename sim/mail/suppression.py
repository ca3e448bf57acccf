"""Addresses to which bulk senders write no more: a refusal for good has told them that nobody is there.

Counted beside the ledger, where later mail goes on as if it were sent: whether a platform takes a policy's
5xx for a hard bounce, and when an account takes an address off its list, is not published.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.growing import Columns
from sim.mail.senders.correspondents import Correspondents
from sim.mail.traffic import INBOUND, REAL_MAIL, Stream, direction_of

_USER_BITS = 32


@dataclass(frozen=True, slots=True)
class Suppressed:
    """`addresses`: pairs of a sending account and a recipient; `messages`: written to them since."""

    addresses: int = 0
    messages: int = 0


class Suppression:
    """What was refused for good so far, and by whom it had been sent."""

    def __init__(self, who: Callable[[], Correspondents], recipients: Callable[[I64], NDArray[np.int32]]):
        """`who` is asked for the correspondents, `recipients` to whom messages go, when somebody counts."""
        self._who, self._recipients = who, recipients
        self._refused = Columns({"id": np.int64, "time_ms": np.int64})

    def refused(self, ids: I64, time_ms: I64) -> None:
        """These messages, of any direction, were returned with a 5xx."""
        outside = (direction_of(ids) == INBOUND) & (ids < REAL_MAIL)
        self._refused.append([ids[outside], time_ms[outside]])

    def count(self, written: Stream, now_ms: int) -> Suppressed:
        """Addresses that are suppressed by now, and mail that was `written` to them meanwhile."""
        if not len(self._refused):
            return Suppressed()
        listed, since_ms = self._listed(self._refused["id"], self._refused["time_ms"])
        order = np.lexsort((since_ms, listed))
        keys, first = np.unique(listed[order], return_index=True)
        if not len(keys):
            return Suppressed()
        since_ms = since_ms[order][first]
        mail = written.between(int(since_ms.min()), now_ms)
        theirs, written_ms = self._listed(mail.id, mail.arrival_ms)
        place = np.minimum(np.searchsorted(keys, theirs), len(keys) - 1)
        never_sent = (keys[place] == theirs) & (written_ms > since_ms[place])
        return Suppressed(len(keys), int(never_sent.sum()))

    def _listed(self, ids: I64, time_ms: I64) -> tuple[I64, I64]:
        """(account, recipient) as one number, and the moment, of those whose platform keeps a list."""
        who = self._who()
        keeps = np.array([who.platform_of(n).file.suppression is not None for n in range(len(who))])
        sender = who.of(ids)
        listed = keeps[sender]
        keys: I64 = (sender[listed] << _USER_BITS) + self._recipients(ids[listed])
        return keys, time_ms[listed]
