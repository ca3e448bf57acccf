"""Every command and everything that can be observed has a place of the console, reached by a key."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import pytest

from sim.drill.commands.grammar import COMMANDS
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.drill.snapshot.console import Snapshot
from sim.kernel.duration import MINUTE_MS
from tests.examples import TIMES
from tests.tui.conftest import Console
from tests.tui.test_console_keys import line, said, typed
from tests.tui.test_panes import samples
from tui.painting.changed_figures import Marks
from tui.painting.grouped_events import GroupedEvents
from tui.painting.layout import VIEWS, plan
from tui.painting.local_time import LocalTime
from tui.painting.pace import Pace
from tui.painting.places import PLACE_KEYS, PLACES, home_of, key_of, of_place
from tui.painting.rows import text_of
from tui.painting.view import View
from tui.screens.panes import DRAWS
from tui.widgets.frame.hint import places
from tui.widgets.people.last_results import PLACES as WITH_RESULTS

WIDTH, HEIGHT = 200, 60
GIVEN = (
    "alerts ack", "status check gateway", "status check gateway-vendor", "status check microsoft",
    "probe mx all", "dns ask all", "diagnose component=gateway failure=times-out",
    "notify users via=sms next=2h text=use the phone", "notify executives via=phone state=down",
    "approve exposure", "approve outbound", "approve mx", "arrivals show", "connector show", "readiness show",
    "mta-sts policy backup", "mta-sts id", "firewall open backup", "lock open backup", "lock test",
    "mx set backup ttl=300", "phone gateway-vendor", "decide mx yes because=no estimate",
    "connector set outbound secondary", "lock close", "openings prove lock",
    "approve exposure opening=firewall emergency=yes",
)  # fmt: skip
"""What fills every list of the console in a gateway outage."""


@cache
def quiet() -> tuple[Snapshot, tuple[Event, ...], LocalTime]:
    """A mail server's outage with an event in force, pilots asked, somebody on the phone."""
    scenario = load_scenario("exchange-down", {"users": "40"})
    session = Session(scenario, 3, None)
    session.advance(scenario.outage_start_ms + 60 * MINUTE_MS)
    for text in ("continuity start for=30h", "continuity test", "phone microsoft", "queue retry inbound"):
        session.dispatch(text)
        session.advance(session.drill.now_ms + 30 * MINUTE_MS)
    session.dispatch("deliveries pause inbound")
    events = tuple(event for event in session.events() if event.kind not in HIDDEN_FROM_TRAINEE)
    return session.snapshot(), events, LocalTime(scenario.starts_utc_ms, scenario.zone)


@cache
def busy() -> tuple[Snapshot, tuple[Event, ...], LocalTime]:
    """A drill in which everything has been looked at, said, opened and closed."""
    scenario = load_scenario("gateway-down", {"users": "40"})
    session = Session(scenario, 3, None)
    session.advance(scenario.outage_start_ms + 20 * MINUTE_MS)
    for text in GIVEN:
        session.dispatch(text)
        session.advance(session.drill.now_ms + 25 * MINUTE_MS)
    for text in ("continuity test", "connector test to=gmail", "phone microsoft", "approve mx"):
        session.dispatch(text)
    session.advance(session.drill.now_ms + MINUTE_MS)
    events = tuple(event for event in session.events() if event.kind not in HIDDEN_FROM_TRAINEE)
    return session.snapshot(), events, LocalTime(scenario.starts_utc_ms, scenario.zone)


def screens(snapshot: Snapshot, events: tuple[Event, ...], local: LocalTime) -> dict[str, str]:
    """The text of each place at a size where nothing is left out; lists whole."""
    gathered, marks = GroupedEvents(), Marks()
    gathered.add(events)
    pace = Pace(60, paused=False, lags=False, reached=60)
    view = View(snapshot, local, pace, "guided", marks, gathered.newest_first(), samples)
    shown = {}
    for place in VIEWS:
        rows = []
        for slot in plan(WIDTH, HEIGHT, place, coach=True):
            tall = slot.height if slot.pane in ("plot", "horizon", "ages") else 500
            page = DRAWS[slot.pane](view, slot.width - 4, tall)
            rows += [page.title, text_of(page.aside), *map(text_of, page.rows)]
        shown[place] = "\n".join(rows)
    return shown


def altered(value: Any) -> tuple[Any, ...]:
    """Something else of the same kind; of a number more, and less: a moment before and after."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value + 3 * 86_400_000 + 1, value - 3 * 86_400_000 - 1, value + 3
    return (f"altered-{value}",)


Put = Callable[[Any], Any]


def leaves(name: str, value: Any, put: Put) -> Iterator[tuple[str, Any]]:
    """(name, the whole with this one leaf altered): of a list its last and its first element."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            inner = getattr(value, field.name)

            def put_field(new: Any, at: str = field.name, of: Any = value) -> Any:
                return put(replace(of, **{at: new}))

            yield from leaves(f"{name}.{field.name}", inner, put_field)
    elif isinstance(value, tuple):
        for number in sorted({0, len(value) - 1} if value else ()):

            def put_item(new: Any, at: int = number, of: tuple[Any, ...] = value) -> Any:
                return put((*of[:at], new, *of[at + 1 :]))

            yield from leaves(f"{name}[]", value[number], put_item)
    elif value is not None:
        yield from ((name, put(other)) for other in altered(value))


NO_OBSERVATIONS = {
    ".t_ms", ".local", ".title", ".ended",  # the header shows the time, the title and the end itself
    ".alerts[].id", ".people[].id", ".ledger[][]",  # names by which rows are found
    ".hops[].seen.by", ".hops[].seen.at_ms",  # a hop that is not of now says so in its detail
    ".hops[].state", ".objectives[].state", ".room.pages[].colour", ".room.said[].promise",
    ".room.approvals[].state", ".protection.lock.lock",  # of a closed list: another word is not drawn at all
}  # fmt: skip


def test_every_figure_and_word_of_a_snapshot_shows_at_some_place() -> None:
    tried, shown = set(), set()
    for snapshot, events, local in (busy(), quiet()):
        before = screens(snapshot, events, local)
        for name, other in leaves("", snapshot, lambda new: new):
            if name in NO_OBSERVATIONS:
                continue
            tried.add(name)
            if name not in shown and screens(other, events, local) != before:
                shown.add(name)
    assert sorted(tried - shown) == []
    assert len(tried) > 80


def test_the_drill_that_is_looked_at_has_something_in_every_list() -> None:
    snapshot, events, _ = busy()
    room = snapshot.room
    for full in (room.tickets, room.said, room.approvals, room.openings, room.decisions):
        assert full
    assert snapshot.dns.versions
    assert snapshot.dns.answers
    assert snapshot.dns.arrivals
    assert snapshot.protection.tests
    assert any(one.closed_ms is not None for one in room.openings)
    assert any(person.doing for person in snapshot.people)
    assert snapshot.helpdesk.pilots_ms is not None or any("continuity test" in one.text for one in events)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: " ".join(kind.words))
def test_every_command_is_offered_at_a_place_and_its_result_is_kept_at_one(kind: Any) -> None:
    words = " ".join(kind.words)
    offered = [place for place in PLACES if place != "Overview" and kind in of_place(place, COMMANDS)]
    assert offered
    assert home_of(f"{words} some=thing", COMMANDS) in offered or words == "alerts ack"


def test_no_place_offers_what_is_no_command() -> None:
    known = {" ".join(kind.words) for kind in COMMANDS}
    for place, (_, words) in PLACES.items():
        assert set(words) <= known, place


def test_a_command_that_no_list_names_is_offered_and_kept_where_it_is_given() -> None:
    class Fresh(COMMANDS[0]):  # type: ignore[misc, name-defined]
        words = ("fresh", "idea")

    place = {"continuity portal": "Gateway", "gateway console": "Gateway"}[Fresh.facts.where]
    assert Fresh in of_place(place, (*COMMANDS, Fresh))
    assert Fresh not in of_place("DNS", (*COMMANDS, Fresh))
    assert home_of("fresh idea", (Fresh,)) == place
    assert home_of("fresh", (Fresh,)) == ""


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("status check gateway", "Gateway"),
        ("status check gateway-vendor", "Outside"),
        ("status check server", "Server"),
        ("phone helpdesk", "Phone"),
        ("continuity test", "Tickets"),
        ("continuity start for=8h", "Gateway"),
        ("no command", ""),
    ],
)
def test_a_result_is_kept_where_one_would_look_for_it(text: str, home: str) -> None:
    assert home_of(text) == home


def test_thousands_are_apart_by_a_space_at_every_place() -> None:
    """Both notations stood on one page: 1 202 queued, and a limit per 1,000 messages."""
    for shown in (screens(*busy()), screens(*quiet())):
        lines = [line for text in shown.values() for line in text.splitlines()]
        assert [line for line in lines if re.search(r"\d,\d{3}", line)] == []


def test_reports_stand_at_the_place_of_their_command_with_who_and_how_old() -> None:
    snapshot, events, local = busy()
    shown = screens(snapshot, events, local)
    reports = [event for event in events if event.kind == "report" and event.ref]
    assert len(reports) > 8
    for event in reports:
        place = home_of(event.ref)
        words = " ".join(shown[place].replace("\N{NO-BREAK SPACE}", " ").split())
        text = " ".join(event.text.replace(",", " ").split())[:20].split()[0]
        assert text in words, (place, event)
        assert event.source in words, (place, event)


@pytest.mark.parametrize(("key", "place"), PLACE_KEYS)
async def test_the_key_of_a_place_shows_it_and_enter_lists_its_commands(
    console: Console, key: str, place: str
) -> None:
    async with console(80, 24) as pilot:
        await pilot.press(key, "enter")
        menu = said(pilot, "list")
        for _page in range(4):
            await pilot.press("pagedown")
            menu += said(pilot, "list")
        assert f"─ {place} ─" in menu
        for kind in of_place(place, COMMANDS):
            assert " ".join(kind.words) in menu


def first_offered_at(place: str) -> list[Any]:
    """The commands of a place that no place before it offers."""
    before = [name for name in list(PLACES)[: list(PLACES).index(place)] if name != "Overview"]
    earlier = [kind for name in before for kind in of_place(name, COMMANDS)]
    return [kind for kind in of_place(place, COMMANDS) if kind not in earlier]


def test_no_command_is_left_out_below() -> None:
    places_ = [place for place in PLACES if place != "Overview"]
    assert {kind for place in places_ for kind in first_offered_at(place)} == set(COMMANDS)


@pytest.mark.parametrize(
    "place", [place for place in PLACES if place != "Overview" and first_offered_at(place)]
)
async def test_every_command_is_reached_by_keys_and_explained_with_the_real_product(
    console: Console, place: str
) -> None:
    """From the place that offers it: Enter, its name, F1, and its form; one console for all of a place.

    The list is left only by a command without a form: after a form, it is as it was before. F1 explains the
    command of each row; in forms, which take the command from the row, it is tried in the first of a place.
    """
    async with console(120, 36) as pilot:
        row, tries_form = -1, True
        for kind in first_offered_at(place):
            words, wanted = " ".join(kind.words), of_place(place, COMMANDS).index(kind)
            if row < 0:
                await pilot.press(key_of(place), "enter")
                row = 0
            await pilot.press(*["down"] * (wanted - row))
            row = wanted
            assert f"▸ {words} " in said(pilot, "list")
            await pilot.press("f1")
            help_ = said(pilot, "text")
            for needed in ("In your product:", "who:", "how long:", "simplified:"):
                assert needed in help_, words
            await pilot.press("escape")
            assert f"▸ {words} " in said(pilot, "list")
            await pilot.press("enter")
            if fields(kind):
                assert words in said(pilot, "form")
                if tries_form:
                    await pilot.press("f1")
                    assert "In your product:" in said(pilot, "text")
                    await pilot.press("escape")
                    tries_form = TIMES > 1
                await pilot.press("escape")
            else:
                assert line(pilot).value == words
                line(pilot).value = ""
                row = -1


async def test_f1_explains_the_command_that_is_being_typed(console: Console) -> None:
    async with console(120, 36) as pilot:
        await typed(pilot, "mx set ba")
        await pilot.press("f1")
        assert "mx set" in said(pilot, "heading")
        assert "Set the hosts of the MX record" in said(pilot, "text")
        await pilot.press("escape")
        assert line(pilot).value == "mx set ba"


@pytest.mark.parametrize("width", [80, 87, 120, 200])
def test_all_places_are_named_above_the_command_line(width: int) -> None:
    row = text_of(places("Server", width))
    for key, name in PLACE_KEYS[1:]:
        assert f"{key} {name}" in row
    assert len(row) <= width


def test_in_the_narrowest_console_the_place_says_what_it_shows() -> None:
    row = text_of(places("DNS", 60))
    assert "4 DNS: the zone" in row
    assert len(row) <= 60


def test_a_list_that_is_longer_than_its_pane_says_so_and_can_be_scrolled() -> None:
    snapshot, events, local = busy()
    gathered = GroupedEvents()
    gathered.add(events)
    pace = Pace(60, paused=False, lags=False, reached=60)
    view = View(snapshot, local, pace, "guided", Marks(), gathered.newest_first(), samples)
    whole = DRAWS["openings"](view, 60, 500)
    short = DRAWS["openings"](view, 60, 3)
    assert f"{len(whole.rows) - 3} below: PgDn" in text_of(short.aside)
    end = DRAWS["openings"](replace(view, scroll=1000), 60, 3)
    assert end.rows == whole.rows[-3:]
    assert f"{len(whole.rows) - 3} above: PgUp" in text_of(end.aside)


def test_every_place_with_results_is_a_place() -> None:
    assert set(WITH_RESULTS) <= set(PLACES)


@pytest.mark.parametrize("keys", [(), ("enter",), ("enter", "enter"), ("enter", "f1"), ("f1",), ("f10",)])
async def test_nothing_breaks_when_the_terminal_shrinks_and_grows_again(
    console: Console, keys: tuple[str, ...]
) -> None:
    async with console(120, 36, draws=True) as pilot:
        await pilot.press("2", *keys)
        for size in ((59, 19), (30, 8), (10, 3), (1, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("down", "pagedown")
        await pilot.press("escape", "escape", "escape")
        assert pilot.app.screen.query_one("#line").display
