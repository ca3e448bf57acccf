"""A choice is confirmed with other seeds by pairs of runs with the same seed."""

from collections.abc import Sequence
from dataclasses import replace

from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.cost import RunCost, Stake, run_cost
from sim.study.what_if.regret import Regret
from sim.study.what_if.seeds import Confirmed, confirmed
from sim.study.what_if.subject import AS_GIVEN, Subject, Variation
from tests.plays import ONSET_MS, play, small

PAUSE = "deliveries pause inbound"
GIVEN = ((ONSET_MS + 30 * MINUTE_MS, PAUSE),)
NO_COST = RunCost(0, 0, 0, 0, 0.0, 0, 0, 0, 0)


def test_it_is_compared_with_the_drill_of_the_same_seed() -> None:
    subject = Subject(small(), 7, GIVEN, FOREVER_MS, {})
    without = Variation("without", PAUSE)
    stake = Stake(100, 100, 100, 100, 100, 100, 100, 100)
    found = [
        Regret(without, 0, 1, NO_COST, stake, NO_COST, 0.5),
        Regret(AS_GIVEN, 0, 1, NO_COST, stake, NO_COST, 0.0),
    ]

    def runs(jobs: Sequence[tuple[Subject, Variation]]) -> list[RunCost]:
        assert [(one.seed, variation) for one, variation in jobs] == [
            (8, AS_GIVEN),
            (8, without),
            (9, AS_GIVEN),
            (9, without),
            (10, AS_GIVEN),
            (10, without),
        ]
        lost = {8: (50, 10), 9: (50, 51), 10: (10, 50)}
        return [replace(NO_COST, lost=lost[one.seed][variation is without]) for one, variation in jobs]

    assert confirmed(subject, found, 3, runs) == (Confirmed(without, better=1, worse=1, of=3),)
    assert confirmed(subject, found[1:], 3, runs) == ()


def test_no_difference_is_the_drill_itself() -> None:
    to_ms = ONSET_MS + HOUR_MS
    subject = Subject(small(), 8, GIVEN, to_ms, {})
    assert subject.cost(AS_GIVEN) == run_cost(play("2h", GIVEN, to_ms, seed=8))
