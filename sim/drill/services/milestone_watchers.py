"""Watchers for milestones that neither a command nor a fault reaches: first bounce, queue drained, queue
short, mail moved.
"""

from collections.abc import Callable

from sim.mail.world import World


class FirstBounce:
    """Acts once, at the millisecond at which the gateway first returns a message by itself."""

    def __init__(self, world: World, say: Callable[[], None]) -> None:
        self._world, self._say = world, say
        self._done = False
        self._by_hand = 0

    def by_hand(self, count: int) -> None:
        """Count messages that people have had returned."""
        self._by_hand += count

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        if self._done:
            return None
        # caused by a command, which no forecast can include
        if int(self._world.ledger.recoverable.sum()) > self._by_hand:
            return a_ms
        return self._world.queue.next_bounce(b_ms)

    def cross(self, moment_ms: int) -> None:
        self._done = True
        self._say()


class Drained:
    """Acts once, when no message from before the last fault's end is queued any more."""

    def __init__(self, world: World, recovery_ms: int, say: Callable[[], None]) -> None:
        """`recovery_ms`: the end of the last fault."""
        self._world, self._recovery_ms, self._say = world, recovery_ms, say
        self._done = False

    def moved(self, recovery_ms: int) -> None:
        """Called when the last fault, which is still in force, gets another end."""
        self._recovery_ms = recovery_ms

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        if self._done or a_ms < self._recovery_ms:
            return None
        return self._world.emptied_of(self._recovery_ms + 1, b_ms)  # held mail joins a queue at the recovery

    def cross(self, moment_ms: int) -> None:
        self._done = True
        self._say()


class Short:
    """Acts once, when no message in the gateway's queue is old any more, after the end of the last fault.

    The queue is short only after it has drained, because mail that arrived while the backlog was delivered
    queued behind the backlog.
    """

    def __init__(self, world: World, recovery_ms: int, within_ms: int, say: Callable[[], None]) -> None:
        """`recovery_ms`: the end of the last fault; `within_ms`: the longest time that a message may be
        queued.
        """
        self._world, self._recovery_ms, self._within_ms, self._say = world, recovery_ms, within_ms, say
        self._before_ms = recovery_ms + 1
        """Only mail that arrived before this time is watched."""
        self._done = False

    def moved(self, recovery_ms: int) -> None:
        """Called when the last fault, which is still in force, gets another end."""
        self._recovery_ms, self._before_ms = recovery_ms, recovery_ms + 1

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        if self._done or a_ms < self._recovery_ms:
            return None
        return self._world.cloud.emptied_of(self._before_ms, b_ms)

    def cross(self, moment_ms: int) -> None:
        """Called when the watched message has left: watches the next one that has been queued too long, if
        there is one.
        """
        while self._before_ms < moment_ms - self._within_ms:
            self._before_ms = moment_ms - self._within_ms
            if self._world.cloud.emptied_of(self._before_ms, moment_ms + 1) is None:
                return
        self._done = True
        self._say()


class MailMoved:
    """Acts when enough inbound mail passes through other hosts, after each change of the MX record to such
    hosts.
    """

    def __init__(self, world: World, say: Callable[[], None]) -> None:
        self._world, self._say = world, say

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        return self._world.inbound.moved_at_ms(a_ms, b_ms)

    def cross(self, moment_ms: int) -> None:
        assert self._world.inbound.moved is not None
        self._world.inbound.moved.enough_ms = moment_ms
        self._say()
