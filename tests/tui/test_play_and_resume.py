"""The console on real drills, and `mxdrill play` and `resume` without a terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from tests.tui.conftest import Wall
from tui.app import DrillApp
from tui.cli import main
from tui.painting.pace import Mode
from tui.painting.rows import text_of
from tui.playing.control_desk import ControlDesk
from tui.playing.open_drill import NewDrill, begin, go_on
from tui.screens.debrief_rows import debrief_rows
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.drill_files import drills_folder, find_drill, kept_drills, new_journal
from tui.widgets.frame.pane import Pane

pytestmark = pytest.mark.usefixtures("whole_frames")

HOUR = 3_600_000


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "drill.jsonl"


def wanted(journal: Path, mode: Mode = "guided") -> NewDrill:
    return NewDrill("exchange-down", 3, journal, mode, settings=["users=50", "outage=3h"])


async def test_a_drill_played_by_keys_left_and_resumed(journal: Path, wall: Wall) -> None:
    app = DrillApp(lambda: begin(wanted(journal)), 3600, wall)
    async with app.run_test(size=(120, 36)) as pilot:
        while app.desk is None:
            assert app.failure is None, app.failure
            await pilot.pause()
        app.desk.step(2 * HOUR)
        await pilot.press(*"alerts", "space", *"ack", "enter")
        app.desk.step(HOUR // 2)
        drill = app.desk.opened.drill
        assert isinstance(drill, Session)
        left_ms, digest = drill.now_ms, drill.digest()
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert (app.return_value, app.kept) == (exit_status.YES, str(journal))
    again = go_on(journal)
    assert isinstance(again.drill, Session)
    assert (again.drill.now_ms, again.drill.digest(), again.mode) == (left_ms, digest, "guided")
    assert [text for _, text in again.drill.commands] == ["alerts ack"]
    desk = ControlDesk(again, wall, 3600)
    wall.go(0.2)
    assert not desk.frame(), "who resumes looks first"
    assert (again.drill.now_ms, desk.pacer.pace.paused) == (left_ms, True)
    again.close()


async def test_at_the_end_the_debrief_comes_by_itself(journal: Path, wall: Wall) -> None:
    app = DrillApp(lambda: begin(wanted(journal)), 3600, wall)
    async with app.run_test(size=(120, 36)) as pilot:
        while app.desk is None:
            assert app.failure is None, app.failure
            await pilot.pause()
        app.desk.step(200 * HOUR)
        assert app.desk.opened.drill.ended
        for _ in range(400):
            await pilot.pause(0.02)
            shown = app.screen.query("#text")
            rows = shown.first(Pane)._rows if shown else []
            if len(rows) > 5:
                break
        seen = "\n".join(map(text_of, rows))
        assert "Summary" in seen
        await pilot.press("end")
        rows = app.screen.query_one("#text", Pane)._rows
        seen = "\n".join(map(text_of, rows))
        assert "digest" in seen
        await pilot.press("home")
        pages = []
        for _ in range(4):
            await pilot.press("pagedown")
            pages.append("\n".join(map(text_of, app.screen.query_one("#text", Pane)._rows)))
        assert any("doing nothing" in page for page in pages)
        assert any("Delivered" in page for page in pages)
        await pilot.press("escape")
        assert "■ ended" in text_of(app.screen.query_one("#header", Pane)._rows[0])
        await pilot.press("ctrl+q")
        await pilot.pause()


@pytest.mark.parametrize("width", [56, 60, 76, 110])
def test_the_debrief_fits_its_width_and_has_every_decision(journal: Path, width: int) -> None:
    opened = begin(wanted(journal))
    opened.drill.advance(2 * HOUR)
    opened.drill.dispatch("note we do not pause: 3 h bounce nothing")
    opened.drill.dispatch("notify users via=sms cause=gateway text=It is not us.")
    opened.drill.advance(3 * HOUR)
    told = opened.debrief(opened.nothing())
    rows = debrief_rows(told, width, judged=True, early_ms=opened.drill.now_ms)
    text = " ".join(text_of(row) for row in rows)
    assert max(len(text_of(row)) for row in rows) <= width
    assert "…" not in text, "nothing is cut off"
    assert "Score changes" in text
    assert all(change.id.replace("-", " ") in " ".join(text.split()) for change in told.changes)
    assert "we do not pause" in " ".join(text.split())
    assert "Ended by hand at T+03:00:00" in " ".join(text.split())
    assert "✓ met" in text or "✗ failed" in text or "○ open" in text
    free = " ".join(text_of(row) for row in debrief_rows(told, width, judged=False, early_ms=None))
    assert "“It is not us.”; fields: cause gateway" in " ".join(text.split())
    assert "wrong: it gave gateway as the cause" in " ".join(text.split())
    assert "Objectives" not in free
    assert "score" not in free
    opened.close()


def test_without_a_terminal_play_runs_the_reference_runbook_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["play", "--set", "users=50", "--set", "outage=3h", "--seed", "3"]) == exit_status.YES
    printed = capsys.readouterr().out
    assert printed.startswith("no terminal: running the reference runbook")
    assert "doing nothing" in printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["play", "exchange-dwn"], "exchange-down"),
        (["play", "--speed", "0"], "from 1 to 3600"),
        (["play", "--set", "users"], "users"),
        (["resume"], "mxdrill play"),
        (["resume", "nothing.jsonl"], "no such journal"),
    ],
)
def test_mistakes_are_one_line_and_status_2(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("tui.shell.drill_files.user_data_path", lambda *_, **__: tmp_path)
    assert main(words) == exit_status.BAD_INPUT
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert said in printed


def test_drills_are_found_by_the_beginning_of_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    monkeypatch.setattr("tui.shell.drill_files.user_data_path", lambda *_, **__: tmp_path)
    paths = [new_journal("exchange-down", datetime(2026, 3, day, 8, tzinfo=UTC)) for day in (2, 3)]
    drills_folder().mkdir(parents=True)
    for age, path in enumerate(paths):
        path.write_text("{}\n")
        os.utime(path, (1000 + age, 1000 + age))
    assert kept_drills() == [paths[1], paths[0]]
    assert find_drill(None) == paths[1]
    assert find_drill(paths[0].stem[:22]) == paths[0]
    assert find_drill(str(paths[0])) == paths[0]
    with pytest.raises(CommandMistake, match="2 drills have names that begin with this"):
        find_drill("exchange")


def test_the_first_paint_waits_for_no_world() -> None:
    heavy = ("numpy", "pydantic", "simpy", "ruamel.yaml")
    code = f"import sys, tui.app; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
