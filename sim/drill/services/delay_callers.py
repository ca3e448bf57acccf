"""Delay notices from the gateway's outbound queue, and users who ask the helpdesk about a notice that they
received.

The gateway notifies a sender at the first failed attempt after an hour. The helpdesk reports the questions
every quarter of an hour; users with a valid update do not ask.
"""

from collections.abc import Callable

import numpy as np

from sim.kernel.draws import I64, below, mix
from sim.kernel.duration import MINUTE_MS
from sim.mail.gateway.outbound_queue import notified
from sim.mail.message.rows import Rows
from sim.mail.users.outbox import senders
from sim.mail.world import World

EVERY_MS = 15 * MINUTE_MS


class DelayNotices:
    """A watcher of the senders who ask about a delay notice."""

    def __init__(
        self,
        world: World,
        seed: int,
        ask_permille: int,
        after_ms: int | None,
        say: Callable[[Rows, int], None],
    ) -> None:
        """`ask_permille`: the share of notified users who ask. `say` is called with the messages newly
        asked about, oldest first, and the number of questions so far.
        """
        self._world, self._seed, self._say = world, seed, say
        self._ask_permille, self._after_ms = ask_permille, after_ms
        self._told: I64 = np.empty(0, dtype=np.int64)
        self._looked_ms, self.asked = -1, 0
        """`asked`: the number of questions so far."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The next quarter of an hour in [a, b), as long as there is an outbound queue."""
        if not self._ask_permille or not self._world.writers.outgoing.modelled:
            return None
        look_ms = -(-max(a_ms, self._looked_ms + 1) // EVERY_MS) * EVERY_MS
        return look_ms if look_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        """Delay notices since the last check."""
        self._looked_ms = moment_ms
        rows = self._world.writers.outgoing.live()
        rows = rows.take(notified(rows, self._after_ms)).in_arrival_order()
        rows = rows.take(~np.isin(rows.id, self._told))
        self._told = np.concatenate([self._told, rows.id])
        asks = below(mix(self._seed, "asks about a delay", rows.id), 1000) < self._ask_permille
        users, now_ms = self._world.users, np.full(len(rows), moment_ms, dtype=np.int64)
        writers = senders(self._seed, rows.id, users.count)
        asks &= ~users.announcements.have_word(writers, now_ms, np.zeros(len(rows), dtype=np.int64))
        if asks.any():
            self.asked += int(asks.sum())
            self._say(rows.take(asks), self.asked)
