"""A regret in words."""

from dataclasses import replace

from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import HOUR_MS
from sim.study.documents.regret_text import chain, difference, what_if, with_seeds
from sim.study.what_if.cost import RunCost, Stake
from sim.study.what_if.course import RunCourse
from sim.study.what_if.regret import Regret
from sim.study.what_if.seeds import Confirmed
from sim.study.what_if.subject import Variation

DID = RunCost(2375, 10, 13, 0, 40.0, 5, 2 * HOUR_MS, 4, 3)
STAKE = Stake(1, 1, 1, 1, 1, 1, 1, 1)


def regret(instead: RunCost, how: str = "without", times: int = 1) -> Regret:
    return Regret(Variation(how, "mx set backup"), 0, times, DID, STAKE, instead, 1.0)  # type: ignore[arg-type]


def test_each_figure_that_changes_is_told_with_its_direction() -> None:
    told = difference(regret(RunCost(186, 10, 227, 0, 40.2, 0, HOUR_MS, 4, 2)))
    assert told == (
        "2,189 fewer messages lost, 214 more messages too late, 5 fewer messages past the filter, "
        "1 h less open without approval, 1 fewer failed objective"
    )


def test_nothing_changed_is_told_as_well() -> None:
    assert difference(regret(DID)) == "no difference"
    assert difference(regret(replace(DID, not_approved_ms=DID.not_approved_ms + 5))) == "no difference"


def test_the_variation_is_told_with_its_number_of_times() -> None:
    assert what_if(regret(DID)) == "without it"
    assert what_if(regret(DID, "later", 3)) == "an hour later (3 times)"
    moved = replace(regret(DID), variation=Variation("earlier", "mx set backup", by_ms=-20 * 60_000))
    assert what_if(moved) == "20 min earlier"
    assert what_if(regret(DID, "added")) == "given as well, as in the reference runbook"


def test_other_seeds_are_told_with_those_that_disagree() -> None:
    variation = Variation("without", "mx set backup")
    assert with_seeds(Confirmed(variation, 3, 0, 3)) == "better with 3 of 3 other seeds"
    assert with_seeds(Confirmed(variation, 1, 1, 3)) == "better with 1 of 3 other seeds, worse with 1"


def test_the_chain_names_refused_commands_and_milestones_and_counts_the_rest() -> None:
    did = replace(DID, course=RunCourse({}, {Milestone.LOCK_OPENED: 9, Milestone.MX_CHANGED: HOUR_MS}))
    refused = {f"lock open {n}": (n, "approval of the lock is missing; ask for it") for n in range(3)}
    instead = replace(DID, course=RunCourse(refused, {Milestone.MX_CHANGED: 3 * HOUR_MS}))
    one = replace(regret(instead), variation=Variation("without", "approve exposure"), did=did)
    assert chain(one) == (
        "`lock open 0` is refused (approval of the lock is missing); "
        "`lock open 1` is refused (approval of the lock is missing); "
        "it never happens that the mail server's lock or firewall is opened to hosts other than the gateway; "
        "the MX record is changed to hosts other than the gateway's 2 h later; and 1 more difference"
    )
    assert chain(regret(DID)) == ""


def test_objectives_that_fail_in_one_run_only_are_named() -> None:
    did = replace(DID, failed=2, course=RunCourse(failed=("no-gap", "asked-first")))
    one = replace(regret(replace(did, failed=1, course=RunCourse(failed=("no-gap",)))), did=did)
    assert difference(one) == "1 fewer failed objective (not asked-first)"
    many = replace(did, failed=9, course=RunCourse(failed=tuple("abcdefghi")))
    assert difference(replace(one, instead=many)) == "7 more failed objectives"
