"""The result of each forced attempt: messages accepted, bounced and deferred again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.mail.message.rows import DELIVERED, Gone, Rows


@dataclass(slots=True)
class Batch:
    """Messages for which an attempt was forced at `at_ms`, and its results."""

    at_ms: int
    what: str
    """The selection of messages, in words."""
    ids: I64
    """The ids of the selected messages, each once."""
    attempts: NDArray[np.int32]
    """Number of attempts for each message, including this one."""
    beside: int = 0
    """Number of messages already being delivered at that time; the other fields do not count them."""
    taken: int = 0
    returned: int = 0
    """Messages that bounced in this attempt: permanently rejected, or past the retry limit when the
    attempt failed.
    """
    _ascending: bool = False
    """True if `ids` are in ascending order."""

    def left(self, out: Gone) -> None:
        """Called when `out` has left the queue."""
        if not len(self.ids):
            return
        self._sort()
        at = np.minimum(self.ids.searchsorted(out.id), len(self.ids) - 1)
        here = (self.ids[at] == out.id) & (self.attempts[at] == out.attempts)
        self.taken += int((here & (out.kind == DELIVERED)).sum())
        self.returned += int((here & (out.kind != DELIVERED) & (out.tried_ms == out.time_ms)).sum())

    def _sort(self) -> None:
        """Put the messages in order of their ids. This is done only when the first of them leaves, because
        the command itself already takes long enough.
        """
        if not self._ascending:
            order = np.argsort(self.ids)
            self.ids, self.attempts, self._ascending = self.ids[order], self.attempts[order], True


class Batches:
    """The forced attempts of a drill, in the order in which they began."""

    def __init__(self) -> None:
        self.all: list[Batch] = []

    def begin(self, rows: Rows, what: str, at_ms: int, beside: int = 0) -> None:
        """Record a forced attempt of `rows`; `beside`: number of messages already being delivered."""
        self.all.append(Batch(at_ms, what, rows.id, rows.attempts + np.int32(1), beside))

    def left(self, out: Gone) -> None:
        """Called when `out` has left a queue to the mail server."""
        for batch in self.all:
            batch.left(out)


def told(batch: Batch, in_line: I64) -> str:
    """The result in words: `2,000 (the oldest): 1,800 accepted, 200 deferred again`. `in_line`: ids of
    messages in line or being delivered now.
    """
    waits = int(np.isin(batch.ids, in_line).sum())
    back = len(batch.ids) - batch.taken - batch.returned - waits
    parts = [f"{batch.taken:,} accepted"]
    parts += [f"{batch.returned:,} returned to their senders"] if batch.returned else []
    parts += [f"{back:,} deferred again"] if back else []
    parts += [f"{waits:,} still in line"] if waits else []
    parts += [f"plus {batch.beside:,} already in delivery"] if batch.beside else []
    return f"{len(batch.ids):,} ({batch.what}): {', '.join(parts)}"
