"""The gateway's two monitors, which lag because they take samples: neither can alert at the onset.

Both monitors are watchers: they compute the time of their next action, and are called then. Their quantities
come from the delivery queue's forecast; a sample becomes an event only if it changes something.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen


class Outlook(Protocol):
    """The part of the delivery queue that a monitor may read."""

    def on_retry(self, grid_ms: I64, bound_ms: int) -> I64:
        """Messages that have failed at least once and are still queued, at each moment before the bound."""

    def failed_windows(self, first: int, after: int, bound_ms: int) -> NDArray[np.bool_]:
        """True for each monitor window from first to after - 1 in which a delivery attempt failed."""


@frozen
class Alert:
    """The message of a monitor at `moment_ms`."""

    moment_ms: int
    count: int
    """Number of messages on retry, or number of failed windows."""
    number: int
    """1 for the first alert of an episode; 2 and up for its repeats."""


@frozen
class Over:
    """True if the quantity has stayed below the threshold long enough to end the episode."""

    moment_ms: int


Say = Callable[[Alert | Over], None]


@frozen
class AlertRhythm:
    """The interval at which an alert repeats, and when it ends."""

    repeat_ms: int
    """Interval between repeats of an unacknowledged alert while the quantity is above the threshold."""
    rearm_ms: int = 0
    """An alert ends after this time below the threshold; the next one is then a new alert."""


@dataclass(slots=True)
class Episode:
    """One alert up to its end: the messages sent, the acknowledgement, and the start of its quiet time."""

    rhythm: AlertRhythm
    alerting: bool = False
    acknowledged: bool = False
    number: int = 0
    last_ms: int = 0
    """The time at which an alert was last sent."""
    quiet_ms: int | None = None
    """The time since which the quantity has been below the threshold; None if it is above."""

    def wants(self, over: NDArray[np.bool_], moments_ms: I64) -> int | None:
        """Index of the first moment at which a message is due or the state changes."""
        if not self.alerting:
            hits = np.flatnonzero(over)
        elif self.quiet_ms is not None:
            hits = np.flatnonzero(over | (moments_ms - self.quiet_ms >= self.rhythm.rearm_ms))
        elif self.acknowledged:
            hits = np.flatnonzero(~over)
        else:
            hits = np.flatnonzero(~over | (moments_ms - self.last_ms >= self.rhythm.repeat_ms))
        return int(hits[0]) if len(hits) else None

    @property
    def due_ms(self) -> int | None:
        """The time from which a message is due at any sample; None if that depends on the quantity."""
        if not self.alerting or (self.quiet_ms is None and self.acknowledged):
            return None
        if self.quiet_ms is not None:
            return self.quiet_ms + self.rhythm.rearm_ms
        return self.last_ms + self.rhythm.repeat_ms

    def speak(self, over: bool, moment_ms: int, count: int) -> Alert | Over | None:
        """The message to send now; None if only the state changes, because the quantity has crossed the
        threshold.
        """
        if over:
            self.quiet_ms = None
            due = not self.acknowledged and moment_ms - self.last_ms >= self.rhythm.repeat_ms
            if self.alerting and not due:
                return None
            self.alerting, self.last_ms = True, moment_ms
            self.number += 1
            return Alert(moment_ms, count, self.number)
        self.quiet_ms = moment_ms if self.quiet_ms is None else self.quiet_ms
        if moment_ms - self.quiet_ms < self.rhythm.rearm_ms:
            return None
        self.alerting, self.acknowledged, self.number, self.quiet_ms = False, False, 0, None
        return Over(moment_ms)


class ServiceWatcher:
    """Samples the messages on retry; if there are more than the threshold, raises an alert, which is
    repeated until it is acknowledged.
    """

    def __init__(
        self, queue: Outlook, sample_ms: int, phase_ms: int, threshold: int, rhythm: AlertRhythm, say: Say
    ) -> None:
        """`phase_ms`: time of the first sample, in [0, sample_ms)."""
        self._queue, self._say = queue, say
        self._sample_ms, self._phase_ms, self._threshold = sample_ms, phase_ms, threshold
        self._sampled_ms = 0
        self._foreseen = (-1, 0)
        """The latest forecast: a sample, and the number of messages on retry at that time."""
        self.episode = Episode(rhythm)

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        first = -((self._phase_ms - a_ms) // self._sample_ms)
        grid_ms = np.arange(self._phase_ms + first * self._sample_ms, b_ms, self._sample_ms, dtype=np.int64)
        grid_ms = grid_ms[grid_ms > self._sampled_ms]
        if not len(grid_ms):
            return None
        if self.episode.due_ms is not None:  # later samples do not matter
            grid_ms = grid_ms[: grid_ms.searchsorted(self.episode.due_ms) + 1]
        counts = self._queue.on_retry(grid_ms, b_ms)
        found = self.episode.wants(counts > self._threshold, grid_ms)
        if found is None:
            return None
        self._foreseen = int(grid_ms[found]), int(counts[found])
        return self._foreseen[0]

    def cross(self, moment_ms: int) -> None:
        foreseen_ms, count = self._foreseen
        if foreseen_ms != moment_ms:
            count = int(self._queue.on_retry(np.array([moment_ms], dtype=np.int64), moment_ms + 1)[0])
        self._sampled_ms = moment_ms
        said = self.episode.speak(count > self._threshold, moment_ms, count)
        if said is not None:
            self._say(said)


class ContinuityWatcher:
    """Counts up by one for a window with a failed delivery, and down by one for any other; never below 0.

    The counter stops at twice the threshold, so it can fall as fast as it rose.
    """

    def __init__(
        self, queue: Outlook, width_ms: int, phase_ms: int, threshold: int, rhythm: AlertRhythm, say: Say
    ) -> None:
        """`phase_ms` <= 0: start of window 0."""
        self._queue, self._say = queue, say
        self._width_ms, self._phase_ms, self._threshold = width_ms, phase_ms, threshold
        self.episode = Episode(rhythm)
        self._most = 2 * threshold
        self._counter, self._folded = 0, 0
        """The value of the counter after windows 0 … `_folded` - 1, all of which are past."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        counters = self._fold(a_ms, b_ms)
        ends_ms = (
            self._phase_ms + (self._folded + 1 + np.arange(len(counters), dtype=np.int64)) * self._width_ms
        )
        found = self.episode.wants(counters >= self._threshold, ends_ms)
        return None if found is None else int(ends_ms[found])

    def cross(self, moment_ms: int) -> None:
        self._fold(moment_ms + 1, moment_ms + 1)
        said = self.episode.speak(self._counter >= self._threshold, moment_ms, self._counter)
        if said is not None:
            self._say(said)

    def _fold(self, now_ms: int, bound_ms: int) -> I64:
        """Count the windows that ended before `now_ms`, which can no longer change.

        Returns the counter after each later window that ends before `bound_ms`, which must not be in the
        past.
        """
        past, after = ((moment - 1 - self._phase_ms) // self._width_ms for moment in (now_ms, bound_ms))
        counters = self._counted(self._folded, after, bound_ms)
        ended = max(past - self._folded, 0)
        if ended:
            self._counter = int(counters[ended - 1])
            self._folded = past
        return counters[ended:]

    def _counted(self, first: int, after: int, bound_ms: int) -> I64:
        """The counter after each window from first to after - 1."""
        if after <= first:
            return np.empty(0, dtype=np.int64)
        failed, counter, most = self._queue.failed_windows(first, after, bound_ms), self._counter, self._most
        if (counter == most and failed.all()) or (counter == 0 and not failed.any()):
            return np.full(len(failed), counter, dtype=np.int64)
        counters = np.empty(len(failed), dtype=np.int64)
        for n, step in enumerate(np.where(failed, 1, -1).tolist()):
            counter = min(max(counter + step, 0), most)
            counters[n] = counter
        return counters
