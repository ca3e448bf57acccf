"""A processing queue with a limit: once it is full, the gateway defers new mail until there is space again.

Published for one product, Symantec Messaging Gateway: "421 4.3.1 queue is full", for inbound and outbound
mail alike, until there is space in the queue (Broadcom article 377676). In this simulation the gateway checks
at fixed times.
"""

from collections.abc import Callable

import numpy as np

from sim.mail.gateway.processing_queue import Processing
from sim.mail.routes.connector import GATEWAY as CONNECTOR
from sim.mail.routes.inbound import GATEWAY
from sim.mail.senders.hosts.host import UP, Behaviour
from sim.mail.world_spec import FilterSpec, FullRules, MailWay


class FullQueue:
    """A watcher of one processing queue; `act` is called when the queue becomes full, and when it has
    space again.
    """

    def __init__(self, queue: Processing, rules: FullRules, act: Callable[[], None]) -> None:
        self._queue, self._act = queue, act
        self.rules, self.full = rules, False
        """`full`: True if the queue was full at the last check."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The first check in [a, b) that changes the state, if nothing else changes."""
        if self._queue.idle and not self.full:
            return None
        every_ms = self.rules.every_ms
        looks_ms = np.arange(-(-max(a_ms, 1) // every_ms) * every_ms, b_ms, every_ms, dtype=np.int64)
        lengths = self._queue.lengths(looks_ms)
        found = lengths <= self.rules.room if self.full else lengths >= self.rules.most
        changes = np.flatnonzero(found)
        return int(looks_ms[changes[0]]) if len(changes) else None

    def cross(self, moment_ms: int) -> None:
        """Check at `moment_ms`; everything up to then has happened."""
        inside = len(self._queue.ids)
        self.full = inside > self.rules.room if self.full else inside >= self.rules.most
        self._act()


_DEFERS = Behaviour("defer")


class RoomInside:
    """The capacity of the gateway for mail of each direction, and its answers when it is exhausted."""

    def __init__(
        self,
        spec: FilterSpec | None,
        inbound: Processing,
        outbound: Processing,
        act: Callable[[MailWay], None],
    ) -> None:
        """`act` is called when a queue becomes full, and when it has space again. `spec`: None: unlimited
        capacity.
        """
        self._act = act
        self.queues: dict[MailWay, FullQueue] = {}
        """The processing queues that have a limit, by direction. Each queue is watched by a watcher."""
        if spec is not None:
            self.queues["inbound"] = FullQueue(inbound, spec.full, lambda: self._changes("inbound"))
            self.queues["outbound"] = FullQueue(outbound, spec.full, lambda: self._changes("outbound"))
        self._answers: dict[str, Behaviour] = {}
        """The answer of each host while there is space in the queue; a host that is not named here is
        `up`.
        """
        self.says: Callable[[MailWay, bool], None] = lambda _way, _full: None
        """Called when a queue becomes full, and when it has space again."""

    def _changes(self, way: MailWay) -> None:
        self._act(way)
        self.says(way, self.queues[way].full)

    def full(self, way: MailWay) -> bool:
        """True if the gateway defers all mail of this direction for lack of space."""
        return way in self.queues and self.queues[way].full

    def _is_full_at(self, host: str) -> bool:
        if host == CONNECTOR:
            return self.full("outbound")
        return host in GATEWAY and self.full("inbound")

    def answers(self, host: str, behaviour: Behaviour | None = None) -> Behaviour:
        """Set the answer of the gateway at `host`: `behaviour` from now on (None: as before) while there
        is space, and a 4xx while there is none, unless the host fails altogether. Other hosts always have
        space.
        """
        if behaviour is not None:
            self._answers[host] = behaviour
        behaviour = self._answers.get(host, Behaviour())
        fails = behaviour.answer != UP and behaviour.per_mille == 1000
        return _DEFERS if not fails and self._is_full_at(host) else behaviour
