"""Steps of a plan that are not needed any more by the time their owner would start."""

from pathlib import Path

import pytest

from sim.drill.plan.plan_file import Plan
from sim.drill.session.plan_run import PlanRun
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.study.one_run import Study, played
from sim.study.rehearsal.steps_played import steps_played
from tests.plans import loaded, minutes, runs

BUSY = """\
people: [{ role: lead }, { role: other }]
steps:
  - { id: ack, at: alert.first, do: alerts ack, takes: 1m }
  - { id: long, owner: lead, takes: 40m, manual: One }
  - { id: late, at: outage.start + 1m, owner: lead, takes: 4m..6m, manual: Two, unless: [alert.acknowledged] }
  - { id: next, at: outage.start + 2m, owner: lead, takes: 5m, manual: Three, verify: dns ask authority }
  - { id: after, after: [late], owner: other, takes: 1m, manual: Four }
assumptions: [{ id: p, to: next.done, within: 1h }]
"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path, PlanRun]:
    folder = tmp_path_factory.mktemp("busy")
    plan, journal = loaded(folder, BUSY), folder / "run.jsonl"
    return plan.plan, journal, played(Study(plan, 1), 1, journal)[1]


def test_a_step_is_skipped_if_its_reason_is_gone_while_its_owner_is_busy(
    busy: tuple[Plan, Path, PlanRun],
) -> None:
    _plan, _journal, run = busy
    late = run.steps["late"]
    assert run.milestones["alert.acknowledged"] - run.onset_ms > 2 * MINUTE_MS, "not yet when it was due"
    assert (late.state, late.starts_ms, late.worked_ms, late.tries) == ("left out", None, None, 0)
    assert late.held_by == "busy"
    assert "late.takes" not in run.drawn
    assert minutes(run, "late") == pytest.approx(40, abs=0.1), "when its owner would have started"
    assert minutes(run, "after") == pytest.approx(41, abs=0.1), "later steps continue"


def test_its_owner_goes_on_with_the_next_step_at_once(busy: tuple[Plan, Path, PlanRun]) -> None:
    _plan, _journal, run = busy
    following = run.steps["next"]
    assert following.starts_ms is not None
    assert following.worked_ms is not None
    assert following.starts_ms - run.onset_ms == pytest.approx(40 * MINUTE_MS, abs=1_000)
    assert following.worked_ms - run.onset_ms == pytest.approx(45 * MINUTE_MS, abs=1_000)
    assert following.acted_ms == pytest.approx(following.worked_ms, abs=1_000)


def test_a_saved_run_and_a_comparison_show_the_same(busy: tuple[Plan, Path, PlanRun]) -> None:
    plan, journal, run = busy
    again = Session.replay(journal)
    assert again.digest() == run.digest
    states = {one.id: one for one in steps_played(plan, again)}
    assert (states["late"].state, states["late"].given_ms) == ("left out", None)
    assert states["next"].worked_ms == run.steps["next"].worked_ms
    assert states["after"].due_ms == run.steps["late"].done_ms
    assert any("not begun, because of alert.acknowledged" in event.text for event in again.events())


def test_a_step_that_waits_for_a_place_or_for_its_next_attempt_is_skipped_too(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }, { role: other }]
places: [{ id: registrar, second_factor: email }]
steps:
  - { id: ack, at: outage.start + 20m, do: alerts ack, takes: 1m }
  - { id: shut-out, owner: lead, takes: 5m, manual: One, needs: [registrar], unless: [alert.acknowledged] }
  - id: again
    owner: other
    takes: 5m
    manual: Two
    fails: 100%
    on failure: { after: 30m, again: 3 }
    unless: [alert.acknowledged]
  - { id: begun, at: outage.start + 18m, owner: lead, takes: 5m, manual: go, unless: [alert.acknowledged] }
assumptions: [{ id: p, to: begun.done, within: 2h, with: 50% }, { id: q, to: again.done, within: 2h }]
""",
    )
    (run,) = runs(plan, 1)
    acknowledged_ms = run.milestones["alert.acknowledged"]
    assert run.steps["shut-out"].state == "left out"
    assert run.steps["shut-out"].done_ms == acknowledged_ms + 1
    assert (run.steps["again"].state, run.steps["again"].tries) == ("left out", 1)
    assert minutes(run, "again") == pytest.approx(35, abs=0.1)
    assert run.steps["begun"].state == "done", "a step that has been started is finished"
