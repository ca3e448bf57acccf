"""The runbook pane: the steps of a plan with planned and actual times, and the drill that keeps it."""

from dataclasses import replace
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from sim.drill.snapshot.plan_steps import PlanStepView
from tests.plans import written
from tests.tui.conftest import LOCAL, Wall
from tests.tui.fake_session import DOWN_MS, HOUR, MINUTE, snapshot_at
from tests.tui.test_panes import texts, view_of
from tui.app import DrillApp
from tui.cli import main
from tui.painting.layout import WIDE, plan
from tui.painting.rows import text_of, width_of
from tui.painting.view import View
from tui.playing.control_desk import ControlDesk
from tui.playing.open_drill import NewDrill, begin, go_on
from tui.screens.panes import DRAWS
from tui.widgets.frame.pane import Pane, inner_size
from tui.widgets.people import plan_steps

NOW = DOWN_MS + 2 * HOUR


def step(id_: str, **more: object) -> PlanStepView:
    whole = PlanStepView(
        id_, "", "messaging-admin", "status check server", False, "waiting", None, "", None, None, ""
    )
    return replace(whole, **more)  # type: ignore[arg-type]


STEPS = (
    step("declare", phase="Find out", state="done", due_ms=NOW - HOUR, given_ms=NOW - 50 * MINUTE,
         done_ms=NOW - 45 * MINUTE),
    step("call-the-duty-number-of-the-team", state="due", manual=True, does="Call the DNS team",
         due_ms=NOW - 12 * MINUTE),
    step("in-time", state="done", due_ms=NOW - HOUR, given_ms=NOW - HOUR, done_ms=NOW - 58 * MINUTE),
    step("refused", phase="Inbound", state="refused", due_ms=NOW - MINUTE, given_ms=NOW,
         reason="an approval is missing"),
    step("later", waits_for="the alert + 15 min"),
    step("instead", state="not needed", waits_for="a failure of later"),
)  # fmt: skip


def view(steps: tuple[PlanStepView, ...] = STEPS) -> View:
    return replace(view_of(snapshot_at(NOW)), steps=lambda: steps)


def row_of(lines: list[str], id_: str) -> str:
    return next(line for line in lines if id_ in line)


def test_each_step_has_owner_planned_and_actual_time() -> None:
    lines = texts(plan_steps.draw(view(), 90, 99))
    declare = row_of(lines, "declare")
    assert declare.startswith("✓ declare")
    assert "messaging admin" in declare
    assert LOCAL.short(NOW - HOUR, NOW) in declare
    assert declare.endswith(f"done {LOCAL.short(NOW - 45 * MINUTE, NOW)}, 10 min late")
    assert row_of(lines, "in-time").endswith(f"done {LOCAL.short(NOW - 58 * MINUTE, NOW)}")
    assert row_of(lines, "call-the-duty").endswith("due, 12 min late")
    assert "    Call the DNS team" in lines
    assert "    once it is done: note call-the-duty-number-of-the-team: …" in lines
    assert "    an approval is missing" in lines
    assert row_of(lines, "later").endswith("after the alert + 15 min")
    assert row_of(lines, "instead").endswith("only after a failure of later")
    assert lines.index("Find out") < lines.index(declare) < lines.index("Inbound")


def test_the_overview_has_the_steps_that_are_due() -> None:
    page = plan_steps.draw_next(view(), 90, 5)
    assert len(page.rows) == 1
    assert text_of(page.aside) == "2 of 6 done  1 due"
    waiting = plan_steps.draw_next(view(STEPS[4:]), 90, 5)
    assert "later" in texts(waiting)[0]
    many = plan_steps.draw_next(view(tuple(step(f"s{n}", state="due", due_ms=NOW) for n in range(9))), 90, 5)
    assert texts(many)[-1] == "5 more: press 9"


@pytest.mark.parametrize(("width", "height"), [(60, 20), (80, 24), (110, 30), (140, 45), (200, 60)])
def test_the_pane_fits_every_place(width: int, height: int) -> None:
    for name in ("Overview", "Room"):
        for slot in plan(width, height, name, coach=True, runbook=True):
            inside = inner_size(slot.width, slot.height, boxed=width >= WIDE)
            page = DRAWS[slot.pane](view(), *inside)
            assert len(page.rows) <= inside[1]
            assert max((width_of(row) for row in page.rows), default=0) <= inside[0], (slot, texts(page))


PLAN = """\
people: [{ role: lead }]
steps:
  - { id: declare, owner: lead, takes: 10m, manual: Declare the incident }
  - { id: look, after: [declare], do: status check server }
assumptions: [{ id: p, to: look.done, within: 30m }]
"""


async def test_a_drill_of_a_plan_shows_its_steps_and_still_does_when_it_is_resumed(
    tmp_path: Path, wall: Wall
) -> None:
    journal = tmp_path / "drill.jsonl"
    file = written(tmp_path, PLAN)
    app = DrillApp(lambda: begin(NewDrill("", 1, journal, plan=str(file))), 60, wall)
    async with app.run_test(size=(110, 30)) as pilot:
        while app.desk is None:
            assert app.failure is None, app.failure
            await pilot.pause()
        app.desk.give("note declare: everyone is on the call")
        await pilot.press("9")
        await pilot.pause()
        shown = app.screen.query_one("#runbook", Pane)
        assert shown.display
        assert any("✓ declare" in text_of(row) for row in shown._rows)
        await pilot.press("ctrl+q")
        await pilot.pause()
    file.unlink()
    again = go_on(journal)
    steps = ControlDesk(again, wall, 60).view(0).steps
    assert steps is not None
    assert [one.state for one in steps()] == ["done", "due"]
    assert isinstance(again.drill, Session)
    assert "lead" in [desk.person.role for desk in again.drill.drill.staff.desks]
    assert again.branch_at is not None
    again.drill.advance(again.drill.now_ms + HOUR)
    branch = again.branch_at(again.drill.now_ms)
    assert branch.plan_steps is not None
    branch.close()
    again.close()


def test_a_plan_names_its_scenario_and_needs_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "gateway-down", "--plan", "gateway-down"]) == 2
    assert "a plan names its own scenario" in capsys.readouterr().err
    assert main(["play", "--plan", "gateway-down"]) == 2
    assert "needs a terminal" in capsys.readouterr().err
