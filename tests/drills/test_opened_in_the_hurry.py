"""What is opened in the hurry of an outage that needs no opening: not asked, not closed, refused for good."""

import pytest

from sim.drill.scenario.runbook import Runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from tests.drills.played import Played, reference, run, scenario, steps, well

OPENS_NOTHING = (
    "exchange-down", "m365-offline", "m365-access-only", "m365-partial", "m365-intermittent", "gateway-slow",
)  # fmt: skip

OVERRIDE = ("outage.start + 2m", "approve outbound emergency=yes")
LED_ROUND = ("outage.start + 40m", "connector set outbound secondary")
AFTER_THE_RETURN = (
    ("server.reported-back + 10m", "approve outbound emergency=yes"),
    ("server.reported-back + 25m", "connector set outbound secondary"),
)
"""Where nobody gets at the connector in the outage itself; the first override holds for a day."""
LED_BACK = (
    ("server.reported-back + 90m", "connector set outbound gateway"),
    ("server.reported-back + 3h", "openings prove connector"),
)


def outage(name: str) -> Scenario:
    """A hundred users; the filter of a slow gateway at a tenth of its pace."""
    return (
        load_scenario(name, {"users": "100", "filter": "12s"}) if name == "gateway-slow" else scenario(name)
    )


def besides(name: str, *given: tuple[str, str]) -> Played:
    """The reference, and this besides."""
    book = reference(name)
    more: Runbook = steps(name, *given)
    return run(outage(name), book.model_copy(update={"steps": (*book.steps, *more.steps)}))


def protection(played: Played) -> dict[str, str]:
    """The objectives on that side which are not met."""
    asked = {one.id for one in played.session.scenario.objectives if one.side == "protection"}
    return {id_: state for id_, state in played.objectives.items() if id_ in asked and state != "met"}


@pytest.mark.parametrize("name", OPENS_NOTHING)
def test_who_goes_ahead_without_asking_and_leaves_the_way_open_loses_both(name: str) -> None:
    left = besides(name, OVERRIDE, LED_ROUND, *AFTER_THE_RETURN)
    unproven = left.session.drill.room.openings.unproven()
    assert [one.kind for one in unproven] == ["connector"], "what the reference opens it closes"
    assert {"asked-first", "openings-closed"} <= protection(left).keys(), protection(left)
    assert not protection(well(name))


def test_what_was_opened_unasked_and_closed_again_was_still_not_asked() -> None:
    closed = besides("exchange-down", OVERRIDE, *AFTER_THE_RETURN, *LED_BACK)
    (opened,) = closed.session.drill.room.openings.entries
    assert opened.proven_ms is not None
    assert protection(closed) == {"asked-first": "failed"}


def test_an_mx_led_round_a_slow_gateway_with_the_lock_shut_is_refused_for_good() -> None:
    shut = besides(
        "gateway-slow",
        ("outage.start + 2m", "approve mx emergency=yes"),
        ("outage.start + 90m", "mx set backup ttl=300"),
    )
    assert {"no-own-goals", "openings-closed", "asked-first"} <= protection(shut).keys()
    assert shut.outcome.lost.rejected > 1_000


def test_a_lock_opened_to_everybody_beside_a_slow_gateway_lets_in_what_no_filter_has_seen() -> None:
    wide = besides(
        "gateway-slow",
        ("outage.start + 2m", "approve exposure opening=lock whom=everybody emergency=yes"),
        ("outage.start + 40m", "lock open everybody"),
    )
    assert {"asked-first", "openings-closed", "filtered-and-signed"} <= protection(wide).keys()


def test_a_lock_that_is_opened_after_the_return_stays_open_to_everybody() -> None:
    left = besides(
        "exchange-down",
        ("outage.start + 3m", "approve exposure opening=lock whom=everybody emergency=yes"),
        ("server.reported-back + 9m", "approve exposure opening=lock whom=everybody emergency=yes"),
        ("server.reported-back + 30m", "lock open everybody"),
    )
    assert protection(left) == {"asked-first": "failed", "openings-closed": "failed"}
