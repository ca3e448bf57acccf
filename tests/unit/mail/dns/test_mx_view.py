"""When correspondents see a published MX: lag, TTL at the time of caching, flush pages, stretchers."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.dns.authority import DAWN_MS
from sim.mail.dns.cache_policy import CachePolicy, Prefetch
from sim.mail.dns.mx_caches import lives
from sim.mail.dns.mx_view import MxView
from sim.mail.dns.resolver import load_population, load_resolver, read_publication
from sim.mail.dns.uptake import share_unmoved
from sim.mail.platforms.platform import BadSetting
from tests.shipped import FILES

MANY = 40_000
LAG_MS = read_publication(FILES).delays["bind-notify"].value


def test_one_change_spreads_as_the_closed_form_of_the_mix_says() -> None:
    """40,000 draws: five standard deviations are 1.3 %. Counted from when the servers show it."""
    seen = MxView(FILES, 7, MANY, "mix", HOUR_MS).publish(2 * HOUR_MS, 300 * SECOND_MS) - 2 * HOUR_MS - LAG_MS
    assert seen.min() >= 0
    population = load_population(FILES, "mix", HOUR_MS)
    for minutes in (0, 6, 30, 59, 60, 61, 24 * 60, 48 * 60):
        assert (seen > minutes * MINUTE_MS).mean() == pytest.approx(
            share_unmoved(population, minutes * MINUTE_MS), abs=0.013
        )


def test_who_is_left_when_the_ttl_is_over_are_the_stretchers() -> None:
    view = MxView(FILES, 3, MANY, "mix", HOUR_MS)
    left = np.flatnonzero(view.publish(0, HOUR_MS) > HOUR_MS + LAG_MS + 1)
    assert {view.resolver_of(int(number)) for number in left} == {"stretcher"}
    stretchers = sum(view.resolver_of(number) == "stretcher" for number in range(MANY))
    assert stretchers / MANY == pytest.approx(0.0874, abs=0.007)
    assert 0.5 * stretchers < len(left) < stretchers


def test_nobody_sees_a_change_before_the_servers_that_can_be_asked_show_it() -> None:
    for hosting, delay in read_publication(FILES).delays.items():
        seen = MxView(FILES, 1, 500, "mix", 300 * SECOND_MS, hosting).publish(HOUR_MS, 300 * SECOND_MS)
        assert seen.min() >= HOUR_MS + delay.value
        uncached = MxView(FILES, 1, 5, "dnsmasq", DAY_MS, hosting).publish(HOUR_MS, DAY_MS)
        assert set(uncached.tolist()) == {HOUR_MS + delay.value}


def test_a_ttl_helps_only_those_who_fetched_it() -> None:
    """Lowered a whole old TTL ahead the move takes five minutes; lowered at the same time, a day."""
    ahead, late = MxView(FILES, 5, 2_000, "unbound", DAY_MS), MxView(FILES, 5, 2_000, "unbound", DAY_MS)
    ahead.ttl_lowered(0, 300 * SECOND_MS)
    assert (ahead.publish(DAY_MS + LAG_MS, 300 * SECOND_MS) - DAY_MS).max() <= 300 * SECOND_MS + 2 * LAG_MS
    late.ttl_lowered(0, 300 * SECOND_MS)
    moves = late.publish(HOUR_MS, 300 * SECOND_MS)
    assert moves.max() > 23 * HOUR_MS
    assert (moves > 12 * HOUR_MS).mean() == pytest.approx(0.5, abs=0.06)


def test_a_version_that_was_replaced_before_a_cache_asked_again_is_never_seen_by_it() -> None:
    view = MxView(FILES, 5, 2_000, "unbound", HOUR_MS)
    wrong = view.publish(0, 4 * HOUR_MS)
    right = view.publish(20 * MINUTE_MS, HOUR_MS)
    spared = wrong >= 20 * MINUTE_MS + LAG_MS
    assert 0.5 < spared.mean() < 0.8
    assert (right[spared] == wrong[spared]).all()
    assert (right[~spared] == wrong[~spared] + 4 * HOUR_MS).all()


def test_flush_pages_help_those_who_ask_there_once_the_servers_show_the_change() -> None:
    view = MxView(FILES, 9, 3_000, "mix", DAY_MS)
    before = view.publish(HOUR_MS, DAY_MS)
    theirs = np.array([view.resolver_of(number) in ("google", "cloudflare") for number in range(view.count)])
    assert theirs.mean() == pytest.approx(0.15, abs=0.03)
    view.flush(HOUR_MS + LAG_MS, ("google", "cloudflare"))
    seen = view.used_from_ms(1)
    assert seen[theirs].max() == HOUR_MS + LAG_MS
    assert (seen[~theirs] == before[~theirs]).all()


def test_flushed_too_early_the_old_answer_is_kept_for_another_ttl() -> None:
    view = MxView(FILES, 9, 50, "google", HOUR_MS)
    view.publish(DAY_MS, HOUR_MS)
    view.flush(DAY_MS + LAG_MS - 1, ("google",))
    assert set(view.used_from_ms(1).tolist()) == {DAY_MS + LAG_MS - 1 + HOUR_MS}
    assert view.ask(DAY_MS + LAG_MS, "google") == (0, HOUR_MS - 1)


def test_a_flush_takes_nothing_back_from_who_had_it() -> None:
    view = MxView(FILES, 9, 200, "google", HOUR_MS)
    had = view.publish(0, HOUR_MS)
    view.flush(30 * MINUTE_MS, ("google",))
    assert (view.used_from_ms(1) == np.minimum(had, 30 * MINUTE_MS)).all()
    assert (had < 30 * MINUTE_MS).any()
    assert (had > 30 * MINUTE_MS).any()


def test_a_test_query_says_what_a_shared_cache_holds_and_for_how_long() -> None:
    view = MxView(FILES, 2, 10, "mix", HOUR_MS)
    version, left_ms = view.ask(0, "unbound")
    assert version == 0
    assert 0 < left_ms <= HOUR_MS
    view.publish(0, 300 * SECOND_MS)
    assert view.ask(left_ms - 1, "unbound") == (0, 1)
    moved_ms = max(left_ms, LAG_MS)
    assert view.ask(moved_ms, "unbound") == (1, 300 * SECOND_MS)
    assert view.ask(moved_ms + 1_000, "unbound") == (1, 299 * SECOND_MS)
    assert view.ask(moved_ms + 301_000, "unbound") == (1, 299 * SECOND_MS)


def test_the_question_that_renews_an_entry_is_itself_answered_from_it() -> None:
    """BIND fetches anew in the last two seconds of a TTL."""
    view = MxView(FILES, 2, 10, "mix", 300 * SECOND_MS)
    _, left_ms = view.ask(0, "bind")
    third_ms = left_ms - 300 * SECOND_MS + 3 * 298 * SECOND_MS
    assert view.ask(third_ms - 1, "bind") == (0, 2_001)
    assert view.ask(third_ms, "bind") == (0, 2_000)
    assert view.ask(third_ms + 1, "bind") == (0, 299_999)


def test_the_share_that_has_moved_is_that_of_the_mail_and_never_rounded_up() -> None:
    view = MxView(FILES, 4, 3, "unbound", HOUR_MS)
    order = np.argsort(view.publish(0, HOUR_MS))
    moments = np.sort(view.used_from_ms(1))
    weights = np.zeros(3, dtype=np.int64)
    weights[order] = [5, 2, 1_000]
    told = [view.share_moved(1, int(moment) - before, weights) for moment in moments for before in (1, 0)]
    assert told == [0, 4, 4, 6, 6, 1_000]
    assert view.share_moved(0, 0, weights) == 1_000
    assert view.used_from_ms(0).tolist() == [DAWN_MS] * 3


def test_who_asks_which_resolver_follows_the_mix_and_the_seed_alone() -> None:
    small, large = MxView(FILES, 6, 100, "mix", HOUR_MS), MxView(FILES, 6, 5_000, "mix", HOUR_MS)
    kinds = [large.resolver_of(number) for number in range(5_000)]
    assert [small.resolver_of(number) for number in range(100)] == kinds[:100]
    assert (small.publish(0, HOUR_MS) == large.publish(0, HOUR_MS)[:100]).all()
    assert kinds.count("bind") / 5_000 == pytest.approx(0.2, abs=0.03)
    other = MxView(FILES, 8, 100, "mix", HOUR_MS)
    assert (other.publish(0, HOUR_MS) != small.used_from_ms(1)).any()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            lambda: MxView(FILES, 1, 5, "bindd", HOUR_MS),
            "unknown resolver or mix 'bindd'; choose from mix, bind",
        ),
        (
            lambda: MxView(FILES, 1, 5, "mix", HOUR_MS, "godaddy"),
            "unknown kind of hosting 'godaddy'; choose from bind-notify",
        ),
        (lambda: MxView(FILES, 1, 5, "mix", HOUR_MS).flush(0, ("quad9",)), "quad9 has no public flush page"),
        (lambda: MxView(FILES, 1, 5, "mix", HOUR_MS).ask(0, "quad8"), "unknown resolver 'quad8'"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_in_one_line(wrong: Callable[[], object], said: str) -> None:
    with pytest.raises(BadSetting) as refused:
        wrong()
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_changes_come_in_order_of_time() -> None:
    view = MxView(FILES, 1, 5, "mix", HOUR_MS)
    view.publish(1_000, HOUR_MS)
    with pytest.raises(ValueError, match="999 ms"):
        view.publish(999, HOUR_MS)
    with pytest.raises(ValueError, match="999 ms"):
        view.ask(999, "google")


def test_a_rule_that_the_walk_does_not_know_is_refused() -> None:
    hiding = CachePolicy(prefetch=Prefetch(percent=50, hidden=True))
    with pytest.raises(ValueError, match="hidden"):
        lives([hiding], HOUR_MS, np.zeros(1, dtype=np.int64))


def test_a_resolver_with_its_defaults_is_derived_from_its_file_once() -> None:
    assert load_resolver(FILES, "bind") is load_resolver(FILES, "bind")
    assert load_resolver(FILES, "bind", {"max-cache-ttl": "1h"}) != load_resolver(FILES, "bind")
