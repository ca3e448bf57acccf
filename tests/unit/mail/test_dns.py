"""MTA-STS, publication, delegation, lookups in the cache: rules of DNS one by one."""

import numpy as np
import pytest

from sim.mail.dns.authority import DAWN_MS, Answer, Authority, mx_change
from sim.mail.dns.cache import Cache, ask, first_heard_ms, flushed
from sim.mail.dns.cache_policy import CachePolicy, EntryLifetime, Kind
from sim.mail.dns.dead_authority import Backoff
from sim.mail.dns.delegation import Delegation, average_old, mx_seen_ms, unresolvable_ms
from sim.mail.dns.mta_sts import Cached, Mode, MtaStsDecision, Policy, Published, judge, look_up
from sim.mail.dns.publication import SecondaryServer, as_shown, sees_new_ms
from sim.mail.dns.resolver import delegation_of, read_publication
from sim.mail.dns.stale_share import Lowering
from tests.shipped import FILES

H = 3_600_000
OLD = Policy(Mode.ENFORCE, ("mx1.gateway.example", "*.mail.example"), 14 * 24 * H)
NEW = Policy(Mode.ENFORCE, ("mx.backup.example",), 14 * 24 * H)
CACHED = Cached(OLD, "1", 0)


def test_a_host_outside_the_cached_policy_is_a_temporary_failure() -> None:
    verdict, kept = judge(CACHED, "mx.backup.example", Published("1", OLD), H)
    assert verdict is MtaStsDecision.TEMPORARY_FAILURE
    assert kept == CACHED


def test_a_new_id_makes_the_sender_fetch_the_new_policy_first() -> None:
    verdict, kept = judge(CACHED, "mx.backup.example", Published("2", NEW), H)
    assert verdict is MtaStsDecision.DELIVER
    assert kept == Cached(NEW, "2", H)


def test_a_new_policy_with_the_old_id_is_not_found() -> None:
    assert judge(CACHED, "mx.backup.example", Published("1", NEW), H)[0] is MtaStsDecision.TEMPORARY_FAILURE


def test_a_new_id_before_the_new_policy_is_an_own_goal() -> None:
    """The wrong order: the old policy is cached again under the new id, and then stays."""
    kept = look_up(CACHED, Published("2", OLD), H)
    assert kept == Cached(OLD, "2", H)
    assert judge(kept, "mx.backup.example", Published("2", NEW), 2 * H)[0] is MtaStsDecision.TEMPORARY_FAILURE


def test_an_unreachable_policy_or_a_missing_record_changes_nothing_until_max_age() -> None:
    for published in (Published("2", None), Published(None, None)):
        assert judge(CACHED, "mx.backup.example", published, H)[0] is MtaStsDecision.TEMPORARY_FAILURE
        late = 14 * 24 * H
        assert judge(CACHED, "mx.backup.example", published, late) == (MtaStsDecision.DELIVER, None)


def test_testing_and_none_deliver() -> None:
    for mode in (Mode.TESTING, Mode.NONE):
        cached = Cached(Policy(mode, ("a.example",), H), "1", 0)
        assert judge(cached, "b.example", Published("1", cached.policy), 1)[0] is MtaStsDecision.DELIVER


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("a.mail.example", True),
        ("A.Mail.Example.", True),
        ("mail.example", False),
        ("a.b.mail.example", False),
    ],
)
def test_a_wildcard_is_one_label(host: str, named: bool) -> None:
    assert OLD.names(host) is named


def test_secondaries_by_notify_and_by_refresh() -> None:
    assert SecondaryServer(5_000, H).shows_ms(100) == 5_100
    assert SecondaryServer(5_000, H, checked_ms=600, hears_notify=False).shows_ms(1_000) == H + 600


def test_a_fetch_from_a_late_secondary_is_old_for_another_ttl() -> None:
    zone = mx_change(300_000, 300_000)
    fast, slow = as_shown(zone, (SecondaryServer(0, H), SecondaryServer(600_000, H)))
    policy = CachePolicy()
    assert first_heard_ms(policy, fast, range(-10_000, 10**7, 10_000), "new") == 290_000
    assert first_heard_ms(policy, slow, range(-10_000, 10**7, 10_000), "new") == 890_000
    seen = sees_new_ms(
        np.array([0, 600_000]), np.array([290_000]), np.array([300_000]), np.array([[1, 1, 0, 1]])
    )
    assert seen.tolist() == [890_000]
    with pytest.raises(ValueError, match="too few fetches"):
        sees_new_ms(np.array([10**9]), np.array([1]), np.array([10]), np.array([[0, 0]]))


def test_a_change_of_delegation_lasts_two_days_for_those_who_go_by_the_parent() -> None:
    moved = Delegation(EntryLifetime(48 * H, 48 * H), EntryLifetime(H, H), 900_000)
    assert moved.share_at_old(0) == 1
    assert moved.share_at_old(H) == pytest.approx(0.1 * (1 - 1 / 48))
    assert moved.longest_ms(EntryLifetime(H, H)) == 49 * H
    assert average_old(moved, EntryLifetime(H, H), 0) == 1
    assert average_old(moved, EntryLifetime(H, H), H) == pytest.approx(
        0.9 * 0.5 + 0.1 * (1 - 1 / 96), abs=0.002
    )
    assert average_old(moved, EntryLifetime(H, H), 49 * H) == 0


def test_published_delays_and_a_delegation_made_of_them() -> None:
    file = read_publication(FILES)
    assert file.delays["bind-notify"].value == 5_000
    assert file.delays["bind-least-refresh"].value == 300_000
    moved = delegation_of(FILES, H)
    assert moved.parent.renewed_ms == 172_800_000
    assert moved.share_at_old(H) == pytest.approx(0.1 * (1 - 1 / 48))


def test_the_mx_follows_with_the_next_fetch_after_the_ns_have_expired() -> None:
    assert mx_seen_ms(1_000, -100, 300) == 1_100
    assert mx_seen_ms(1_100, -100, 300) == 1_100
    assert unresolvable_ms(1_000, 200) == 800
    assert unresolvable_ms(100, 200) == 0


def test_a_flushed_cache_asks_anew() -> None:
    zone, policy = mx_change(H, H), CachePolicy()
    _, cache = ask(policy, Cache(), zone, -1)
    assert ask(policy, cache, zone, 1)[0].answer.value == "old"
    assert ask(policy, flushed(cache), zone, 1)[0].answer.value == "new"


def test_lowering_the_ttl_helps_only_after_the_old_ttl() -> None:
    hour, five = EntryLifetime(H, H), EntryLifetime(300_000, 300_000)
    assert Lowering(hour, five, 0).share_old(1_800_000) == 0.5, "at the change itself it changes nothing"
    assert Lowering(hour, five, H).share_old(300_000) == 0
    assert Lowering(hour, five, H // 2).share_old(300_000) == pytest.approx(0.5 - 300 / 3600)


def test_negative_answers_live_for_the_lesser_of_the_soa_s_two_numbers() -> None:
    policy = CachePolicy(max_negative_ms=3 * H)
    assert policy.negative_ttl_ms(H, 300_000) == policy.negative_ttl_ms(300_000, H) == 300_000
    assert policy.negative_ttl_ms(24 * H, 24 * H) == 3 * H


def test_dead_authorities_as_measured() -> None:
    """PowerDNS rests for 60 s, once or twice; Unbound's probes are far apart; the others ask again."""
    rest = Backoff("rest", rest_ms=60_000)
    assert rest.answers_again_ms(1_000, 40_000) == (61_000, 121_000)
    unbound = Backoff("doubling", probe_ms=12_000, settle_ms=1_500, down_ms=120_000, host_ms=900_000)
    early, late = unbound.answers_again_ms(800, 40_000)
    assert early <= 45_000
    assert 64_000 <= late <= 90_000
    assert unbound.answers_again_ms(0, 3_600_000) == (3_600_000, 4_500_000)
    assert Backoff(slack_ms=1_300).answers_again_ms(0, 40_000) == (40_000, 41_300)


def test_an_authority_says_servfail_while_it_is_dead_and_its_changes_are_in_order() -> None:
    one = Answer(Kind.RECORD, "a", 10)
    authority = Authority((DAWN_MS,), (one,), ((5, 8),))
    assert [authority.answer_at(t).kind.value for t in (4, 5, 7, 8)] == [
        "record",
        "servfail",
        "servfail",
        "record",
    ]
    assert mx_change(1, 1, 100).delayed(50).answer_at(120).value == "old"
    with pytest.raises(ValueError, match="ascending"):
        Authority((5, 5), (one, one))
    with pytest.raises(ValueError, match="one answer for each"):
        Authority((), ())
