"""The ends of messages at machines, one by one, or as columns if many messages end in the same way."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sim.kernel.draws import I64

DELIVERED, BOUNCED = "delivered", "bounced"
MANY = 100
"""Messages that leave at the same moment, from which on their ends are columns: one step may end 50,000."""


class End(NamedTuple):
    """A message has left its sender. `cause`: the last failure, if it bounced."""

    time_ms: int
    fate: str
    sender: int
    id: int
    arrival_ms: int
    host: str
    tries: int
    put_off: int
    cause: str
    notified: int = 0
    """Delay notices that its sender got, except those that are sent at an age."""


class EndedAlike(NamedTuple):
    """Messages of one sender that have left it in the same way.

    Columns of equal length: `time_ms`, `id`, `arrival_ms`; also the counts, where they differ.
    """

    time_ms: I64
    fate: str
    sender: int
    id: I64
    arrival_ms: I64
    host: str
    tries: int | I64
    put_off: int | I64
    cause: str
    notified: int | I64 = 0


class MachineEnds:
    """The ends since the last `clear`, in no order. Machines write them, and their hop reads them."""

    def __init__(self) -> None:
        self.single: list[End] = []
        self.alike: list[EndedAlike] = []

    def append(self, end: End) -> None:
        """One more."""
        self.single.append(end)

    def together(
        self,
        now_ms: int,
        left: tuple[str, int, str],
        rows: Sequence[tuple[int, int, int, int, int]],
        host: str,
        more: tuple[int, int],
    ) -> None:
        """Messages that leave now. `left`: fate, sender and cause; `rows`: id, arrival_ms, tries, put_off and
        notified of each; `more`: tries and deferrals to be added.
        """
        fate, sender, cause = left
        if len(rows) < MANY:
            for message, arrival_ms, tries, put_off, notified in rows:
                counts = tries + more[0], put_off + more[1]
                self.append(End(now_ms, fate, sender, message, arrival_ms, host, *counts, cause, notified))
            return
        ids, arrivals_ms, all_tries, put_offs, notices = np.array(rows, dtype=np.int64).T
        many = all_tries + more[0], put_offs + more[1]
        time_ms = np.full(len(rows), now_ms, dtype=np.int64)
        self.alike.append(EndedAlike(time_ms, fate, sender, ids, arrivals_ms, host, *many, cause, notices))

    def clear(self) -> None:
        """Forget all."""
        self.single.clear()
        self.alike.clear()

    def __iter__(self) -> Iterator[End]:
        """Every end by itself."""
        yield from self.single
        for some in self.alike:
            counts = (np.full(len(some.id), count) for count in (some.tries, some.put_off, some.notified))
            columns = (column.tolist() for column in (some.time_ms, some.id, some.arrival_ms, *counts))
            for time_ms, message, arrival_ms, tries, put_off, notified in zip(*columns, strict=True):
                left = time_ms, some.fate, some.sender, message, arrival_ms, some.host
                yield End(*left, tries, put_off, some.cause, notified)
