"""Moving a domain to another DNS provider: the change at the registrar, and which provider resolvers query
until they see the change.

Only the new provider has the new MX. A resolver queries the new provider once its cached NS records have
expired. A resolver caches the NS records from the parent zone (172,800 s in .com and .net) or, if the
resolver prefers them, those that the child zone itself publishes (child-centric; most resolvers are, Moura et
al., IMC 2019). The next MX fetch after that gets the new answer. Integer milliseconds.
"""

from collections.abc import Callable

from sim.kernel.frozen import frozen
from sim.mail.dns.cache_policy import EntryLifetime


@frozen
class Delegation:
    """The NS records of a domain: their TTL at the parent, their TTL in the child zone, and the number of
    caches in a million that use the child's.
    """

    parent: EntryLifetime
    child: EntryLifetime
    child_centric_ppm: int

    def share_at_old(self, t_ms: int) -> float:
        """The share of busy caches that still query the old provider `t_ms` after the parent changed."""
        child = max(1 - t_ms / self.child.renewed_ms, 0.0)
        parent = max(1 - t_ms / self.parent.renewed_ms, 0.0)
        return (self.child_centric_ppm * child + (1_000_000 - self.child_centric_ppm) * parent) / 1_000_000

    def longest_ms(self, mx: EntryLifetime) -> int:
        """The time at which the last busy cache has the new MX, if it fetched the MX just before its NS
        records expired.
        """
        return max(self.child.renewed_ms, self.parent.renewed_ms) + mx.renewed_ms


def mx_seen_ms(ns_expires_ms: int, mx_fetch_ms: int, mx_life_ms: int) -> int:
    """The time at which one busy cache first gets the MX from the new provider: its first MX fetch at or
    after the expiry of its NS records. `mx_fetch_ms`: any MX fetch by this cache.

    Until then, the old provider still answers; if it is down, see `unresolvable_ms`.
    """
    return mx_fetch_ms + max(-(-(ns_expires_ms - mx_fetch_ms) // mx_life_ms), 0) * mx_life_ms


def unresolvable_ms(ns_expires_ms: int, mx_expires_ms: int) -> int:
    """How long one cache cannot resolve the name if the old provider is dead: from the expiry of its MX to
    the expiry of its NS records.
    """
    return max(ns_expires_ms - mx_expires_ms, 0)


def average_old(delegation: Delegation, mx: EntryLifetime, t_ms: int, steps: int = 1_000) -> float:
    """The share of busy caches that still answer with the old MX at `t_ms`: the NS expiry is uniform; the
    phase of the MX fetches is uniform and independent of it (midpoint rule with `steps` strips).
    """

    def over(ns: EntryLifetime) -> float:
        """P(U(0, ns) + U(0, mx) > t): a cache first waits for its NS records to expire, and then for its
        next MX fetch.
        """
        return sum(_beyond(t_ms - ns.renewed_ms * (i + 0.5) / steps, mx.renewed_ms) for i in range(steps))

    share: Callable[[EntryLifetime], float] = over
    ppm = delegation.child_centric_ppm
    return (ppm * share(delegation.child) + (1_000_000 - ppm) * share(delegation.parent)) / 1e6 / steps


def _beyond(rest_ms: float, life_ms: int) -> float:
    """Probability that a time drawn uniformly from [0, life) is longer than `rest`."""
    if rest_ms <= 0:
        return 1.0
    return max(1 - rest_ms / life_ms, 0.0) if life_ms else 0.0
