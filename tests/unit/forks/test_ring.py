"""The copies that are kept lie evenly apart in computing time, and the start is always among them."""

from itertools import pairwise

from sim.forks.ring import Spot, apart_s, one_too_many


def test_the_copy_that_is_missed_least_is_given_up() -> None:
    spots = [Spot(t, 0, cost) for t, cost in ((0, 0.0), (1, 1.0), (2, 1.2), (3, 3.0))]
    assert one_too_many(spots, 4.0) == 1, "from the start to 1.2 s is the shortest gap that would arise"
    assert one_too_many(spots, 3.1) == 1
    assert one_too_many(spots[:2], 9.0) == 1, "the start stays"


def test_a_long_drill_has_gaps_of_at_most_a_few_hundredths_of_it() -> None:
    spots, cost_s = [Spot(0, 0, 0.0)], 0.0
    while cost_s < 60:
        cost_s += 0.02
        if cost_s - spots[-1].cost_s >= apart_s(cost_s, 32):
            spots.append(Spot(round(cost_s * 1000), 0, cost_s))
        if len(spots) > 32:
            del spots[one_too_many(spots, cost_s)]
    costs = [one.cost_s for one in spots] + [cost_s]
    gaps = [later - earlier for earlier, later in pairwise(costs)]
    assert spots[0].t_ms == 0
    assert len(spots) == 32
    assert max(gaps) < 2.1 * 60 / 32
