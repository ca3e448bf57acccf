"""Pages without a script: nothing that someone typed becomes markup."""

from dataclasses import replace

from sim.drill.room.events import Event
from tests.tui.conftest import LOCAL
from tests.tui.fake_session import HOUR, snapshot_at
from tui.painting.pace import Pace
from tui.table.pages import SeatState, message_page, phone_page, room_page, seat_page

HOSTILE = '<script>alert("x")</script>&"\''


def test_what_people_typed_is_text() -> None:
    call = Event(1, HOUR, "call", HOSTILE, HOSTILE)
    post = Event(2, HOUR, "post", HOSTILE, HOSTILE)
    told = replace(snapshot_at(2 * HOUR), title=HOSTILE)
    pages = (
        phone_page("lead", [call], LOCAL, 2 * HOUR),
        room_page(told, Pace(60, False, False, 60), [SeatState("lead", HOSTILE, True)], [post], LOCAL),
        message_page(HOSTILE, HOSTILE),
        seat_page('"><script>', "n"),
    )
    for page in pages:
        assert "<script>" not in page
        assert '"x"' not in page
    assert pages[0].count("&lt;script&gt;") == 2


def test_a_phone_shows_its_messages_newest_first() -> None:
    events = [
        Event(1, HOUR, "sms", "monitor", "the first"),
        Event(2, HOUR, "note", "lead", "not for a phone"),
        Event(3, 2 * HOUR, "call", "director", "the second"),
    ]
    page = phone_page("lead", events, LOCAL, 3 * HOUR)
    assert page.index("the second") < page.index("the first")
    assert "not for a phone" not in page
    assert "No SMS and no calls yet." in phone_page("lead", [], LOCAL, HOUR)


def test_the_room_shows_the_clock_its_state_and_who_is_here() -> None:
    states = [SeatState("lead", "Ann", True), SeatState("dns", "", False)]
    page = room_page(snapshot_at(2 * HOUR), Pace(60, True, False, 60), states, [], LOCAL)
    assert "clock stopped" in page
    assert '<li class="here">lead <i>Ann</i></li><li class="away">dns' in page
    assert "T+02:00" in page
