"""The console as it is used: keys in, what the drill was asked to do and what the screen says out."""

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from sim.drill.commands.command import Command
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.session.journal import DiskFull
from tests.tui.conftest import Console, Wall
from tests.tui.fake_session import HOUR, MINUTE, FakeSession
from tui.app import DrillApp
from tui.painting.number_format import GROUP
from tui.painting.rows import text_of
from tui.screens.panes import DRAWS
from tui.shell import exit_status
from tui.widgets.frame.command_line import CommandLine
from tui.widgets.frame.pane import Pane


def said(pilot: Pilot[int], pane: str) -> str:
    """The text of a pane of the screen that is shown."""
    rows = pilot.app.screen.query_one(f"#{pane}", Pane)._rows
    return "\n".join(text_of(row) for row in rows).replace(GROUP, " ")


def line(pilot: Pilot[int]) -> CommandLine:
    return pilot.app.screen.query_one(CommandLine)


async def typed(pilot: Pilot[int], text: str) -> None:
    """As if pasted: into the input that has the focus."""
    assert isinstance(pilot.app.focused, Input)
    pilot.app.focused.insert_text_at_cursor(text)
    await pilot.pause()


async def pressed(pilot: Pilot[int], text: str) -> None:
    """Key by key."""
    await pilot.press(*("space" if char == " " else {"=": "equals_sign"}.get(char, char) for char in text))


async def test_keys_that_edit_act_in_the_order_in_which_they_are_typed(console: Console) -> None:
    """Also if all of them have come before the screen can look at any."""
    async with console() as pilot:
        for key in ("n", "o", "r", "backspace", "t", "e", "left", "left", "x", "end", "backspace"):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert line(pilot).value == "noxt"


async def test_a_command_is_given_and_answered(console: Console, session: FakeSession) -> None:
    async with console() as pilot:
        await typed(pilot, "alerts ack")
        await pilot.press("enter")
        assert session.given == ["alerts ack"]
        assert "✓ given: alerts ack" in said(pilot, "hint")
        assert line(pilot).value == ""
        assert "alerts ack" in said(pilot, "feed")


async def test_a_paste_is_typed_once_and_its_lines_become_one(console: Console) -> None:
    async with console() as pilot:
        pilot.app.post_message(events.Paste("probe mx\r\nall\n"))
        await pilot.pause()
        assert line(pilot).value == "probe mx all"


async def test_a_refusal_says_why_and_keeps_the_text(console: Console, session: FakeSession) -> None:
    session.refuse = "no event is active; start one first"
    async with console() as pilot:
        await typed(pilot, "continuity end")
        await pilot.press("enter")
        assert "✗ no event is active" in said(pilot, "hint")
        assert line(pilot).value == "continuity end"


async def test_what_is_typed_after_enter_belongs_to_the_next_command(
    console: Console, session: FakeSession
) -> None:
    async with console() as pilot:
        field = line(pilot)
        for text in ("note one", "note two"):  # all pressed before the console hears of the first
            for char in text:
                pilot.app.post_message(events.Key("space" if char == " " else char, char))
            pilot.app.post_message(events.Key("enter", "\r"))
        await pilot.pause()
        assert session.given == ["note one", "note two"]
        assert field.value == ""


async def test_keys_that_act_on_an_empty_line_are_text_in_a_command(
    console: Console, session: FakeSession
) -> None:
    async with console() as pilot:
        app = pilot.app
        assert isinstance(app, DrillApp)
        assert app.desk is not None
        await pressed(pilot, "note 1 + 2 - 3. ok?")
        assert line(pilot).value == "note 1 + 2 - 3. ok?"
        assert (app.desk.pacer.paused, app.desk.pacer.speed, session.now_ms) == (True, 60, 0)


async def test_space_pauses_plus_and_minus_change_the_speed(console: Console) -> None:
    async with console() as pilot:
        assert "‖ paused" in said(pilot, "header")
        await pilot.press("space")
        assert "▶ ×60" in said(pilot, "header")
        await pilot.press("plus", "plus", "minus")
        assert "▶ ×300" in said(pilot, "header")
        await pilot.press("f5")
        assert "‖ paused" in said(pilot, "header")


async def test_steps_advance_by_a_minute_and_a_quarter_of_an_hour(
    console: Console, session: FakeSession
) -> None:
    async with console() as pilot:
        await pilot.press("full_stop")
        assert session.now_ms == MINUTE + 1
        await pilot.press("greater_than_sign")
        assert session.now_ms == 16 * MINUTE + 1
        assert "T+00:16:00" in said(pilot, "header")


async def test_the_clock_runs_with_the_wall(console: Console, session: FakeSession, wall: Wall) -> None:
    async with console() as pilot:
        app = pilot.app
        assert isinstance(app, DrillApp)
        assert app.desk is not None
        await pilot.press("space")
        for _ in range(25):
            wall.go(0.05)
            app.desk.frame()
        assert session.now_ms == pytest.approx(75_000, abs=60)
        assert session.marks == 1


async def test_tab_completes_then_walks_through_what_is_possible(console: Console) -> None:
    async with console() as pilot:
        await typed(pilot, "cont")
        await pilot.press("tab")
        assert line(pilot).value == "continuity "
        await pilot.press("tab")
        first = line(pilot).value
        await pilot.press("tab")
        assert first.startswith("continuity ")
        assert line(pilot).value != first


async def test_history_keeps_what_was_being_typed(console: Console, session: FakeSession) -> None:
    async with console() as pilot:
        for command in ("alerts ack", "continuity show"):
            await typed(pilot, command)
            await pilot.press("enter")
        await typed(pilot, "no")
        await pilot.press("up")
        assert line(pilot).value == "continuity show"
        await pilot.press("up", "up")
        assert line(pilot).value == "alerts ack"
        await pilot.press("down", "down")
        assert line(pilot).value == "no"
        await pilot.press("escape")
        assert line(pilot).value == ""


async def test_the_palette_and_its_form_write_a_command_and_do_not_give_it(
    console: Console, session: FakeSession
) -> None:
    async with console() as pilot:
        await pilot.press("ctrl+p")
        await typed(pilot, "start")
        await pilot.press("enter")
        assert "continuity start" in said(pilot, "form")
        await pilot.press("down", "backspace", "backspace", *"12h", "enter")
        assert session.given == []
        assert "for=12h" in line(pilot).value
        await pilot.press("enter")
        assert session.given[0].startswith("continuity start")


async def test_the_rule_above_the_commands_of_other_places_is_whole(console: Console) -> None:
    async with console() as pilot:
        await pilot.press("enter")
        (rule,) = [row for row in said(pilot, "list").splitlines() if "other places" in row]
        assert "…" not in rule


async def test_a_form_says_what_is_wrong_and_does_not_close(console: Console) -> None:
    async with console() as pilot:
        await pilot.press("ctrl+p")
        await typed(pilot, "start")
        await pilot.press("enter", "down", "backspace", "enter")
        assert "not a duration" in said(pilot, "form")
        await pilot.press("escape")
        assert "▸ continuity start" in said(pilot, "list"), "one level back"
        await pilot.press("escape")
        assert line(pilot).value == ""


async def test_views_by_number_and_by_f2(console: Console) -> None:
    async with console(80, 24) as pilot:
        await pilot.press("2")
        assert pilot.app.screen.query_one("#mail").display
        assert not pilot.app.screen.query_one("#flow").display
        await pilot.press("f2")
        assert pilot.app.screen.query_one("#ledger").display
        await pilot.press("0")
        assert pilot.app.screen.query_one("#feed").display
        await pilot.press("f2")
        assert pilot.app.screen.query_one("#flow").display
        await pilot.press("4", "1")
        assert pilot.app.screen.query_one("#flow").display


async def test_a_reply_goes_when_another_place_is_looked_at_but_a_refusal_stays_with_its_text(
    console: Console, session: FakeSession
) -> None:
    async with console(80, 24) as pilot:
        await typed(pilot, "alerts ack")
        await pilot.press("enter")
        assert "given: alerts ack" in said(pilot, "hint")
        await pilot.press("4")
        assert "4 DNS" in said(pilot, "hint")
        session.refuse = "there is nothing to acknowledge"
        await typed(pilot, "alerts ack")
        await pilot.press("enter", "f2")
        assert "there is nothing to acknowledge" in said(pilot, "hint")
        assert line(pilot).value == "alerts ack"


async def test_a_refused_line_is_not_typed_on_to(console: Console, session: FakeSession) -> None:
    """Neither after a key that does nothing to it, nor after Up, which goes to the command before it."""
    async with console(80, 24) as pilot:
        await typed(pilot, "note one")
        await pilot.press("enter")
        session.refuse = "there is nothing to acknowledge"
        await typed(pilot, "alerts ack")
        await pilot.press("enter", "f3", "ctrl+l")
        await pressed(pilot, "note x")
        assert line(pilot).value == "note x"
        await pilot.press("escape")
        await typed(pilot, "alerts ack")
        await pilot.press("enter", "up")
        assert line(pilot).value == "note one"
        await pilot.press("down", "down")
        assert line(pilot).value == ""


async def test_a_refused_line_is_gone_once_a_later_command_was_accepted(
    console: Console, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were typed before the console heard of the first."""
    give = session.dispatch

    def dispatch(command: Command | str) -> Accepted | Refused:
        session.refuse = "there is nothing to acknowledge" if "alerts" in str(command) else ""
        return give(command)

    monkeypatch.setattr(session, "dispatch", dispatch)
    async with console(80, 24) as pilot:
        for text in ("alerts ack", "note two"):
            for char in text:
                pilot.app.post_message(events.Key("space" if char == " " else char, char))
            pilot.app.post_message(events.Key("enter", "\r"))
        await pilot.pause()
        assert session.given[-1] == "note two"
        assert line(pilot).value == ""


async def test_a_refused_line_is_typed_over_or_mended_and_keys_of_the_console_still_work(
    console: Console, session: FakeSession
) -> None:
    session.refuse = "there is nothing to acknowledge"
    async with console(80, 24) as pilot:
        await typed(pilot, "alerts ack")
        await pilot.press("enter", "4")
        assert pilot.app.screen.query_one("#zone").display
        assert line(pilot).value == "alerts ack"
        await pressed(pilot, "note x")
        assert line(pilot).value == "note x"
        await pilot.press("enter", "backspace", "backspace")
        await pressed(pilot, "y 1")
        assert line(pilot).value == "notey 1", "mended, not replaced"
        await pilot.press("escape")
        await typed(pilot, "alerts ack")
        await pilot.press("enter", "enter")
        assert session.given[-2:] == ["alerts ack", "alerts ack"], "Enter gives it again"


@pytest.mark.parametrize(
    ("text", "told"),
    [("help", "? opens the help"), ("help probe mx", "F1 explains the typed command"),
     ("exit", "^Q saves everything and leaves"), ("pause", "space stops the clock"),
     ("ack alerts", "did you mean `alerts ack`?"), ("alerts", "`alerts` is incomplete")],
)  # fmt: skip
async def test_what_is_no_command_is_answered_and_never_reaches_the_drill(
    console: Console, session: FakeSession, text: str, told: str
) -> None:
    async with console() as pilot:
        await typed(pilot, text)
        await pilot.press("enter")
        assert told in " ".join(said(pilot, "hint").split())
        assert session.given == []
        assert text not in said(pilot, "feed")


async def test_help_has_the_briefing_the_keys_and_every_command(console: Console) -> None:
    from sim.drill.commands.grammar import COMMANDS

    async with console(120, 36) as pilot:
        await pilot.press("question_mark")
        seen = said(pilot, "text")
        for _ in range(30):
            await pilot.press("pagedown")
            seen += said(pilot, "text")
        assert "Something is going to break." in seen
        assert "In your product" in seen
        assert "…" not in seen.replace("1 … 9", "")
        for kind in COMMANDS:
            assert " ".join(kind.words) in seen
        await pilot.press("escape")
        assert pilot.app.screen.query(CommandLine)


async def test_note_begins_a_note(console: Console) -> None:
    async with console() as pilot:
        await pilot.press("ctrl+n")
        assert line(pilot).value == "note "


async def test_faults_and_milestones_never_reach_the_trainee(console: Console, session: FakeSession) -> None:
    async with console() as pilot:
        session.advance(2 * HOUR)
        session.tell(2 * HOUR, "milestone", "drill", "outage.start")
        await pilot.press("full_stop", "0")
        assert "Outlook is disconnected" in said(pilot, "feed")
        assert "the mail server stops" not in said(pilot, "feed")
        assert "outage.start" not in said(pilot, "feed")


async def test_exam_hides_the_objectives(console: Console) -> None:
    async with console(mode="exam") as pilot:
        for place in "1234567890":
            await pilot.press(place)
            assert not pilot.app.screen.query_one("#coach").display
            assert not pilot.app.screen.query_one("#objectives").display


async def test_a_full_disk_is_one_line_and_the_drill_goes_on(
    console: Console, session: FakeSession, wall: Wall
) -> None:
    async with console() as pilot:
        session.raises = DiskFull("drill.jsonl: no space left on device; free some space")
        await typed(pilot, "alerts ack")
        await pilot.press("enter")
        assert session.given == []
        assert "no space left" in said(pilot, "hint")
        assert line(pilot).value == "alerts ack"
        before_ms = session.now_ms
        await pilot.press("f5")
        app = pilot.app
        assert isinstance(app, DrillApp)
        assert app.desk is not None
        for _ in range(30):
            wall.go(0.05)
            app.desk.frame()
        assert session.now_ms > before_ms
        session.raises = None
        for _ in range(30):
            wall.go(0.05)
            app.desk.frame()
        assert app.desk.trouble == "", "there is room again"
        await pilot.press("enter")
        assert session.given == ["alerts ack"]
        assert "no space left" not in said(pilot, "hint")


async def test_f10_asks_once_and_any_other_key_goes_on(console: Console) -> None:
    async with console() as pilot:
        await pilot.press("f10")
        assert "Press F10 again" in said(pilot, "hint")
        await pilot.press("a", "f10")
        assert pilot.app.screen.query(CommandLine), "the question was answered by another key"


@pytest.mark.parametrize(
    ("key", "status"), [("ctrl+q", exit_status.YES), ("ctrl+c", exit_status.INTERRUPTED)]
)
async def test_leaving_saves(console: Console, key: str, status: int) -> None:
    async with console() as pilot:
        await typed(pilot, "some text")
        await pilot.press(key)
        await pilot.pause()
        assert pilot.app.return_value == status


@pytest.mark.parametrize(("width", "height"), [(59, 20), (60, 19), (30, 8), (10, 3), (1, 1)])
async def test_below_60_by_20_it_says_what_it_needs(console: Console, width: int, height: int) -> None:
    async with console(width, height) as pilot:
        assert not line(pilot).display
        assert pilot.app.screen.query_one("#small").display
        if width >= 28 and height >= 6:
            assert f"{width} × {height}" in said(pilot, "small")
            assert "60 × 20" in said(pilot, "small")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert line(pilot).display
        assert not pilot.app.screen.query_one("#small").display


async def test_text_survives_a_terminal_that_was_too_small(console: Console) -> None:
    async with console(80, 24) as pilot:
        await typed(pilot, "continuity sta")
        await pilot.resize_terminal(50, 15)
        await pilot.pause()
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        await typed(pilot, "rt")
        assert line(pilot).value == "continuity start"


async def test_what_goes_wrong_while_opening_is_kept_for_after_the_screen(wall: Wall) -> None:
    def broken() -> None:
        raise ValueError("scenario.yaml:7:9: not so")

    app = DrillApp(broken, 60, wall)  # type: ignore[arg-type]
    async with app.run_test() as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert str(app.failure) == "scenario.yaml:7:9: not so"
    assert app.return_value == exit_status.BAD_INPUT


async def test_only_rows_that_changed_are_painted_again(console: Console, session: FakeSession) -> None:
    async with console() as pilot:
        pane = pilot.app.screen.query_one("#people", Pane)
        rows = list(pane._rows)
        await pilot.pause()
        pane.show(list(rows))
        assert not pane._repaint_regions
        pane.show([*rows[:1], (("changed", ""),), *rows[2:]])
        assert {region.y for region in pane._repaint_regions} == {1}


async def test_typing_paints_hint_and_footer_and_draws_no_pane(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    for name, draw in DRAWS.items():
        monkeypatch.setitem(DRAWS, name, lambda *at, n=name, d=draw: drawn.append(n) or d(*at))
    async with console() as pilot:
        assert drawn
        drawn.clear()
        await pressed(pilot, "alerts ack")
        assert "Enter runs this" in said(pilot, "hint")
        assert "complete" in said(pilot, "footer")
        assert drawn == []


async def test_a_command_that_is_too_long_is_not_taken_and_that_is_said(console: Console) -> None:
    async with console() as pilot:
        await typed(pilot, "note " + "x" * 594)
        assert "at most" not in said(pilot, "hint")
        await pressed(pilot, "yz")
        assert line(pilot).value == "note " + "x" * 594 + "y"
        assert "at most 600 characters" in said(pilot, "hint")
        await pilot.press("backspace")
        assert "at most" not in said(pilot, "hint")
        await pilot.press("escape")
        await typed(pilot, "n" * 100_000)
        assert line(pilot).value == ""
        assert "at most 600 characters" in said(pilot, "hint")
