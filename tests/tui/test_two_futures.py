"""Ctrl+F shows two futures of the typed command; nothing is given, and in an exam their number is limited."""

from pathlib import Path

import pytest

from sim.drill.session.session import Session
from tests.plays import ONSET_MS
from tests.tui.conftest import Wall
from tests.tui.test_console_keys import line, said, typed
from tests.tui.test_jumps import ready, shown
from tests.tui.test_rewinding import app_of

pytestmark = pytest.mark.usefixtures("whole_frames")

MINUTE = 60_000


async def test_the_next_hours_are_shown_and_the_command_stays_typed(tmp_path: Path, wall: Wall) -> None:
    async with shown(app_of(tmp_path / "drill.jsonl", wall, "exam")) as pilot:
        drill = await ready(pilot)
        drill.advance(ONSET_MS + 50 * MINUTE)
        await pilot.press("ctrl+f")
        assert "type a command first" in said(pilot, "hint")
        await typed(pilot, "deliveries pause inbound")
        for number in range(3):
            await pilot.press("ctrl+f")
            for _ in range(1000):
                await pilot.pause(0.01)
                if "without it" in said(pilot, "text"):
                    break
            text = said(pilot, "text")
            assert "in 1 h" in text
            assert "the failure stays as it is now" in " ".join(text.split())
            await pilot.press("escape")
            assert (line(pilot).value, number) == ("deliveries pause inbound", number)
        await pilot.press("ctrl+f")
        assert "exam: all 3 previews of this drill have been used" in said(pilot, "hint")
        assert list(drill.commands) == []
    again = Session.replay(tmp_path / "drill.jsonl")
    assert [kind for kind, _t_ms, _text in again.remarks] == ["look"] * 3
    assert list(again.commands) == []
