"""What correspondents see of published MX changes, against one cache asked every millisecond."""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.mail.dns.authority import DAWN_MS, Answer, Authority
from sim.mail.dns.cache import Cache, answers, ask, fetch_chain, flushed
from sim.mail.dns.cache_policy import CachePolicy, Kind, Prefetch, ServeStale
from sim.mail.dns.mx_caches import lives, walk
from sim.mail.dns.mx_view import MxView
from sim.mail.dns.resolver import load_resolver
from tests.examples import examples
from tests.shipped import FILES

ttls = st.integers(0, 400)
policies = st.builds(
    CachePolicy,
    max_ttl_ms=st.integers(1, 500),
    min_ttl_ms=st.integers(0, 100),
    prefetch=st.builds(Prefetch, trigger_ms=st.sampled_from([0, 7, 60]), eligible_ms=st.just(70)),
    stale=st.builds(ServeStale, for_ms=st.sampled_from([0, 50, 10_000]), first=st.booleans()),
)


def authority_of(first_ttl_ms: int, changes: list[tuple[int, int]]) -> Authority:
    versions = [(DAWN_MS, first_ttl_ms), *changes]
    texts = tuple(Answer(Kind.RECORD, str(k), ttl) for k, (_, ttl) in enumerate(versions))
    return Authority(tuple(t for t, _ in versions), texts)


@given(
    st.lists(policies, min_size=1, max_size=3),
    ttls,
    st.lists(st.tuples(st.integers(1, 700), ttls), min_size=1, max_size=4, unique_by=lambda pair: pair[0]),
)
@examples(20)
def test_each_version_is_told_when_a_cache_asked_every_millisecond_tells_it(
    rules: list[CachePolicy], first_ttl: int, changes: list[tuple[int, int]]
) -> None:
    changes = sorted(changes)
    each = np.arange(len(rules))
    kept = [lives(rules, ttl, each) for ttl in (first_ttl, *(ttl for _, ttl in changes))]
    _, told = walk([t for t, _ in changes], kept, np.zeros(len(rules), dtype=np.int64))
    authority = authority_of(first_ttl, changes)
    for c, policy in enumerate(rules):
        heard = [(t, int(one.answer.value)) for t, one in answers(policy, authority, range(1_300))]
        for k in range(1, len(changes) + 1):
            assert told[k, c] == min(t for t, version in heard if version >= k)


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(1, 700), ttls), min_size=1, max_size=4, unique_by=lambda pair: pair[0]),
)
@examples(20)
def test_fetches_are_links_of_each_caches_chain(least: list[int], changes: list[tuple[int, int]]) -> None:
    """Without prefetch: the first link at or after each change."""
    changes = sorted(changes)
    rules = [CachePolicy(min_ttl_ms=minimum) for minimum in least]
    kept = [lives(rules, ttl, np.arange(len(rules))) for ttl in (300, *(ttl for _, ttl in changes))]
    fetched, told = walk([t for t, _ in changes], kept, np.zeros(len(rules), dtype=np.int64))
    assert (fetched == told).all()
    for c, policy in enumerate(rules):
        chain = fetch_chain(policy, authority_of(300, changes), range(2_000))
        for k, (change, _) in enumerate(changes, 1):
            assert fetched[k, c] == min(t for t in chain if t >= change)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens to the record or to the caches at `at_ms`."""

    at_ms: int
    ttl_ms: int | None
    """None: the name is flushed."""


acts = st.lists(
    st.builds(Act, st.integers(1, 30_000), st.one_of(st.none(), st.sampled_from([0, 1_500, 9_000, 14_000]))),
    min_size=1,
    max_size=5,
    unique_by=lambda act: act.at_ms,
).map(lambda found: sorted(found, key=lambda act: act.at_ms))


def after(seed: int, first_ttl_ms: int, done: list[Act], count: int = 30) -> MxView:
    view = MxView(FILES, seed, count, "mix", first_ttl_ms)
    for act in done:
        if act.ttl_ms is None:
            view.flush(act.at_ms, ("google",))
        else:
            view.publish(act.at_ms, act.ttl_ms)
    return view


@given(
    st.sampled_from(["google", "bind", "unbound", "dnsmasq"]),
    st.integers(0, 99),
    acts,
    st.lists(st.integers(0, 45_000), min_size=1, max_size=12),
)
@examples(6)
def test_a_test_query_is_told_what_that_busy_cache_tells(
    kind: str, seed: int, done: list[Act], moments: list[int]
) -> None:
    """One cache of a real resolver, asked every millisecond through publications and flushes."""
    first_ttl = 10_000
    view = after(seed, first_ttl, done)
    policy = load_resolver(FILES, kind).policy
    published = [(act.at_ms + view.lag_ms, act.ttl_ms) for act in done if act.ttl_ms is not None]
    authority = authority_of(first_ttl, [(t, ttl) for t, ttl in published])
    _, left_ms = after(seed, first_ttl, []).ask(0, kind)
    began_ms = left_ms - first_ttl
    thrown_out = {act.at_ms for act in done if act.ttl_ms is None and kind == "google"}
    wanted = {t for t in moments if t >= done[-1].at_ms}
    cache = Cache()
    for t in range(began_ms, max(wanted, default=0) + 1):
        if t in thrown_out:
            cache = flushed(cache)
        told, cache = ask(policy, cache, authority, t)
        if t in wanted:
            assert view.ask(t, kind) == (int(told.answer.value), told.ttl_ms)


@given(st.integers(0, 99), acts, st.lists(st.integers(0, 60_000), max_size=8))
@examples(20)
def test_looking_changes_nothing_and_a_copy_lives_on_alike(
    seed: int, done: list[Act], moments: list[int]
) -> None:
    looked, weights = after(seed, 10_000, []), np.arange(1, 31)
    for act in done:
        for moment in moments:
            looked.share_moved(looked.version, moment, weights)
            if moment >= act.at_ms:
                looked.ask(moment, "bind")
        looked = deepcopy(looked)
        if act.ttl_ms is None:
            looked.flush(act.at_ms, ("google",))
        else:
            looked.publish(act.at_ms, act.ttl_ms)
    plain = after(seed, 10_000, done)
    for version in range(plain.version + 1):
        assert (looked.used_from_ms(version) == plain.used_from_ms(version)).all()


@given(st.integers(0, 99), acts)
@examples(20)
def test_versions_are_used_in_order_and_what_was_used_stays_used(seed: int, done: list[Act]) -> None:
    """Each later change leaves alone what was seen before it, and brings forward or keeps the rest."""
    for n in range(1, len(done)):
        before, later = after(seed, 10_000, done[:n]), after(seed, 10_000, done[: n + 1])
        for version in range(1, before.version + 1):
            was, now = before.used_from_ms(version), later.used_from_ms(version)
            past = was <= done[n].at_ms
            assert (was[past] == now[past]).all()
            if done[n].ttl_ms is not None:
                assert (was == now).all()
        for version in range(1, later.version + 1):
            assert (later.used_from_ms(version) >= later.used_from_ms(version - 1)).all()
