"""What a gateway in trouble answers to real letters."""

import pytest

from sim.drill.services.real_mail import Letter
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS

LETTER = Letter("ada@partner.example", ("bob@harbour.example",), "Offer 17", 900, "1.eml")


@pytest.mark.parametrize(
    ("scenario", "begins"),
    [
        ("gateway-down", "421 4.3.2 Service not available (connection refused)"),
        ("gateway-down-drops", "421 4.3.2 Service not available (connection timed out)"),
        ("gateway-down-4xx", "451 4.3.2"),
        ("gateway-half", ""),
        ("gateway-grey", ""),
    ],
)
def test_it_answers_as_its_fault_says_while_it_lasts(scenario: str, begins: str) -> None:
    session = Session(load_scenario(scenario, {"users": "12"}), 1, None)
    assert session.gateway_says == ""
    session.advance(session.scenario.outage_start_ms + MINUTE_MS)
    assert session.gateway_says.startswith(begins)
    assert bool(session.gateway_says) == bool(begins)


def test_a_gateway_that_holds_takes_a_letter_and_keeps_it() -> None:
    session = Session(load_scenario("gateway-grey", {"users": "12", "outage": "2h"}), 1, None)
    session.advance(session.scenario.outage_start_ms + MINUTE_MS)
    session.receive(LETTER)
    session.advance(session.scenario.outage_end_ms - MINUTE_MS)
    assert not session.effects()
    session.advance(session.scenario.outage_end_ms + HOUR_MS)
    (effect,) = session.effects()
    assert effect.kind == "relay"
    assert effect.t_ms >= session.scenario.outage_end_ms
