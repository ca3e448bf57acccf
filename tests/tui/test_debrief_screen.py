"""The console's debrief: its first page comes first, and O writes the whole of it as files."""

from dataclasses import replace
from pathlib import Path

import pytest

from sim.report.paper.facts import facts_of
from tests.plays import ONSET_MS, play
from tests.tui.conftest import Wall
from tests.tui.test_console_keys import said
from tests.tui.test_jumps import ready, shown
from tests.tui.test_rewinding import app_of
from tui.screens.debrief_summary import decisions_line, summary_rows

HOUR = 3_600_000


async def test_the_first_page_is_shown_and_the_whole_is_written(
    tmp_path: Path, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)  # no browser is opened
    async with shown(app_of(tmp_path / "drill.jsonl", wall)) as pilot:
        drill = await ready(pilot)
        drill.advance(ONSET_MS + HOUR)
        await pilot.press("f10", "f10")
        for _ in range(2000):
            await pilot.pause(0.01)
            if "Summary" in said(pilot, "text"):
                break
        text = said(pilot, "text")
        assert "messages not delivered" in text
        assert "objectives met" in text
        assert "The moments" in text
        assert "No decision was judged." in text
        await pilot.press("o")
        page = tmp_path / "drill-debrief" / "debrief.html"
        for _ in range(2000):
            await pilot.pause(0.01)
            if "written: " in said(pilot, "text"):
                break
        assert "drill-debrief/debrief.html" in said(pilot, "text").replace("\n", "").replace(" ", "")
        assert "EXERCISE" in page.read_text()
        assert (page.parent / "handout.html").exists()
        await pilot.press("escape")
        await pilot.pause(0.05)
        shown_now = said(pilot, "hint")
        assert "End the drill now?" not in shown_now
        assert "F10 opens the debrief" in shown_now


def test_decisions_are_counted_as_on_the_page() -> None:
    """By what was known and by the result, those not counted left out."""
    given = ((ONSET_MS + 30 * 60_000, "decide mx no"), (ONSET_MS + 40 * 60_000, "deliveries pause inbound"))
    facts = facts_of(play("2h", given, ONSET_MS + 5 * HOUR))
    counted = [(one.sound, one.turned_out_well) for one in facts.decisions if one.counted]
    assert {sound for sound, _well in counted} == {True, False}
    line = decisions_line(facts)
    assert f"right {sum(sound for sound, _well in counted)} (" in line
    assert f"wrong {sum(not sound for sound, _well in counted)} (" in line
    assert f"{counted.count((True, True))} turned out well" in line


def test_the_names_of_the_numbers_begin_in_one_column() -> None:
    facts = facts_of(play("2h", (), ONSET_MS + HOUR))
    long = (replace(facts.tiles[0], value="10 h 15 min"), *facts.tiles[1:])
    rows = summary_rows(replace(facts, tiles=long), 60, judged=True)
    numbers = [row for row in rows if len(row) == 2 and row[0][1] != "dim"]
    names = [row for row in numbers if row[1][0].strip() in {one.name for one in long}]
    assert len(names) == len(long)
    assert {len(row[0][0]) for row in names} == {max(len(one.value) for one in long)}
