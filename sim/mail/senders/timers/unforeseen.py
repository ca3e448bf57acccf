"""Messages whose forecast a change has discarded, until the time at which something can happen to them.

A change then costs little, however many messages wait: their results under the new conditions are computed
only when their next attempt is near.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.senders.timers.tiers import Moves
from sim.mail.senders.timers.timer_rows import GIVEN_UP, Course, fresh

SMALL = 1 << 13
"""Parts with fewer rows than this are joined at the next change."""


@dataclass(slots=True)
class Overtaken:
    """Messages, each in its state at `since_ms`; `acts_ms`: nothing happens to it between the latest change
    and then.
    """

    rows: Course
    since_ms: I64
    acts_ms: I64

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: NDArray[np.bool_]) -> "Overtaken":
        """Some of the messages, as a copy."""
        return Overtaken(self.rows.take(which), self.since_ms[which], self.acts_ms[which])


class Unforeseen:
    """The messages that no forecast covers. A message that is taken leaves a hole, so that the others are
    not moved.
    """

    def __init__(self) -> None:
        self._parts: list[Overtaken] = []
        """`acts_ms` is NEVER_MS where a message has been taken."""
        self._first_ms: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add(self, parts: Sequence[Course], since_ms: int, acts_ms: Callable[[Course], I64]) -> None:
        """Add messages, in their state at `since_ms`, at a change."""
        new = [Overtaken(rows, np.full(len(rows), since_ms), acts_ms(rows)) for rows in parts if len(rows)]
        whole = [*map(_without_holes, self._parts), *new]
        small = [part for part in whole if len(part) < SMALL]
        self._keep([*(part for part in whole if len(part) >= SMALL), *([together(small)] if small else [])])

    def _keep(self, parts: Sequence[Overtaken]) -> None:
        firsts = [(part, int(part.acts_ms.min(initial=NEVER_MS))) for part in parts]
        self._parts = [part for part, first_ms in firsts if first_ms < NEVER_MS]
        self._first_ms = [first_ms for _part, first_ms in firsts if first_ms < NEVER_MS]

    def take_until(self, bound_ms: int) -> Overtaken:
        """Take out the messages to which something may happen before `bound_ms`."""
        if min(self._first_ms, default=NEVER_MS) >= bound_ms:
            return NONE_OVERTAKEN
        return self._take(lambda part: part.acts_ms < bound_ms)

    def take_due_before(self, moment_ms: int) -> Overtaken:
        """Take out the messages whose state is so old that their present attempt began before `moment_ms`."""
        return self._take(lambda part: (part.rows.due_ms < moment_ms) & (part.acts_ms < NEVER_MS))

    def _take(self, which: Callable[[Overtaken], NDArray[np.bool_]]) -> Overtaken:
        taken = []
        for part in self._parts:
            some = which(part)
            if some.any():
                taken.append(part.take(some))
                part.acts_ms[some] = NEVER_MS
        if not taken:
            return NONE_OVERTAKEN
        self._keep(self._parts)
        found = together(taken)
        found.rows.end_ms[:], found.rows.host[:] = NEVER_MS, GIVEN_UP
        return found

    def earliest_attempt_ms(self, moves: Moves, tiered: NDArray[np.bool_]) -> int:
        """A time before which no attempt begins that is still to be replayed from the kept states; NEVER_MS:
        there are no states.

        This is the earliest beginning of a present attempt, or the first move since a state, because a move
        brings the next attempt forward. `tiered`: for each organisation, True if its mail may be moved.
        """
        kept = [(part, part.acts_ms < NEVER_MS) for part in self._parts]
        earliest_ms = [int(part.rows.due_ms[here].min()) for part, here in kept]
        if moves:
            movable = [(part, here & tiered[part.rows.organisation]) for part, here in kept]
            since_ms = min(
                (int(part.since_ms[here].min(initial=NEVER_MS)) for part, here in movable), default=NEVER_MS
            )
            earliest_ms += [at_ms for at_ms, _ in moves.since(since_ms)[:1]]
        return min(earliest_ms, default=NEVER_MS)

    def all(self) -> Overtaken:
        """All messages without their old forecasts, as a copy."""
        found = together([part.take(part.acts_ms < NEVER_MS) for part in self._parts])
        found.rows.end_ms[:], found.rows.host[:] = NEVER_MS, GIVEN_UP
        return found


def together(parts: Sequence[Overtaken]) -> Overtaken:
    """All parts, one after the other; not copied if there is only one."""
    if len(parts) <= 1:
        return parts[0] if parts else NONE_OVERTAKEN
    names = [field.name for field in fields(Course)]
    rows = Course(*(np.concatenate([getattr(part.rows, name) for part in parts]) for name in names))
    since_ms = np.concatenate([part.since_ms for part in parts])
    acts_ms = np.concatenate([part.acts_ms for part in parts])
    return Overtaken(rows, since_ms, acts_ms)


def _without_holes(part: Overtaken) -> Overtaken:
    """The part itself unless most of its messages have been taken."""
    here = part.acts_ms < NEVER_MS
    return part if 2 * int(here.sum()) > len(part) >= SMALL else part.take(here)


_NONE: I64 = np.empty(0, dtype=np.int64)
NONE_OVERTAKEN = Overtaken(fresh(_NONE, _NONE, _NONE, _NONE), _NONE, _NONE)
