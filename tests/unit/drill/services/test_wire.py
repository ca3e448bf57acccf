"""What a real client meets, read from the state of the world."""

import pytest

from sim.drill.services.wire import FULL, Attempt, PortAnswer, as_reply
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.mail.queue.receiver_condition import Answer


@pytest.mark.parametrize(
    ("scenario", "answer", "reply", "port"),
    [
        ("gateway-down", "refused", "", "closed"),
        ("gateway-down-drops", "timeout", "", "silent"),
        ("gateway-down-4xx", "defer", "451 4.3.2 service is busy, try again later", "open"),
        ("gateway-half", "refused", "", "closed"),
        ("gateway-grey", "up", "", "open"),
    ],
)
def test_the_mx_answers_as_its_fault_says_while_it_lasts(
    scenario: str, answer: str, reply: str, port: str
) -> None:
    session = Session(load_scenario(scenario, {"users": "12"}), 1, None)
    assert session.meets("MX") == PortAnswer(host="gateway-1")
    session.advance(session.scenario.outage_start_ms + MINUTE_MS)
    met = session.meets("MX")
    assert (met.answer, met.reply, met.port) == (answer, reply, port)


@pytest.mark.parametrize(
    ("answer", "text", "reply"),
    [
        ("up", "451 4.3.2 busy", ""),
        ("refused", "connection refused", ""),
        ("timeout", "451 4.4.1 connection timed out", ""),
        ("defer", FULL, FULL),
        ("defer", "451 busy", "451 4.0.0 busy"),
        ("defer", "busy", "451 4.3.2 busy"),
        ("defer", "", "451 4.3.2 Service is busy, try again later"),
        ("defer", "550 5.1.1 no", "451 4.3.2 Service is busy, try again later"),
        (
            "reject",
            "550 5.7.51 TenantInboundAttribution; Rejecting",
            "550 5.7.51 TenantInboundAttribution; Rejecting",
        ),
        ("reject", "no\r\n250 OK", "550 5.7.1 no250 OK"),
        ("reject", "550 4.1.1 no", "550 5.7.1 Message is refused"),
    ],
)
def test_a_reply_has_the_class_and_the_enhanced_code_of_its_answer(
    answer: Answer, text: str, reply: str
) -> None:
    assert as_reply(answer, text) == reply


def test_a_share_keeps_its_answer_for_the_same_client_at_the_same_moment() -> None:
    session = Session(load_scenario("m365-offline", {"users": "12"}), 1, None)
    met = PortAnswer("defer", "451 4.3.2 busy", per_mille=500, of="senders", host="gateway-1")
    hits = [session.hits(met, Attempt(1, f"a@d{n}.example", "b@c.example")) for n in range(200)]
    again = [session.hits(met, Attempt(9, f"z@D{n}.example", "y@c.example")) for n in range(200)]
    assert hits == again
    assert 60 < sum(hits) < 140
    shut = PortAnswer("reject", "554 5.2.122 too much", users=(3,), host="server")
    assert session.hits(shut, Attempt(1, "", "User0003@meridian.example"))
    assert not session.hits(shut, Attempt(1, "", "user0004@meridian.example"))
