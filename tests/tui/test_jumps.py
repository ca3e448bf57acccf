"""Jumps of the console: to an event, a decision that is due, the end; and the clock that waits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from sim.drill.session.session import Session
from tests.tui.conftest import Wall
from tests.tui.test_console_keys import said, typed
from tui.app import DrillApp
from tui.cli import main
from tui.playing.meanwhile import meanwhile
from tui.playing.open_drill import NewDrill, begin, go_on
from tui.shell import exit_status

pytestmark = pytest.mark.usefixtures("whole_frames")

HOUR = 3_600_000
ONSET_MS = 72 * 60_000


def app_of(tmp_path: Path, wall: Wall) -> DrillApp:
    journal = tmp_path / "drill.jsonl"
    settings = ["users=50", "outage=3h"]
    return DrillApp(lambda: begin(NewDrill("exchange-down", 3, journal, settings=settings)), 60, wall)


async def ready(pilot: Pilot[int]) -> Session:
    app = pilot.app
    assert isinstance(app, DrillApp)
    while app.desk is None:
        assert app.failure is None, app.failure
        await pilot.pause()
    drill = app.desk.opened.drill
    assert isinstance(drill, Session)
    return drill


@asynccontextmanager
async def shown(app: DrillApp) -> AsyncIterator[Pilot[int]]:
    """The console, left at the end, which closes the journal."""
    async with app.run_test(size=(80, 24)) as pilot:
        yield pilot
        await pilot.press("ctrl+q")
        await pilot.pause()


async def jumped(pilot: Pilot[int]) -> None:
    """Until the jump is over."""
    assert isinstance(pilot.app, DrillApp)
    for _ in range(2000):
        await pilot.pause(0.01)
        if pilot.app.desk is None or not pilot.app.desk.pacer.jumps:
            return
    pytest.fail("the jump does not end")


async def test_the_clock_of_a_new_drill_waits_for_the_briefing(tmp_path: Path, wall: Wall) -> None:
    app = app_of(tmp_path, wall)
    async with shown(app) as pilot:
        drill = await ready(pilot)
        wall.go(0.4)
        await pilot.pause(0.1)
        assert drill.now_ms == 0
        assert "? shows the briefing; space starts the clock" in " ".join(said(pilot, "hint").split())
        await pilot.press("question_mark")
        assert "The drill ends 6 h after" in said(pilot, "text")
        await pilot.press("escape", "space")
        wall.go(0.4)
        await pilot.pause(0.1)
        assert drill.now_ms > 0


async def test_jumps_stop_with_a_reason_and_a_summary(tmp_path: Path, wall: Wall) -> None:
    app = app_of(tmp_path, wall)
    async with shown(app) as pilot:
        drill = await ready(pilot)
        await pilot.press("exclamation_mark")
        await jumped(pilot)
        await pilot.pause(0.1)
        first_ms = drill.now_ms
        assert first_ms > ONSET_MS
        told = " ".join(said(pilot, "hint").split())
        assert "‖ Stopped: " in told
        assert "passed: 1 " in told
        assert "‖ paused" in said(pilot, "header")
        await pilot.press("f6")
        await jumped(pilot)
        assert drill.now_ms > first_ms
        await typed(pilot, "jump decision")
        assert "next decision that is due" in said(pilot, "hint")
        await pilot.press("enter")
        await jumped(pilot)
        await pilot.pause(0.1)
        assert "Stopped: due at " in " ".join(said(pilot, "hint").split())


async def test_the_jump_to_the_end_asks_first(tmp_path: Path, wall: Wall) -> None:
    app = app_of(tmp_path, wall)
    async with shown(app) as pilot:
        drill = await ready(pilot)
        await pilot.press("number_sign")
        assert "The drill ends 6 h after" in " ".join(said(pilot, "hint").split())
        await pilot.press("f10")  # the answer to another question ends nothing
        assert not drill.ended
        await pilot.press("escape", "number_sign")
        assert drill.now_ms == 0
        await pilot.press("f8")
        await jumped(pilot)
        assert drill.complete


async def test_the_clock_stops_by_itself_where_it_is_asked_to(tmp_path: Path, wall: Wall) -> None:
    app = app_of(tmp_path, wall)
    async with shown(app) as pilot:
        drill = await ready(pilot)
        await typed(pilot, "stop-at")
        await pilot.press("enter")
        assert "choose from stop-at alert, stop-at objective" in said(pilot, "hint")
        await pilot.press("ctrl+u")
        await typed(pilot, "stop-at alert")
        await pilot.press("enter")
        assert "The clock stops at: alert" in said(pilot, "hint")
        assert app.desk is not None
        app.desk.pacer.speed = 3600
        await pilot.press("space")
        for _ in range(40):
            wall.go(0.4)
            await pilot.pause(0.05)
        assert "the first alert" in " ".join(said(pilot, "hint").split())
        stopped_ms = drill.now_ms
        assert ONSET_MS < stopped_ms < ONSET_MS + HOUR
        assert drill.commands is not None
        assert not list(drill.commands), "words of the console are not commands"
        path = drill.journal_path
    assert path is not None
    again = go_on(path)
    assert again.stop_at == ("alert",)
    again.close()


async def test_objectives_stop_no_clock_where_they_are_not_shown(tmp_path: Path, wall: Wall) -> None:
    journal = tmp_path / "drill.jsonl"
    settings = ["users=50", "outage=3h"]
    app = DrillApp(lambda: begin(NewDrill("exchange-down", 3, journal, "exam", settings=settings)), 60, wall)
    async with shown(app) as pilot:
        await ready(pilot)
        await typed(pilot, "stop-at objective")
        await pilot.press("enter")
        assert "objectives are not shown in the mode exam" in said(pilot, "hint")
        assert app.desk is not None
        assert not app.desk.stop_at
    assert main(["play", "--mode", "exam", "--stop-at", "objective"]) == exit_status.BAD_INPUT


def test_the_summary_names_what_came_and_what_moved() -> None:
    assert meanwhile(90_000, [], {}, {}) == "1 min 30 s passed: nothing reached you"
    assert meanwhile(3_600_000, [], {"queue": 0, "calls": 3}, {"queue": 51, "calls": 3}) == (
        "1 h passed: nothing reached you; queue 0 → 51"
    )
