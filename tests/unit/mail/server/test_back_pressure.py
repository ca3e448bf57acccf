"""The submission queue's pressure by hand: each threshold at its exact number, and what senders meet."""

import pytest

from sim.mail.server.pressure_gauge import Gauge, Pressure, PressureEffect, PressureRules

RULES = PressureRules(2000, 100, 150, 130, 80, 10_000, 5_000, 55_000, 12)
LOW, MEDIUM, HIGH = Pressure


@pytest.mark.parametrize(
    ("before", "length", "after"),
    [
        (LOW, 100, LOW),
        (LOW, 101, MEDIUM),
        (LOW, 150, MEDIUM),
        (LOW, 151, HIGH),
        (MEDIUM, 150, MEDIUM),
        (MEDIUM, 151, HIGH),
        (MEDIUM, 80, MEDIUM),
        (MEDIUM, 79, LOW),
        (HIGH, 151, HIGH),
        (HIGH, 130, HIGH),
        (HIGH, 129, MEDIUM),
        (HIGH, 80, MEDIUM),
        (HIGH, 79, LOW),
    ],
)
def test_a_poll_finds_the_pressure_that_the_length_makes(
    before: Pressure, length: int, after: Pressure
) -> None:
    """`polls` counts this poll too, and begins anew when pressure is low."""
    polled = Gauge(before, 3).polled(RULES, length)
    assert polled == Gauge(after, 0 if after is LOW else 4)


def test_each_poll_makes_senders_wait_longer_up_to_a_most_and_patience_has_an_end() -> None:
    """Ten seconds at the first poll, five more at each, never more than 55; refused at the thirteenth."""
    gauge, waits_ms, refuses = Gauge(), [], []
    for _poll in range(14):
        gauge = gauge.polled(RULES, 120)
        met = gauge.effect(RULES, False)
        waits_ms.append(met.tarpit_ms)
        refuses.append(met.refuses)
        assert not met.disk_full
    assert waits_ms == [*range(10_000, 55_001, 5_000), 55_000, 55_000, 55_000, 55_000]
    assert refuses == [False] * 12 + [True] * 2


def test_high_pressure_and_a_full_disk_refuse_at_once() -> None:
    assert Gauge().effect(RULES, False) == PressureEffect(0, False, False)
    assert Gauge().effect(RULES, True) == PressureEffect(0, True, True)
    assert Gauge(HIGH, 1).effect(RULES, False) == PressureEffect(10_000, True, False)
    assert Gauge(MEDIUM, 2).effect(RULES, True) == PressureEffect(15_000, True, True)
