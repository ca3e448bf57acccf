"""What another run may count: by hand, and against counts that are really drawn."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest

from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.report.chance import UNSEEN, AverageCount, counted, possible, weighted
from sim.report.sender_ranges import weighed

OWN = {"gmail": 80, "mailgun": 4, "application": 16}
OTHER = {"gmail": 65, "mailgun": 35}


def test_another_run_with_the_same_numbers_differs_by_what_both_have_drawn() -> None:
    """Variance 100 for the estimate and 100 for the other run: four deviations are 4 · √200 = 56.6."""
    assert (counted(100).lowest, counted(100).highest) == (44, 156)
    assert (counted(0).lowest, counted(0).highest) == (0, 0)


def test_a_multiple_varies_by_the_square_of_its_factor() -> None:
    """Twice 100: variance 4 · 100 + 200, so 4 · √600 = 97.98; half of it: 25 + 50, so 34.6."""
    assert counted(100).times(Fraction(2)).highest == 200 + 97
    assert counted(100).times(Fraction(1, 2)).lowest == 50 - 34
    assert counted(1).times(Fraction(2)).highest == 2 + 9, "4 · √6 = 9.8"


def test_a_platform_with_few_messages_here_and_many_there_makes_the_band_wide() -> None:
    """Mailgun: 35 of 4 % is 8.75 times as much, with a variance of 8.75² = 76.6 for each message."""
    found = weighted({"mailgun": 20, "gmail": 0, "application": 40}, OWN, OTHER)
    assert found.count == 175
    assert float(found.variance) == pytest.approx(20 * 8.75**2 + (65 / 80) ** 2)
    assert weighted({}, OWN, OTHER) == AverageCount(Fraction(0), Fraction(0))


@pytest.mark.parametrize("factor", [Fraction(1), Fraction(2)])
def test_the_band_holds_nearly_every_other_run(factor: Fraction) -> None:
    """Poisson draws of this run and of another, 2,000 times: 4 standard deviations hold all but a few."""
    draws = np.random.default_rng(7)
    outside = 0
    for _time in range(2000):
        here = {"mailgun": int(draws.poisson(20)), "application": int(draws.poisson(40))}
        there = int(draws.poisson(float(20 * Fraction(35, 4) * factor)))
        found = weighted(here, OWN, OTHER).times(factor)
        outside += not found.lowest <= there <= found.highest
    assert outside <= 4
    assert sqrt(175) * 4 < counted(175).highest - 175


def test_what_only_chance_makes_0_has_a_band_and_what_cannot_be_has_none() -> None:
    """20 users and 30 min: with seed 1 an application's message bounces or not, and a code is late or not."""
    short = load_scenario("gateway-down", {"users": "20", "outage": "30m"})
    bands = []
    for seed in (1, 2, 3, 4):
        session = Session(short, seed, None)
        session.advance(6 * HOUR_MS)
        assert possible(session)[:2] == (UNSEEN, UNSEEN)
        found = weighed(session)
        bands += [found.gave_up.band, found.late.band]
    assert all(band is not None and band[0] == 0 and band[1] >= 5 for band in bands)
    session = Session(short, 1, None)
    session.advance(HOUR_MS)
    assert possible(session) == (0, 0, 0, 0), "before the onset"
    grey = Session(load_scenario("gateway-grey", {"users": "20"}), 1, None)
    grey.advance(4 * HOUR_MS)
    assert weighed(grey).gave_up.band == (0, 0), "it accepts everything"
    assert possible(grey)[1] == UNSEEN
