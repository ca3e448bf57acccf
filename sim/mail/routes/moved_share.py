"""The share of new mail that hosts other than the gateway's accept: a backup, the mail server.

Only new mail counts: deferred mail arrives in bursts, and does not show how many senders use another route
now. A message counts as moved if such a host has accepted it soon after it was written. Mail that the gateway
accepts, defers or drops, and mail that bounces, has not moved, regardless of the first host in the record.
"""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.message.growing_columns import Columns
from sim.mail.message.traffic import Messages
from sim.mail.senders.arrivals import Arrivals
from sim.mail.senders.hosts.correspondents import CorrespondentTable


@frozen
class MovedRule:
    """The rule by which the mail as a whole counts as moved: at least `permille` of the messages written
    in `span_ms` were accepted elsewhere within `soon_ms`. If fewer were written, the last `least` messages
    count.
    """

    permille: int
    soon_ms: int
    span_ms: int
    least: int


class Moved:
    """The messages written since `from_ms` by the correspondents in `whose`, and those that have moved."""

    def __init__(
        self,
        rule: MovedRule,
        who: CorrespondentTable,
        whose: NDArray[np.bool_],
        elsewhere: tuple[int, ...],
        from_ms: int,
    ) -> None:
        """`elsewhere`: the other hosts, by number."""
        self._rule, self._who, self._whose, self._elsewhere = rule, who, whose, elsewhere
        self.from_ms = from_ms
        self.enough_ms: int | None = None
        """The time at which enough mail had moved, when counting ended; None if that has not happened yet."""
        self._written, self._taken = (Columns({"written_ms": np.int64}) for _ in range(2))

    @property
    def enough(self) -> bool:
        """True if enough has moved."""
        return self.enough_ms is not None

    def note(self, sent: Messages, gone: Arrivals, to_ms: int) -> None:
        """Add the stretch up to `to_ms`, which is over. `sent`: messages written in it, `gone`: messages
        that left their senders in it.
        """
        self._written.append([self._of(sent)])
        self._taken.append([self._soon(gone)])
        self._forget(to_ms - self._rule.soon_ms)

    def _forget(self, end_ms: int) -> None:
        """Drop the messages that are not needed for spans ending at `end_ms` or later."""
        written_ms = self._written["written_ms"]
        before, begun = written_ms.searchsorted([end_ms, end_ms - self._rule.span_ms]).tolist()
        first = max(0, min(begun, before - self._rule.least))
        if first:
            taken_ms = self._taken["written_ms"]
            later_ms = taken_ms[taken_ms >= written_ms[first]].copy()
            self._written.drop(first)
            self._taken.cut(0)
            self._taken.append([later_ms])

    def first_minute(self, a_ms: int, b_ms: int, sent: Messages, coming: Arrivals) -> int | None:
        """The first whole minute in [a, b) at which enough has moved, if nothing changes before.

        `sent` and `coming`: messages written, and messages that leave their senders, from the last recorded
        time up to b.
        """
        rule = self._rule
        first_ms = max(a_ms, self.from_ms + rule.soon_ms + rule.span_ms)
        minutes = np.arange(-(-first_ms // MINUTE_MS) * MINUTE_MS, b_ms, MINUTE_MS, dtype=np.int64)
        written_ms = np.concatenate([self._written["written_ms"], self._of(sent)])
        taken_ms = np.sort(np.concatenate([self._taken["written_ms"], self._soon(coming)]))
        end_ms = minutes - rule.soon_ms
        last = written_ms.searchsorted(end_ms)
        enough = last >= rule.least
        minutes, end_ms, last = minutes[enough], end_ms[enough], last[enough]
        begin_ms = np.minimum(end_ms - rule.span_ms, written_ms[last - rule.least])
        all_ = last - written_ms.searchsorted(begin_ms)
        moved = taken_ms.searchsorted(end_ms) - taken_ms.searchsorted(begin_ms)
        found = np.flatnonzero(moved * 1_000 >= all_ * rule.permille)
        return int(minutes[found[0]]) if len(found) else None

    def _of(self, sent: Messages) -> I64:
        """The times at which the counted messages were written."""
        return sent.arrival_ms[self._whose[self._who.of(sent.id)]]

    def _soon(self, gone: Arrivals) -> I64:
        """The times at which the messages that have moved were written."""
        soon = gone.at(*self._elsewhere) & (gone.time_ms - gone.written_ms <= self._rule.soon_ms)
        soon &= gone.written_ms >= self.from_ms
        ids = gone.id[soon]
        written_ms: I64 = gone.written_ms[soon][self._whose[self._who.of(ids)]]
        return written_ms
