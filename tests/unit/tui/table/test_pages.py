"""Pages without a script: nothing that someone typed becomes markup."""

from dataclasses import replace

from sim.drill.room.events import Event
from sim.table.looks import RoomLook
from tests.tui.conftest import LOCAL
from tests.tui.fake_session import HOUR, snapshot_at
from tui.painting.pace import Pace
from tui.table.pages import SeatState, message_page, phone_page, room_page, seat_page

HOSTILE = '<script>alert("x")</script>&"\''


def test_what_people_typed_is_text() -> None:
    call = Event(1, HOUR, "call", HOSTILE, HOSTILE)
    post = Event(2, HOUR, "post", HOSTILE, HOSTILE)
    told = replace(snapshot_at(2 * HOUR), title=HOSTILE)
    told_all = RoomLook(True, HOSTILE, ((HOSTILE, HOSTILE, 70),), 1)
    pages = (
        phone_page("lead", [call], LOCAL, 2 * HOUR),
        room_page(
            told, Pace(60, False, False, 60), [SeatState("lead", HOSTILE, True)], [post], LOCAL, told_all
        ),
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
    page = room_page(
        snapshot_at(2 * HOUR), Pace(60, True, False, 60), states, [], LOCAL, RoomLook(False, "", (), 0)
    )
    assert "clock stopped" in page
    assert '<li class="here">lead <i>Ann</i></li><li class="away">dns' in page
    assert "T+02:00" in page


def test_the_room_shows_predictions_once_everyone_has_one_and_an_emergency() -> None:
    def page(room: RoomLook) -> str:
        return room_page(snapshot_at(2 * HOUR), Pace(60, True, False, 60), [], [], LOCAL, room)

    waiting = page(RoomLook(False, "How many at noon?", (), 1))
    assert "<h2>How many at noon?</h2><p>1 prediction, shown when everyone has one</p>" in waiting
    made = page(RoomLook(False, "How many at noon?", (("lead", "4500", 70),), 1))
    assert "<li>lead <i>4500, 70 % sure</i></li>" in made
    assert "REAL EMERGENCY" not in made
    assert "REAL EMERGENCY: the exercise is stopped" in page(RoomLook(True, "", (), 0))
