"""The gateway's processing queue: mail that it has accepted and not filtered yet.

It normally empties at once and is not modelled. While the filter is slow, messages pass it one after the
other, in order of arrival; then they enter the delivery queue.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.queue.receiver import service_starts
from sim.mail.routes.inbound import Come

_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class InProcess:
    """Messages before the filter, in their order. Columns of equal length."""

    id: I64
    came_ms: I64
    written_ms: I64
    start_ms: I64
    end_ms: I64
    """The time at which each has passed."""


NOTHING = InProcess(_NONE, _NONE, _NONE, _NONE, _NONE)


class Processing:
    """The processing queue. Everything before `now_ms` has happened."""

    def __init__(self, comes: Callable[[int, int], Come]) -> None:
        """`comes`: messages that the gateway accepts in [a, b) if nothing changes."""
        self._comes = comes
        self.every_ms: int | None = None
        """Time per message; None: all pass at once."""
        self.stopped = False
        self._inside = NOTHING
        self.now_ms = 0

    @property
    def idle(self) -> bool:
        """True if everything passes in the millisecond in which it arrives."""
        return self.every_ms is None and not self.stopped and not len(self._inside.id)

    def passes(self, a_ms: int, b_ms: int) -> Come:
        """Messages that pass the filter in [a, b) if nothing changes before b."""
        if self.idle:
            return self._comes(a_ms, b_ms)
        inside = self._with(self._comes(self.now_ms, b_ms))
        out = (inside.end_ms >= a_ms) & (inside.end_ms < b_ms)
        order = np.lexsort((inside.id[out], inside.end_ms[out]))
        columns = (inside.id[out], inside.end_ms[out], inside.written_ms[out])
        return Come(*(column[order] for column in columns))

    def _with(self, come: Come) -> InProcess:
        """The messages inside now, followed by `come`."""
        order = np.lexsort((come.id, come.arrival_ms))
        ids, came_ms, written_ms = come.id[order], come.arrival_ms[order], come.written_ms[order]
        inside = self._inside
        start_ms, end_ms = self._timed(came_ms, inside.start_ms, inside.end_ms)
        parts = (ids, came_ms, written_ms, start_ms, end_ms)
        names = ("id", "came_ms", "written_ms", "start_ms", "end_ms")
        return InProcess(
            *(np.concatenate([getattr(inside, n), part]) for n, part in zip(names, parts, strict=True))
        )

    def _timed(self, able_ms: I64, before_start_ms: I64, before_end_ms: I64) -> tuple[I64, I64]:
        """The time at which each message that can begin at `able_ms` begins and ends, behind those
        before it.
        """
        if self.stopped:
            never_ms = np.full(len(able_ms), NEVER_MS, dtype=np.int64)
            return never_ms, never_ms
        if self.every_ms is None:
            return able_ms, able_ms
        free_ms = np.array([int(before_end_ms.max(initial=-NEVER_MS))], dtype=np.int64)
        start_ms = service_starts(able_ms, free_ms, self.every_ms)
        return start_ms, start_ms + self.every_ms

    def advance(self, to_ms: int) -> Come | None:
        """Everything in [now, to); returns the messages that came and did not pass at once, None if all did.

        To be called once the delivery queue has taken in the messages that pass before `to_ms`, and before
        the senders are advanced.
        """
        came = None
        if not self.idle:
            came = self._comes(self.now_ms, to_ms)
            inside = self._with(came)
            stays = inside.end_ms >= to_ms
            self._inside = InProcess(*(getattr(inside, name)[stays] for name in InProcess.__slots__))
        self.now_ms = to_ms
        return came

    # Changes, at `now_ms`; the delivery queue must drop its forecast

    def becomes(self, every_ms: int | None, *, stopped: bool) -> None:
        """The filter works at this pace from now on. The message in hand continues, unless the filter stops:
        then it starts again.
        """
        begun = (self._inside.start_ms < self.now_ms) & (not stopped)
        self.every_ms, self.stopped = every_ms, stopped
        inside = self._inside
        able_ms = np.full(int((~begun).sum()), self.now_ms, dtype=np.int64)
        start_ms, end_ms = inside.start_ms.copy(), inside.end_ms.copy()
        start_ms[~begun], end_ms[~begun] = self._timed(able_ms, start_ms[begun], end_ms[begun])
        self._inside = InProcess(inside.id, inside.came_ms, inside.written_ms, start_ms, end_ms)

    # Looking up

    @property
    def ids(self) -> I64:
        """The messages in process."""
        return self._inside.id

    @property
    def came_ms(self) -> I64:
        """The arrival time of each."""
        return self._inside.came_ms

    def digest(self, record: Fingerprint) -> None:
        """Add the messages in process."""
        record.rows(self._inside.id, self._inside.came_ms, self._inside.end_ms)
