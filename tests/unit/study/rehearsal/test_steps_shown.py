"""The steps of a plan on the console: planned times never give the onset away while the drill runs."""

from pathlib import Path

import pytest

from sim.drill.plan.plan_file import Plan
from sim.drill.session.session import Session
from sim.drill.snapshot.plan_steps import PlanStepView
from sim.kernel.document import BadFile
from sim.kernel.duration import MINUTE_MS
from sim.study.rehearsal.kept_plan import plan_document, plan_of
from sim.study.rehearsal.steps_shown import steps_shown
from tests.plans import loaded

STEPS = """\
people: [{ role: lead }]
steps:
  - { id: look, at: outage.start + 15m, do: status check server }
  - { id: declare, after: [look], owner: lead, takes: 10m, manual: Declare the incident }
  - id: start
    after: [declare]
    at: alert.first + 5m
    do: continuity start group=all for=8h via=sms
    on failure: { do: phone }
  - { id: phone, owner: lead, takes: 5m, manual: Phone the vendor }
  - { id: back, at: outage.end + 1h, do: disk show }
  - { id: right, at: diagnosis.correct, do: disk show }
assumptions: [{ id: p, to: start.done, within: 30m }]
"""


def begun(folder: Path) -> tuple[Plan, Session]:
    plan = loaded(folder, STEPS)
    session = Session.start(plan.scenario, 1, people=plan.joined)
    session.advance(plan.scenario.outage_start_ms + MINUTE_MS)
    return plan.plan, session


def by_id(plan: Plan, session: Session) -> dict[str, PlanStepView]:
    return {step.id: step for step in steps_shown(plan, session)}


def test_before_people_know_of_the_outage_no_time_counts_from_it(tmp_path: Path) -> None:
    plan, session = begun(tmp_path)
    assert "outage.start" in session.drill.known
    assert "alert.first" not in session.drill.known
    look = by_id(plan, session)["look"]
    assert (look.state, look.due_ms, look.waits_for) == ("waiting", None, "the alert + 15 min")
    assert by_id(plan, session)["start"].waits_for == "declare and the first alert + 5 min"


def test_from_the_alert_on_times_count_from_it_and_never_from_the_onset(tmp_path: Path) -> None:
    plan, session = begun(tmp_path)
    session.advance(session.now_ms + 180 * MINUTE_MS, lambda: "alert.first" in session.drill.known)
    alert_ms = session.drill.known["alert.first"]
    assert alert_ms > session.drill.known["outage.start"]
    look = by_id(plan, session)["look"]
    assert look.due_ms == alert_ms + 15 * MINUTE_MS
    assert (look.state, look.waits_for) == ("waiting", "")
    session.advance(look.due_ms + MINUTE_MS)
    assert by_id(plan, session)["look"].state == "due"


def test_without_an_alert_times_count_from_the_first_step_that_is_given(tmp_path: Path) -> None:
    plan, session = begun(tmp_path)
    session.dispatch("status check server")
    look = by_id(plan, session)["look"]
    assert look.due_ms == session.now_ms + 15 * MINUTE_MS


def test_recovery_counts_from_its_report_and_a_right_diagnosis_stays_hidden(tmp_path: Path) -> None:
    plan, session = begun(tmp_path)
    for component in ("mail-server", "gateway"):
        session.dispatch(f"diagnose component={component} failure=refuses")
        session.dispatch(f"diagnose component={component} failure=silent")
    session.advance(session.scenario.outage_end_ms + 1)
    assert {"outage.end", "diagnosis.correct"} <= session.drill.known.keys()
    shown = by_id(plan, session)
    assert (shown["back"].due_ms, shown["back"].waits_for) == (None, "the report of the recovery + 1 h")
    assert shown["right"].due_ms is None
    session.advance(1 << 50, lambda: "server.reported-back" in session.drill.known)
    reported_ms = session.drill.known["server.reported-back"]
    assert by_id(plan, session)["back"].due_ms == reported_ms + 60 * MINUTE_MS


def test_once_the_drill_is_over_the_truth_counts(tmp_path: Path) -> None:
    plan, session = begun(tmp_path)
    session.finish()
    look = by_id(plan, session)["look"]
    assert look.due_ms == session.scenario.outage_start_ms + 15 * MINUTE_MS


def test_steps_are_ticked_by_their_results_and_manual_ones_by_a_note(tmp_path: Path) -> None:
    plan, session = begun(tmp_path)
    session.dispatch("status check server")
    assert by_id(plan, session)["look"].state == "under way"
    session.advance(session.now_ms + 20 * MINUTE_MS)
    assert by_id(plan, session)["look"].state == "done"
    declare = by_id(plan, session)["declare"]
    assert (declare.state, declare.manual) == ("due", True)
    session.dispatch("note declare: everyone is on the call")
    assert by_id(plan, session)["declare"].done_ms == session.now_ms
    assert by_id(plan, session)["phone"].waits_for == "a failure of start"


def test_a_plan_is_kept_in_the_journal_and_needs_no_file_of_samples(tmp_path: Path) -> None:
    (tmp_path / "times.csv").write_text("declare_s\n300\n600\n900\n", encoding="utf-8")
    plan = loaded(tmp_path, STEPS.replace("takes: 10m", 'takes: "samples(times.csv, declare_s)"'))
    path = tmp_path / "drill.jsonl"
    launch = {"plan": plan_document(plan.plan)}
    Session.start(plan.scenario, 1, path, launch, people=plan.joined).close()
    (tmp_path / "times.csv").unlink()
    (tmp_path / "tried.yaml").unlink()
    kept = plan_of(Session.replay(path))
    assert kept is not None
    assert [step.id for step in kept.steps] == [step.id for step in plan.plan.steps]
    takes = kept.steps[1].takes
    assert takes is not None
    assert takes.planned_ms == 10 * MINUTE_MS


@pytest.mark.parametrize("change", [{"steps": []}, {"steps": 1}, {"id": None}, {"mxdrill": 3}])
def test_a_damaged_plan_in_a_journal_is_refused_in_one_line(
    change: dict[str, object], tmp_path: Path
) -> None:
    _, session = begun(tmp_path)
    session.launch = {"plan": plan_document(loaded(tmp_path, STEPS).plan) | change}
    with pytest.raises(BadFile, match="plan of the drill"):
        plan_of(session)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [("do", "status chek server", "look: .*status"), ("at", "2026-03-29T01:30", "look: .*2026-03-29")],
)
def test_a_kept_step_that_cannot_be_followed_is_refused(
    key: str, value: str, reason: str, tmp_path: Path
) -> None:
    """A command of another version, and a local time that summer time leaves out."""
    _, session = begun(tmp_path)
    kept = plan_document(loaded(tmp_path, STEPS).plan)
    kept["steps"][0][key] = value
    session.launch = {"plan": kept}
    with pytest.raises(BadFile, match=reason):
        plan_of(session)
