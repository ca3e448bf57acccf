"""The agenda of all sending organisations: upcoming events, in the documented order of ranks.

An entry is the name of a sender's method with its arguments, not a function, so that the state can be copied
and restored: `hold` saves the state, `go_back` restores it. A sender's state is copied when it is first
changed, and a message only when it is changed: waiting messages cost nothing.
"""

from collections import deque
from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any, Protocol

from sim.kernel.duration import NEVER_MS
from sim.mail.senders.hosts.host import ReceivingHost
from sim.mail.senders.hosts.host_line import HostLine
from sim.mail.senders.machines.message_state import MailState, QueuedMessage


class Rank(IntEnum):
    """The order within one millisecond; changes from outside come before all of these."""

    REVIVAL = 1
    EXPIRY = 2
    END = 3
    ATTEMPT = 4
    SESSION = 5
    """Rank of the connection that platforms which collect messages open for all messages due by then."""
    START = 6


Entry = tuple[int, int, int, int, int, str, tuple[Any, ...]]
"""(time_ms, rank, message, serial number, sender, method, arguments)."""

LAST = 1 << 62
"""Placeholder for a serial number that sorts after all entries with the same millisecond, rank and
message."""

AT_ONCE = 20
"""Number of entries after which `run` asks whether to stop; they take about 0.2 ms (queue runs take
longer).
"""

HOSTS = -1
"""Placeholder for a sender's number: the agenda itself takes the next message from a host's waiting line."""


class Restorable(Protocol):
    """An owner of agenda entries whose state can be copied and restored."""

    def copied_state(self) -> dict[str, Any]:
        """Everything that changes with time, as an independent copy."""

    def restore(self, state: dict[str, Any]) -> None:
        """Restore the state that `copied_state` returned."""


class Agenda:
    """All sending organisations' events. Everything before `now_ms` has happened."""

    def __init__(self, hosts: dict[str, ReceivingHost]) -> None:
        self.now_ms = self._bound_ms = 0
        self.rank = 0
        """The rank of the present event; 0 for changes from outside, which come first in each millisecond."""
        self.hosts = hosts
        self.lines = {
            name: HostLine(host.servers, host.service_ms) for name, host in hosts.items() if host.takes_time
        }
        """The waiting lines of hosts that accept a limited number of messages at a time."""
        self.senders: list[Restorable] = []
        self._heap: list[Entry] = []
        self._coming: list[Entry] = []
        """Future mail, ascending, from index `_place` on; it is not in the heap."""
        self._place = 0
        self._soon: deque[tuple[int, str, tuple[Any, ...]]] = deque()
        self._called: deque[tuple[int, str, tuple[Any, ...]]] = deque()
        self._serial = 0
        self.steps = 0
        """Number of entries processed. The budget tests check this number."""
        self.holds = 0
        """The number of holds (saved states) so far. Each message records the hold at which its state was
        last saved.
        """
        self.before: list[tuple[QueuedMessage, MailState]] = []
        """Messages changed since the last hold, with the state they had at that hold."""
        self._held: tuple[Any, ...] | None = None
        self._touched: dict[int, dict[str, Any]] = {}

    def at(self, time_ms: int, rank: Rank, message: int, sender: int, method: str, *arguments: Any) -> None:
        """Call `method` of `sender` at `time_ms`, now or later, in its order within that millisecond."""
        self._serial += 1
        heappush(self._heap, (time_ms, rank, message, self._serial, sender, method, arguments))

    def soon(self, sender: int, method: str, *arguments: Any) -> None:
        """Call `method` of `sender` as soon as the present event is done, before anything else in this
        millisecond, and before messages that a host has called from its line.
        """
        self._soon.append((sender, method, arguments))

    def comes(self, mail: list[tuple[int, int, int]]) -> None:
        """Add future mail, as (time_ms, message, sender), ascending: the sender's `accept` is called at that
        time.

        Raises ValueError while mail of an earlier call is still to come.
        """
        if self._coming:
            raise ValueError(f"{len(self._coming) - self._place} messages have still to come")
        self._coming = [
            (at_ms, Rank.ATTEMPT, message, LAST, sender, "accept", (message, at_ms))
            for at_ms, message, sender in mail
        ]
        self._place = 0

    def run(self, bound_ms: int, stop: Callable[[], bool] | None = None) -> bool:
        """Process everything before `bound_ms`. Returns False if `stop`, which is called every few hundred
        entries, returned true first; the next call with the same bound then continues.
        """
        self._bound_ms = bound_ms
        self._settle()
        heap, coming = self._heap, self._coming
        pause = NEVER_MS if stop is None else self.steps + AT_ONCE
        while True:
            if self.steps >= pause and stop is not None:
                if stop():
                    return False
                pause = self.steps + AT_ONCE
            if self._place < len(coming) and (not heap or coming[self._place] < heap[0]):
                entry = coming[self._place]
                if entry[0] >= bound_ms:
                    break
                self._place += 1
            elif heap and heap[0][0] < bound_ms:
                entry = heappop(heap)
            else:
                break
            self.now_ms, self.rank, _, _, sender, method, arguments = entry
            self._call(sender, method, arguments)
            if self._soon or self._called:
                self._settle()
        if self._place == len(self._coming):
            self._coming, self._place = [], 0
        self.now_ms, self.rank = max(self.now_ms, bound_ms), 0
        return True

    def quiet_until(self) -> int:
        """The time of the next event, or the bound of `run` if that is earlier."""
        until_ms = min(self._bound_ms, self._heap[0][0]) if self._heap else self._bound_ms
        return min(until_ms, self._coming[self._place][0]) if self._place < len(self._coming) else until_ms

    def _settle(self) -> None:
        while self._soon or self._called:
            self._call(*(self._soon or self._called).popleft())

    def _call(self, number: int, method: str, arguments: tuple[Any, ...]) -> None:
        self.steps += 1
        if number == HOSTS:
            self._serve(*arguments)
            return
        if number not in self._touched:
            self.touch(number)
        getattr(self.senders[number], method)(*arguments)

    def touch(self, number: int) -> None:
        """Must be called before a sender changes: saves its state at the hold."""
        if number not in self._touched and self._held is not None:
            self._touched[number] = self.senders[number].copied_state()

    # Waiting lines of busy hosts

    def queue_up(self, host: ReceivingHost, message: int, sender: int) -> None:
        """Let `message` wait until `host` accepts it; its sender's `taken` is called then."""
        line = self.lines.get(host.name)
        if line is None:
            self._call(sender, "taken", (message, host.name))
        elif not line.joining and self._last_in_its_millisecond():
            self._taken_at(line.takes(self.now_ms, message), message, sender, host.name)
        else:
            if not line.joining:
                self.at(self.now_ms, Rank.START, 0, HOSTS, "", host.name)
            line.joining.append((message, sender))

    def _last_in_its_millisecond(self) -> bool:
        """True if no attempt can follow the present one in this millisecond."""
        if self.rank < Rank.ATTEMPT or self._soon or self._called:
            return False
        return self.quiet_until() > self.now_ms

    def _serve(self, name: str) -> None:
        for end_ms, message, sender in self.lines[name].serve(self.now_ms):
            self._taken_at(end_ms, message, sender, name)

    def _taken_at(self, end_ms: int, message: int, sender: int, name: str) -> None:
        if end_ms > self.now_ms:
            self.at(end_ms, Rank.END, message, sender, "taken", message, name)
        else:
            self._called.append((sender, "taken", (message, name)))

    # Going back

    def hold(self) -> None:
        """Save the present state, in which no future mail may be left; everything from here on can be
        undone.
        """
        self._held = (self.now_ms, list(self._heap), self._serial)
        for line in self.lines.values():
            line.hold()
        self._begin_hold()

    def _begin_hold(self) -> None:
        self.holds += 1
        self.before = []
        self._touched = {}

    def go_back(self) -> None:
        """Restore the state saved by `hold`; it remains saved."""
        if self._held is None:
            raise ValueError("there is no saved state to restore")
        self.now_ms, heap, self._serial = self._held
        self._heap = list(heap)
        self._soon.clear()
        self._called.clear()
        self._coming, self._place = [], 0
        for line in self.lines.values():
            line.go_back()
        for number, state in self._touched.items():
            self.senders[number].restore(state)
        for mail, was in self.before:
            mail.restore(was)
        self._begin_hold()
