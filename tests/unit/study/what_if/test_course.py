"""Consequences are the differences of two runs that a person would name, in chronological order."""

from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.course import FollowOn, RunCourse, consequences, course_of
from tests.plays import ONSET_MS, play

DID = RunCourse({}, {Milestone.LOCK_OPENED: 2 * HOUR_MS, Milestone.MX_CHANGED: 3 * HOUR_MS})


def test_refusals_and_milestones_in_order_of_time() -> None:
    refused = {"lock open backup": (HOUR_MS, "no approval"), "approve exposure": (0, "its own")}
    instead = RunCourse(refused, {Milestone.MX_CHANGED: 5 * HOUR_MS, Milestone.BOUNCE_FIRST: 4 * HOUR_MS})
    assert consequences(DID, instead, ["approve exposure"]) == (
        FollowOn(HOUR_MS, command="lock open backup", reason="no approval"),
        FollowOn(2 * HOUR_MS, milestone=Milestone.LOCK_OPENED, comes=False),
        FollowOn(3 * HOUR_MS, milestone=Milestone.MX_CHANGED, later_ms=2 * HOUR_MS),
        FollowOn(4 * HOUR_MS, milestone=Milestone.BOUNCE_FIRST),
    )


def test_what_the_command_itself_brings_is_no_consequence() -> None:
    assert consequences(DID, RunCourse({}, {Milestone.MX_CHANGED: 3 * HOUR_MS}), ["lock open backup"]) == ()
    near = {Milestone.LOCK_OPENED: 2 * HOUR_MS + MINUTE_MS, Milestone.MX_CHANGED: 3 * HOUR_MS}
    assert consequences(DID, RunCourse({}, near), ["mx"]) == ()


def test_a_command_that_is_no_longer_refused_is_one() -> None:
    refused = RunCourse({"mx set backup": (HOUR_MS, "no approval")}, DID.milestones)
    assert consequences(refused, DID, ["x"]) == (FollowOn(HOUR_MS, command="mx set backup"),)


def test_the_course_of_a_drill() -> None:
    session = play(
        "2h", ((ONSET_MS, "make it work"), (ONSET_MS + 1, "deliveries resume inbound")), ONSET_MS + HOUR_MS
    )
    course = course_of(session)
    assert [text for text, (_t_ms, reason) in course.refused.items() if reason] == [
        "make it work",
        "deliveries resume inbound",
    ]
    assert course.milestones == session.drill.milestones
