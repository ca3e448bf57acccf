"""The conductor: SimPy's agenda of changes, and a table that is advanced between two of them.

Changes (faults, commands taking effect, alerts, calls) are SimPy events, some thousands a drill.
What happens millions of times lives in a table that covers [now, to) in one step while nothing
changes. Observers that only act when a quantity crosses a threshold are *watchers*: they are
asked for their earliest crossing inside the quiet stretch and never cut it otherwise.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import simpy

FOREVER_MS = 1 << 62
LOOK_AHEAD_MS = 2 * 3_600_000
"""How far watchers look at a time: what they see ahead is held in memory."""


class Table(Protocol):
    """What the conductor asks of the thing that holds the many rows."""

    def advance(self, to_ms: int) -> None:
        """Bring every row from the last bound to `to_ms`, covering the half-open stretch."""


class Watcher(Protocol):
    """An observer that acts at the moment when something it watches crosses a threshold."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The earliest moment in [a_ms, b_ms) when it acts, if nothing else changes; pure."""

    def cross(self, moment_ms: int) -> None:
        """Act. Everything before `moment_ms` has happened; nothing at it has."""


class Conductor:
    """Integer-millisecond time, an agenda, a table and its watchers.

    At one moment: first what is on the agenda, in the order in which it was put there, then the
    watchers that cross at that moment, in their order, then the table's own events.
    """

    def __init__(self, table: Table, watchers: Sequence[Watcher]) -> None:
        self._agenda = simpy.Environment(initial_time=0)
        self._table = table
        self._watchers = watchers
        self.now_ms = 0
        self.changes = 0
        """How many changes and crossings there were: the budget tests count them."""

    def at(self, moment_ms: int, act: Callable[[], None]) -> None:
        """Call `act` at `moment_ms`, now or later."""
        if moment_ms < self.now_ms:
            raise ValueError(f"moment {moment_ms} ms lies before {self.now_ms} ms")
        due = self._agenda.timeout(moment_ms - int(self._agenda.now))
        assert due.callbacks is not None
        due.callbacks.append(lambda _event: act())

    def run(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Cover [now, to_ms): changes at `to_ms` itself wait for the next call.

        Any partition of time into calls gives the same history. `stop` is asked before each
        change; when it is true the clock stays where it is.
        """
        while not stop():
            due_ms = min(self._next_ms(), to_ms)
            if self._watchers:
                due_ms = min(due_ms, self.now_ms + LOOK_AHEAD_MS)
            crossing = self._earliest_crossing(due_ms)
            if crossing is not None:
                moment_ms, watcher = crossing
                self._reach(moment_ms)
                self.changes += 1
                watcher.cross(moment_ms)
            elif due_ms == to_ms:
                self._reach(to_ms)
                return
            else:
                self._reach(due_ms)
                if self._next_ms() == due_ms:
                    self.changes += 1
                    self._agenda.step()

    def _next_ms(self) -> int:
        peek = self._agenda.peek()
        return FOREVER_MS if peek == float("inf") else int(peek)

    def _earliest_crossing(self, bound_ms: int) -> tuple[int, Watcher] | None:
        """The first crossing in [now, bound); of equals the watcher that stands first."""
        found: tuple[int, Watcher] | None = None
        for watcher in self._watchers:
            if bound_ms <= self.now_ms:
                break
            moment_ms = watcher.first_crossing(self.now_ms, bound_ms)
            if moment_ms is not None:
                found, bound_ms = (moment_ms, watcher), moment_ms
        return found

    def _reach(self, moment_ms: int) -> None:
        if moment_ms > self.now_ms:
            self._table.advance(moment_ms)
            self.now_ms = moment_ms
