"""What a trainee sees follows from what can be observed: two truths that look alike look alike on screen."""

from functools import cache

import pytest

from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.session import Session
from sim.drill.snapshot.console import Snapshot
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.drills.played import lasting

LOOKED_AT_MS = 3 * HOUR_MS
"""After the onset; the shorter of both outages lasts for three hours more at least."""

GIVEN = (
    (8, "status check microsoft"),
    (9, "status check gateway-vendor"),
    (10, "status check probe"),
    (12, "status check gateway"),
    (15, "diagnose component=mail-server failure=refuses"),
    (20, "notify users via=sms cause=gateway until=2h next=1h"),
    (25, "notify executives via=phone state=down"),
    (30, "phone gateway-vendor"),
    (40, "status check peers"),
    (50, "decide mx no because=no estimate"),
    (100, "status check microsoft"),
    (110, "status check gateway-vendor"),
    (120, "openings show"),
)


@cache
def scenario(name: str, outage: str) -> Scenario:
    """Without the server team's estimates: they look at the server itself, and err in their own way."""
    told = lasting(name, 30, outage)
    organisation = told.organisation.model_copy(update={"estimates": None})
    return told.model_copy(update={"organisation": organisation})


def seen(name: str, outage: str, seed: int) -> tuple[Snapshot, list[Event]]:
    """What is on the screen three hours after the onset, and everything that was said by then."""
    told = scenario(name, outage)
    session = Session(told, seed, None)
    for minute, text in GIVEN:
        session.advance(told.outage_start_ms + minute * MINUTE_MS)
        session.dispatch(text)
    session.advance(told.outage_start_ms + LOOKED_AT_MS)
    return session.snapshot(), [event for event in session.events() if event.kind not in HIDDEN_FROM_TRAINEE]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", shipped_names("outages"))
def test_nothing_on_the_screen_knows_how_long_the_outage_lasts(name: str, seed: int) -> None:
    short, long = seen(name, "8h", seed), seen(name, "40h", seed)
    assert short[1] == long[1]
    for part in Snapshot.__slots__:
        assert getattr(short[0], part) == getattr(long[0], part), part


def test_the_comparison_can_fail() -> None:
    """The same with an outage that is over by then: the screen knows."""
    assert seen("exchange-down", "1h", 1)[0] != seen("exchange-down", "40h", 1)[0]
