"""Rewinding on the console: an earlier moment is looked at, left, or becomes a branch."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from sim.drill.session.journal import Journal
from sim.drill.session.journal_reading import read_header
from sim.drill.session.session import DiskFull, Session
from tests.plays import ONSET_MS
from tests.tui.conftest import Wall
from tests.tui.test_console_keys import said, typed
from tests.tui.test_jumps import ready, shown
from tui.app import DrillApp
from tui.painting.pace import Mode
from tui.playing.open_drill import NewDrill, begin, go_on
from tui.playing.past import Past

pytestmark = pytest.mark.usefixtures("whole_frames")

MINUTE, HOUR = 60_000, 3_600_000


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "drill.jsonl"


def app_of(journal: Path, wall: Wall, mode: Mode = "guided") -> DrillApp:
    settings = ["users=50", "outage=3h"]
    return DrillApp(lambda: begin(NewDrill("exchange-down", 3, journal, mode, settings=settings)), 60, wall)


async def played(pilot: Pilot[int]) -> Session:
    """Two and a half hours, with a pause of deliveries in them."""
    drill = await ready(pilot)
    drill.advance(ONSET_MS + 30 * MINUTE)
    drill.dispatch("deliveries pause inbound")
    drill.advance(ONSET_MS + HOUR)
    return drill


def past_of(pilot: Pilot[int]) -> Past:
    assert isinstance(pilot.app, DrillApp)
    assert pilot.app.desk is not None
    return pilot.app.desk.past


async def looked(pilot: Pilot[int]) -> None:
    """Until the earlier moment is shown."""
    for _ in range(1000):
        await pilot.pause(0.01)
        if past_of(pilot).moment is not None and not past_of(pilot).under_way:
            return
    pytest.fail("the earlier moment is never shown")


def told(pilot: Pilot[int]) -> str:
    return " ".join(said(pilot, "hint").split())


async def test_an_earlier_moment_is_shown_and_left_again(journal: Path, wall: Wall) -> None:
    async with shown(app_of(journal, wall)) as pilot:
        drill = await played(pilot)
        digest, now_ms = drill.digest(), drill.now_ms
        await pilot.press("less_than_sign", "comma")
        await looked(pilot)
        assert past_of(pilot).aim_ms == now_ms - 16 * MINUTE
        assert "◀ past" in said(pilot, "header")
        assert "T+01:56:00" in said(pilot, "header")
        assert "16 min ago" in told(pilot)
        assert "Enter branch here" in said(pilot, "footer").replace("  ", " ")
        await pilot.press("full_stop")
        await looked(pilot)
        assert past_of(pilot).aim_ms == now_ms - 15 * MINUTE
        await typed(pilot, "alerts ack")
        await pilot.press("enter")
        assert "this is an earlier moment" in told(pilot)
        for key in ("space", "exclamation_mark", "asterisk", "number_sign", "number_sign"):
            await pilot.press(key)
            assert "this is an earlier moment" in told(pilot), "nothing moves the present from there"
        await pilot.press("escape")
        assert "‖ paused" in said(pilot, "header")
        assert "T+02:12:00" in said(pilot, "header")
        assert drill.digest() == digest
        assert [text for _, text in drill.commands] == ["deliveries pause inbound"]


async def test_the_start_is_the_earliest_and_a_moment_can_be_typed(journal: Path, wall: Wall) -> None:
    async with shown(app_of(journal, wall)) as pilot:
        await played(pilot)
        for text, at_ms in (("rewind 1h", ONSET_MS), ("rewind T+0:30", 30 * MINUTE), ("rewind 9h", 0)):
            await typed(pilot, text)
            await pilot.press("enter")
            await looked(pilot)
            assert past_of(pilot).aim_ms == at_ms
        await pilot.press("comma")
        assert "this is the start of the drill" in told(pilot)
        await typed(pilot, "rewind soon")
        await pilot.press("enter")
        assert "`soon` is not a moment; write `rewind 2h` or `rewind T+3:10`" in told(pilot)


async def test_enter_there_begins_a_branch_that_knows_its_parent(journal: Path, wall: Wall) -> None:
    async with shown(app_of(journal, wall)) as pilot:
        parent = await played(pilot)
        left_ms, digest = parent.now_ms, parent.digest()
        await typed(pilot, "rewind T+1:32")
        await pilot.press("enter")
        await looked(pilot)
        await pilot.press("enter")
        for _ in range(1000):
            await pilot.pause(0.01)
            if "↳ branch" in said(pilot, "header"):
                break
        assert "This is a branch of drill at Mon 09:32; its parent is kept" in told(pilot)
        drill = await ready(pilot)
        assert drill is not parent
        assert (drill.now_ms, list(drill.commands)) == (92 * MINUTE, [])
        await typed(pilot, "alerts ack")
        await pilot.press("enter")
        await pilot.press("question_mark")
        assert "This drill is a branch of drill at Mon 09:32." in said(pilot, "text")
        await pilot.press("escape")
    made = journal.with_name("drill-branch-1.jsonl")
    assert [text for _, text in Session.replay(made).commands] == ["alerts ack"]
    assert read_header(made)["parent"]["drill"] == "drill"
    again = go_on(journal)
    assert isinstance(again.drill, Session)
    assert (again.drill.now_ms, again.drill.digest()) == (left_ms, digest), "the parent is as it was left"
    again.close()


async def test_bookmarks_are_gone_back_to(journal: Path, wall: Wall) -> None:
    async with shown(app_of(journal, wall, "free")) as pilot:
        drill = await played(pilot)
        await typed(pilot, "bookmark before the change")
        await pilot.press("enter")
        assert "bookmark at Mon 10:12; [ or F3 goes back to it" in told(pilot)
        drill.advance(drill.now_ms + HOUR)
        names = []
        for _ in range(4):
            await pilot.press("left_square_bracket")
            await looked(pilot)
            names.append(told(pilot).partition(" ago · ")[2].partition(" T+0 ")[0])
        assert names == [
            "before the change",
            "before `deliveries pause inbound`",
            "the first alert",
            "the start",
        ]
        await pilot.press("f4")
        await looked(pilot)
        assert "the first alert" in told(pilot)
        assert said(pilot, "hint").count("◆") == 3


async def test_in_an_exam_it_is_off_until_the_end(journal: Path, wall: Wall) -> None:
    async with shown(app_of(journal, wall, "exam")) as pilot:
        drill = await played(pilot)
        for key in ("comma", "f9", "left_square_bracket"):
            await pilot.press(key)
            assert "exam: rewinding is off until the end of the drill" in told(pilot)
            assert not past_of(pilot).shown
            await pilot.press("escape")
        drill.finish()
        await pilot.pause(0.2)
        await pilot.press("escape", "comma")
        await looked(pilot)


async def test_a_full_disk_leaves_the_drill_as_it_was(
    journal: Path, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Journal:
        raise DiskFull("drill-branch-1.jsonl: no space left on device; free some space")

    async with shown(app_of(journal, wall)) as pilot:
        drill = await played(pilot)
        await pilot.press("comma")
        await looked(pilot)
        monkeypatch.setattr(Journal, "create", full)
        await pilot.press("enter")
        for _ in range(1000):
            await pilot.pause(0.01)
            if "no branch" in told(pilot):
                break
        assert "✗ no branch: drill-branch-1.jsonl: no space left on device" in told(pilot)
        assert await ready(pilot) is drill
        await pilot.press("escape", "escape")
        await typed(pilot, "alerts ack")
        await pilot.press("enter")
        assert [text for _, text in drill.commands][-1] == "alerts ack"
