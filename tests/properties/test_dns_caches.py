"""The closed forms and arrays of DNS caching against one cache asked question by question."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.kernel.draws import mix
from sim.mail.dns import uptake
from sim.mail.dns.authority import DAWN_MS, Answer, Authority, mx_change
from sim.mail.dns.cache import Cache, answers, ask, fetch_chain, first_heard_ms
from sim.mail.dns.cache_policy import CachePolicy, EntryLifetime, Kind, Prefetch, ServeStale
from sim.mail.dns.dead_authority import Backoff
from sim.mail.dns.random_waits import exponential, stale_ms
from sim.mail.dns.stale_share import Lowering, share_old, share_unmoved
from sim.mail.dns.uptake import Part, first_seen_ms
from tests.examples import examples

ttls = st.integers(1, 400)
policies = st.builds(
    CachePolicy,
    max_ttl_ms=st.integers(1, 500),
    min_ttl_ms=st.integers(0, 100),
    prefetch=st.builds(
        Prefetch, trigger_ms=st.sampled_from([0, 7, 60]), eligible_ms=st.just(70), hidden=st.booleans()
    ),
    stale=st.builds(ServeStale, for_ms=st.sampled_from([0, 50, 10_000]), first=st.booleans()),
)


@given(policies, ttls, st.integers(0, 2_000))
@examples(80)
def test_a_busy_name_is_stale_up_to_one_life_and_never_longer(
    policy: CachePolicy, ttl: int, change: int
) -> None:
    """Asked every millisecond: the new answer comes within (hidden, hidden + renewed + 1]."""
    life = policy.lifetime(ttl)
    heard = first_heard_ms(policy, mx_change(ttl, ttl, change), range(-1_500, change + 1_500), "new")
    assert heard is not None
    assert 0 <= heard - change <= life.renewed_ms + life.hidden_ms + 1


@given(policies, ttls)
@examples(30)
def test_a_busy_cache_fetches_once_in_a_life(policy: CachePolicy, ttl: int) -> None:
    """The rhythm that all closed forms rest on; an uncached answer is fetched by every question."""
    life = policy.lifetime(ttl)
    fetches = fetch_chain(policy, mx_change(ttl, ttl, 10**9), range(5 * (life.renewed_ms + 2)))
    assert {later - earlier for earlier, later in pairwise(fetches)} == {max(life.renewed_ms, 1)}


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=80), ttls, st.integers(0, 3_000))
def test_the_answer_is_that_of_the_last_fetch(questions: list[int], ttl: int, change: int) -> None:
    policy, authority = CachePolicy(), mx_change(ttl, ttl, change)
    asked = sorted(questions)
    fetches = fetch_chain(policy, authority, asked)
    for t, told in answers(policy, authority, asked):
        last = max(f for f in fetches if f <= t)
        assert told.answer == authority.answer_at(last)
        assert t - last < ttl or t == last


@given(
    st.lists(st.tuples(st.integers(1, 900), ttls), min_size=1, max_size=4, unique_by=lambda pair: pair[0]),
    st.lists(st.tuples(st.integers(0, 399), ttls), min_size=1, max_size=5),
)
@examples(60)
def test_several_changes_in_a_row_reach_each_cache_by_its_own_chain(
    changes: list[tuple[int, int]], caches: list[tuple[int, int]]
) -> None:
    """Arrays against a cache that is asked every millisecond; each cache with its own least TTL."""
    changes = sorted(changes)
    times = [t for t, _ in changes]
    first_ttl = caches[0][1]
    ttls_ = [first_ttl, *(ttl for _, ttl in changes)]
    answers_ = tuple(Answer(Kind.RECORD, str(i), ttl) for i, ttl in enumerate(ttls_))
    authority = Authority((DAWN_MS, *times), answers_)
    least = [minimum for _, minimum in caches]
    lives = np.array([[max(a.ttl_ms, m) for m in least] for a in answers_], dtype=np.int64)
    begins = [-phase for phase, _ in caches]
    seen = first_seen_ms(times, lives, np.array(begins, dtype=np.int64))
    for c, (begin, minimum) in enumerate(zip(begins, least, strict=True)):
        policy = CachePolicy(min_ttl_ms=minimum)
        fetches = fetch_chain(policy, authority, range(begin, 2_200))
        for k, change in enumerate(times):
            assert seen[k, c] == min(f for f in fetches if f >= change)


@given(st.integers(10, 300), st.integers(5, 300), st.integers(0, 900), st.integers(0, 400))
@examples(60)
def test_a_lowered_ttl_by_counting_phases(old: int, new: int, lead: int, t: int) -> None:
    """Each whole millisecond at which a cache may have fetched the old TTL, followed by hand."""
    left = 0
    for phase in range(old):
        fetch = -lead - phase - 1
        fetch += old if fetch + old > -lead else 0
        expiry = fetch if fetch > -lead else fetch + old
        while expiry <= 0:
            expiry += new
        left += expiry > t
    expected = Lowering(EntryLifetime(old, old), EntryLifetime(new, new), lead).share_old(t)
    assert abs(left / old - expected) <= 2 / old + 2 / new


@given(
    st.integers(100, 5_000), st.sampled_from([0, 90]), st.sampled_from([0, 3_000]), st.integers(50, 20_000)
)
@examples(15)
def test_drawn_caches_follow_the_closed_form(ttl: int, trigger: int, stale: int, gap: int) -> None:
    """10,000 draws; five standard deviations."""
    policy = CachePolicy(
        prefetch=Prefetch(trigger_ms=trigger, eligible_ms=trigger + 1),
        stale=ServeStale(for_ms=stale, first=True),
    )
    life = policy.lifetime(ttl)
    drawn = stale_ms((Part(1_000_000, life),), gap, 7, 10_000)
    for t in (0, ttl // 2, ttl, 2 * ttl):
        assert (drawn > t).mean() == pytest.approx(share_unmoved(life, t, gap), abs=0.025)


def test_random_questions_to_one_cache_follow_the_closed_form() -> None:
    """λT / (1 + λT) of all moments find it cached; checked on a long random history."""
    ttl, gap = 1_000, 700
    policy = CachePolicy()
    gaps = exponential(mix(11, "test.gaps", np.arange(60_000)), gap)
    questions = np.cumsum(gaps)
    fetches = np.array(fetch_chain(policy, mx_change(ttl, ttl, 10**12), (int(q) for q in questions)))
    moments = np.arange(5_000, int(questions[-1]), 997)
    last = fetches[np.searchsorted(fetches, moments, side="right") - 1]
    age = moments - last
    life = policy.lifetime(ttl)
    assert (age < ttl).mean() == pytest.approx(share_old(life, 0, gap), abs=0.01)
    assert (age < ttl - 400).mean() == pytest.approx(share_old(life, 400, gap), abs=0.01)


def test_exponential_times() -> None:
    drawn = exponential(mix(3, "test.exponential", np.arange(200_000)), 10_000)
    assert drawn.min() >= 0
    assert drawn.mean() == pytest.approx(10_000, rel=0.01)
    for share in (0.1, 0.5, 0.9, 0.99):
        assert np.quantile(drawn, share) == pytest.approx(-np.log(1 - share) * 10_000, rel=0.03)


@given(
    st.sampled_from(
        [
            Backoff(),
            Backoff("rest", rest_ms=60_000),
            Backoff("doubling", 0, 0, 12_000, 1_500, 120_000, 900_000),
        ]
    ),
    st.integers(0, 10_000_000),
    st.integers(0, 10_000_000),
    st.integers(0, 2**32),
)
@example(Backoff("doubling", 0, 0, 12_000, 1_500, 120_000, 900_000), 0, 37_501, 0)
def test_a_return_is_never_noticed_before_it_happens(
    backoff: Backoff, failed: int, back: int, seed: int
) -> None:
    early, late = backoff.answers_again_ms(failed, back)
    assert back <= early <= late
    assert early <= backoff.drawn_ms(mix(seed, "test.backoff"), failed, back) <= late


@given(
    st.integers(1, 60),
    st.integers(0, 9),
    st.integers(1, 700),
    st.integers(0, 50),
    st.integers(0, 40),
    st.integers(1, 900),
)
def test_the_bounds_of_single_probes_are_those_of_every_first_probe(
    probe: int, settle: int, down: int, host: int, failed: int, dead_for: int
) -> None:
    """Each integer first probe, followed time-out by time-out until the authority answers."""
    back, seen = failed + dead_for, []
    for first in range(probe, 2 * probe):
        at, timeout = failed + first, first
        while at < back and timeout < down:
            at, timeout = at + timeout + settle, 2 * timeout
        seen += [at] if at >= back else [back, back + host]
    backoff = Backoff("doubling", 0, 0, probe, settle, down, host)
    assert backoff.answers_again_ms(failed, back) == (min(seen), max(seen))


@given(st.lists(st.integers(0, 500), max_size=60), st.integers(0, 300), st.integers(1, 300))
def test_expired_answers_bridge_a_dead_authority_and_no_longer(
    questions: list[int], start: int, long: int
) -> None:
    """RFC 8767: no SERVFAIL within the stale time of an entry, and nothing else beyond it."""
    policy = CachePolicy(stale=ServeStale(for_ms=100, recheck_ms=7))
    authority = Authority((DAWN_MS,), (Answer(Kind.RECORD, "old", 20),), ((start, start + long),))
    cache = Cache()
    for t in sorted(questions):
        held = cache.entry
        told, cache = ask(policy, cache, authority, t)
        alive = not start <= t < start + long
        usable = held is not None and t < held.expires_ms + 100
        assert (told.answer.kind is Kind.RECORD) == (alive or usable)


@given(st.integers(0, 100), st.integers(1, 99))
def test_percentiles_of_a_uniform_life(ttl_s: int, percent: int) -> None:
    population = (Part(1_000_000, CachePolicy().lifetime(ttl_s * 1_000)),)
    exact = ttl_s * 10 * percent
    assert abs(uptake.unmoved_percentile_ms(population, percent) - exact) <= 1
