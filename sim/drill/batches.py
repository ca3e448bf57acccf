"""What became of each attempt that somebody has forced: how many were taken at it, how many put back."""

from dataclasses import dataclass

import numpy as np

from sim.kernel.draws import I64
from sim.mail.rows import DELIVERED, Gone, Rows


@dataclass(slots=True)
class Batch:
    """Messages for which an attempt was forced at `at_ms`."""

    at_ms: int
    what: str
    """Which, in words."""
    ids: I64
    """Ascending."""
    attempts: I64
    """Of each, this one counted."""
    beside: int = 0
    """So many more were being offered already, and are not counted here."""
    taken: int = 0
    last_ms: int = -1
    """When the last of them was taken."""

    def left(self, out: Gone) -> None:
        """`out` has left the queue."""
        if not len(self.ids):
            return
        at = np.minimum(np.searchsorted(self.ids, out.id), len(self.ids) - 1)
        taken = (self.ids[at] == out.id) & (out.kind == DELIVERED) & (self.attempts[at] == out.attempts)
        if taken.any():
            self.taken += int(taken.sum())
            self.last_ms = int(out.time_ms[taken][-1])


class Batches:
    """Those of a drill, in the order in which they were begun."""

    def __init__(self) -> None:
        self.all: list[Batch] = []

    def begin(self, rows: Rows, what: str, at_ms: int, beside: int = 0) -> None:
        """An attempt of `rows` is forced now; `beside`: so many more are being offered already."""
        order = np.argsort(rows.id)
        attempts = rows.attempts[order].astype(np.int64) + 1
        self.all.append(Batch(at_ms, what, rows.id[order], attempts, beside))

    def left(self, out: Gone) -> None:
        """`out` has left a queue to the mail server."""
        for batch in self.all:
            batch.left(out)


def told(batch: Batch, in_line: I64) -> str:
    """`2,000 (the oldest): 1,800 taken, 200 put back`. `in_line`: who is in line or being taken now."""
    waits = int(np.isin(batch.ids, in_line).sum())
    back = len(batch.ids) - batch.taken - waits
    parts = [f"{batch.taken:,} taken"]
    parts += [f"{back:,} put back"] if back else []
    parts += [f"{waits:,} still in line"] if waits else []
    parts += [f"beside {batch.beside:,} that were being offered already"] if batch.beside else []
    return f"{len(batch.ids):,} ({batch.what}): {', '.join(parts)}"
