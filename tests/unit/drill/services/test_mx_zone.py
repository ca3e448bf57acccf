"""The zone as people read it: readings cost nothing, since time alone does not change it."""

from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.mail.routes.inbound import BACKUP


def test_reading_the_zone_does_not_advance_the_mail() -> None:
    session = Session(load_scenario("gateway-down", {"users": "20"}), 1, None)
    session.advance(session.scenario.outage_start_ms + MINUTE_MS)
    world, dns = session.drill.world, session.drill.dns
    dns.enter(session.now_ms, "admin", (BACKUP,), 300_000)
    entered_ms = world.now_ms
    assert dns.shown(entered_ms).route != (BACKUP,), "the public servers follow after their lag"
    session.advance(entered_ms + 30 * MINUTE_MS)
    reached_ms = world.now_ms
    assert dns.ask("authority", session.now_ms).route == (BACKUP,)
    dns.ask("own", session.now_ms)
    assert reached_ms == world.now_ms < session.now_ms, "nobody has needed its mail"
