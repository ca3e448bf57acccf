"""A plan against a drill: each step's own lateness, by what really came in that drill."""

from pathlib import Path

import pytest

from sim.drill.plan.plan_file import Plan
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.study.one_run import Study, played
from sim.study.rehearsal.steps_played import StepPlayed, steps_played
from tests.plans import loaded

STEPS = """\
people: [{ role: lead }]
steps:
  - { id: declare, owner: lead, takes: 10m, manual: Declare the incident }
  - { id: users, after: [declare], do: notify users via=phone text="We know." }
  - { id: ack, at: alert.first, do: alerts ack }
  - id: start
    after: [ack]
    at: outage.start + 5m
    do: continuity start group=all for=8h via=sms
    on failure: { after: 5m, do: other }
  - { id: other, owner: lead, takes: 5m, manual: Phone the vendor }
  - { id: partners, after: [users], do: notify partners via=phone text="We know.", unless: [outage.start] }
  - { id: never, at: outage.end, do: disk show }
assumptions: [{ id: p, to: users.done, within: 30m }]
"""


def drill(folder: Path, *given: tuple[int, str], until_min: int = 120) -> tuple[Plan, Session]:
    """A drill of the plan's scenario; `given`: minutes after the onset, and a command."""
    plan = loaded(folder, STEPS)
    session = Session.start(plan.scenario, 1)
    onset_ms = plan.scenario.outage_start_ms
    for minute, command in given:
        session.advance(onset_ms + minute * MINUTE_MS)
        session.dispatch(command)
    session.advance(onset_ms + until_min * MINUTE_MS)
    return plan.plan, session


def by_id(plan: Plan, session: Session) -> dict[str, StepPlayed]:
    return {step.id: step for step in steps_played(plan, session)}


def after_onset(session: Session, moment_ms: int | None) -> int | None:
    """Whole minutes."""
    onset_ms = session.scenario.outage_start_ms
    return None if moment_ms is None else round((moment_ms - onset_ms) / MINUTE_MS)


def test_a_run_of_the_plan_itself_is_never_late(tmp_path: Path) -> None:
    plan = loaded(tmp_path, STEPS)
    session, run = played(Study(plan, 1), 1, tmp_path / "run.jsonl")
    for session_ in (session, Session.replay(tmp_path / "run.jsonl")):
        found = by_id(plan.plan, session_)
        done = {id_ for id_, step in found.items() if step.state == "done"}
        assert {"declare", "users", "ack"} <= done
        for id_ in done:
            assert found[id_].due_ms == run.steps[id_].due_ms
            assert found[id_].done_ms == run.steps[id_].acted_ms
            assert found[id_].worked_ms == run.steps[id_].worked_ms
            assert 0 <= (found[id_].late_ms or 0) <= 1


def test_lateness_is_each_steps_own_and_is_not_passed_on(tmp_path: Path) -> None:
    plan, session = drill(
        tmp_path, (25, "note declare: at last"), (27, 'notify users via=phone text="We know."')
    )
    found = by_id(plan, session)
    assert after_onset(session, found["declare"].due_ms) == 0
    assert found["declare"].late_ms == 25 * MINUTE_MS
    assert found["declare"].took_ms == 25 * MINUTE_MS
    assert found["users"].late_ms == 2 * MINUTE_MS


def test_a_command_that_was_cancelled_was_not_given_and_the_one_given_again_counts(tmp_path: Path) -> None:
    ack = (25, "alerts ack"), (25, "permissions show"), (25, "continuity start group=all for=8h via=sms")
    plan, session = drill(tmp_path, *ack, (26, "cancel continuity"), until_min=60)
    assert by_id(plan, session)["start"].state == "not given"
    again = (40, "continuity start group=all for=8h via=sms")
    plan, session = drill(tmp_path, *ack, (26, "cancel continuity"), again, until_min=60)
    found = by_id(plan, session)["start"]
    assert (found.state, after_onset(session, found.given_ms)) == ("done", 40)


def test_a_manual_step_without_a_note_counts_as_planned(tmp_path: Path) -> None:
    plan, session = drill(tmp_path, (27, 'notify users via=phone text="We know."'))
    found = by_id(plan, session)
    assert found["declare"].state == "not recorded"
    assert after_onset(session, found["users"].due_ms) == 10
    assert found["users"].late_ms == 17 * MINUTE_MS


def test_the_same_words_with_other_options_are_the_step_and_are_shown(tmp_path: Path) -> None:
    plan, session = drill(tmp_path, (27, 'notify users via=intranet text="Mail is down = really."'))
    users = by_id(plan, session)["users"]
    assert users.state == "done"
    assert users.as_text.startswith("notify users via=intranet")
    plan, session = drill(tmp_path, (27, 'notify executives via=phone text="We know."'))
    assert by_id(plan, session)["users"].state == "not given"


def test_a_refused_step_is_followed_by_its_fallback(tmp_path: Path) -> None:
    plan, session = drill(tmp_path, (8, "alerts ack"), (9, "continuity start group=nobody for=8h via=sms"))
    found = by_id(plan, session)
    assert found["start"].state == "refused"
    assert found["start"].reason
    assert found["other"].state == "not recorded"
    assert after_onset(session, found["other"].due_ms) == 14
    plan, session = drill(tmp_path, (20, "alerts ack"), (40, "continuity start group=all for=8h via=sms"))
    assert by_id(plan, session)["other"].state == "not needed"


def test_what_was_refused_first_and_then_done_is_done(tmp_path: Path) -> None:
    start = "continuity start group={} for=8h via=sms"
    plan, session = drill(
        tmp_path, (40, "alerts ack"), (45, start.format("nobody")), (50, start.format("all"))
    )
    found = by_id(plan, session)["start"]
    assert found.state == "done"
    assert after_onset(session, found.given_ms) == 50, "its own text comes first"


def test_steps_that_were_not_given_are_told_apart(tmp_path: Path) -> None:
    plan, session = drill(tmp_path, (27, 'notify users via=phone text="We know."'))
    states = {id_: step.state for id_, step in by_id(plan, session).items()}
    assert states["ack"] == "not given"
    assert states["start"] == "never due", "it waits for ack"
    assert states["partners"] == "left out"
    assert states["never"] == "never due"


def test_a_step_that_was_given_before_it_was_due_is_early_and_measures_nothing(tmp_path: Path) -> None:
    plan, session = drill(tmp_path, (3, 'notify users via=phone text="We know."'))
    users = by_id(plan, session)["users"]
    assert users.late_ms == -7 * MINUTE_MS
    assert users.took_ms is None


def test_attempts_that_fail_in_a_run_are_failures_and_the_fallback_keeps_its_command(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
steps:
  - { id: call, owner: lead, takes: 5m, manual: Call, fails: 100%, on failure: { again: 1 } }
  - id: users
    takes: 5m
    do: notify users via=phone text="We know."
    fails: 100%
    on failure: { after: 10m, do: instead }
  - { id: instead, do: notify users via=phone text="We know." }
  - { id: last, after: [users], owner: lead, takes: 1m, manual: Done }
assumptions: [{ id: p, to: last.done, within: 30m }]
""",
    )
    session, run = played(Study(plan, 1), 1, None)
    found = by_id(plan.plan, session)
    assert {id_: step.state for id_, step in found.items()} == {
        "call": "failed",
        "users": "failed",
        "instead": "done",
        "last": "done",
    }
    for id_ in ("users", "instead", "last"):
        assert found[id_].due_ms == pytest.approx(run.steps[id_].due_ms, abs=1)
