"""What a gateway in trouble does with real letters."""

from sim.drill.services.real_mail import Letter
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS

LETTER = Letter("ada@partner.example", ("bob@harbour.example",), "Offer 17", 900, "1.eml")


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
