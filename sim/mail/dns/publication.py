"""How a change gets from an administrator's editor to every authoritative server: secondaries, NOTIFY,
hosted DNS.

Until the last server has the new record, a resolver that happens to query an old server caches the *old*
answer for another whole TTL, so the lag at the authority adds to the TTL. Integer ms.
"""

from collections.abc import Sequence

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.mail.dns.authority import Authority


@frozen
class SecondaryServer:
    """A secondary server of a hidden primary.

    `notify_delay_ms`: the primary's pause before NOTIFY (RFC 1996) plus the transfer. When NOTIFY is
    lost (`hears_notify` False) the secondary finds the change at its next check of the SOA: every
    `refresh_ms` (RFC 1035 §3.3.13), one of them at `checked_ms`.
    """

    notify_delay_ms: int
    refresh_ms: int
    checked_ms: int = 0
    hears_notify: bool = True

    def shows_ms(self, changed_ms: int) -> int:
        """The time at which this server shows a change made at the primary at `changed_ms`."""
        if self.hears_notify:
            return changed_ms + self.notify_delay_ms
        checks = -(-(changed_ms - self.checked_ms) // self.refresh_ms)
        return self.checked_ms + checks * self.refresh_ms


def as_shown(authority: Authority, servers: Sequence[SecondaryServer]) -> tuple[Authority, ...]:
    """The name as each of `servers` shows it over time."""
    return tuple(
        Authority(
            (authority.changes_ms[0], *(server.shows_ms(t) for t in authority.changes_ms[1:])),
            authority.answers,
            authority.dead_ms,
        )
        for server in servers
    )


def sees_new_ms(shown_ms: I64, first_fetch_ms: I64, life_ms: I64, server: I64) -> I64:
    """The times at which busy caches first get the new record, if each of their fetches goes to one server.

    `shown_ms`: shape (servers,), when each shows it. `first_fetch_ms`, `life_ms`: shape (caches,), the first
    fetch after the change and the time between fetches. `server`: shape (caches, fetches), the index of the
    server that the n-th fetch goes to; the last column must lie beyond the time at which all servers show it.
    Returns shape (caches,).
    """
    n = np.arange(server.shape[1], dtype=np.int64)
    at = first_fetch_ms[:, None] + n[None, :] * life_ms[:, None]
    fresh = at >= shown_ms[server]
    if not fresh.any(axis=1).all():
        raise ValueError("too few fetches: some cache never asks a server that shows the new record")
    chosen: I64 = at[np.arange(at.shape[0]), fresh.argmax(axis=1)]
    return chosen
