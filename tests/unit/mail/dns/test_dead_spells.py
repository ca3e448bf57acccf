"""A busy cache whose authority dies and comes back, against the same cache asked every second."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS, SECOND_MS
from sim.mail.dns.authority import DAWN_MS, SERVFAIL, Answer, Authority
from sim.mail.dns.cache import Cache, CachedAnswer, ask
from sim.mail.dns.cache_policy import Kind
from sim.mail.dns.dead_authority import Backoff
from sim.mail.dns.dead_spells import BusyCache
from sim.mail.dns.mx_view import MxView
from sim.mail.dns.resolver import Resolver, load_resolver
from tests.examples import examples
from tests.shipped import FILES

STALE_BIND = {"stale-cache-enable": "yes", "stale-answer-enable": "yes"}
END_S = 600


def resolver(kind: str, **settings: str) -> Resolver:
    return load_resolver(FILES, kind, {name.replace("_", "-"): value for name, value in settings.items()})


def at_once(one: Resolver) -> Resolver:
    """It notices the recovery with its next query, so that every moment is a whole second."""
    return replace(one, backoff=Backoff(slack_ms=0))


KINDS = {
    "bind": resolver("bind"),
    "serve-stale": load_resolver(FILES, "bind", {**STALE_BIND, "max-stale-ttl": "100"}),
    "unbound": resolver("unbound"),
    "unbound with prefetch": resolver("unbound", prefetch="yes"),
    "serve-expired": resolver("unbound", serve_expired="yes", serve_expired_ttl="100"),
    "google": resolver("google"),
    "dnsmasq": resolver("dnsmasq"),
    "dnsmasq with MX": resolver("dnsmasq", cache_rr="MX"),
}


def asked_every_second(one: Resolver, authority: Authority) -> Iterator[CachedAnswer]:
    cache = Cache()
    for second in range(END_S):
        told, cache = ask(one.policy, cache, authority, second * SECOND_MS)
        yield told


SECONDS = st.integers(1, END_S)


@examples(40)
@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(SECONDS, min_size=2, max_size=4, unique=True).map(sorted),
    st.sampled_from([20, 90, 250]),
    SECONDS,
)
def test_it_answers_as_a_cache_that_is_asked_every_second(
    kind: str, moments: list[int], ttl_s: int, changed_s: int
) -> None:
    one = at_once(KINDS[kind])
    spells = [(a * SECOND_MS, b * SECOND_MS) for a, b in zip(moments[::2], moments[1::2], strict=False)]
    texts = (Answer(Kind.RECORD, "0", ttl_s * SECOND_MS), Answer(Kind.RECORD, "1", 60 * SECOND_MS))
    alive = Authority((DAWN_MS, changed_s * SECOND_MS), texts)
    cache = BusyCache(one, alive, "MX", 0, 1)
    every = list(asked_every_second(one, replace(alive, dead_ms=tuple(spells))))
    near = {second + step for second in (*moments, changed_s) for step in (-1, 0, 1, 30, 100)}
    for second in sorted({*near, *range(0, END_S, 23)} & {*range(1, END_S)}):
        told = cache.answer(spells, second * SECOND_MS)
        assert (told.answer, told.ttl_ms) == (every[second].answer, every[second].ttl_ms), second


HOUR = Authority((DAWN_MS,), (Answer(Kind.RECORD, "0", HOUR_MS),))
"""A record that was fetched at 0."""


def told(one: Resolver, now_ms: int, back_ms: int = NEVER_MS) -> tuple[str, int]:
    """Kind of answer and TTL in seconds; the authority died at 0:30."""
    found = BusyCache(one, HOUR, "MX", 0, 1).answer([(HOUR_MS // 2, back_ms)], now_ms)
    return found.answer.kind, found.ttl_ms // SECOND_MS


def test_expired_answers_have_a_ttl_of_30_s_and_end_after_a_day() -> None:
    """RFC 8767 section 4 recommends the 30 s; `max-stale-ttl` of BIND is a day."""
    stale, honest = load_resolver(FILES, "bind", STALE_BIND), resolver("bind")
    for one in (stale, honest):
        assert told(one, HOUR_MS - SECOND_MS) == ("record", 1)
    assert told(honest, HOUR_MS) == ("servfail", 0)
    assert told(stale, HOUR_MS) == told(stale, 25 * HOUR_MS - 1) == ("record", 30)
    assert told(stale, 25 * HOUR_MS) == ("servfail", 0)


@pytest.mark.parametrize("kind", ["bind", "unbound", "powerdns", "windows"])
@pytest.mark.parametrize("back_ms", [HOUR_MS + 40 * SECOND_MS, 2 * HOUR_MS, 9 * HOUR_MS])
def test_a_recovery_is_noticed_in_the_window_of_the_resolver(kind: str, back_ms: int) -> None:
    one = resolver(kind)
    failed_ms = HOUR_MS - (2 * SECOND_MS if kind == "bind" else 0)  # BIND's prefetch fails first
    low, high = one.backoff.answers_again_ms(failed_ms, back_ms)
    every = range(low - SECOND_MS, high + SECOND_MS, 100)
    failing = list(takewhile(lambda now_ms: told(one, now_ms, back_ms)[0] == "servfail", every))
    assert low - 100 <= failing[-1] <= high


def test_a_flush_of_the_cache_while_the_authority_is_dead_leaves_nothing_to_give() -> None:
    one = at_once(load_resolver(FILES, "bind", STALE_BIND))
    spell = (HOUR_MS, 2 * HOUR_MS)
    flushed = BusyCache(one, HOUR, "MX", HOUR_MS + MINUTE_MS, 1)
    assert flushed.answer([spell], 2 * HOUR_MS - 1).answer == SERVFAIL
    assert flushed.answer([spell], 2 * HOUR_MS).ttl_ms == HOUR_MS
    later = BusyCache(one, HOUR, "MX", 2 * HOUR_MS + MINUTE_MS, 1)
    assert later.answer([spell], 2 * HOUR_MS + 2 * MINUTE_MS).ttl_ms == HOUR_MS - MINUTE_MS


@pytest.mark.parametrize("kind", ["bind", "unbound", "google", "stretcher", "dnsmasq", "windows"])
def test_without_a_spell_it_answers_as_the_caches_of_the_drill(kind: str) -> None:
    view = MxView(FILES, 1, 5, "mix", HOUR_MS)
    one = load_resolver(FILES, kind)

    def check(now_ms: int) -> None:
        cache = BusyCache(one, view.authority(), "MX", view.fetched_ms(now_ms, kind), 1)
        told = cache.answer((), now_ms)
        assert (int(told.answer.value), told.ttl_ms) == view.ask(now_ms, kind), now_ms

    for now_ms in range(0, 3 * HOUR_MS, 7 * MINUTE_MS + 1):
        check(now_ms)
    view.publish(3 * HOUR_MS, 5 * MINUTE_MS)
    for now_ms in range(3 * HOUR_MS, 5 * HOUR_MS, MINUTE_MS + 1):
        check(now_ms)
    view.flush(5 * HOUR_MS, ("google",))
    for now_ms in range(5 * HOUR_MS, 6 * HOUR_MS, MINUTE_MS + 1):
        check(now_ms)
