"""Mail that comes twice in the shipped outages: fewer by a word in time, and named in the debrief."""

import pytest

from sim.drill.scenario.runbook import Runbook
from sim.drill.session.session import Session
from sim.report.debrief import debrief
from tests.drills.played import Played, reference, run, scenario, waiting, well


def silent(book: Runbook) -> Runbook:
    """The same words, without the advice."""
    assert any("advise=" in step.do for step in book.steps)
    steps = (one.model_copy(update={"do": one.do.replace(" advise=do-not-resend", "")}) for one in book.steps)
    return book.model_copy(update={"steps": tuple(steps)})


def copies(session: Session) -> dict[str, int]:
    return session.drill.world.copies.counts(session.drill.world.inbound.hop)


@pytest.mark.parametrize("name", ["exchange-down", "m365-offline"])
def test_a_first_update_without_the_advice_has_a_cost(name: str) -> None:
    advised, unadvised = well(name), run(scenario(name), silent(reference(name)))
    assert advised.objectives["no-doubles"] == "met"
    assert unadvised.objectives["no-doubles"] == "failed"
    assert copies(unadvised.session)["outbox"] > 2 * copies(advised.session)["outbox"] > 0
    assert unadvised.outcome.timing.copies.count == sum(copies(unadvised.session).values())


def test_who_leaves_the_gateway_down_gets_mail_twice_that_notices_came_for() -> None:
    left, handled = waiting("gateway-down"), well("gateway-down")
    assert left.objectives["no-doubles"] == "failed"
    assert handled.objectives["no-doubles"] == "met"
    found = copies(left.session)
    assert found["notice"] > 20, "outbound mail waited for fourteen hours"
    assert found["notice_outside"] > copies(handled.session)["notice_outside"]


def test_the_debrief_names_the_causes() -> None:
    one: Played = well("exchange-down")
    (told,) = [
        text
        for text in debrief(one.session, waiting("exchange-down").outcome).findings
        if "arrived twice" in text
    ]
    assert told.startswith(f"{one.outcome.timing.copies.count:,} messages arrived twice (band: ")
    assert "while the first copy was in an Outbox" in told
    nothing = debrief(waiting("exchange-down").session, waiting("exchange-down").outcome).findings
    assert not any("sent again in the app" in text for text in nothing), "nobody was in an event"
