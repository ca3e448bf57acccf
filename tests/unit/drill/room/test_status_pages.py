"""Status pages: late by what was measured, vague at first, sometimes green too early, never the truth."""

from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest

from sim.drill.organisation.vendor_file import load_vendor
from sim.drill.room.delays import wait_ms
from sim.drill.room.status_pages import Incident, StatusPages, incidents_of, posts
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.shipped import FILES

VENDORS = ("gateway-vendor", "microsoft")
LONG = Incident("microsoft", 10 * MINUTE_MS, 10 * MINUTE_MS + 20 * HOUR_MS)


@pytest.mark.parametrize("name", VENDORS)
def test_the_first_post_lags_as_it_was_measured(name: str) -> None:
    """Metrist: median 16 min, mean 29, range 2 to 121; the table is that of the lognormal it names."""
    table = load_vendor(FILES, name).first_post.minutes
    made = [16 * 2.718281828459045 ** (1.25 * NormalDist().inv_cdf(k / 40)) for k in range(1, 40)]
    assert list(table) == [2, *(min(121, max(2, round(one))) for one in made), 121]
    drawn = np.array([wait_ms(seed, f"{name} first post", 0, table) for seed in range(4000)]) / MINUTE_MS
    assert drawn.min() >= 2
    assert drawn.max() <= 121
    assert abs(np.median(drawn) - 16) < 1
    assert abs(drawn.mean() - 29) < 1.5, "four standard errors of the mean of 4,000"


def test_a_page_is_vague_then_specific_and_closes_after_the_end() -> None:
    vendor = load_vendor(FILES, "microsoft")
    for seed in range(60):
        made = posts(vendor, LONG, seed, 0)
        assert made[0].posted_ms >= LONG.start_ms + 2 * MINUTE_MS
        assert [(post.colour, post.text) for post in made[:2]] == [("amber", vendor.wording.vague)] * 2
        assert (made[2].colour, made[2].text) == ("red", vendor.wording.specific)
        assert (made[-1].colour, made[-1].text) == ("green", vendor.wording.resolved)
        assert made[-1].posted_ms > LONG.end_ms
        assert all(a.posted_ms < b.posted_ms for a, b in pairwise(made))
        gaps = [b.posted_ms - a.posted_ms for a, b in pairwise(made[:-1]) if a.next_ms == b.posted_ms]
        assert all(25 * MINUTE_MS <= gap <= 120 * MINUTE_MS for gap in gaps)


def test_some_pages_say_resolved_before_it_is_and_take_it_back() -> None:
    vendor = load_vendor(FILES, "microsoft")
    relapses = 0
    for seed in range(300):
        made = posts(vendor, LONG, seed, 0)
        early = [post for post in made if post.text == vendor.wording.too_early]
        relapses += len(early)
        for post in early:
            assert post.colour == "green"
            assert LONG.end_ms - 2 * HOUR_MS <= post.posted_ms < LONG.end_ms
    assert 60 <= relapses <= 120, "30 % of 300"


def test_what_is_over_before_the_first_post_never_appears() -> None:
    vendor = load_vendor(FILES, "microsoft")
    shown = [posts(vendor, Incident("microsoft", 0, 16 * MINUTE_MS), seed, 0) for seed in range(400)]
    appeared = sum(bool(made) for made in shown)
    assert 160 <= appeared <= 240, "half of the first posts take longer than the median"


def test_the_public_page_is_a_later_copy_that_never_overtakes_itself() -> None:
    vendor = load_vendor(FILES, "microsoft")
    behind = 0
    for seed in range(40):
        pages = StatusPages({"microsoft": vendor}, [LONG], seed)
        for moment_ms in range(0, LONG.end_ms + 3 * HOUR_MS, 7 * MINUTE_MS):
            full, public = pages.full_at("microsoft", moment_ms), pages.public_at("microsoft", moment_ms)
            if full is None:
                assert public is None
            elif public is None or public.text != full.text:
                behind += 1
        texts = [pages.public_at("microsoft", t) for t in range(0, LONG.end_ms + 5 * HOUR_MS, MINUTE_MS)]
        order = [post.posted_ms for post in texts if post is not None]
        assert order == sorted(order)
    assert behind > 0
    gateway = StatusPages({"gateway-vendor": load_vendor(FILES, "gateway-vendor")}, [], 1)
    assert gateway.public_at("gateway-vendor", HOUR_MS) is None


def test_flickers_are_one_incident_and_a_later_fault_another() -> None:
    flickers = [Incident("microsoft", hour * HOUR_MS, hour * HOUR_MS + 10 * MINUTE_MS) for hour in (1, 1, 2)]
    merged = incidents_of([*flickers, Incident("microsoft", 9 * HOUR_MS, 10 * HOUR_MS, True)])
    assert merged == (
        Incident("microsoft", HOUR_MS, 2 * HOUR_MS + 10 * MINUTE_MS),
        Incident("microsoft", 9 * HOUR_MS, 10 * HOUR_MS, True),
    )


def test_truth_is_known_to_the_model_only_while_it_lasts() -> None:
    one = Incident("microsoft", HOUR_MS, 2 * HOUR_MS, True)
    pages = StatusPages({name: load_vendor(FILES, name) for name in VENDORS}, [one], 1)
    for moment_ms, there in (
        (HOUR_MS - 1, False),
        (HOUR_MS, True),
        (2 * HOUR_MS - 1, True),
        (2 * HOUR_MS, False),
    ):
        assert pages.disturbed_at("microsoft", moment_ms) is there
        assert pages.no_sign_in_at("microsoft", moment_ms) is there
        assert pages.since_ms("microsoft", moment_ms) == (HOUR_MS if there else None)
        assert not pages.disturbed_at("gateway-vendor", moment_ms)


def test_messages_about_priority_1_follow_the_first_post() -> None:
    vendor = load_vendor(FILES, "gateway-vendor")
    assert vendor.priority_messages is not None
    for seed in range(50):
        pages = StatusPages({"gateway-vendor": vendor}, [Incident("gateway-vendor", 0, 14 * HOUR_MS)], seed)
        (message,) = pages.priority_messages("gateway-vendor")
        first = next(t for t in range(0, 3 * HOUR_MS, 1000) if pages.full_at("gateway-vendor", t) is not None)
        assert -1000 <= message[0] - first <= 30 * MINUTE_MS
        assert message[1].startswith("Priority 1: ")
    assert (
        StatusPages({"microsoft": load_vendor(FILES, "microsoft")}, [LONG], 1).priority_messages("microsoft")
        == []
    )


def test_an_incident_that_ends_as_the_first_post_would_appear_never_does() -> None:
    vendor = load_vendor(FILES, "microsoft")
    lag_ms = wait_ms(7, "microsoft first post", 0, vendor.first_post.minutes)
    assert posts(vendor, Incident("microsoft", 0, lag_ms), 7, 0) == ()
    assert len(posts(vendor, Incident("microsoft", 0, lag_ms + 1), 7, 0)) > 1


def test_less_than_an_hour_between_two_disturbances_makes_them_one() -> None:
    def merged(gap_ms: int) -> int:
        return len(incidents_of([Incident("x", 0, 1000), Incident("x", 1000 + gap_ms, 9 * HOUR_MS)]))

    assert [merged(gap_ms) for gap_ms in (HOUR_MS - 1, HOUR_MS, HOUR_MS + 1)] == [1, 2, 2]
