"""Who gets the notice that comes at an age: whose message is still there after the exact millisecond."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.kernel.duration import HOUR_MS
from sim.mail.platforms.platform import load_platform
from sim.mail.senders.arrivals import Still
from sim.mail.senders.delay_notices import Notices
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from tests.shipped import FILES

EXCHANGE = load_platform(FILES, "exchange-server")
(AGE_MS,) = EXCHANGE.notice.after_ms[:1]
NOW_MS = 9 * HOUR_MS


def numbers(*some: int) -> NDArray[np.int64]:
    return np.array(some, dtype=np.int64)


def notices() -> Notices:
    """Of one organisation with an Exchange Server; it notes none itself."""
    machine: Any = type("Machine", (), {"first_notice_ms": NOW_MS * 2})()
    timers: Any = None
    return Notices(CorrespondentTable(1, (EXCHANGE,), (100,), (1,), 1), {0: machine}, timers)


def waits(*written_ms: int) -> Still:
    ids: NDArray[np.int64] = np.arange(len(written_ms), dtype=np.int64)
    return Still(ids, numbers(*written_ms), ids, ids)


def test_the_rule_is_one_of_an_age() -> None:
    assert (EXCHANGE.notice.when, AGE_MS) == ("at-limit", 4 * HOUR_MS)
    assert notices().least_ms == AGE_MS
    assert notices().age_ms(numbers(3, 4)).tolist() == [AGE_MS] * 2


def test_what_leaves_in_the_very_millisecond_had_none() -> None:
    written_ms = numbers(1000, 1000, 2000)
    left_ms = numbers(1000, 1001, 2001) + AGE_MS
    had = notices().had_one(numbers(1, 2, 3), written_ms, left_ms, np.zeros(3, dtype=np.int8))
    assert had.tolist() == [False, True, True]


@pytest.mark.parametrize(("age_ms", "told"), [(AGE_MS - 1, False), (AGE_MS, False), (AGE_MS + 1, True)])
def test_what_still_waits_gets_one_after_the_very_millisecond(age_ms: int, told: bool) -> None:
    one = notices()
    assert one.first_ms(NOW_MS, waits()) is None
    found = one.first_ms(NOW_MS, waits(NOW_MS, NOW_MS - age_ms, NOW_MS - 5))
    assert found == (NOW_MS - age_ms + AGE_MS if told else None)
    assert one.first_ms(NOW_MS, waits()) is None, "looking leaves nothing behind"


@pytest.mark.parametrize(("age_ms", "told"), [(AGE_MS, False), (AGE_MS + 1, True)])
def test_what_has_left_after_it_is_remembered(age_ms: int, told: bool) -> None:
    one = notices()
    gone: Any = type(
        "Arrivals",
        (),
        {"id": numbers(1, 2), "written_ms": numbers(50, 70), "time_ms": numbers(60, 70 + age_ms)},
    )()
    one.left(gone)
    assert one.first_ms(NOW_MS, waits()) == (70 + AGE_MS if told else None)
