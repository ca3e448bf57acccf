"""Bounced mail: users who ask the helpdesk about it, and the time at which outside senders notice that their
mail bounced.

A mail server that gets a 5xx returns the message at once with a DSN (RFC 3464), which users find hard to
read. A user with bounced mail asks at most once a day, even after an update to users.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sim.kernel.draws import I64, below, mix, quantile
from sim.kernel.duration import DAY_MS, MINUTE_MS, NEVER_MS
from sim.mail.routes.inbound import BACKUP, HOSTS
from sim.mail.users.outbox import senders
from sim.mail.world import World

LATELY_MS = 30 * MINUTE_MS
"""Outside senders treat bounces within this time of each other as one series."""
BACKUP_MX = HOSTS.index(BACKUP)
EVERY_MS = 5 * MINUTE_MS
_NONE = np.empty(0, dtype=np.int64)


class WritersWhoAsk:
    """Users who ask the helpdesk about one of their bounced messages."""

    def __init__(self, world: World, seed: int, asks_percent: int, after_minutes: Sequence[int]) -> None:
        """`asks_percent`: share of the users with bounced mail on a day who ask; `after_minutes`:
        quantiles of the time until they ask.
        """
        self._world, self._seed, self._asks_percent = world, seed, asks_percent
        self._after_ms = [minutes * MINUTE_MS for minutes in after_minutes]

    def calls(self, a_ms: int, b_ms: int) -> I64:
        """Times in [a, b), sorted, at which users call if nothing changes before b; pure."""
        return self._asked(a_ms, b_ms)[0]

    def last_before(self, moment_ms: int) -> tuple[int, int] | None:
        """The message that the last caller asked about, and the time at which it bounced; None if no one
        has called.
        """
        called_ms, ids, back_ms = self._asked(moment_ms - self._after_ms[-1] - DAY_MS, moment_ms)
        return (int(ids[-1]), int(back_ms[-1])) if len(called_ms) else None

    def _asked(self, a_ms: int, b_ms: int) -> tuple[I64, I64, I64]:
        """For each call: its time, the message, and the time at which the message bounced."""
        back_ms, ids = self._world.writers.came_back(self._first_of_day(a_ms), b_ms)
        if not len(ids) or not self._asks_percent:
            return _NONE, _NONE, _NONE
        users, day = self._world.users, back_ms // DAY_MS
        writer = senders(self._seed, ids, users.count)
        _days, first = np.unique(day * users.count + writer, return_index=True)
        ids, back_ms, writer, day = ids[first], back_ms[first], writer[first], day[first]
        days, of_day = np.unique(day, return_inverse=True)
        began_ms = np.full(len(days), NEVER_MS, dtype=np.int64)
        np.minimum.at(began_ms, of_day, back_ms)
        asks = below(mix(self._seed, "asks about returned mail", writer, day), 100) < self._asks_percent
        called_ms = back_ms + quantile(
            mix(self._seed, "calls about returned mail", writer, day), self._after_ms
        )
        asks &= (a_ms <= called_ms) & (called_ms < b_ms)
        asks[asks] = ~users.announcements.have_word(writer[asks], called_ms[asks], began_ms[of_day[asks]])
        order = np.lexsort((ids[asks], called_ms[asks]))
        return called_ms[asks][order], ids[asks][order], back_ms[asks][order]

    def _first_of_day(self, a_ms: int) -> int:
        """Start of the first day whose bounces users may ask about at `a_ms` or later, or have already
        asked about.
        """
        return (a_ms - self._after_ms[-1]) // DAY_MS * DAY_MS


def _first(times_ms: I64, from_ms: int) -> int | None:
    later_ms = times_ms[times_ms >= from_ms]
    return int(later_ms[0]) if len(later_ms) else None


class MailFromOutside:
    """A watcher of mail to the organisation that bounced to its correspondents."""

    def __init__(self, world: World, notice: Callable[[], None]) -> None:
        self._world, self._notice = world, notice
        self._from_ms, self._looked_ms = 0, -1
        """`_from_ms`: bounces before this time have already been noticed."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The next time at which senders notice: shortly after the first bounce, then every half hour
        while there are more bounces.
        """
        returns, from_ms = self._world.ledger.returns, self._from_ms
        by_senders_ms = returns.first_since(from_ms, "senders were refused")
        by_backup_ms = returns.first_since(from_ms, "backup refused")
        hop, now_ms = self._world.inbound.hop, self._world.now_ms
        anybody = self._world.inbound.refusing(now_ms) or self._world.relay.condition.answer == "reject"
        if hop is not None and anybody and now_ms < b_ms and None in (by_senders_ms, by_backup_ms):
            come = hop.arrivals(now_ms, b_ms)
            by_senders_ms = by_senders_ms or _first(come.time_ms[come.rejected], from_ms)
            if by_backup_ms is None and self._world.relay.condition.answer == "reject":
                waits = self._world.relay.depth() > 0
                by_backup_ms = a_ms if waits else _first(come.time_ms[come.at(BACKUP_MX)], from_ms)
        found_ms = [] if by_senders_ms is None else [by_senders_ms + 1]
        if by_backup_ms is not None:  # checked only at intervals
            found_ms.append((max(by_backup_ms, from_ms, self._looked_ms) // EVERY_MS + 1) * EVERY_MS)
        moment_ms = max(a_ms, min(found_ms, default=b_ms))
        return moment_ms if moment_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        self._looked_ms = moment_ms
        returns = self._world.ledger.returns
        if returns.since(self._from_ms, "senders were refused", "backup refused"):
            self._from_ms = moment_ms + LATELY_MS
            self._notice()


def may_have_bounced(world: World, by_ms: int) -> bool:
    """True if mail has lately bounced to outside senders, or may bounce until `by_ms`; the world may lag."""
    lately = world.ledger.returns.since(by_ms - LATELY_MS, "senders were refused", "backup refused")
    return lately > 0 or world.suppression.rejections_before(by_ms)


def permille_from_outside(world: World) -> int:
    """Bounces as a share, in ‰, of recent mail to the organisation that was delivered or bounced."""
    since_ms = world.now_ms - LATELY_MS
    back = world.ledger.returns.since(since_ms, "senders were refused", "backup refused")
    taken = len(world.queue.delivered) - int(world.queue.delivered.before(since_ms))
    taken += len(world.relay.delivered) - int(world.relay.delivered.before(since_ms))
    taken += len(world.inbound.direct) - int(world.inbound.direct.before(since_ms))
    return 1000 * back // max(1, back + taken)
