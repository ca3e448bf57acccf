"""Who would call again, hour by hour: each in an hour of its own."""

from itertools import pairwise

from sim.kernel.duration import HOUR_MS
from sim.mail.users.callers import Callers


def test_calls_lie_in_the_hour_whose_share_they_are() -> None:
    callers = Callers(1, 2_000, (300, 0, 600))
    counts = [len(callers.between(n * HOUR_MS, (n + 1) * HOUR_MS)[0]) for n in range(4)]
    assert abs(counts[0] - 600) < 100
    assert abs(counts[2] - 1_200) < 100
    assert counts[1] == counts[3] == 0
    moments, users = callers.between(0, HOUR_MS)
    assert moments.tolist() == sorted(moments.tolist())
    assert len(set(users.tolist())) == len(users), "nobody twice in an hour"


def test_asking_in_parts_finds_the_same_calls() -> None:
    whole, parts = Callers(1, 300, (300,) * 5), Callers(1, 300, (300,) * 5)
    cuts = [0, 1, HOUR_MS - 1, HOUR_MS, 2 * HOUR_MS + 7, 9 * HOUR_MS]
    found = [one for a, b in pairwise(cuts) for one in parts.between(a, b)[0].tolist()]
    assert found == whole.between(0, 9 * HOUR_MS)[0].tolist()
