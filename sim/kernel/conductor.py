"""The conductor: SimPy's agenda of changes, and a table that is advanced between two of them.

Changes (faults, commands taking effect, alerts, calls) are SimPy events, some thousands in a drill. The
millions of single messages are in a table that advances over [now, to) in one step while nothing changes.
Observers that act only when a quantity crosses a threshold are *watchers*: they compute their earliest
crossing within a quiet stretch, and only a crossing ends the stretch.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import simpy

FOREVER_MS = 1 << 62
LOOK_AHEAD_MS = 9_000_000
"""Usual span that watchers look ahead at a time; their forecast for it is held in memory."""
AT_LEAST_AHEAD = 2
"""Watchers look ahead at least half of that span, even if the caller needs less or if the agenda has an
earlier entry, which may only report something. The next call continues from there, even after a change,
because most changes do not affect future mail. After a look-ahead without a change the next one covers the
whole span, unless changes cost more the further watchers have looked.
"""
QUICK_MS = 10_000
"""A watcher whose next change comes within this span works in steps. Each change invalidates the forecast
beyond it, so the look-ahead stays short.
"""
CAREFUL_MS = 5_000
"""In slices, how far watchers look ahead after a change, because the cost of the time after it is not
known.
"""
BEYOND = 4
"""Factor by which the look-ahead after a change exceeds the length of the last step; without a change, the
span grows by the square of this factor.
"""
BEYOND_IN_SLICES = 2
"""In slices, the span grows by this factor instead: the end of the budget, or a key, is then noticed before
the next step costs much more than all steps before it.
"""


class Table(Protocol):
    """The interface of the table that holds the rows."""

    def prepare(self, to_ms: int, stop: Callable[[], bool]) -> bool:
        """Look ahead to `to_ms`; nothing visible changes. Returns False if `stop` was true before
        everything was done: the next call continues from there.
        """

    def advance(self, to_ms: int) -> None:
        """Advance every row from the last bound to `to_ms`, over a half-open stretch."""


class Watcher(Protocol):
    """An observer that acts at the moment at which a quantity crosses a threshold."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The earliest moment in [a_ms, b_ms) at which the watcher acts, if nothing else changes; pure.
        The table may lag behind `a_ms`.
        """

    def cross(self, moment_ms: int) -> None:
        """Act. Everything before `moment_ms` has happened; nothing at `moment_ms` has."""


class Conductor:
    """Integer-millisecond time, an agenda, a table and its watchers.

    At one moment the entries on the agenda come first, in the order in which they were added, then the
    watchers that cross at that moment, in their order, then the table's own events.

    Most entries do not change anything that a watcher observes: they do not need a stretch of their own, and
    watchers are not asked again after them. Code that reads or changes the table calls `catch_up` first.
    """

    def __init__(
        self,
        table: Table,
        watchers: Sequence[Watcher],
        version: Callable[[], int],
        only_news: Collection[Watcher] = (),
        look_ahead_ms: int = LOOK_AHEAD_MS,
        costs_more: Callable[[], bool] = lambda: False,
    ) -> None:
        """`version`: grows with each change that a watcher can observe, except the watcher's own crossing;
        `only_news`: the watchers that only notify people of their forecast; `look_ahead_ms`: the span that
        all watchers look ahead at a time; `costs_more`: true while a change costs more the further they
        have looked ahead.
        """
        self._agenda = simpy.Environment(initial_time=0)
        self._table, self._version, self._heeded = table, version, -1
        self._costs_more = costs_more
        self._foreseen = [_Foreseen(watcher, watcher in only_news) for watcher in watchers]
        self.now_ms = self._reached_ms = 0
        self._most_ms = look_ahead_ms
        self._span_ms = look_ahead_ms
        """How far watchers look ahead at present."""
        self._asked_ms = 0
        """The latest time up to which watchers have been asked."""
        self.stops_ms = FOREVER_MS
        """The time at which a run without a screen stops. Watchers do not look beyond it, because the
        readings at the end would have to discard that part of the forecast.
        """
        self.in_slices = False
        """True if watchers look ahead only as far as each call of `run` and the next entry on the agenda:
        a screen waits for the call, and a change would invalidate the forecast beyond it.
        """
        self.changes = 0
        """The number of changes and crossings so far. Budget tests check this number."""
        self._changed_ms = -1

    def begin_slices(self) -> None:
        """From now on, look ahead in slices. Forecasts that go beyond a slice are dropped: a watcher that is
        asked again would look as far as the others have.
        """
        if not self.in_slices:
            self.in_slices, self._heeded = True, -1

    def at(self, moment_ms: int, act: Callable[[], None]) -> None:
        """Call `act` at `moment_ms`, now or later."""
        if moment_ms < self.now_ms:
            raise ValueError(f"moment {moment_ms} ms is before {self.now_ms} ms")
        due = self._agenda.timeout(moment_ms - int(self._agenda.now))
        assert due.callbacks is not None
        due.callbacks.append(lambda _event: act())

    def run(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Advance over [now, to_ms): changes at `to_ms` itself wait for the next call.

        Any partition of time into calls gives the same history. `stop` is called before each change; if it
        returns true, the clock stays where it is. The table may lag behind: see `catch_up`. In slices, `stop`
        is also called while the table looks ahead, so a call may end without the clock having advanced.
        """
        while not stop():
            self._heed_changes()
            due_ms = min(self._next_ms(), to_ms)
            if self._foreseen:
                due_ms = min(due_ms, self.now_ms + self._span_ms)
            if self.in_slices and not self._prepared(due_ms, stop):
                return
            crossing = self._earliest_crossing(due_ms)
            if crossing is not None and crossing.moment_ms is not None:
                self._reach(crossing.moment_ms)
                self._count_change()
                if not crossing.only_news:
                    self.catch_up()
                    since_ms = crossing.since_ms(self.now_ms)
                    self._span_ms = since_ms * BEYOND if since_ms <= QUICK_MS else self._most_ms
                crossing.forget()
                crossing.watcher.cross(self.now_ms)
            elif due_ms == to_ms:
                self._reach(to_ms)
                return
            else:
                self._reach(due_ms)
                farther = BEYOND_IN_SLICES if self.in_slices else BEYOND**2
                self._span_ms = min(self._span_ms * farther, self._most_ms)
                if self._next_ms() == due_ms:
                    self._count_change()
                    self._agenda.step()

    def _prepared(self, due_ms: int, stop: Callable[[], bool]) -> bool:
        """True if the table has looked ahead to `due_ms`.

        After a change, the rest of the same moment comes first: a session that stops completes that moment,
        and nothing later.
        """
        self.catch_up()  # a look-ahead from the present can be undone at once
        if self._changed_ms == self.now_ms and not self._table.prepare(min(self.now_ms + 1, due_ms), stop):
            return False
        return self._table.prepare(due_ms, stop)

    def _next_ms(self) -> int:
        peek = self._agenda.peek()
        return FOREVER_MS if peek == float("inf") else int(peek)

    def _earliest_crossing(self, bound_ms: int) -> "_Foreseen | None":
        """The first crossing in [now, bound); if several coincide, that of the first watcher."""
        found: _Foreseen | None = None
        looked_ms = max([one.until_ms for one in self._foreseen], default=0)
        if looked_ms >= bound_ms:  # asking about mail already looked ahead costs less than looking further
            ahead_ms = looked_ms
        elif self._asked_ms >= bound_ms and not self.in_slices:  # likewise, mail known before a change
            ahead_ms = min(self._asked_ms, self.now_ms + self._span_ms)
        else:
            ahead_ms = self._look_until(bound_ms, again=looked_ms > 0)
            self._asked_ms = max(bound_ms, ahead_ms)
        for one in self._foreseen:
            if bound_ms <= self.now_ms:
                break
            if one.moment_ms is None and one.until_ms < bound_ms:
                one.ask(self.now_ms, max(bound_ms, ahead_ms))
            if one.moment_ms is not None and one.moment_ms < bound_ms:
                found, bound_ms = one, one.moment_ms
        return found

    def _look_until(self, bound_ms: int, *, again: bool) -> int:
        """The bound of a look-ahead over more mail than that before `bound_ms`, if it is worthwhile;
        `again`: nothing has changed since the last look-ahead.
        """
        if self.in_slices:
            return bound_ms
        whole_ms = min(self._span_ms, LOOK_AHEAD_MS)
        whole = again and not self._costs_more()
        until_ms = self.now_ms + (whole_ms if whole else whole_ms // AT_LEAST_AHEAD)
        return min(until_ms, self.stops_ms) if self.now_ms < self.stops_ms else until_ms

    def _reach(self, moment_ms: int) -> None:
        self.now_ms = max(moment_ms, self.now_ms)
        if self.now_ms - self._reached_ms >= self._most_ms:
            self.catch_up()

    def _count_change(self) -> None:
        self.changes += 1
        self._changed_ms = self.now_ms

    def _heed_changes(self) -> None:
        """Drop all forecasts if something has changed."""
        version = self._version()
        if version != self._heeded:
            self._heeded = version
            for one in self._foreseen:
                one.forget()
            if self.in_slices:
                self._span_ms = min(self._span_ms, CAREFUL_MS)

    def catch_up(self) -> None:
        """Advance the table to now. Must be called before the table is read or changed, and before news
        that must come after the table's own news of earlier moments.
        """
        if self.now_ms > self._reached_ms:
            self._reached_ms = self.now_ms
            self._table.advance(self.now_ms)


class _Foreseen:
    """A watcher's forecast since the last change: its crossing, or no crossing before `until_ms`."""

    __slots__ = ("_crossed_ms", "moment_ms", "only_news", "until_ms", "watcher")

    def __init__(self, watcher: Watcher, only_news: bool) -> None:
        self.watcher, self.only_news = watcher, only_news
        self._crossed_ms = -LOOK_AHEAD_MS
        self.forget()

    def forget(self) -> None:
        """Drop the forecast: the watcher has to be asked again."""
        self.until_ms = 0
        self.moment_ms: int | None = None

    def since_ms(self, now_ms: int) -> int:
        """Time since the watcher's previous crossing, when it crosses again; at least one millisecond."""
        since_ms, self._crossed_ms = now_ms - self._crossed_ms, now_ms
        return max(since_ms, 1)

    def ask(self, now_ms: int, until_ms: int) -> None:
        """Ask the watcher for its first crossing in [now, until)."""
        self.until_ms = until_ms
        self.moment_ms = self.watcher.first_crossing(now_ms, until_ms)
