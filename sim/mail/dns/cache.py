"""One resolver's cache, query by query: the answer to each query, and the entry after it.

The code is the simplest form of every rule: the closed forms of `renewal` and the arrays of `uptake` are
checked against it, and an independent oracle can be built on it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sim.kernel.frozen import frozen
from sim.mail.dns.authority import SERVFAIL, Answer, Authority, CacheEntry, entry_of
from sim.mail.dns.cache_policy import CachePolicy


@frozen
class Cache:
    """The state of one cache for one name and type.

    `entry`: the answer held, perhaps expired. `left_alone_until_ms`: until then the authority is not queried
    again, because a query failed (RFC 8767 §5: failure recheck timer). `ahead`: a prefetched answer that is
    given once `entry` expires (hidden prefetch).
    """

    entry: CacheEntry | None = None
    left_alone_until_ms: int = 0
    ahead: CacheEntry | None = None


@frozen
class CachedAnswer:
    """The answer to one query, its remaining TTL, and whether the authority was queried."""

    answer: Answer
    ttl_ms: int
    fetched: bool


def ask(
    policy: CachePolicy, cache: Cache, authority: Authority, t_ms: int, rrtype: str = "MX"
) -> tuple[CachedAnswer, Cache]:
    """One query at `t_ms`, and the cache after it. Queries must come in chronological order."""
    if cache.ahead is not None and cache.entry is not None and t_ms >= cache.entry.expires_ms:
        cache = Cache(cache.ahead)
    held = cache.entry
    if held is not None:
        age = t_ms - held.fetched_ms
        if age < held.renewed_ms or cache.ahead is not None:
            return CachedAnswer(held.answer, held.expires_ms - t_ms, fetched=False), cache
        if age < held.usable_ms:
            return _told_while_renewing(policy, cache, held, authority, t_ms, rrtype)
    if held is not None and t_ms < cache.left_alone_until_ms and _usable_stale(policy, held, t_ms):
        return CachedAnswer(held.answer, policy.stale.shown_ttl_ms(held.kept_ms), fetched=False), cache
    fresh = authority.answer_at(t_ms)
    if fresh != SERVFAIL:
        return CachedAnswer(fresh, fresh.ttl_ms, fetched=True), Cache(entry_of(policy, fresh, t_ms, rrtype))
    if held is not None and _usable_stale(policy, held, t_ms):
        rested = replace(cache, left_alone_until_ms=t_ms + policy.stale.recheck_ms)
        return CachedAnswer(held.answer, policy.stale.shown_ttl_ms(held.kept_ms), fetched=True), rested
    return CachedAnswer(SERVFAIL, 0, fetched=True), cache


def _told_while_renewing(
    policy: CachePolicy, cache: Cache, held: CacheEntry, authority: Authority, t_ms: int, rrtype: str
) -> tuple[CachedAnswer, Cache]:
    """Answer a query that prefetches, or that gets a stale answer first: this query still gets the cached
    answer, and the next one the fetched answer.
    """
    left = held.expires_ms - t_ms
    told = CachedAnswer(
        held.answer, left if left > 0 else policy.stale.shown_ttl_ms(held.kept_ms), fetched=True
    )
    fresh = authority.answer_at(t_ms)
    if fresh == SERVFAIL:
        return told, cache
    renewed = entry_of(policy, fresh, t_ms, rrtype)
    return told, replace(cache, ahead=renewed) if held.hidden_ms else Cache(renewed)


def _usable_stale(policy: CachePolicy, held: CacheEntry, t_ms: int) -> bool:
    return held.expires_ms <= t_ms < held.expires_ms + policy.stale.for_ms


def answers(
    policy: CachePolicy, authority: Authority, questions_ms: Iterable[int], rrtype: str = "MX"
) -> Iterator[tuple[int, CachedAnswer]]:
    """The time of each query and its answer, from a cache that was empty before the first."""
    cache = Cache()
    for t_ms in questions_ms:
        told, cache = ask(policy, cache, authority, t_ms, rrtype)
        yield t_ms, told


def fetch_chain(
    policy: CachePolicy, authority: Authority, questions_ms: Iterable[int], rrtype: str = "MX"
) -> tuple[int, ...]:
    """The times among `questions_ms` at which the authority was queried.

    Any query gets the answer of the last fetch before it; each fetch lasts as long as the TTL in force *when
    it was made* allows.
    """
    return tuple(t for t, told in answers(policy, authority, questions_ms, rrtype) if told.fetched)


def first_heard_ms(
    policy: CachePolicy, authority: Authority, questions_ms: Iterable[int], value: str, rrtype: str = "MX"
) -> int | None:
    """The first query that is answered with `value`; None if there is none."""
    for t_ms, told in answers(policy, authority, questions_ms, rrtype):
        if told.answer.value == value:
            return t_ms
    return None


def flushed(cache: Cache) -> Cache:
    """The cache after its operator, or a user of a public flush page, removed the name."""
    return replace(cache, entry=None, left_alone_until_ms=0, ahead=None)
