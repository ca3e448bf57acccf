"""What the console shows is what it says it is."""

from sim.drill.scenario_file import load_scenario
from sim.drill.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS


def test_what_comes_from_the_internet_is_not_what_colleagues_write() -> None:
    session = Session(load_scenario("exchange-down", {"users": "200"}), 1, None)
    session.advance(75 * MINUTE_MS)
    session.dispatch("continuity start")
    session.dispatch("notify users via=phone text=Use the portal")
    session.advance(3 * HOUR_MS)
    from_outside, to_server = session.snapshot().hops[:2]
    before = session.drill.world.generated()[0]
    session.advance(session.now_ms + 5 * MINUTE_MS)
    came = session.drill.world.generated()[0] - before
    entered = session.drill.world.queue.entered.between(session.now_ms - 5 * MINUTE_MS, session.now_ms)
    assert entered > 1.5 * came, "colleagues' mail waits in the same queue"
    assert session.snapshot().hops[0].per_minute == round(came / 5)
    assert (from_outside.source, to_server.source) == ("Internet", "Gateway")
    assert to_server.state == "refused"
