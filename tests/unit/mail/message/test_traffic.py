"""Mail is made some bins at a time; nobody can see it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.draws import further, mix, poisson, poisson_counts
from sim.kernel.duration import HOUR_MS
from sim.mail.message import traffic
from sim.mail.message.traffic import INBOUND, Stream
from sim.mail.message.weekly_curve import BIN_MS, Volume, Week

WEEK = Week("Europe/London", (*(20,) * 8, *(80,) * 8, *(25,) * 8), (110, 100, 100, 100, 100, 8, 5))
MONDAY_UTC_MS = 1_772_409_600_000 + 5 * 60_000
"""Five minutes past a bin's begin."""
HORIZON_MS = 30 * HOUR_MS
moments = st.integers(0, HORIZON_MS)


def stream() -> Stream:
    return Stream(3, INBOUND, Volume(WEEK, 3_000), MONDAY_UTC_MS)


@given(st.lists(st.tuples(moments, moments, st.booleans()), max_size=12))
def test_who_asks_what_first_changes_nothing(asked: list[tuple[int, int, bool]]) -> None:
    whole = stream().between(0, HORIZON_MS)
    mail = stream()
    for a_ms, b_ms, forgets in asked:
        some = mail.between(a_ms, b_ms)
        inside = (whole.arrival_ms >= a_ms) & (whole.arrival_ms < b_ms)
        assert some.id.tolist() == whole.id[inside].tolist()
        assert some.arrival_ms.tolist() == whole.arrival_ms[inside].tolist()
        assert mail.count(a_ms, b_ms) == len(some)
        if forgets:
            mail.forget(a_ms)


def test_how_many_bins_are_drawn_together_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = stream().between(0, HORIZON_MS)
    assert len(usual) > 2_000
    for at_a_time in (1, 3, 50):
        monkeypatch.setattr(traffic, "AT_A_TIME", at_a_time)
        traffic._bins.cache_clear()
        mail = stream().between(0, HORIZON_MS)
        assert (mail.id.tolist(), mail.arrival_ms.tolist()) == (usual.id.tolist(), usual.arrival_ms.tolist())
    traffic._bins.cache_clear()


def test_messages_stand_by_arrival_and_number_each_in_its_own_bin() -> None:
    mail = stream().between(0, HORIZON_MS)
    order = np.lexsort((mail.id, mail.arrival_ms))
    assert order.tolist() == list(range(len(mail)))
    bins = (mail.arrival_ms + MONDAY_UTC_MS) // BIN_MS
    assert ((mail.id >> 22) & ((1 << 36) - 1)).tolist() == bins.tolist()


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(-5, 10**10)), min_size=1, max_size=9))
def test_no_count_depends_on_those_that_are_drawn_with_it(pairs: list[tuple[int, int]]) -> None:
    bits = np.array([one for one, _mean in pairs], dtype=np.uint64)
    means_micro = np.array([mean for _one, mean in pairs], dtype=np.int64)
    together = poisson_counts(bits, means_micro).tolist()
    assert together == [poisson(one, mean) for one, mean in pairs]


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_keys_may_be_added_later(one: int, other: int) -> None:
    whole = mix(1, "some purpose", one, other)
    assert further(mix(1, "some purpose", one), other).tolist() == whole.tolist()


def test_between_the_middles_of_two_hours_the_curve_is_a_straight_line() -> None:
    """Quarters lie 7.5, 22.5, 37.5 and 52.5 min into an hour, whose middle has the hour's own share."""
    shares = (*(40,) * 8, 80, 120, *(40,) * 12, 0, 0)
    week = Week("UTC", shares, (100,) * 7)
    middles = {hour * 60 + 30: share for hour, share in enumerate(shares)}
    for minute in range(60, 23 * 60, 15):
        at = minute + 7.5
        before = max(m for m in middles if m <= at)
        after = min(m for m in middles if m > at)
        line = middles[before] + (middles[after] - middles[before]) * (at - before) / (after - before)
        found = week.share_micro(1_772_409_600_000 + minute * 60_000)
        assert abs(found - line * 1000 / 4) < 1, minute
