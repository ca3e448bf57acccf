"""What the console shows is what it says it is."""

from dataclasses import replace

import pytest

from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.instruments import gateway_console
from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.build_world import TooLarge
from sim.drill.scenario.scenario import Scenario
from sim.drill.services.console_sessions import GATEWAY
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.drill.snapshot.console import Snapshot
from sim.drill.snapshot.mail_routes import Seen
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.plays import ONSET_MS

SOMEBODY = Seen("somebody", 0)


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


def test_the_gateway_s_console_is_read_once_for_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading adds up all that is queued: at 10,000 users it takes most of the time of a frame."""
    session = Session(load_scenario("exchange-down", {"users": "60"}), 1, None)
    session.advance(3 * HOUR_MS)
    readings, read = [], gateway_console.read
    monkeypatch.setattr(gateway_console, "read", lambda drill: readings.append(read(drill)) or readings[-1])
    view = session.snapshot()
    session.series("queue", 0, session.now_ms, 9)
    assert len(readings) == 1
    assert view.queue.depth == readings[0].depth > 0


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
    with pytest.raises(TooLarge, match=r"^200,000 users for 14d: 362 million messages wait; the limit is 40"):
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
            if direction == "inbound" and "bounced" in shown:
                assert shown["bounced"].count <= session.drill.world.ledger.expired[0]
            for name in ("server_queue", "relay_queue"):
                figure = shown.get(name)
                assert (figure.count if figure else 0) == accounts.get(name, 0)
    assert {"at_sender", "bounced"} <= hidden, "there was something to hide"


def test_what_a_console_that_does_not_answer_showed_last_stays() -> None:
    """The mail server's dies with it; the gateway's goes on."""
    session = Session(load_scenario("exchange-down", {"users": "100"}), 1, None)
    session.advance(ONSET_MS)
    before = dict(session.snapshot().ledger)
    session.advance(ONSET_MS + 5 * HOUR_MS)
    after = session.snapshot()
    delivered = dict(dict(after.ledger)["inbound"])["delivered"]
    assert delivered.seen == Seen("mail server's console", ONSET_MS)
    assert delivered.count == dict(before["inbound"])["delivered"].count
    assert dict(dict(after.ledger)["inbound"])["gateway_queue"].seen.at_ms == after.t_ms
    assert after.protection.connector.seen.at_ms == ONSET_MS
    assert [hop.state for hop in after.hops] == ["flowing", "refused", "unknown", "idle"]


def test_a_console_that_lags_shows_figures_of_some_minutes_ago() -> None:
    raw = load_scenario("gateway-grey", {"users": "200"}).content()
    raw["timeline"][0]["console"] = "stale"
    session = Session(Scenario.model_validate(raw), 1, None)
    onset_ms = session.scenario.outage_start_ms
    ages = []
    for minute in range(1, 120, 7):
        session.advance(onset_ms + minute * MINUTE_MS)
        queue = session.snapshot().queue
        assert sum(count for _name, count in queue.bands) == queue.depth
        ages.append((session.now_ms - queue.seen.at_ms) // MINUTE_MS)
    assert ages[:3] == [0, 8, 15], "what it showed as it broke, at first taken for new"
    assert all(20 <= age <= 25 for age in ages[3:])


def test_a_second_fault_makes_no_figures_older_that_a_console_will_come_to_show() -> None:
    raw = load_scenario("gateway-grey", {"users": "200"}).content()
    first = {**raw["timeline"][0], "console": "stale"}
    second = {**first, "id": "more", "at": "T+2h13m", "for": "30m"}
    raw["timeline"], raw["parameters"] = [first, second], {}
    session = Session(Scenario.model_validate(raw), 1, None)
    ages = []
    for minute in range(100, 190, 4):
        session.advance(minute * MINUTE_MS)
        ages.append((session.now_ms - session.snapshot().queue.seen.at_ms) // MINUTE_MS)
    assert len(ages) > 20
    assert {20 <= age <= 25 for age in ages} == {True}, ages


def test_people_show_their_hours_what_keeps_them_since_when_and_what_comes_then() -> None:
    session = Session(load_scenario("exchange-down", {"users": "20"}), 1, None)
    session.advance(2 * HOUR_MS)
    for text in ("status check gateway", "continuity show", "permissions show"):
        session.dispatch(text)
    session.advance(2 * HOUR_MS + 3 * MINUTE_MS)
    admin = next(one for one in session.snapshot().people if one.role == "messaging-admin")
    assert (admin.doing, admin.since_ms) == ("status check gateway", 2 * HOUR_MS)
    assert admin.then == ("continuity show", "permissions show")
    assert (admin.hours, admin.at_work) == ("Mon-Fri 07:30-18:00", True)
    session.advance(16 * HOUR_MS)  # midnight
    admin = next(one for one in session.snapshot().people if one.role == "messaging-admin")
    assert (admin.doing, admin.since_ms, admin.then, admin.at_work) == ("", None, (), False)


def test_an_alert_that_nobody_could_acknowledge_yet_is_not_asked_for() -> None:
    session = Session(load_scenario("exchange-down", {"users": "200"}), 1, None)
    shown = False
    while "alert.acknowledged" not in session.drill.milestones:
        session.advance(session.now_ms + 20_000)
        if session.snapshot().alerts:
            assert session.dispatch("alerts ack").text.startswith("alerts ack: ")
            shown = True
            session.advance(session.now_ms + 2 * MINUTE_MS)
    assert shown


def on_screen(view: Snapshot) -> tuple[object, ...]:
    """What the consoles show of the way of mail, but for the moments that it is of."""
    hops = [replace(hop, seen=SOMEBODY) for hop in view.hops]
    ledger = [(name, [(account, figure.count) for account, figure in rows]) for name, rows in view.ledger]
    return hops, replace(view.queue, seen=SOMEBODY), ledger, view.mail, view.protection.connector.waiting


@pytest.mark.parametrize("scenario", shipped_names("outages"))
def test_no_screen_tells_of_an_outage_as_it_begins(scenario: str) -> None:
    """What a console showed last stands until its page should have renewed itself, answering or not."""
    session = Session(load_scenario(scenario, {"users": "60"}), 1, None)
    onset_ms = session.scenario.outage_start_ms
    session.advance(onset_ms)
    before, plotted = session.snapshot(), session.series("queue", 0, onset_ms, 9)
    for after_ms in (3_000, MINUTE_MS, 3 * MINUTE_MS):
        session.advance(onset_ms + after_ms)
        view = session.snapshot()
        assert on_screen(view) == on_screen(before)
        assert {hop.state for hop in view.hops} <= {"flowing", "idle"}
        assert view.queue.seen.at_ms == view.t_ms
        assert session.series("queue", onset_ms, session.now_ms, 3) == [plotted[-1]] * 3
    session.advance(onset_ms + 9 * MINUTE_MS)
    view = session.snapshot()
    if view.queue.seen.at_ms == session.now_ms:
        assert view.queue.depth == gateway_console.read(session.drill).depth, "the page has renewed itself"
    else:
        assert view.queue.seen.at_ms == onset_ms, "and of when they are it says truly"
        assert view.mail == before.mail, "the list stays as it was"


def test_who_works_at_a_console_has_its_page_renewed() -> None:
    """A look at the queue takes four minutes, and then the whole page is of now."""
    session = Session(load_scenario("exchange-down", {"users": "400"}), 1, None)
    session.advance(ONSET_MS - 3 * MINUTE_MS)
    session.dispatch("status check gateway")
    session.advance(ONSET_MS + 59_000)
    assert session.snapshot().hops[1].state == "flowing"
    session.advance(ONSET_MS + MINUTE_MS + 1)
    view = session.snapshot()
    assert view.hops[1].state in ("refused", "partly")
    assert view.queue.depth == gateway_console.read(session.drill).depth > 0


def test_a_fault_in_every_minute_keeps_no_page_from_renewing_itself() -> None:
    raw = load_scenario("exchange-down", {"users": "400"}).content()
    first = raw["timeline"][0]
    raw["timeline"] = [{**first, "id": f"f{n}", "at": f"T+1h{12 + 2 * n}m", "for": "1m"} for n in range(20)]
    raw["parameters"] = {}
    session = Session(Scenario.model_validate(raw), 1, None)
    shown = set()
    for minute in range(73, 105):
        session.advance(minute * MINUTE_MS + 30_000)
        shown.add(session.snapshot().queue.last_error_ms)
    assert 5 <= len(shown) <= 12, "every five minutes or so it shows later figures"


def test_who_tries_the_console_sees_at_once_that_it_does_not_answer() -> None:
    """Once the session has ended, which lives on for a while without the directory."""
    session = Session(load_scenario("m365-access-only", {"users": "60"}), 1, None)
    onset_ms = session.scenario.outage_start_ms
    session.advance(onset_ms + MINUTE_MS)
    ends_ms = session.drill.consoles.session_until_ms(GATEWAY)
    assert ends_ms is not None
    assert isinstance(session.dispatch("continuity show"), Accepted), "whoever is signed in works on"
    session.advance(ends_ms + MINUTE_MS)
    assert session.snapshot().queue.seen.at_ms == session.now_ms
    assert isinstance(session.dispatch("queue retry inbound"), Refused)
    view = session.snapshot()
    assert (view.queue.seen.at_ms, view.queue.no_answer_ms) == (ends_ms, session.now_ms)
    session.dispatch("signin break-glass")
    session.advance(session.now_ms + 9 * MINUTE_MS)
    view = session.snapshot()
    assert (view.queue.seen.at_ms, view.queue.no_answer_ms) == (session.now_ms, None)
