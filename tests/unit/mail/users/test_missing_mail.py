"""Who misses mail from outside that stays away: nobody at first, and of a share of it a share."""

from itertools import pairwise

import numpy as np
import pytest

from sim.drill.people.noticed_trouble import stays_away_percent
from sim.drill.scenario.fault import Fault
from sim.kernel.duration import HOUR_MS
from sim.mail.users.callers import Callers
from sim.mail.users.missing_mail import MailAway


def away(*changes: tuple[int, int]) -> MailAway:
    """`changes`: (hour, share in percent from then on)."""
    found = MailAway(7, Callers(7, 1000, (100,) * 24, "test"), 2 * HOUR_MS)
    for hour, percent in changes:
        found.begins_or_ends(hour * HOUR_MS, percent)
    return found


def count(one: MailAway, from_h: float, to_h: float) -> int:
    return len(one.callers(int(from_h * HOUR_MS), int(to_h * HOUR_MS))[0])


def test_it_is_missed_two_hours_later_and_until_it_comes_again() -> None:
    one = away((3, 100), (9, 0))
    assert (count(one, 0, 5), count(one, 9, 24)) == (0, 0)
    assert 300 < count(one, 5, 9) < 500
    assert set(one.callers(0, 24 * HOUR_MS)[2].tolist()) == {3 * HOUR_MS}
    assert (away((3, 100)).missed(5 * HOUR_MS - 1), away((3, 100)).missed(5 * HOUR_MS)) == (False, True)
    assert not one.missed(10 * HOUR_MS)
    assert (away().percent, away((3, 75)).percent, one.percent) == (0, 75, 0)


def test_of_a_share_that_stays_away_a_share_is_missed() -> None:
    whole, part = away((3, 100)), away((3, 50))
    assert 0.4 * count(whole, 5, 20) < count(part, 5, 20) < 0.6 * count(whole, 5, 20)


def test_asking_in_parts_finds_the_same() -> None:
    one = away((1, 100), (6, 0), (8, 60), (15, 100))
    cuts_h = [0, 3.1, 5.5, 6.2, 10.4, 11, 17.7, 24]
    parts = [one.callers(int(a * HOUR_MS), int(b * HOUR_MS)) for a, b in pairwise(cuts_h)]
    whole = one.callers(0, 24 * HOUR_MS)
    for column in range(3):
        found = np.sort(np.concatenate([part[column] for part in parts]))
        assert found.tolist() == np.sort(whole[column]).tolist()


@pytest.mark.parametrize(
    ("fault", "more", "percent", "round_it"),
    [
        ("gateway refuses", {}, 100, 0),
        ("gateway accepts and holds", {}, 100, 0),
        ("gateway answers 4xx", {"share_percent": 40}, 40, 0),
        ("gateway refuses", {"hosts": "one"}, 0, 0),
        ("gateway refuses", {"direction": "outbound"}, 0, 0),
        ("gateway is slow", {"per_message": "1s"}, 0, 0),
        ("mail-server is intermittent", {"share_percent": 75}, 75, 75),
        ("mail-server answers 4xx", {}, 100, 100),
        ("mail-server is partial", {"share_percent": 30}, 0, 0),
        ("access lost", {}, 0, 0),
        ("receivers answer 4xx", {}, 0, 0),
    ],
)
def test_what_stays_away_under_which_fault(
    fault: str, more: dict[str, object], percent: int, round_it: int
) -> None:
    one = Fault.model_validate({"id": "one", "at": "T+1h", "fault": fault, "for": "2h"} | more)
    assert stays_away_percent([one], goes_round=False) == percent
    assert stays_away_percent([one], goes_round=True) == round_it
    assert stays_away_percent([one], goes_round=False, paused=True) == 100
    assert stays_away_percent([one], goes_round=True, paused=True) == round_it, (
        "it does not come by the gateway"
    )
    assert stays_away_percent([], goes_round=False) == 0
