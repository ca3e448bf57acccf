"""Faults of a running exercise: inserted, made stronger, lengthened, ended; the truth follows and replays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.drill.scenario.milestones import Milestone
from sim.drill.session.branch import Difference, branch
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small

END_MS = ONSET_MS + 2 * HOUR_MS


@pytest.fixture
def exercise(tmp_path: Path) -> Iterator[Exercise]:
    one = Exercise.start(small(), 1, tmp_path / "table.jsonl", ("messaging", "lead"))
    one.sit("facilitator", "Fay")
    one.sit("messaging", "Mona")
    yield one
    one.close()


def fay(exercise: Exercise, text: str) -> str:
    reply = exercise.do("facilitator", "Fay", text)
    assert reply.accepted, reply.text
    return reply.text


def states(exercise: Exercise) -> dict[str, str]:
    return {one.id: one.state for one in exercise.truth().faults}


def only(exercise: Exercise) -> str:
    return exercise.session.scenario.timeline[0].id


def test_a_longer_fault_moves_the_recovery_and_the_end_of_the_drill(exercise: Exercise) -> None:
    exercise.advance(ONSET_MS + HOUR_MS)
    fay(exercise, f"fault lengthen {only(exercise)} by=2h")
    exercise.advance(END_MS + HOUR_MS)
    assert states(exercise) == {only(exercise): "in force"}
    assert exercise.truth().users_without_mail > 0
    assert Milestone.OUTAGE_END not in exercise.session.drill.milestones
    exercise.advance(END_MS + 3 * HOUR_MS)
    assert exercise.session.drill.milestones[Milestone.OUTAGE_END] == END_MS + 2 * HOUR_MS
    assert exercise.session.drill.milestones[Milestone.QUEUE_DRAINED] > END_MS + 2 * HOUR_MS


def test_a_fault_that_is_lengthened_plays_as_if_the_scenario_had_said_so(exercise: Exercise) -> None:
    exercise.advance(ONSET_MS + HOUR_MS)
    fay(exercise, f"fault lengthen {only(exercise)} by=2h")
    exercise.advance(END_MS + 4 * HOUR_MS)
    longer = Session.start(small("4h"), 1)
    longer.advance(END_MS + 4 * HOUR_MS)
    mine, theirs = exercise.session.drill.world, longer.drill.world
    assert mine.custody() == theirs.custody()
    assert (
        exercise.session.drill.milestones[Milestone.QUEUE_DRAINED]
        == longer.drill.milestones[Milestone.QUEUE_DRAINED]
    )


def test_a_fault_that_is_ended_is_over_for_everyone(exercise: Exercise) -> None:
    exercise.advance(ONSET_MS + HOUR_MS)
    fay(exercise, f"fault end {only(exercise)}")
    assert states(exercise) == {only(exercise): "over"}
    assert exercise.truth().users_without_mail == 0
    assert exercise.session.drill.milestones[Milestone.OUTAGE_END] == ONSET_MS + HOUR_MS
    refused = exercise.do("facilitator", "Fay", f"fault lengthen {only(exercise)} by=2h")
    assert "the outage is over" in refused.text
    exercise.advance(END_MS + MINUTE_MS)  # the planned end comes, and nothing ends a second time
    assert sum(one.text.startswith("ended:") for one in exercise.session.events()) == 1


def test_a_fault_is_inserted_now_or_later_and_made_stronger(exercise: Exercise) -> None:
    fay(exercise, "fault insert access no-access for=1h share=20")
    assert "live-2" in fay(exercise, "fault insert gateway slow for=1h in=30m per=20s")
    exercise.advance(10 * MINUTE_MS)
    first = exercise.truth().users_without_mail
    assert 0 < first < 12
    fay(exercise, "fault ramp live-1 share=60")
    exercise.advance(11 * MINUTE_MS)
    assert exercise.truth().users_without_mail > first
    assert [states(exercise)[one] for one in ("live-1", "live-2")] == ["in force", "to come"]
    fay(exercise, "fault end live-2")
    assert "live-2" not in states(exercise)
    exercise.advance(HOUR_MS + MINUTE_MS)
    assert states(exercise)["live-1"] == "over"
    assert exercise.truth().users_without_mail == 0


def test_a_fault_becomes_stronger_step_by_step_until_a_newer_change(
    exercise: Exercise, tmp_path: Path
) -> None:
    fay(exercise, "fault insert access no-access for=2h share=10")
    exercise.advance(1)
    refused = exercise.do("facilitator", "Fay", "fault ramp live-1 share=90 over=9h")
    assert "choose a shorter `over`" in refused.text
    fay(exercise, "fault ramp live-1 share=90 over=40m")
    found = []
    for minutes in range(0, 50, 10):
        exercise.advance(minutes * MINUTE_MS + 2)
        found.append(exercise.session.scenario.timeline[-1].share_percent)
    assert found == [10, 26, 50, 66, 90]  # ten steps of 4 min, each of 8 %
    assert [one.id for one in exercise.truth().faults].count("live-1") == 1
    fay(exercise, "fault ramp live-1 share=20 over=40m")
    exercise.advance(45 * MINUTE_MS)
    fay(exercise, "fault ramp live-1 share=100")
    exercise.advance(HOUR_MS)
    assert exercise.session.scenario.timeline[-1].share_percent == 100
    exercise.advance(3 * HOUR_MS)
    assert states(exercise)["live-1"] == "over"
    digest = exercise.session.digest()
    exercise.close()
    assert Session.replay(tmp_path / "table.jsonl").digest() == digest


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fault insert gateway no-access for=1h", "does not have that failure; choose from refuses"),
        ("fault insert dns stale for=2h", "choose from mail-server, access, gateway, receivers"),
        ("fault insert receivers slow for=1h", "does not have that failure; choose from answers-4xx"),
        ("fault insert mail-server slow for=1h", "needs `per_message`"),
        ("fault insert mail-server refuses for=1h share=50", "`share_percent` belongs to"),
        ("fault insert mail-server refuses for=900d", "the drill ends at"),
        ("fault insert mail-server refuses for=1h hosts=one", "`hosts` belongs to"),
        ("fault ramp nothing share=5", "no such current or planned fault; choose from"),
        ("fault insert mail-server refuses for=1h share=x", "does not fail"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(exercise: Exercise, text: str, why: str) -> None:
    refused = exercise.do("facilitator", "Fay", text)
    assert not refused.accepted
    assert why in refused.text or "whole number" in refused.text
    assert exercise.session.scenario.timeline == exercise.session.original.timeline


def test_seats_learn_of_it_only_by_what_they_see_and_all_of_it_replays(
    exercise: Exercise, tmp_path: Path
) -> None:
    exercise.advance(10 * MINUTE_MS)
    fay(exercise, "fault insert mail-server refuses for=30m")
    exercise.advance(20 * MINUTE_MS)
    assert not [one for one in exercise.events("messaging") if "live-1" in one.text or one.kind == "fault"]
    exercise.advance(2 * HOUR_MS)
    session = exercise.session
    digest = session.digest()
    assert session.fork(session.now_ms).digest() == digest
    exercise.close()
    path = tmp_path / "table.jsonl"
    parent = Session.replay(path)
    assert parent.digest() == digest
    other = branch(parent, path, Difference(at_ms=HOUR_MS), tmp_path / "branch.jsonl")
    other.close()
    assert Session.replay(tmp_path / "branch.jsonl").scenario.timeline[-1].id == "live-1"
