"""What the console shows is what it says it is."""

import pytest

from sim.drill.build import TooLarge
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


def test_users_apps_send_while_the_server_cannot_and_a_fresh_message_has_no_bounce_in_sight() -> None:
    session = Session(load_scenario("exchange-down", {"users": "200"}), 1, None)
    session.advance(HOUR_MS)
    snapshot = session.snapshot()
    assert snapshot.hops[2].source == "Exchange Server"
    assert snapshot.queue.first_expiry_ms is None
    session.advance(75 * MINUTE_MS)
    session.dispatch("continuity start")
    session.advance(2 * HOUR_MS)
    snapshot = session.snapshot()
    assert snapshot.hops[2].source == "Users' apps"
    assert snapshot.queue.oldest_ms is not None
    assert snapshot.queue.first_expiry_ms == session.now_ms - snapshot.queue.oldest_ms + 96 * HOUR_MS


def test_more_mail_than_fits_is_refused_in_a_line() -> None:
    with pytest.raises(TooLarge, match=r"^200,000 users for 14d: 362 million messages wait; at most 40"):
        Session(load_scenario("exchange-down", {"users": "200000", "outage": "14d"}), 1, None)


def test_in_a_gateway_outage_nobody_sees_what_waits_outside() -> None:
    """What senders hold, what they return and what others refuse is true, and on no screen."""
    session = Session(load_scenario("gateway-down", {"users": "100"}), 1, None)
    hidden = set[str]()
    for hour in range(1, 31, 2):
        session.advance(hour * HOUR_MS)
        truth, view = session.drill.world.custody(), dict(session.snapshot().ledger)
        for direction, accounts in truth.items():
            shown = dict(view[direction])
            hidden |= {name for name in accounts if name not in shown}
            assert not {"at_sender", "held", "lost"} & shown.keys()
            assert "rejected" not in shown, "nobody has rejected anything by hand"
            if direction == "inbound":
                assert shown.get("bounced", 0) <= session.drill.world.ledger.expired[0]
            ours = {name: accounts.get(name, 0) for name in ("server_queue", "relay_queue")}
            assert all(shown.get(name, 0) == count for name, count in ours.items())
    assert {"at_sender", "bounced"} <= hidden, "there was something to hide"
