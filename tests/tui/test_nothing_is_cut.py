"""In real drills, played well and with openings, no pane cuts a word: what is too long is set in lines."""

import re
from functools import cache
from typing import Any

import pytest

from sim.drill.commands.registry import COMMANDS
from sim.drill.room.events import HIDDEN_FROM_TRAINEE
from sim.drill.scenario.runbook import load_runbook
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from tui.painting.changed_figures import Marks, figures_of
from tui.painting.grouped_events import GroupedEvents
from tui.painting.layout import VIEWS, WIDE, plan
from tui.painting.local_time import LocalTime
from tui.painting.pace import Pace
from tui.painting.places import home_of
from tui.painting.rows import text_of, width_of
from tui.painting.view import View
from tui.screens.panes import DRAWS
from tui.widgets.frame.header import header
from tui.widgets.frame.hint import places
from tui.widgets.frame.pane import framed, inner_size

SIZES = [(60, 20), (80, 24), (110, 32)]
IN_COLUMNS = frozenset({"mail"})
"""A table of messages, whose subjects and addresses are as long as people make them."""
PLAYS = ("exchange-down", "m365-offline", "gateway-down", "gateway-down-m365")
AFTER_MIN = (-30, 3, 8, 40, 150, 26 * 60)
"""Since the onset."""


@cache
def views(name: str) -> tuple[View, ...]:
    """The same drill at several moments, as the console would draw it."""
    scenario = load_scenario(name, {"users": "60"})
    found = []
    for minutes in AFTER_MIN:
        session = Session(scenario, 1, None)
        runbook = load_runbook(name)
        play(session, runbook, until_ms=scenario.outage_start_ms + minutes * MINUTE_MS)
        found.append(view_of(session))
    return tuple(found)


def view_of(session: Session) -> View:
    gathered = GroupedEvents()
    gathered.add([one for one in session.events() if one.kind not in HIDDEN_FROM_TRAINEE])
    snapshot, marks = session.snapshot(), Marks()
    marks.update(figures_of(snapshot), 0)
    local = LocalTime(session.scenario.starts_utc_ms, session.scenario.zone)
    kinds: Any = COMMANDS
    return View(
        snapshot, local, Pace(60, paused=False, lags=False, reached=60), "guided", marks,
        gathered.newest_first(), session.series, home=lambda text: home_of(text, kinds),
    )  # fmt: skip


def cut_rows(view: View, width: int, height: int) -> list[str]:
    """Rows on the screen that end in the middle, place by place."""
    found = [text_of(header(view, width))] if "…" in text_of(header(view, width)) else []
    for place in VIEWS:
        for slot in plan(width, height, place, coach=True):
            boxed = width >= WIDE
            page = DRAWS[slot.pane](view, *inner_size(slot.width, slot.height, boxed))
            for row in () if slot.pane in IN_COLUMNS else framed(page, slot.width, slot.height, boxed):
                text = text_of(row).rstrip("│ ").rstrip()
                if any(mark != " …" for mark in re.findall(r".…", text)):
                    found.append(f"{place}, {slot.pane}: {text}")
            if page.aside and text_of(page.aside) not in text_of(
                framed(page, slot.width, slot.height, boxed)[0]
            ):
                found.append(f"{place}, {slot.pane}: no room for {text_of(page.aside)}")
    return found


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", PLAYS)
def test_no_place_cuts_a_word_off(name: str, width: int, height: int) -> None:
    told = [f"{minutes} min: {row}" for minutes, view in zip(AFTER_MIN, views(name), strict=True)
            for row in cut_rows(view, width, height)]  # fmt: skip
    assert told == []


@pytest.mark.parametrize("width", [60, 71, 80, 110])
@pytest.mark.parametrize("place", VIEWS)
def test_what_a_place_is_for_ends_with_a_whole_word(place: str, width: int) -> None:
    row = places(place, width)
    assert width_of(row) <= width
    assert not re.search(r"\S…", text_of(row).replace("1…9", ""))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_place_cuts_a_word_off_while_deliveries_are_paused(width: int, height: int) -> None:
    scenario = load_scenario("exchange-down", {"users": "60"})
    session = Session(scenario, 1, None)
    session.advance(scenario.outage_start_ms + 30 * MINUTE_MS)
    session.dispatch("deliveries pause inbound")
    session.advance(scenario.outage_start_ms + 90 * MINUTE_MS)
    assert session.snapshot().queue.paused
    assert cut_rows(view_of(session), width, height) == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_place_cuts_a_word_off_when_nobody_gets_into_a_console(width: int, height: int) -> None:
    """Sessions have ended, commands have got nowhere; the age of the figures stands at every console."""
    scenario = load_scenario("m365-access-only", {"users": "400"})
    session = Session(scenario, 1, None)
    session.advance(scenario.outage_start_ms + 100 * MINUTE_MS)
    for text in ("queue retry inbound", "connector show"):
        session.dispatch(text)
    session.advance(scenario.outage_start_ms + 105 * MINUTE_MS)
    view = view_of(session)
    assert cut_rows(view, width, height) == []
    for place, pane in (("Gateway", "console"), ("Server", "ways")):
        slot = next(one for one in plan(width, height, place, coach=True) if one.pane == pane)
        boxed = width >= WIDE
        page = DRAWS[pane](view, *inner_size(slot.width, slot.height, boxed))
        told = " ".join(text_of(row) for row in framed(page, slot.width, slot.height, boxed))
        assert "as of Tue 10:" in told
