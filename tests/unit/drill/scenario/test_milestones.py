"""The registry of milestones holds together."""

from sim.drill.room.announcements import AUDIENCES
from sim.drill.room.approvals import SUBJECTS
from sim.drill.scenario.milestones import APPROVED, DECIDED, MILESTONES, TOLD, Milestone


def test_a_milestone_is_found_by_its_name_and_written_as_it() -> None:
    assert MILESTONES["outage.start"] is Milestone.OUTAGE_START
    assert f"{Milestone.OUTAGE_START}" == "outage.start"
    assert {"outage.start": 7}[Milestone.OUTAGE_START] == 7


def test_the_milestone_that_comes_first_exists_and_chains_end() -> None:
    for milestone in Milestone:
        seen = {milestone.value}
        while after := MILESTONES[milestone].facts.after:
            assert after in MILESTONES
            assert after not in seen
            seen.add(after)
            milestone = MILESTONES[after]  # noqa: PLW2901


def test_every_audience_and_every_subject_of_an_approval_has_its_milestone() -> None:
    assert set(TOLD) == set(AUDIENCES)
    assert set(APPROVED) == set(SUBJECTS)


def test_every_matter_that_has_to_be_decided_can_be_recorded() -> None:
    wanted = {one.facts.wants_decided for one in Milestone} - {""}
    assert wanted <= set(DECIDED)
