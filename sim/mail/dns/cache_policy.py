"""How one resolver treats an answer: how long it keeps the answer, and when it fetches it again.

All times are integer milliseconds. `sim.mail.dns.resolver` makes a `CachePolicy` from the resolver's file;
this module does not depend on any product.
"""

from enum import StrEnum

from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen


class Kind(StrEnum):
    """The kinds of answer."""

    RECORD = "record"
    NXDOMAIN = "nxdomain"
    """The name does not exist (RFC 2308 §2.1)."""
    NODATA = "nodata"
    """The name exists, but not with this type (RFC 2308 §2.2)."""
    SERVFAIL = "servfail"
    """No answer was available."""

    @property
    def negative(self) -> bool:
        """True if an answer of this kind is cached for the time given in the zone's SOA."""
        return self in (Kind.NXDOMAIN, Kind.NODATA)


@frozen
class Prefetch:
    """The prefetch rule: a query for an entry that is still valid, but near its end, makes the resolver fetch
    it again.

    With `percent` the last part of the TTL, in whole seconds as the products count; otherwise the last
    `trigger_ms` of an entry whose TTL is at least `eligible_ms`. `negatives`: True if negative answers are
    prefetched too. `hidden`: a prefetched answer is given only once the old answer's TTL ends, and nothing is
    fetched until then, so there are at most two fetches in a TTL.
    """

    percent: int = 0
    trigger_ms: int = 0
    eligible_ms: int = 0
    negatives: bool = False
    hidden: bool = False

    def age_ms(self, ttl_ms: int, *, negative: bool = False) -> int:
        """The age at which the next query renews an entry; without prefetch, `ttl_ms` itself."""
        age = ttl_ms
        if negative and not self.negatives:
            return age
        if self.percent:
            age = ttl_ms - ttl_ms // 1_000 * self.percent // 100 * 1_000
        elif self.trigger_ms and ttl_ms >= self.eligible_ms:
            age = ttl_ms - self.trigger_ms
        return max(age, (ttl_ms + 1) // 2) if self.hidden else age


@frozen
class ServeStale:
    """How a resolver uses an expired entry (RFC 8767).

    `for_ms`: the time after its TTL for which an entry may still be used; 0: never. `first`: the expired
    entry is given at once and fetched again in the background; otherwise it is given only if the authority
    has not answered within `wait_ms`. `reply_ttl_ms`: the TTL in such an answer; with `reply_capped`, at most
    the record's own TTL. `recheck_ms`: time after a failed query for which the authority is not queried.
    """

    for_ms: int = 0
    first: bool = False
    wait_ms: int = 1_800
    reply_ttl_ms: int = 30_000
    reply_capped: bool = False
    recheck_ms: int = 30_000

    def shown_ttl_ms(self, kept_ms: int) -> int:
        """The TTL in the answer from an expired entry that was kept for `kept_ms`."""
        return min(self.reply_ttl_ms, kept_ms) if self.reply_capped else self.reply_ttl_ms


@frozen
class CachePolicy:
    """The caching rules of one resolver with the settings in force.

    `cached_types`: the record types whose records and no-data answers are cached (None: all).
    `negatives_share_expiry`: negative answers of one zone expire together, with the SOA they came with.
    """

    max_ttl_ms: int = NEVER_MS
    min_ttl_ms: int = 0
    max_negative_ms: int = NEVER_MS
    min_negative_ms: int = 0
    cached_types: frozenset[str] | None = None
    caches_negatives: bool = True
    negatives_share_expiry: bool = False
    prefetch: Prefetch = Prefetch()
    stale: ServeStale = ServeStale()
    stretch_permille: int = 1_000
    stretch_cap_ms: int = NEVER_MS

    def ttl_ms(self, ttl_ms: int) -> int:
        """The TTL in force for a record that is received with `ttl_ms`."""
        stretched = ttl_ms * self.stretch_permille // 1_000
        if self.stretch_permille > 1_000:
            stretched = max(ttl_ms, min(stretched, self.stretch_cap_ms))
        return max(self.min_ttl_ms, min(stretched, self.max_ttl_ms))

    def negative_ttl_ms(self, soa_ttl_ms: int, soa_minimum_ms: int) -> int:
        """How long a negative answer is kept: the lesser of the SOA's own TTL and its last field (RFC 2308
        §5), within the product's limits.
        """
        named = min(soa_ttl_ms, soa_minimum_ms)
        return max(self.min_negative_ms, min(named, self.max_negative_ms))

    def caches(self, rrtype: str, kind: Kind) -> bool:
        """True if such an answer is cached at all."""
        if kind is Kind.SERVFAIL:
            return False
        if kind.negative and not self.caches_negatives:
            return False
        if kind is Kind.NXDOMAIN or self.cached_types is None:
            return True
        return rrtype in self.cached_types

    def lifetime(self, ttl_ms: int, rrtype: str = "MX", kind: Kind = Kind.RECORD) -> "EntryLifetime":
        """How long an answer received with `ttl_ms` is used; for a negative one, `ttl_ms` is the lesser of
        the SOA's TTL and its minimum.
        """
        if not self.caches(rrtype, kind):
            return EntryLifetime(0, 0)
        kept = self.negative_ttl_ms(ttl_ms, ttl_ms) if kind.negative else self.ttl_ms(ttl_ms)
        if kept == 0:
            return EntryLifetime(0, 0)
        renewed = self.prefetch.age_ms(kept, negative=kind.negative)
        usable = kept + (self.stale.for_ms if self.stale.first else 0)
        return EntryLifetime(renewed, usable, kept - renewed if self.prefetch.hidden else 0)


@frozen
class EntryLifetime:
    """The life of one cache entry while its authority answers.

    The first query at or after `renewed_ms` of age makes the resolver fetch the entry again. A query before
    `usable_ms` of age is still answered from the entry (prefetch, stale first); later queries wait for the
    fetch. Without prefetch or stale answers, both times are the TTL in force. `hidden_ms`: time after the
    fetch until a busy cache first gives the new answer (hidden prefetch).
    """

    renewed_ms: int
    usable_ms: int
    hidden_ms: int = 0
