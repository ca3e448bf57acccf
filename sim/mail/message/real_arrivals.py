"""Real messages that arrive in the present millisecond, and events for real messages that leave."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from sim.mail.message.rows import Gone
from sim.mail.message.traffic import EMPTY, REAL_MAIL, Messages

Way = Literal["gateway", "smart host", "backup", "direct"]
"""The host that accepted a real message from its sender."""
WAYS: tuple[Way, ...] = ("gateway", "smart host", "backup", "direct")


class RealArrivals:
    """The real messages that arrive at one host. `add` is called at the current time, `passed` once that
    moment is complete.
    """

    def __init__(self) -> None:
        self.mail = EMPTY

    def add(self, identity: int, now_ms: int) -> None:
        """Add a message that arrives now."""
        mail = self.mail
        self.mail = Messages(np.append(mail.id, identity), np.append(mail.arrival_ms, now_ms))

    def between(self, a_ms: int, b_ms: int) -> Messages:
        """The messages that arrive in [a, b)."""
        if not len(self.mail):
            return EMPTY
        arrival_ms = self.mail.arrival_ms
        return self.mail.take((a_ms <= arrival_ms) & (arrival_ms < b_ms))

    def passed(self) -> Messages:
        """Called when everything up to now is complete; returns the messages that had arrived."""
        mail, self.mail = self.mail, EMPTY
        return mail


class RealDepartures:
    """Events for real messages that leave the queues of a world, in chronological order across all queues.

    A world advances one queue at a time. Events within one advance are collected and sorted, so their order
    does not depend on the length of the steps in which time advances.
    """

    def __init__(self) -> None:
        self.says: Callable[[Way, Gone], None] = lambda _way, _out: None
        """Called with one message, as a single row, whenever one arrives."""
        self._kept: list[tuple[int, int, int, Way, Gone]] | None = None

    def hold(self) -> None:
        """Called when an advance begins."""
        self._kept = []

    def left(self, way: Way, out: Gone) -> None:
        """Called when `out` has left the queue of the host `way`."""
        real = np.flatnonzero(out.id >= REAL_MAIL)
        news = [
            (int(out.time_ms[row]), WAYS.index(way), place, way, _row(out, row))
            for place, row in enumerate(real.tolist())
        ]
        if self._kept is not None:
            self._kept += news
        else:
            for *_order, way_of, one in news:
                self.says(way_of, one)

    def release(self) -> None:
        """Called when the advance has ended."""
        kept, self._kept = self._kept, None
        for *_order, way, one in sorted(kept or (), key=lambda news: news[:3]):
            self.says(way, one)


def _row(out: Gone, row: int) -> Gone:
    part = slice(row, row + 1)
    return Gone(
        out.time_ms[part],
        out.kind[part],
        out.id[part],
        out.arrival_ms[part],
        out.user[part],
        out.attempts[part],
        out.worthless_ms[part],
        out.tried_ms[part],
    )
