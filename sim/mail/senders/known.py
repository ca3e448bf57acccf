"""Messages by a moment known in advance: their end, or their next attempt that was not foreseen."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.mail.rows import NEVER_MS
from sim.mail.senders.attempts import Course, fresh


@dataclass(frozen=True, slots=True)
class Fates:
    """`rows` as they stand, but for `end_ms` and `host`: those are of the end, as are the other columns.

    Where the end is not known yet, all of these are of the attempt, which begins at `end_ms`, up to which
    the message has been followed.
    """

    rows: Course
    tries: NDArray[np.int32]
    failures: NDArray[np.int32]
    cause: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Fates":
        """Some of them."""
        return Fates(self.rows.take(which), self.tries[which], self.failures[which], self.cause[which])

    def ahead(self) -> Course:
        """The messages as they stand where they have been followed to."""
        rows = self.rows
        unknown_ms, host = np.full(len(rows), NEVER_MS, dtype=np.int64), rows.host.copy()
        counts = (self.tries, self.failures, self.cause)
        return Course(rows.id, rows.arrival_ms, rows.organisation, rows.end_ms, *counts, unknown_ms, host)


def joined(parts: Sequence[Fates]) -> Fates:
    """All of them, one part after the other."""
    names = [field.name for field in fields(Course)]
    rows = Course(*(np.concatenate([getattr(part.rows, name) for part in parts]) for name in names))
    ahead = ("tries", "failures", "cause")
    return Fates(rows, *(np.concatenate([getattr(part, name) for part in parts]) for name in ahead))


_NONE: I64 = np.empty(0, dtype=np.int64)
_NO_COUNT = np.empty(0, dtype=np.int32)
NO_FATES = Fates(fresh(_NONE, _NONE, _NONE), _NO_COUNT, _NO_COUNT, np.empty(0, dtype=np.int8))


class Known:
    """Parts sorted by `end_ms`, each at least twice as long as the next: adding and taking are cheap."""

    def __init__(self) -> None:
        self._parts: list[Fates] = []

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def add(self, fates: Fates) -> None:
        """More messages."""
        end_ms = fates.rows.end_ms
        if (np.diff(end_ms) < 0).any():
            fates = fates.take(np.argsort(end_ms, kind="stable"))
        while self._parts and len(self._parts[-1]) < 2 * len(fates):
            fates = joined([self._parts.pop(), fates])
            fates = fates.take(np.argsort(fates.rows.end_ms, kind="stable"))
        if len(fates):
            self._parts.append(fates)

    def between(self, a_ms: int, b_ms: int) -> Fates:
        """Who is in [a, b), by (time, id)."""
        some = []
        for part in self._parts:
            first, after = np.searchsorted(part.rows.end_ms, (a_ms, b_ms)).tolist()
            if first < after:
                some.append(part.take(slice(first, after)))
        fates = joined(some or [NO_FATES])
        return fates.take(np.lexsort((fates.rows.id, fates.rows.end_ms)))

    def drop_until(self, to_ms: int) -> int:
        """Forget who is before `to_ms`; returns how many that were."""
        before = len(self)
        firsts = [int(np.searchsorted(part.rows.end_ms, to_ms)) for part in self._parts]
        parts = [part.take(slice(first, None)) for part, first in zip(self._parts, firsts, strict=True)]
        self._parts = [part for part in parts if len(part)]
        return before - len(self)

    def take_until(self, to_ms: int) -> Fates:
        """Who is before `to_ms`; they are no longer here. Not sorted."""
        some = joined([NO_FATES, *(part.take(part.rows.end_ms < to_ms) for part in self._parts)])
        self.drop_until(to_ms)
        return some

    def keep_arrived(self, before_ms: int) -> None:
        """Forget messages that arrive at `before_ms` or later."""
        parts = [part.take(part.rows.arrival_ms < before_ms) for part in self._parts]
        self._parts = [part for part in parts if len(part)]

    def all(self) -> Fates:
        """Everyone; not sorted."""
        return joined(self._parts or [NO_FATES])

    def clear(self) -> None:
        """Forget everyone."""
        self._parts = []
