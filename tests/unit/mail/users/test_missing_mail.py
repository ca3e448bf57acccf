"""Who misses mail from outside: of a share that is missed a share calls, as long as it is missed."""

from itertools import pairwise

import numpy as np

from sim.kernel.duration import HOUR_MS
from sim.mail.users.callers import Callers
from sim.mail.users.missing_mail import MailAway


def away(*changes: tuple[int, int], hours: int = 24) -> MailAway:
    """`changes`: (hour, permille of the mail that is missed from then on), all in trouble since hour 1."""
    found = MailAway(7, Callers(7, 1000, (0, 0, 0) + (100,) * (hours - 3), "test"), (0, 1))
    for hour, permille in changes:
        found.becomes(hour * HOUR_MS, permille, HOUR_MS)
    return found


def count(one: MailAway, from_h: float, to_h: float) -> int:
    return len(one.callers(int(from_h * HOUR_MS), int(to_h * HOUR_MS))[0])


def test_users_call_while_mail_is_missed_and_know_since_when() -> None:
    one = away((3, 1000), (9, 0))
    assert (count(one, 0, 3), count(one, 9, 24)) == (0, 0)
    assert abs(count(one, 3, 9) - 600) < 80, "a tenth of a thousand users in each of six hours"
    assert set(one.callers(0, 24 * HOUR_MS)[2].tolist()) == {HOUR_MS}
    assert (away().permille, away((3, 75)).permille, one.permille) == (0, 75, 0)


def test_of_a_share_that_is_missed_a_share_calls() -> None:
    """2,100 would call in 21 hours: of 300 permille 630, of two permille 4."""
    assert abs(count(away((3, 300)), 3, 24) - 630) < 80
    assert count(away((3, 2)), 3, 24) < 12


def test_the_next_hour_with_callers() -> None:
    one = away(hours=5)
    asked = [one.next_call_hour_ms(from_ms) for from_ms in (0, 3 * HOUR_MS, 3 * HOUR_MS + 1, 4 * HOUR_MS + 1)]
    assert asked == [3 * HOUR_MS, 3 * HOUR_MS, 4 * HOUR_MS, None]


def test_asking_in_parts_finds_the_same() -> None:
    one = away((4, 1000), (6, 0), (8, 600), (15, 1000))
    cuts_h = [0, 3.1, 5.5, 6.2, 10.4, 11, 17.7, 24]
    parts = [one.callers(int(a * HOUR_MS), int(b * HOUR_MS)) for a, b in pairwise(cuts_h)]
    whole = one.callers(0, 24 * HOUR_MS)
    for column in range(3):
        found = np.sort(np.concatenate([part[column] for part in parts]))
        assert found.tolist() == np.sort(whole[column]).tolist()
