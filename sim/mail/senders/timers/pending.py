"""Messages by a time known in advance: that of their end, or of their next attempt whose result is still
open.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import fields
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.senders.timers.timer_rows import Course, fresh


@frozen
class CourseEndings:
    """`rows` in their present state; only `end_ms` and `host` describe their end, as do the other columns
    here.

    If the end is not known yet, all of these belong to the attempt up to which the message has been followed,
    which begins at `end_ms`.
    """

    rows: Course
    tries: NDArray[np.int32]
    failures: NDArray[np.int32]
    cause: NDArray[np.int8]
    timer: I64

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "CourseEndings":
        """Some of the messages."""
        return CourseEndings(self.rows.take(which), *[column[which] for column in _ahead(self)])

    def ahead(self) -> Course:
        """The messages in the state up to which they have been advanced."""
        rows = self.rows
        unknown_ms, host = np.full(len(rows), NEVER_MS, dtype=np.int64), rows.host.copy()
        counts = (self.tries, self.failures, self.cause)
        return Course(
            rows.id, rows.arrival_ms, rows.organisation, rows.end_ms, *counts, unknown_ms, host, self.timer
        )


_AHEAD = ("tries", "failures", "cause", "timer")
_ahead = attrgetter(*_AHEAD)


def ending(rows: Course, ahead: Course) -> CourseEndings:
    """`rows` with the further facts in `ahead`."""
    return CourseEndings(rows, *_ahead(ahead))


def joined(parts: Sequence[CourseEndings]) -> CourseEndings:
    """All parts, one after the other; not copied if there is only one."""
    parts = [part for part in parts if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else NO_FATES.take(slice(0, 0))
    names = [field.name for field in fields(Course)]
    rows = Course(*(np.concatenate([getattr(part.rows, name) for part in parts]) for name in names))
    return CourseEndings(rows, *(np.concatenate([getattr(part, name) for part in parts]) for name in _AHEAD))


def by_organisation(parts: Sequence[CourseEndings]) -> dict[int, CourseEndings]:
    """All messages by their organisation: views of one sorted copy."""
    mail = joined(parts)
    mail = mail.take(np.argsort(mail.rows.organisation, kind="stable"))
    numbers, first = np.unique(mail.rows.organisation, return_index=True)
    bounds = itertools.pairwise([*first.tolist(), len(mail)])
    return {number: mail.take(slice(*some)) for number, some in zip(numbers.tolist(), bounds, strict=True)}


_NONE: I64 = np.empty(0, dtype=np.int64)
_NO_COUNT = np.empty(0, dtype=np.int32)
NO_FATES = CourseEndings(
    fresh(_NONE, _NONE, _NONE, _NONE), _NO_COUNT, _NO_COUNT, np.empty(0, dtype=np.int8), _NONE
)


class SortedCourses:
    """Several parts, each sorted by `end_ms`, so that the cost of adding and taking depends only on the
    messages added and taken.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[int, CourseEndings]] = []
        """(earliest `end_ms`, part), for each part."""

    def add(self, fates: CourseEndings) -> None:
        """Add messages."""
        if not len(fates):
            return
        if (np.diff(fates.rows.end_ms) < 0).any():
            fates = _sorted(fates)
        self._keep(fates)
        if len(self._parts) > _MOST_PARTS:
            self._merge()

    def _keep(self, fates: CourseEndings) -> None:
        if len(fates):
            self._parts.append((int(fates.rows.end_ms[0]), fates))

    def __len__(self) -> int:
        return len(self._parts)

    def _merge(self) -> None:
        """Combine the small parts, together with parts that are not much larger than all small parts
        together.
        """
        later, first = 0, len(self._parts)
        for index in reversed(range(len(self._parts))):
            size = len(self._parts[index][1])
            if size < _MUCH_LARGER * later:
                first = index
            later += size
        small = [fates for _, fates in self._parts[first:]]
        del self._parts[first:]
        self._keep(_sorted(joined(small)))

    def between(self, a_ms: int, b_ms: int) -> CourseEndings:
        """The messages in [a, b), by (time, id)."""
        some = []
        for first_ms, part in self._parts:
            if first_ms < b_ms:
                a, b = part.rows.end_ms.searchsorted((a_ms, b_ms)).tolist()
                some += [part.take(slice(a, b))] if a < b else []
        fates = joined(some)
        if len(fates) < 2:
            return fates
        return fates.take(np.lexsort((fates.rows.id, fates.rows.end_ms)))

    def take_until(self, to_ms: int) -> CourseEndings:
        """Take out the messages before `to_ms`. Not sorted."""
        some, parts = [], self._parts
        self._parts = []
        for first_ms, part in parts:
            if first_ms < to_ms:
                cut = int(part.rows.end_ms.searchsorted(to_ms))
                some.append(part.take(slice(0, cut)))
                self._keep(part.take(slice(cut, None)))
            else:
                self._parts.append((first_ms, part))
        return joined(some)

    def drop_until(self, to_ms: int) -> int:
        """Forget the messages before `to_ms`; returns their number."""
        count, parts = 0, self._parts
        self._parts = []
        for first_ms, part in parts:
            if first_ms < to_ms:
                cut = int(part.rows.end_ms.searchsorted(to_ms))
                self._keep(part.take(slice(cut, None)))
                count += cut
            else:
                self._parts.append((first_ms, part))
        return count

    def which(self, which: Callable[[CourseEndings], NDArray[np.bool_]]) -> CourseEndings:
        """The messages among `which`, without taking them out. Not sorted."""
        found = [(part, which(part)) for _, part in self._parts]
        return joined([part.take(some) for part, some in found if some.any()])

    def take_which(self, which: Callable[[CourseEndings], NDArray[np.bool_]]) -> CourseEndings:
        """Take out the messages among `which`. Not sorted."""
        some, parts = [], self._parts
        self._parts = []
        for first_ms, part in parts:
            taken = which(part)
            if taken.any():
                some.append(part.take(taken))
                self._keep(part.take(~taken))
            else:
                self._parts.append((first_ms, part))
        return joined(some)

    def keep_arrived(self, before_ms: int) -> None:
        """Forget messages that arrive at `before_ms` or later."""
        parts, self._parts = self._parts, []
        for _, part in parts:
            self._keep(part.take(part.rows.arrival_ms < before_ms))

    def take_all(self) -> list[Course]:
        """Take out all messages, in their present state; unsorted."""
        parts, self._parts = self._parts, []
        return [part.rows for _, part in parts]

    def all(self) -> CourseEndings:
        """All messages, in no particular order."""
        return joined([part for _, part in self._parts])


_MOST_PARTS, _MUCH_LARGER = 64, 4


def _sorted(fates: CourseEndings) -> CourseEndings:
    return fates.take(np.argsort(fates.rows.end_ms, kind="stable"))
