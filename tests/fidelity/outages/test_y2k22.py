"""Exchange Server, 1 January 2022, 00:00 UTC: mail is accepted and stays in the transport's queue.

The scan engine takes a date for a number that is too large, and the server works off nothing
(techcommunity.microsoft.com, Exchange Team Blog, article 3049447: email stuck in on-premises transport
queues; Microsoft's post with the way out came at 11:39 Pacific time, 19 h 39 min after the onset). The
figures of back pressure are Microsoft's. Fictional organisation; no senders' mix matters, since the
gateway takes everything.
"""

from functools import cache

from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS

WAY_OUT_MS = 19 * HOUR_MS + 39 * MINUTE_MS
MEDIUM, HIGH = 9_999, 15_000
"""Messages in the submission queue (Microsoft, Understanding back pressure)."""


@cache
def scenario() -> Scenario:
    """Nothing is worked off; the scenario's own outage lies beyond all that is looked at."""
    changed = load_scenario("exchange-down", {"users": "1000"}).content()
    changed["starts"] = "2022-01-01T00:00 UTC"
    changed["timeline"][0]["at"] = "T+30d"
    changed["organisation"]["server"]["works_for"] = "60d"
    return Scenario.model_validate(changed)


def inbound(session: Session) -> dict[str, int]:
    book = session.drill.world.custody()["inbound"]
    assert sum(book.values()) == session.drill.world.generated()[0]
    return book


def test_mail_is_accepted_and_stuck_and_nothing_in_front_of_the_server_shows_it() -> None:
    session = Session.start(scenario(), 1)
    while session.now_ms < WAY_OUT_MS:
        session.advance(min(session.now_ms + HOUR_MS, WAY_OUT_MS))
        assert inbound(session).get("gateway_queue", 0) <= 2, "what is just being delivered"
    book = inbound(session)
    assert book.get("delivered", 0) == 0
    assert book["server_queue"] > 1_000
    assert book["server_queue"] + book.get("gateway_queue", 0) == session.drill.world.generated()[0]
    assert "alert.first" not in session.drill.milestones


def test_on_the_first_working_day_back_pressure_refuses_the_gateway_whose_queue_then_grows() -> None:
    session = Session.start(scenario(), 1)
    session.advance(2 * DAY_MS)
    assert inbound(session)["server_queue"] < MEDIUM
    refused_ms, queued = None, []
    while session.now_ms < 2 * DAY_MS + 18 * HOUR_MS:
        session.advance(session.now_ms + 10 * MINUTE_MS)
        book = inbound(session)
        if refused_ms is None and not session.drill.world.queue.answers:
            refused_ms = session.now_ms
            assert MEDIUM < book["server_queue"] <= HIGH + 100
        if refused_ms is not None:
            queued.append(book["gateway_queue"])
            assert book.get("delivered", 0) == 0
    assert refused_ms is not None
    assert queued == sorted(queued)
    assert queued[-1] > 5_000
    assert "alert.first" in session.drill.milestones, "now the monitors of the gateway see it"
    assert inbound(session).get("bounced", 0) == 0
