"""The time at which each correspondent sees each published MX change, through its own resolver.

Assumptions, because there is no published data:

- The name is *busy* in every cache: a resolver is shared by many senders that write to this domain, so an
  entry is fetched again as soon as its life is over. Where a resolver serves one small sender, the name may
  be out of its cache, and that sender sees a change earlier than here, never later.
- Each correspondent's resolver is one cache with an age of its own, also at the public resolvers.
- Mail servers keep no copy of their own in addition to their resolver's.
- The domain has a hidden primary: all servers that can be asked show a change together, after the delay
  of its hosting in scenarios/dns/publication.yaml. Until then a cache that asks keeps the *old* answer
  for another whole TTL.

Integer ms since the drill's start; pure except for the list of published versions.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.kernel.data_files import DataFiles
from sim.kernel.draws import I64, mix, mix_one, pick, within
from sim.kernel.duration import NEVER_MS
from sim.mail.dns.authority import DAWN_MS, Answer, Authority, entry_of
from sim.mail.dns.cache import Cache, ask
from sim.mail.dns.cache_policy import CachePolicy, Kind
from sim.mail.dns.mx_caches import Lives, lives, walk
from sim.mail.dns.resolver import (
    load_resolver,
    population_ids,
    read_population,
    read_publication,
    resolver_ids,
)
from sim.mail.platforms.platform import BadSetting

HOSTING = "bind-notify"
"""The entry of scenarios/dns/publication.yaml whose delay applies if no other entry is named."""


class MxView:
    """The MX of one domain in the caches of its correspondents, and in one shared cache of each kind.

    `population`: a mix of resolvers (`mix`), or one resolver that all use. `ttl_ms`: the TTL of version 0, in
    force since long before the drill. `hosting`: a name under `delays` in publication.yaml. `record`: another
    record of the same domain has phases of its own in the same resolvers. Raises BadSetting for a name that
    does not exist.

    Versions are numbered from 0; each `publish` makes the next. Changes (`publish`, `flush`) have to be made
    in chronological order; within one moment, records change before any fetch.
    """

    def __init__(
        self,
        files: DataFiles,
        seed: int,
        count: int,
        population: str,
        ttl_ms: int,
        hosting: str = HOSTING,
        record: str = "mx",
    ) -> None:
        delays = read_publication(files).delays
        if hosting not in delays:
            raise BadSetting(f"unknown kind of hosting {hosting!r}; choose from {', '.join(delays)}")
        classes, shared = _classes(files, population), resolver_ids(files)
        policies = (
            *(policy for _, policy, _ in classes),
            *(load_resolver(files, kind).policy for kind in shared),
        )
        drawn = pick(mix(seed, "mx.resolver", np.arange(count)), [ppm for _, _, ppm in classes])
        self.count = count
        self._files = files
        self.lag_ms = delays[hosting].value
        """The delay between a change at the hidden primary and the public servers."""
        self._policies: tuple[CachePolicy, ...] = policies
        self._kind = (*(kind for kind, _, _ in classes), *shared)
        self._of = np.concatenate([drawn, len(classes) + np.arange(len(shared), dtype=np.int64)])
        self._ttl_ms, self._shown_ms = [ttl_ms], list[int]()
        self._lives: list[Lives] = [lives(policies, ttl_ms, self._of)]
        spans = np.maximum(self._lives[0].renewed_ms, 1)
        bits = mix(seed, f"{record}.phase", np.arange(count))
        theirs = [mix_one(seed, f"{record}.phase.{kind}") for kind in shared]
        phase = within(np.concatenate([bits, np.array(theirs, dtype=np.uint64)]), spans)
        self._fetch_ms: I64 = -phase
        self._known_ms = [np.full(len(phase), DAWN_MS, dtype=np.int64)]
        """For each version, the time at which a cache that was flushed later returned it; NEVER_MS if none
        did.
        """
        self._changed_ms = 0
        self._look_ahead()

    @property
    def version(self) -> int:
        """The newest version."""
        return len(self._shown_ms)

    def resolver_of(self, number: int) -> str:
        """The kind of resolver that correspondent `number` uses."""
        return self._kind[int(self._of[number])]

    def heeds_ttl(self) -> NDArray[np.bool_]:
        """True for correspondents whose resolver keeps an answer no longer than its TTL; shape
        (correspondents,).
        """
        heeds = np.array([policy.stretch_permille <= 1_000 for policy in self._policies])
        theirs: NDArray[np.bool_] = heeds[self._of[: self.count]]
        return theirs

    def publish(self, now_ms: int, ttl_ms: int) -> I64:
        """Publish the next version, with `ttl_ms`, at the hidden primary; returns when each correspondent
        uses it.

        Shape (correspondents,), each at or after `now_ms`: the first query answered with this version or a
        later one, as far as known now. A later `flush` can bring that time forward, or delay it if the flush
        comes too early.
        """
        self._change(now_ms)
        self._shown_ms.append(now_ms + self.lag_ms)
        self._ttl_ms.append(ttl_ms)
        self._lives.append(lives(self._policies, ttl_ms, self._of))
        self._known_ms.append(np.full(len(self._of), NEVER_MS, dtype=np.int64))
        self._look_ahead()
        return self.used_from_ms(self.version)

    def ttl_lowered(self, now_ms: int, ttl_ms: int) -> I64:
        """Publish the same hosts with another TTL: a version like any other, which takes just as long to
        appear.
        """
        return self.publish(now_ms, ttl_ms)

    def flush(self, now_ms: int, resolvers: tuple[str, ...]) -> None:
        """Flush the name at these resolvers' public pages; their caches fetch at once.

        The caches get the answer that the authority shows *then*: before the publication's delay is over,
        that is the old answer, for another TTL. Raises BadSetting for a resolver without such a page.
        """
        pages = [
            kind for kind in resolver_ids(self._files) if load_resolver(self._files, kind).file.flush_page
        ]
        for kind in resolvers:
            if kind not in pages:
                raise BadSetting(f"{kind} has no public flush page; these do: {', '.join(pages)}")
        self._change(now_ms)
        thrown_out = np.isin(self._of, [i for i, kind in enumerate(self._kind) if kind in resolvers])
        for version, told in enumerate(self._told_ms):
            kept = self._known_ms[version]
            self._known_ms[version] = np.where(thrown_out & (told <= now_ms), np.minimum(kept, told), kept)
        self._fetch_ms = np.where(thrown_out, now_ms, self._fetch_ms)
        self._look_ahead()

    def used_from_ms(self, version: int) -> I64:
        """The time at which each correspondent first uses `version` or a later one; shape (correspondents,).

        DAWN_MS for version 0. A version that a cache never fetched has the time of the next one that it
        fetched.
        """
        return self._told_ms[version, : self.count].copy()

    def share_moved(self, version: int, now_ms: int, weights: I64) -> int:
        """The share, in permille rounded down, of the correspondents' weight that uses `version` or a later
        one at `now_ms`.

        `weights`: shape (correspondents,), integers, such as their shares of the traffic.
        """
        moved = self.used_from_ms(version) <= now_ms
        return int(weights[moved].sum()) * 1_000 // int(weights.sum())

    def ask(self, now_ms: int, resolver: str) -> tuple[int, int]:
        """The answer to a test query to a shared, busy resolver of that kind: (version, remaining TTL in ms).

        Querying does not change anything. Raises BadSetting for an unknown kind, ValueError for a moment
        before the last change.
        """
        if now_ms < self._changed_ms:
            raise ValueError(f"asked at {now_ms} ms, before the last change at {self._changed_ms} ms")
        policy = load_resolver(self._files, resolver).policy
        fetch_ms, authority = self.fetched_ms(now_ms, resolver), self.authority()
        held = authority.answer_at(fetch_ms)
        span_ms = max(policy.lifetime(held.ttl_ms).renewed_ms, 1)
        renewed_ms = fetch_ms + (now_ms - fetch_ms) // span_ms * span_ms
        # One fetch before the last is enough, because caches no longer hold earlier answers.
        began_ms = max(renewed_ms - span_ms, fetch_ms)
        state = Cache(entry_of(policy, held, began_ms, "MX"))
        if began_ms < renewed_ms < now_ms:
            _, state = ask(policy, state, authority, renewed_ms)
        told, _ = ask(policy, state, authority, now_ms)
        return int(told.answer.value), told.ttl_ms

    def fetched_ms(self, at_ms: int, resolver: str) -> int:
        """The time, at or before `at_ms`, at which that shared cache fetched the answer that it gives at
        `at_ms`; if it was flushed afterwards, the time of its last flush.
        """
        cache = self.count + resolver_ids(self._files).index(resolver)
        fetched, told_from = (row[:, cache] for row in self._walked_ms)
        given = fetched[told_from <= at_ms]
        return int(given[-1] if len(given) else fetched[0])

    def authority(self) -> Authority:
        """The domain's servers; if several versions appear in the same millisecond, only the last one
        counts.
        """
        texts = [Answer(Kind.RECORD, str(version), ttl) for version, ttl in enumerate(self._ttl_ms)]
        shown = dict(zip([DAWN_MS, *self._shown_ms], texts, strict=True))
        return Authority(tuple(shown), tuple(shown.values()))

    def _change(self, now_ms: int) -> None:
        if now_ms < self._changed_ms:
            raise ValueError(f"a change at {now_ms} ms after one at {self._changed_ms} ms")
        self._changed_ms = now_ms

    def _look_ahead(self) -> None:
        self._walked_ms = walk(self._shown_ms, self._lives, self._fetch_ms)
        self._told_ms: I64 = np.minimum(self._walked_ms[1], np.stack(self._known_ms))


def _classes(files: DataFiles, population: str) -> list[tuple[str, CachePolicy, int]]:
    """The kinds of caches that correspondents have: resolver, policy, and number of caches in a million."""
    if population in population_ids(files):
        shares = {kind: share.ppm for kind, share in read_population(files, population).shares.items()}
    elif population in resolver_ids(files):
        shares = {population: 1_000_000}
    else:
        known = ", ".join([*population_ids(files), *resolver_ids(files)])
        raise BadSetting(f"unknown resolver or mix {population!r}; choose from {known}")
    found = []
    for kind, ppm in shares.items():
        policies = load_resolver(files, kind).policies
        cuts = [ppm * part // len(policies) for part in range(len(policies) + 1)]
        sizes = [high - low for low, high in pairwise(cuts)]
        found += [(kind, policy, size) for policy, size in zip(policies, sizes, strict=True)]
    return found
