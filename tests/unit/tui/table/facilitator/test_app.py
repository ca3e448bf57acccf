"""The facilitator's screen: the truth, the seats, the script, what a seat hears, and lines that act."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.segment import Segment
from textual import events
from textual.strip import Strip

from sim.kernel.duration import HOUR_MS
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small
from tui.table.facilitator import app as app_module
from tui.table.facilitator.app import StationApp
from tui.table.facilitator.frame import Mirror
from tui.table.facilitator.station import Station
from tui.widgets.frame.command_line import LONGEST
from tui.widgets.frame.pane import Pane

pytestmark = pytest.mark.usefixtures("soon_idle")


@asynccontextmanager
async def station(
    columns: int = 160, rows: int = 48, seats: tuple[str, ...] = ("messaging", "dns")
) -> AsyncIterator[tuple[Exercise, StationApp, "Typist"]]:
    exercise = Exercise.start(small("8h"), 1, None, seats)
    said: list[str] = []
    lines = Station(
        exercise,
        "Fay",
        lambda line: app.add(line) if app else said.append(line),
        happened=lambda line: app.add(line, event=True) if app else said.append(line),
    )
    app: StationApp | None = None
    lines.begin()
    app = StationApp(exercise, lines.give)
    async with app.run_test(size=(columns, rows)) as pilot:
        yield exercise, app, Typist(app, lines, pilot)


class Typist:
    def __init__(self, app: StationApp, lines: Station, pilot: object) -> None:
        self._app, self._lines, self._pilot = app, lines, pilot

    async def type(self, text: str) -> None:
        for char in text:
            await self._pilot.press("space" if char == " " else char)  # type: ignore[attr-defined]
        await self._pilot.press("enter")  # type: ignore[attr-defined]
        await self.look()

    async def press(self, key: str) -> None:
        await self._pilot.press(key)  # type: ignore[attr-defined]
        await self.look()

    async def look(self) -> None:
        self._lines.show()
        self._app.paint()
        await self._pilot.pause()  # type: ignore[attr-defined]


def shown(app: StationApp, pane: str) -> str:
    found = app.query_one(f"#{pane}", Pane)
    return "\n".join(found.render_line(y).text for y in range(found.size.height))


async def test_every_frame_is_painted_while_the_clock_runs_and_few_while_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app_module, "REPAINT_S", 3600.0)
    async with station() as (exercise, app, _typist):
        painted: list[int] = []
        monkeypatch.setattr(app, "_box", lambda name, *_more: painted.append(0) if name == "feed" else None)

        def frames(by_ms: int) -> int:
            painted.clear()
            for _ in range(20):
                exercise.advance(exercise.now_ms + by_ms)
                app._frame()
            return len(painted)

        assert (frames(1000), frames(0)) == (20, 4)


async def test_truth_seats_and_script_are_on_the_screen() -> None:
    async with station() as (exercise, app, typist):
        exercise.sit("dns", "Dan")
        exercise.advance(ONSET_MS + 2 * HOUR_MS)
        await typist.look()
        assert "EXERCISE" in shown(app, "header")
        assert "in force: " in shown(app, "truth")
        assert "users without mail" in shown(app, "truth")
        assert "Dan" in shown(app, "seats")
        assert "simulator" in shown(app, "seats")
        assert "OVERDUE" in shown(app, "script")
        assert " ! #" in shown(app, "feed")


async def test_what_is_typed_acts_and_its_result_is_in_the_feed() -> None:
    async with station() as (exercise, app, typist):
        exercise.sit("dns", "Dan")
        await typist.type("tell dns hello there")
        assert exercise.events("dns")[-1].text == "to dns: hello there"
        assert "sent to dns" in shown(app, "feed")
        await typist.type("nothing")
        assert "refused: unknown command" in shown(app, "feed")


async def test_keys_stop_the_clock_change_its_speed_and_show_what_a_seat_hears() -> None:
    async with station() as (exercise, app, typist):
        exercise.advance(ONSET_MS + HOUR_MS)
        await typist.press("space")
        assert exercise.frozen
        assert "STOPPED" in shown(app, "header")
        await typist.press("plus")
        assert exercise.speed == 300
        await typist.press("f2")
        assert "Events for messaging" in shown(app, "feed")
        assert " ! #" not in shown(app, "feed")
        await typist.press("f2")
        await typist.press("f2")
        assert "Everything" in shown(app, "feed")
        await typist.press("ctrl+q")
        assert not app.left
        assert shown(app, "notice").startswith(" Press Ctrl+Q again")
        await typist.press("escape")
        assert shown(app, "notice") == ""
        await typist.press("ctrl+q")
        await typist.press("ctrl+q")
        assert app.left


async def test_requests_and_replies_stay_visible_over_what_covers_the_feed_and_escape_returns() -> None:
    async with station() as (exercise, app, typist):
        app._painted = lambda seat: [Strip([Segment(f"the screen of {seat}")])]
        exercise.sit("dns", "Dan")
        assert shown(app, "notice") == ""
        for key in ("f2", "f3"):
            await typist.press(key)
            await typist.type("tell dns hello there")
            assert shown(app, "notice").startswith(" sent to dns")
            exercise.advance(exercise.now_ms + HOUR_MS)
            await typist.look()
            assert shown(app, "notice").startswith(" sent to dns")  # not hidden by events
            app._asking = lambda: {"dns": "seat dns (one): other asks for it"}
            await typist.look()
            assert shown(app, "notice").startswith(" seat dns (one): other asks for it")
            app._asking = dict
            await typist.press("escape")
            assert "Everything" in shown(app, "feed")
            assert app.query_one("#mirror", Mirror).size.height == 0
            assert shown(app, "notice") == ""


async def test_requests_are_shown_over_the_screen_of_a_seat_and_own_words_always() -> None:
    async with station(80, 24) as (exercise, app, typist):
        app._painted = lambda seat: [Strip([Segment(f"the screen of {seat}")])]
        exercise.sit("dns", "Dan")
        exercise.sit("messaging", "Mona")
        exercise.do("messaging", "Mona", "ask dns mx set backup")
        await typist.look()
        assert shown(app, "notice") == ""
        await typist.press("f3")
        assert shown(app, "notice").startswith(" request 1 from messaging to dns: mx set backup")
        await typist.press("escape")
        exercise.do("dns", "Dan", "please point the MX to the backup")
        await typist.look()
        assert "confirm 2`: mx set backup" in shown(app, "notice")
        await typist.type("deny 2")
        assert shown(app, "notice") == ""


async def test_stops_hints_and_a_real_emergency_are_on_the_screen() -> None:
    async with station() as (exercise, app, typist):
        exercise.sit("dns", "Dan")
        exercise.advance(ONSET_MS + HOUR_MS)
        await typist.type("stop at T+9h")
        await typist.type("hint dns")
        assert "T+9h: the clock stops for everyone" in shown(app, "script")
        assert "(hint given)" in "".join(one.text for one in exercise.script())
        exercise.do("dns", "Dan", "REAL EMERGENCY: fire")
        await typist.look()
        assert "REAL EMERGENCY" in shown(app, "header")


async def test_a_question_is_whole_on_80_columns() -> None:
    async with station(80, 30) as (_exercise, app, typist):
        client = "browser at 192.168.178.100"
        question = (
            f"seat messaging ({client}): {client} is asking for it; `admit messaging NAME` lets NAME in"
        )
        app._asking = lambda: {"messaging": question}
        await typist.look()
        assert shown(app, "notice").split() == question.split()


async def test_typed_links_are_shown_without_a_frame_each_in_one_piece() -> None:
    long = f"http://192.0.2.1:8080/phone/{'t' * 43}"
    ssh = "ssh -p 2222 dns@192.0.2.1"
    async with station(80, 30) as (_exercise, app, typist):
        app._links = lambda: [
            "projector: http://short/",
            f"phone dns: {long}",
            f"SSH dns: {ssh}  password {'p' * 43}",
        ]
        await typist.type("links")
        mirror = app.query_one("#mirror", Mirror)
        rows = [mirror.render_line(y).text.rstrip() for y in range(6)]
        assert rows == [
            "projector: http://short/", "phone dns:", long, "SSH dns:", ssh, f"password {'p' * 43}",
        ]  # fmt: skip
        await typist.press("escape")
        assert mirror.size.height == 0


async def test_a_person_whose_client_has_gone_is_away() -> None:
    async with station() as (exercise, app, typist):
        exercise.sit("dns", "Dan")
        await typist.look()
        assert "away" not in shown(app, "seats")
        app._away = lambda seat: seat == "dns"
        await typist.look()
        assert "Dan (away)" in shown(app, "seats")


@pytest.mark.parametrize(("columns", "rows"), [(100, 30), (80, 24)])
async def test_a_small_terminal_shows_every_usual_seat_and_an_open_request(columns: int, rows: int) -> None:
    async with station(columns, rows, ("messaging", "dns", "comms", "lead")) as (exercise, app, typist):
        people = {"messaging": "Mia", "dns": "Dan", "comms": "Caz", "lead": "Lee"}
        for seat, person in people.items():
            exercise.sit(seat, person)
        await typist.look()
        text = shown(app, "seats")
        assert all(seat in text and person in text for seat, person in people.items())
        exercise.do("messaging", "Mia", "want please make the mail come back")
        await typist.look()
        text = shown(app, "seats")
        assert all(person in text for person in people.values())
        assert "a request is open" in text
        assert columns < 100 or "make the mail" in text


async def test_the_header_says_that_the_exercise_has_ended() -> None:
    async with station(100, 30) as (_exercise, app, typist):
        await typist.type("endex")
        assert "ENDED" in shown(app, "header")


async def test_control_c_closes_nothing_and_says_how_to_leave() -> None:
    async with station() as (_exercise, app, typist):
        await typist.press("ctrl+c")
        assert not app.left
        assert "Ctrl+Q closes the table for everyone" in shown(app, "feed")


async def test_a_paste_is_typed_once_and_its_lines_become_one() -> None:
    async with station() as (_exercise, app, typist):
        app.post_message(events.Paste("tell dns\nhello there\n"))
        await typist.look()
        assert app._line.value == "tell dns hello there"
        app.post_message(events.Paste("x" * LONGEST))
        await typist.look()
        assert app._line.value == "tell dns hello there"
        assert "nothing was added" in shown(app, "feed")


async def test_a_narrow_terminal_shows_the_same_panes_below_each_other() -> None:
    async with station(80, 30) as (exercise, app, typist):
        exercise.advance(ONSET_MS + HOUR_MS)
        await typist.look()
        assert "in force: " in shown(app, "truth")
        assert app.query_one("#feed", Pane).size.width == 80
        assert "messaging" in shown(app, "seats")


async def test_the_screen_of_a_seat_covers_everything_else_until_the_next_key() -> None:
    async with station() as (_exercise, app, typist):
        await typist.press("f3")
        assert "no seat has a screen yet" in shown(app, "feed")
        app._painted = lambda seat: [Strip([Segment(f"the screen of {seat}")])]
        for seat in ("messaging", "dns"):
            await typist.press("f3")
            mirror = app.query_one("#mirror", Mirror)
            assert mirror.size.height > 40
            assert mirror.render_line(0).text.startswith(f"the screen of {seat}")
            assert len(mirror.render_line(0).text) == 160
        await typist.press("f3")
        assert app.query_one("#mirror", Mirror).size.height == 0


@pytest.mark.parametrize(("colours", "driver"), [("truecolor", "StationDriver"), ("", "FewColours")])
def test_it_paints_true_colours_as_the_seats_do_and_its_driver_knows_the_terminal(
    colours: str, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", colours)
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    exercise = Exercise.start(small("8h"), 1, None, ("messaging",))
    app = StationApp(exercise, lambda text: None)
    assert app.console.color_system == "truecolor"
    assert app.driver_class.__name__ == driver


class Held:
    """A seat on this terminal, which notes every key."""

    def __init__(self) -> None:
        self.pressed: list[str] = []
        self.size = (0, 0)
        self.left = False

    def press(self, pressed: events.Key | events.Paste) -> None:
        self.pressed.append(pressed.text if isinstance(pressed, events.Paste) else pressed.key)

    def resize(self, columns: int, rows: int) -> None:
        self.size = columns, rows

    def end(self, why: str = "") -> None:
        self.left = True


async def test_the_station_shows_the_seat_alone_and_comes_back() -> None:
    held = Held()

    async def hold(seat: str, columns: int, rows: int) -> "Held | None":
        held.size = columns, rows
        return held if seat == "dns" else None

    async with station(100, 30) as (_exercise, app, typist):
        app._hold = hold
        app._painted = lambda seat: [Strip([Segment(f"the screen of {seat}")])]
        await typist.type("hand lead ox")
        await typist.look()
        assert "refused: write `hand SEAT WORD`" in shown(app, "feed")
        await typist.type("hand dns ox")
        await typist.look()
        mirror = app.query_one("#mirror", Mirror)
        assert (held.size, mirror.size) == ((100, 30), (100, 30))
        assert mirror.region.offset == (0, 0)
        assert mirror.render_line(0).text.startswith("the screen of dns")
        for key in ("f2", "f3", "ctrl+q", "ctrl+q", "space", "escape"):
            await typist.press(key)
        assert held.pressed == ["f2", "f3", "ctrl+q", "ctrl+q", "space", "escape"]
        assert not app.left
        for key in ("f12", "o", "x", "enter"):
            await typist.press(key)
        assert held.left
        assert mirror.size.height == 0
        assert "the terminal is yours again" in shown(app, "feed")
        assert "hand dns …" in shown(app, "feed")
        assert "dns ox" not in shown(app, "feed"), "players who stand by must not read the word"
        await typist.type("note - back")
        assert "noted" in shown(app, "feed")
