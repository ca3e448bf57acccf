"""How fast a population of resolvers gets a change: curves, percentiles, and arrays for an engine.

A population is a tuple of `Part`: shares of caches with the same rule. Curves are closed forms;
`first_seen_ms` gives each of many caches its own time for each of several changes.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.mail.dns import stale_share as renewal
from sim.mail.dns.cache_policy import EntryLifetime

Population = tuple["Part", ...]
TAIL_PPM = 100
"""Number of caches in a million that stand for the longest wait: the time until a random query has no
upper limit.
"""


@frozen
class Part:
    """Caches with one lifetime, and their number in a million."""

    ppm: int
    life: EntryLifetime


def share_old(population: Population, t_ms: float, gap_ms: float = 0) -> float:
    """The share of the population that would answer a query at `t_ms` with data from before the change."""
    return sum(p.ppm * renewal.share_old(p.life, t_ms, gap_ms) for p in population) / 1_000_000


def share_unmoved(population: Population, t_ms: float, gap_ms: float = 0) -> float:
    """The share of the population that has not fetched the new answer by `t_ms`."""
    return sum(p.ppm * renewal.share_unmoved(p.life, t_ms, gap_ms) for p in population) / 1_000_000


def longest_ms(population: Population, gap_ms: float = 0) -> int:
    """The time at which the old answer can no longer be given."""
    if gap_ms == 0:
        return max((p.life.renewed_ms + p.life.hidden_ms for p in population if p.ppm), default=0)
    return max((p.life.usable_ms for p in population if p.ppm), default=0)


def first_at_most(share: Callable[[int], float], limit: float, latest_ms: int) -> int:
    """The first millisecond in [0, latest_ms] at which a falling `share` is at most `limit`."""
    return bisect_left(range(latest_ms), True, key=lambda t: share(t) <= limit + 1e-12)


def unmoved_percentile_ms(population: Population, percent: int, gap_ms: float = 0) -> int:
    """The time by which `percent` of the caches have the new answer; 100 for the longest.

    If the name is queried at random, 100 gives the time by which all caches but TAIL_PPM of a million have
    it.
    """
    if gap_ms == 0 and percent == 100:
        return longest_ms(population)
    limit = TAIL_PPM / 1_000_000 if percent == 100 else 1 - percent / 100
    latest = longest_ms(population, gap_ms) + int(20 * gap_ms)
    return first_at_most(lambda t: share_unmoved(population, t, gap_ms), limit, latest)


def first_seen_ms(changes_ms: Sequence[int], lives_ms: I64, first_fetch_ms: I64) -> I64:
    """The time at which each busy cache first fetches each version of a record.

    `changes_ms`: when version 1, 2, … came into force, ascending. `lives_ms`: shape (versions, caches), the
    time until the next fetch after fetching version 0, 1, 2, … (the TTL in force *then* and there, positive).
    `first_fetch_ms`: shape (caches,), any one fetch of version 0 at or before the first change. Returns shape
    (versions − 1, caches): for version k ≥ 1 the first fetch at or after its change. A version that was
    replaced before a cache fetched again is never seen by it: its time is that of the next version.
    """
    seen = np.empty((len(changes_ms), first_fetch_ms.shape[0]), dtype=np.int64)
    fetch, held = first_fetch_ms.astype(np.int64), np.zeros(first_fetch_ms.shape[0], dtype=np.int64)
    caches = np.arange(first_fetch_ms.shape[0])
    for k, change in enumerate(changes_ms):
        life = lives_ms[held, caches]
        missed: I64 = np.maximum(-((fetch - change) // life), 0)
        fetch = fetch + missed * life
        seen[k] = fetch
        if k + 1 < len(changes_ms):
            held = np.where(fetch < changes_ms[k + 1], k + 1, held)
    return seen
