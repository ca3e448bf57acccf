"""The answer of a busy cache while its authority does not answer, and afterwards.

From the failure of the authority until this resolver has noticed the recovery (`Backoff`), each fetch fails.
During that time, a cache answers from its entry until the entry expires. After that it gives expired answers
if it is configured to (RFC 8767), and otherwise SERVFAIL. The first fetch that succeeds sets the phase of all
later fetches. Integer ms.
"""

from bisect import bisect_right
from collections.abc import Sequence

from sim.kernel.draws import mix
from sim.kernel.frozen import frozen
from sim.mail.dns.authority import SERVFAIL, Authority, CacheEntry, entry_of
from sim.mail.dns.cache import CachedAnswer
from sim.mail.dns.cache_policy import CachePolicy
from sim.mail.dns.resolver import Resolver

Spell = tuple[int, int]
"""The times at which the authority failed and recovered; the second is NEVER_MS while it is down."""


@frozen
class BusyCache:
    """One resolver's cache for one name that is queried all the time. Stale answers given first and hidden
    prefetched answers are not modelled here, because the lab's resolvers give neither.

    `fetched_ms`: a fetch before the first spell, or a flush. `seed`: for drawing the time at which the
    recovery is noticed.
    """

    resolver: Resolver
    authority: Authority
    rrtype: str
    fetched_ms: int
    seed: int

    def answer(self, spells: Sequence[Spell], now_ms: int) -> CachedAnswer:
        """The answer to a query at `now_ms`; a SERVFAIL if there is none. `spells` in chronological order."""
        fetched_ms = self.fetched_ms
        for dead_ms, back_ms in spells:
            if back_ms <= fetched_ms:
                continue
            if now_ms < dead_ms:
                break
            held = None  # flushed while the authority was dead
            if fetched_ms < dead_ms:
                fetched_ms = self._last_fetch_ms(fetched_ms, dead_ms)
                held = self._entry(fetched_ms)
            failed_ms = max(dead_ms, fetched_ms if held is None else held.fetched_ms + held.renewed_ms)
            if failed_ms >= back_ms or failed_ms > now_ms:
                continue
            again_ms = self._again_ms(held, failed_ms, back_ms)
            # if so, that query still gets the old answer
            renews = held is not None and again_ms < held.expires_ms
            if now_ms < again_ms or (renews and now_ms == again_ms):
                return self._told(held, now_ms)
            fetched_ms = again_ms
        held = self._entry(self._last_fetch_ms(fetched_ms, now_ms))
        if held is not None and now_ms < held.fetched_ms + held.usable_ms:
            return CachedAnswer(held.answer, held.expires_ms - now_ms, fetched=False)
        fresh = self.authority.answer_at(now_ms)
        return CachedAnswer(fresh, fresh.ttl_ms, fetched=True)

    @property
    def _policy(self) -> CachePolicy:
        return self.resolver.policy

    def _entry(self, fetched_ms: int) -> CacheEntry | None:
        return entry_of(self._policy, self.authority.answer_at(fetched_ms), fetched_ms, self.rrtype)

    def _last_fetch_ms(self, fetched_ms: int, before_ms: int) -> int:
        """The last fetch before `before_ms`, if the authority has always answered from `fetched_ms` on;
        otherwise `fetched_ms` itself.
        """
        changes = self.authority.changes_ms
        while (held := self._entry(fetched_ms)) is not None:
            span_ms = max(held.renewed_ms, 1)
            if fetched_ms + span_ms >= before_ms:
                break
            at = bisect_right(changes, fetched_ms)
            alike_ms = min(before_ms, changes[at]) if at < len(changes) else before_ms
            fetched_ms += max((alike_ms - 1 - fetched_ms) // span_ms, 1) * span_ms
        return fetched_ms

    def _again_ms(self, held: CacheEntry | None, failed_ms: int, back_ms: int) -> int:
        """The first fetch that succeeds, after a first failure at `failed_ms`."""
        bits = mix(self.seed, f"authority-back.{self.resolver.id}", failed_ms)
        noticed_ms = self.resolver.backoff.drawn_ms(bits, failed_ms, back_ms)
        stale = self._policy.stale
        if held is None or not stale.for_ms or noticed_ms <= held.expires_ms:
            return noticed_ms
        step_ms, ends_ms = max(stale.recheck_ms, 1), held.expires_ms + stale.for_ms
        tried_ms = held.expires_ms + -(-(noticed_ms - held.expires_ms) // step_ms) * step_ms
        return tried_ms if tried_ms < ends_ms else max(noticed_ms, ends_ms)

    def _told(self, held: CacheEntry | None, now_ms: int) -> CachedAnswer:
        """The answer while no fetch succeeds."""
        stale = self._policy.stale
        if held is not None and now_ms < held.expires_ms:
            return CachedAnswer(held.answer, held.expires_ms - now_ms, fetched=False)
        if held is not None and now_ms < held.expires_ms + stale.for_ms:
            return CachedAnswer(held.answer, stale.shown_ttl_ms(held.kept_ms), fetched=False)
        return CachedAnswer(SERVFAIL, 0, fetched=True)
