"""What the mail server's console counts of mail to the outside, whatever the gateway does with it."""

from typing import Any

import pytest

from sim.drill.instruments.server_console import read
from sim.drill.services.console_sessions import SHELL
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import OUTBOUND
from tests.gateway_office import ONSET_MS, drill
from tests.given import done, refused
from tests.offices import office, start

HOLDS = {"fault": "gateway accepts and holds", "reply": None, "console": "slow"}


def written(session: Session) -> int:
    return session.drill.world.generated()[OUTBOUND]


def check_it_adds_up(session: Session) -> None:
    """Everything that users have written waits here, was handed over, or came back."""
    shown = read(session.drill)
    assert shown.accepted[OUTBOUND] == shown.waiting
    gone = shown.delivered[OUTBOUND] + shown.returned + shown.rejected
    assert shown.waiting + gone == written(session)


@pytest.mark.parametrize("fault", [HOLDS, {}], ids=["holds", "refuses"])
def test_what_the_gateway_keeps_was_handed_over(fault: dict[str, Any]) -> None:
    session = drill(ONSET_MS + 2 * HOUR_MS, fault=fault)
    before = written(session)
    check_it_adds_up(session)
    session.advance(session.now_ms + 5 * MINUTE_MS)
    check_it_adds_up(session)
    shown, came = read(session.drill), written(session) - before
    assert came > 2
    if fault:
        kept = len(session.drill.world.writers.held)
        assert kept == session.drill.world.custody()["outbound"]["held"] > 50
        assert (shown.waiting, shown.handed, shown.leaving) == (0, round(came / 5), "flowing")
    else:
        assert (shown.handed, shown.leaving) == (0, "refused")
        assert shown.waiting > 50


def test_what_the_gateway_has_in_its_outbound_queue_or_returned_was_handed_over() -> None:
    session = drill(ONSET_MS - 50 * MINUTE_MS)
    done(session, "deliveries pause outbound")
    session.advance(ONSET_MS - 20 * MINUTE_MS)
    before, depth = written(session), session.drill.world.writers.outgoing.depth()
    assert depth > 5
    session.advance(session.now_ms + 5 * MINUTE_MS)
    came = written(session) - before
    check_it_adds_up(session)
    assert read(session.drill).handed == round(came / 5) > 0
    done(session, "queue bounce outbound")
    check_it_adds_up(session)
    back = session.drill.world.custody()["outbound"]
    assert back.get("bounced", 0) + back.get("rejected", 0) >= depth
    shown = read(session.drill)
    assert (shown.returned, shown.rejected) == (0, 0), "the gateway has returned it"


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        ({"fault": "mail-server refuses"}, False),
        ({"fault": "mail-server times out"}, False),
        ({"fault": "mail-server answers 4xx"}, True),
        ({"fault": "mail-server refuses", "access": "kept"}, True),
        ({"fault": "access lost"}, True),
    ],
)
def test_it_is_out_of_reach_with_a_dead_server_and_without_sign_in(
    fault: dict[str, Any], shown: bool
) -> None:
    session = start(office(fault={"reply": None, **fault}), ONSET_MS + 10 * MINUTE_MS)
    assert session.drill.consoles.server().live is shown
    assert (
        start(office(fault={"reply": None, **fault}), ONSET_MS - 10 * MINUTE_MS).drill.consoles.server().live
    )


def test_who_is_signed_in_works_on_until_the_session_ends_and_then_the_figures_stand() -> None:
    fault = {"fault": "mail-server answers 4xx", "reply": None, "sign_in": "lost"}
    scenario = office(fault=fault)
    onset_ms = scenario.outage_start_ms
    session = start(scenario, onset_ms + 1)
    ends_ms = session.drill.consoles.session_until_ms(SHELL)
    assert ends_ms is not None
    assert onset_ms < ends_ms < onset_ms + 90 * MINUTE_MS
    session.advance(ends_ms)
    assert session.drill.consoles.server().live
    session.advance(ends_ms + 1)
    assert not session.drill.consoles.server().live
    assert "session has ended" in refused(session, "connector show")
    shown = session.snapshot().protection.connector
    assert shown.seen.at_ms == ends_ms, "as it was when the session ended"
    assert shown.no_answer_ms == session.now_ms, "and somebody has tried since"


@pytest.mark.parametrize("text", ["connector show", "lock open everybody", "status check server"])
def test_who_gets_nowhere_at_a_dead_server_sees_that_its_figures_are_old(text: str) -> None:
    scenario = office(fault={"fault": "mail-server refuses", "reply": None})
    onset_ms = scenario.outage_start_ms
    session = start(scenario, onset_ms + MINUTE_MS)
    before = session.snapshot().protection.connector
    assert (before.seen.at_ms, before.no_answer_ms) == (session.now_ms, None), (
        "the page has not renewed itself"
    )
    if text.startswith("status"):
        assert "connection refused" in done(session, text)
    else:
        assert "does not answer" in refused(session, text)
    after = session.snapshot().protection.connector
    assert after.seen.at_ms == onset_ms
    assert after.no_answer_ms is not None
    session.advance(session.scenario.outage_end_ms + HOUR_MS)
    after = session.snapshot().protection.connector
    assert (after.seen.at_ms, after.no_answer_ms) == (session.now_ms, None)


def test_what_leaves_the_gateways_outbound_queue_was_handed_over_before() -> None:
    session = drill(ONSET_MS - 65 * MINUTE_MS)
    done(session, "deliveries pause outbound")
    session.advance(ONSET_MS - 15 * MINUTE_MS)
    depth = session.drill.world.writers.outgoing.depth()
    done(session, "deliveries resume outbound")
    before, resumed_ms = written(session), session.now_ms - 1
    session.advance(resumed_ms + 5 * MINUTE_MS)
    check_it_adds_up(session)
    left = session.drill.world.writers.sent.between(resumed_ms, session.now_ms)
    assert left >= depth > 15, "they have all left in those five minutes"
    handed = read(session.drill).handed
    assert abs(handed - (written(session) - before) / 5) <= 1 < left / 5 - handed, "three rounded rates"
