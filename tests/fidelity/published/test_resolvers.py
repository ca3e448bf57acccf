"""What is published about resolvers, copied as data with its source, against the files and the rules."""

from dataclasses import dataclass

import pytest

from sim.kernel.document import Record
from sim.kernel.duration import NEVER_MS
from sim.mail.dns import uptake
from sim.mail.dns.cache_policy import Kind
from sim.mail.dns.resolver import load_resolver, read_population, read_resolver
from sim.mail.probes.dns import Question, probe
from tests.shipped import FILES

S = 1_000
DAY = 86_400


@dataclass(frozen=True)
class Clamp:
    """Published limits of a resolver, in seconds; None where nothing is published."""

    resolver: str
    source: str
    max_s: int | None
    min_s: int | None = None
    negative_s: int | None = None


CLAMPS = [
    Clamp("unbound", "NLnetLabs/unbound doc/example.conf.in @7fb79b06", DAY, 0, 3600),
    Clamp("bind", "isc-projects/bind9 bin/include/defaultconfig.h @bf74540d", 604_800, 0, 10_800),
    Clamp("powerdns", "PowerDNS/pdns recursordist/rec-rust-lib/table.py @20096dc7", DAY, 1, 3600),
    Clamp("knot", "CZ-NIC/knot-resolver lib/defines.h @4f4788cf", DAY, 5),
    Clamp("systemd-resolved", "systemd/systemd src/resolve/resolved-dns-cache.c", 7200),
    Clamp("windows", "technet cc757255; itprotoday (negative)", DAY, None, 900),
    Clamp("google", "nullrouted.space 2023-03-18 (measured)", 21_600),
    Clamp("quad9", "nullrouted.space 2023-03-18 (measured)", 43_200),
    Clamp("opendns", "nullrouted.space 2023-03-18 (measured)", 3600),
    Clamp("cloudflare", "nullrouted.space 2023-03-18 (no cap seen)", None),
]


@pytest.mark.parametrize("clamp", CLAMPS, ids=lambda clamp: clamp.resolver)
def test_published_limits(clamp: Clamp) -> None:
    policy = load_resolver(FILES, clamp.resolver).policy
    assert policy.max_ttl_ms == (NEVER_MS if clamp.max_s is None else clamp.max_s * S)
    if clamp.min_s is not None:
        assert policy.min_ttl_ms == clamp.min_s * S
    if clamp.negative_s is not None:
        assert policy.max_negative_ms == clamp.negative_s * S


def test_limits_of_limits() -> None:
    """Least TTL: BIND at most 90 s, dnsmasq at most an hour; PowerDNS: greatest TTL at least 15 s."""
    assert load_resolver(FILES, "bind", {"min-cache-ttl": "600"}).policy.min_ttl_ms == 90 * S
    assert load_resolver(FILES, "dnsmasq", {"min-cache-ttl": "2h"}).policy.min_ttl_ms == 3600 * S
    assert load_resolver(FILES, "powerdns", {"max-cache-ttl": "5"}).policy.max_ttl_ms == 15 * S


@pytest.mark.parametrize(("ttl_s", "kept_s"), [(1, 5), (5, 5), (60, 5), (3600, 5)])
def test_knot_in_stub_mode_keeps_entries_for_5_s_at_most(ttl_s: int, kept_s: int) -> None:
    """Records and negative answers alike; at least the 5 s of cache.min_ttl."""
    stub = load_resolver(FILES, "knot", {"policy.STUB": "yes"}).policy
    for kind in (Kind.RECORD, Kind.NXDOMAIN, Kind.NODATA):
        assert stub.lifetime(ttl_s * S, "MX", kind).usable_ms == kept_s * S
    assert load_resolver(FILES, "knot").policy.lifetime(3600 * S).usable_ms == 3600 * S
    less = load_resolver(FILES, "knot", {"policy.STUB": "yes", "cache.min_ttl": "0"}).policy
    assert less.lifetime(3 * S).usable_ms == 3 * S


def test_defaults_of_serving_expired_answers() -> None:
    """Unbound: a day, TTL 30, 1.8 s; BIND: a day, 30, refresh 30; off by default everywhere (RFC 8767 §5)."""
    for resolver_id in ("unbound", "bind", "powerdns", "knot", "dnsmasq", "systemd-resolved"):
        assert load_resolver(FILES, resolver_id).policy.stale.for_ms == 0, resolver_id
    unbound = load_resolver(FILES, "unbound", {"serve-expired": "yes"}).policy.stale
    assert (unbound.for_ms, unbound.wait_ms, unbound.reply_ttl_ms) == (DAY * S, 1_800, 30 * S)
    bind = load_resolver(
        FILES, "bind", {"stale-answer-enable": "yes", "stale-cache-enable": "yes"}
    ).policy.stale
    assert (bind.for_ms, bind.reply_ttl_ms, bind.recheck_ms) == (DAY * S, 30 * S, 30 * S)
    powerdns = load_resolver(FILES, "powerdns", {"serve-stale-extensions": "10"}).policy.stale
    assert powerdns.for_ms == 300 * S


def test_defaults_of_prefetch() -> None:
    """BIND: the last 2 s of records of at least 9 s; Unbound: off, else the last tenth."""
    assert load_resolver(FILES, "bind").policy.prefetch.age_ms(9 * S) == 7 * S
    assert load_resolver(FILES, "bind").policy.prefetch.age_ms(8 * S) == 8 * S
    assert load_resolver(FILES, "unbound").policy.prefetch.age_ms(300 * S) == 300 * S
    assert load_resolver(FILES, "unbound", {"prefetch": "yes"}).policy.prefetch.age_ms(300 * S) == 270 * S


@pytest.mark.parametrize(
    "resolver_id", ["unbound", "powerdns", "knot", "systemd-resolved", "google", "opendns"]
)
def test_uptake_of_an_hour_s_ttl_by_honest_busy_resolvers(resolver_id: str) -> None:
    """A change with TTL 3600: half have moved at 30 min, all at 60 min (stale share 1 - t/T)."""
    lives = load_resolver(FILES, resolver_id).lives(3_600_000)
    assert uptake.share_old(lives, 1_800_000) == pytest.approx(0.5)
    assert uptake.share_old(lives, 3_600_000) == 0
    found = probe(FILES, Question(resolver_id, 3_600_000)).stale_ms
    assert found == {"p50": 1_800_000, "p95": 3_420_000, "max": 3_600_000}


def test_a_name_asked_at_random_is_cached_for_the_share_that_renewal_says() -> None:
    """λT / (1 + λT)."""
    lives = load_resolver(FILES, "unbound").lives(3_600_000)
    for per_hour in (0.1, 1.0, 10.0, 1000.0):
        expected = per_hour / (1 + per_hour)
        assert uptake.share_old(lives, 0, 3_600_000 / per_hour) == pytest.approx(expected)


def test_the_share_of_resolvers_that_stretch() -> None:
    """8.74 % of 8,524 resolvers (Bhowmick et al., PAM 2023)."""
    assert read_population(FILES, "mix").shares["stretcher"].ppm == 87_400
    assert read_resolver(FILES, "stretcher").fixed["stretch_share"].value == 87_400


def test_the_tail_of_a_short_ttl() -> None:
    """TTL 20 s: 90 % moved within 60 s, 2 % still stale after 15 min (Flavel et al., LANMAN 2014).

    The 10 % left after 60 s are an upper bound here: only 8.74 % of resolvers stretch at all.
    """
    stretchers = load_resolver(FILES, "stretcher").lives(20_000)
    assert 0.06 < 0.0874 * uptake.share_old(stretchers, 60_000) < 0.0874
    assert 0.0874 * uptake.share_old(stretchers, 900_000) == pytest.approx(0.02, abs=0.002)


def test_about_91_percent_have_moved_at_the_end_of_an_hour_s_ttl() -> None:
    """100 % less the stretchers."""
    found = probe(FILES, Question("mix", 3_600_000))
    assert 1 - dict(found.curve)[3_600_000] == pytest.approx(0.9126, abs=0.01)
    assert found.stale_ms["max"] > 2 * DAY * S


def test_every_number_has_a_source_and_a_confidence() -> None:
    for clamp in CLAMPS:
        file = read_resolver(FILES, clamp.resolver)
        assert isinstance(file, Record)
        for name, fact in file.facts().items():
            assert fact.source in file.sources, (clamp.resolver, name)
