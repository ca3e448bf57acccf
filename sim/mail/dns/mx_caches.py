"""Many busy caches and many versions of one record: the times at which each cache fetches each version, and
first answers with it.

The functions here are the array form of `sim.mail.dns.cache` for a name that is queried every millisecond,
with prefetch and with stale answers given first. Pure, in integer ms.
"""

from collections.abc import Sequence

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.mail.dns.cache_policy import CachePolicy


@frozen
class Lives:
    """`EntryLifetime` for many caches; each array has shape (caches,), in ms."""

    renewed_ms: I64
    usable_ms: I64


def lives(policies: Sequence[CachePolicy], ttl_ms: int, policy_of: I64) -> Lives:
    """The life of an MX record of `ttl_ms` in each cache; `policy_of`: the index of its policy.

    Raises ValueError for a policy with hidden prefetch: products do not have it by default, and the
    computation does not cover it.
    """
    each = [policy.lifetime(ttl_ms) for policy in policies]
    if any(life.hidden_ms for life in each):
        raise ValueError("caches with hidden prefetch are not computed here")
    return Lives(
        np.array([life.renewed_ms for life in each], dtype=np.int64)[policy_of],
        np.array([life.usable_ms for life in each], dtype=np.int64)[policy_of],
    )


def walk(shown_ms: Sequence[int], lives: Sequence[Lives], fetch_ms: I64) -> tuple[I64, I64]:
    """The times at which each cache fetches, and first answers with, each version or one that replaced it.

    `shown_ms`: when the authority first shows version 1, 2, …, in order; within a millisecond it is shown
    before any fetch. `lives`: of version 0, 1, 2, … `fetch_ms`: shape (caches,), any one fetch, given at
    once. Returns (fetched, given), each of shape (versions, caches): row k is the first fetch at or after
    that one that gets version k or a later one; row 0 is `fetch_ms` twice.
    """
    shown, caches = np.array(shown_ms, dtype=np.int64), np.arange(fetch_ms.shape[0])
    renewed = np.maximum(np.stack([life.renewed_ms for life in lives]), 1)
    usable = np.stack([life.usable_ms for life in lives])
    fetched, told = [fetch_ms], [fetch_ms]
    for shown_at in shown_ms:
        last, tells = fetched[-1], told[-1]
        version = (shown.searchsorted(last, side="right"), caches)
        life = renewed[version]
        rounds: I64 = np.maximum(-((last - shown_at) // life), 0)
        fetch = last + rounds * life
        # A query that renews an entry which may still be used is itself answered from that entry.
        tell = np.where(life >= usable[version], fetch, fetch + 1)
        missing = last < shown_at
        fetched.append(np.where(missing, fetch, last))
        told.append(np.where(missing, tell, tells))
    return np.stack(fetched), np.stack(told)
