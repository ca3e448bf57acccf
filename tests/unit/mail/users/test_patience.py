"""How much of the mail is missed, against sums by hand: how late it is, how often, how much of it."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.users.patience import _weight, late_permille, missed_permille, one_of

NOW_MS = 100 * HOUR_MS
USERS = tuple(minutes * MINUTE_MS for minutes in (15, 60, 120, 180, 240))
"""Patience of users in the shipped organisations: 0 % of them at a quarter of an hour, all at four hours."""
ONE_A_SECOND = np.arange(NOW_MS - 8 * HOUR_MS, NOW_MS, 1000, dtype=np.int64)


def missed(late: I64, patience: tuple[int, ...] = USERS) -> int:
    return missed_permille(ONE_A_SECOND, np.setdiff1d(ONE_A_SECOND, late), NOW_MS, patience)


@pytest.mark.parametrize(
    ("hours", "permille"),
    [
        # Of 100 people who wait for a message 25 miss it within an hour, evenly from the quarter on, 25 more
        # in each further hour. Summed over mail of all ages up to 4 h: 0.09375 + 0.375 + 0.625 + 0.875 h.
        (0.25, 0),
        (1, 1000 * 0.09375 / 1.96875),
        (2, 1000 * 0.46875 / 1.96875),
        (3, 1000 * 1.09375 / 1.96875),
        (4, 1000),
        (7, 1000),
    ],
)
def test_without_any_mail_more_is_missed_each_hour_until_all_is(hours: float, permille: float) -> None:
    waits = ONE_A_SECOND[NOW_MS - hours * HOUR_MS <= ONE_A_SECOND]
    assert missed(waits) == pytest.approx(permille, abs=1)


def test_intermittent_failures_by_hand() -> None:
    """A quarter of the attempts succeeds; attempts after 0, 1, 6, 15, 30, 60 minutes, then hourly."""
    attempts = [0, 1, 6, 15, 30, 60, 120, 180]
    age_min = (NOW_MS - ONE_A_SECOND) / MINUTE_MS
    failed = 0.75 ** (age_min[:, None] >= np.array(attempts)).sum(axis=1)
    late = np.random.default_rng(1).random(len(failed)) < failed
    still = [0.75**4, 0.75**5, 0.75**6, 0.75**7, 0.75**8]  # from 15, 30, 60, 120 and 180 minutes on
    # hours x share of people who miss it: the line has 0 at 15 min, 1/12 at 30 and 1/4 at 60
    area = [0.25 / 24, 0.5 / 6, 0.375, 0.625, 0.875]
    expected = 1000 * sum(s * a for s, a in zip(still, area, strict=True)) / 1.96875
    assert expected == pytest.approx(130, abs=5)
    assert missed(ONE_A_SECOND[late]) == pytest.approx(expected, rel=0.1)


def test_two_late_messages_of_eighty_thousand_are_missed_by_nobody() -> None:
    """And delays of a minute neither, however many."""
    assert missed(ONE_A_SECOND[[100, 9000]]) == 0
    assert missed(ONE_A_SECOND[ONE_A_SECOND >= NOW_MS - 61_000]) == 0


def test_without_mail_to_compare_with_nothing_is_missed() -> None:
    none = np.empty(0, dtype=np.int64)
    assert missed_permille(none, none, NOW_MS, USERS) == 0
    assert missed_permille(none, ONE_A_SECOND[-20_000:], NOW_MS, USERS) == 0
    assert late_permille(ONE_A_SECOND, none, 1, NOW_MS, USERS) == 0


def test_a_share_of_another_stream_in_a_usual_proportion() -> None:
    """Three tenths as many are written; of these a third is late, from each age alike."""
    late = ONE_A_SECOND[::10]
    assert late_permille(late, ONE_A_SECOND, 0.3, NOW_MS, USERS) == pytest.approx(333, abs=2)
    assert late_permille(ONE_A_SECOND, ONE_A_SECOND, 0.3, NOW_MS, USERS) == 1000


@pytest.mark.parametrize(
    ("permille", "expected", "chance"),
    [(0, 6, 0), (1000, 6, 1000), (100, 1, 100), (100, 2, 190), (250, 6, 823)],
)
def test_one_message_of_several(permille: int, expected: int, chance: int) -> None:
    assert one_of(permille, expected) == pytest.approx(chance, abs=1)


@pytest.mark.parametrize("patience_ms", [(0, 10), (5, 5), (0, 20, 20, 60), (7, 100, 1000, 1001)])
def test_the_share_grows_linearly_between_the_quantiles_of_patience(patience_ms: tuple[int, ...]) -> None:
    """Reckoned with fractions; no float may decide, since histories are compared between processors."""
    ages = np.arange(0, patience_ms[-1] + 1)
    found = [_weight(-ages[age : age + 1], 0, patience_ms) for age in ages.tolist()]
    assert found == [_reckoned(age, patience_ms) for age in ages.tolist()]
    mixed = np.random.default_rng(1).permutation(np.append(ages, ages[::3]))
    assert _weight(-mixed, 0, patience_ms) == sum(found) + sum(found[::3])
    assert _weight(-mixed - patience_ms[-1] - 1, 0, patience_ms) == 0, "older messages are compared with none"


def _reckoned(age_ms: int, patience_ms: tuple[int, ...]) -> int:
    if age_ms >= patience_ms[-1]:
        return 1000
    if age_ms < patience_ms[0]:
        return 0
    cell = max(n for n, mark in enumerate(patience_ms) if mark <= age_ms)
    low, high = patience_ms[cell : cell + 2]
    share = Fraction(1000, len(patience_ms) - 1) * (cell + Fraction(age_ms - low, high - low))
    return floor(share + Fraction(1, 2))
