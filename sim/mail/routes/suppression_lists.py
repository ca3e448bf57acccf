"""Addresses to which bulk senders stop writing, because a permanent rejection has marked them as dead.

Each account on such a platform has a list of its own. At fixed times, earlier permanent rejections are
entered in the lists. From then on, mail written to a listed address never leaves its sender's platform, and
is in the ledger's account `suppressed`. Platforms do not publish whether they treat a 5xx that states a
policy as a hard bounce.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64, below, mix
from sim.kernel.duration import MINUTE_MS
from sim.mail.message.growing_columns import Columns
from sim.mail.message.traffic import INBOUND, REAL_MAIL, Messages, Stream, direction_of
from sim.mail.senders.hosts.correspondents import CorrespondentTable

_USER_BITS = 32


def reached(seed: int, accounts: I64, percent: int) -> NDArray[np.bool_]:
    """The percentage of accounts that a notification to partners reaches; they are the same accounts each
    time.
    """
    found: NDArray[np.bool_] = below(mix(seed, "clears its list", accounts), 100) < percent
    return found


class SuppressionLists:
    """A watcher of the lists, and of the permanent rejections that have not been entered in them yet."""

    def __init__(
        self,
        stream: Stream,
        who: Callable[[], CorrespondentTable],
        recipients: Callable[[I64], NDArray[np.int32]],
        coming: Callable[[int], int | None],
        act: Callable[[], None],
        seed: int = 0,
        every_ms: int = 15 * MINUTE_MS,
    ) -> None:
        """`stream`: all mail written; `who` returns the correspondents, `recipients` the recipients of
        messages. `coming` returns a time before which nothing is permanently rejected, if nothing changes
        until a bound; None: nothing is rejected before the bound. `act` is called when lists have changed.
        `seed`: for drawing the accounts that notifications reach.
        """
        self._stream, self._who, self._recipients = stream, who, recipients
        self._coming, self._act, self._seed, self._every_ms = coming, act, seed, every_ms
        self._refused = Columns({"key": np.int64, "time_ms": np.int64})
        """Rejections that have not been entered in the lists yet."""
        self.notified = 0
        """The number of notifications that have made accounts remove addresses from their lists."""
        self._to_clear: list[tuple[int, int]] = []
        """(time at which accounts remove addresses from their lists, percentage of accounts that do)."""
        self._keys: I64 = np.empty(0, dtype=np.int64)
        self._since_ms = self._keys.copy()
        """The listed addresses, ascending, and the time at which each was listed."""

    def refused(self, ids: I64, time_ms: I64) -> None:
        """Record that these messages, of any direction, were returned with a 5xx."""
        outside = (direction_of(ids) == INBOUND) & (ids < REAL_MAIL)
        if not outside.any():
            return
        keys, listing = self._listing(ids[outside])
        self._refused.append([keys, time_ms[outside][listing]])

    def clears(self, from_ms: int, percent: int) -> None:
        """Let this percentage of the accounts empty their lists at the first fixed time from `from_ms` on."""
        self.notified += 1
        self._to_clear.append((-(-from_ms // self._every_ms) * self._every_ms, percent))

    def lists(self, ids: I64) -> NDArray[np.bool_]:
        """True for messages whose sending platform keeps such a list."""
        who = self._who()
        keeps = np.array([who.platform_of(n).file.suppression is not None for n in range(len(who))])
        found: NDArray[np.bool_] = keeps[who.of(ids)]
        return found

    def _listing(self, ids: I64) -> tuple[I64, NDArray[np.bool_]]:
        """For messages whose platform keeps a list: account and recipient as one number, and the messages'
        indices.
        """
        which = self.lists(ids)
        keys: I64 = (self._who().of(ids[which]) << _USER_BITS) + self._recipients(ids[which])
        return keys, which

    # The watcher

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The next fixed time in [a, b) at which lists may change."""
        clear_ms = [at_ms for at_ms, _percent in self._to_clear if at_ms < b_ms]
        look_ms = self._next_look(a_ms, b_ms)
        return min(clear_ms if look_ms is None else [*clear_ms, look_ms], default=None)

    def _next_look(self, a_ms: int, b_ms: int) -> int | None:
        """The next fixed time at which an entry may be added."""
        since_ms = int(self._refused["time_ms"].min()) if len(self._refused) else self._coming(b_ms)
        if since_ms is None:
            return None
        look_ms = max(
            (since_ms // self._every_ms + 1) * self._every_ms, -(-a_ms // self._every_ms) * self._every_ms
        )
        return look_ms if look_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        """Update the lists: accounts that were asked to clear theirs do so; then earlier rejections are
        entered.
        """
        cleared = self._cleared(moment_ms)
        before = self._refused["time_ms"] < moment_ms
        fresh = np.setdiff1d(self._refused["key"][before], self._keys)
        keys, time_ms = self._refused["key"][~before].copy(), self._refused["time_ms"][~before].copy()
        self._refused.cut(0)
        self._refused.append([keys, time_ms])
        if not len(fresh) and not cleared:
            return
        keys = np.concatenate([self._keys, fresh])
        since_ms = np.concatenate([self._since_ms, np.full(len(fresh), moment_ms, dtype=np.int64)])
        order = np.argsort(keys)
        self._keys, self._since_ms = keys[order], since_ms[order]
        self._act()

    def _cleared(self, moment_ms: int) -> bool:
        """True if an address has just been removed from a list."""
        due = [percent for at_ms, percent in self._to_clear if at_ms <= moment_ms]
        self._to_clear = [one for one in self._to_clear if one[0] > moment_ms]
        stays = ~reached(self._seed, self._keys >> _USER_BITS, max(due, default=0))
        self._keys, self._since_ms = self._keys[stays], self._since_ms[stays]
        return not stays.all()

    # Looking up

    @property
    def addresses(self) -> int:
        """The number of pairs of an account and a recipient on lists."""
        return len(self._keys)

    def rejections_before(self, bound_ms: int) -> bool:
        """True if mail from outside may be permanently rejected before `bound_ms`, if nothing changes."""
        return self._coming(bound_ms) is not None

    def sent(self, a_ms: int, b_ms: int) -> Messages:
        """Messages written in [a, b) that leave their sender's platform, given the present lists."""
        return self.leaves(self._stream.between(a_ms, b_ms))

    def leaves(self, mail: Messages) -> Messages:
        """The messages of `mail` from outside that leave their sender's platform, given the present lists."""
        if not len(self._keys) or not len(mail):
            return mail
        keys, which = self._listing(mail.id)
        place = np.minimum(self._keys.searchsorted(keys), len(self._keys) - 1)
        never = np.zeros(len(mail), dtype=np.bool_)
        never[which] = (self._keys[place] == keys) & (mail.arrival_ms[which] >= self._since_ms[place])
        return mail.take(~never)

    def digest(self, record: Fingerprint) -> None:
        """Add the listed addresses, and the time of their entry."""
        record.rows(self._keys, self._since_ms)
