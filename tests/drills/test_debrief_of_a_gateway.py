"""The first page of a debrief of `gateway-down`, played by its reference: what it says has to be true."""

import re
from dataclasses import replace

from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.session.branch import give_again
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from sim.report.outcome import outcome
from sim.report.paper.delays import MEANWHILE
from sim.report.paper.facts import DebriefFacts, facts_of
from sim.report.paper.html.first_page import first_page
from sim.report.paper.html.sections import charts
from sim.report.paper.markdown import markdown
from tests.drills.played import shipped
from tests.kept import kept

USERS = 100


@kept
def facts() -> DebriefFacts:
    return facts_of(shipped("gateway-down", "reference", USERS).session)


def test_the_protection_tile_tells_unwanted_mail_too() -> None:
    unwanted = outcome(shipped("gateway-down", "reference", USERS).session).protection.unwanted
    tile = next(one for one in facts().tiles if one.name == "openings in protection")
    assert unwanted > 0
    assert f"{unwanted:,} unwanted messages got through" in tile.beside
    assert "0 legitimate messages bypassed every filter" in tile.beside


def test_mail_that_was_lost_is_not_shown_as_good() -> None:
    tile = facts().tiles[0]
    assert int(tile.value.replace(",", "")) > 0
    assert tile.better is None
    assert re.search(r"[\d,]+ fewer than without action", tile.beside)


def test_the_retention_limit_is_drawn_with_the_queues_alone_and_only_for_a_backlog() -> None:
    """This gateway refuses connections: it has mail in transit before the onset and after its return."""
    assert any(value for one in facts().curves.named("gateway_queue") for value in one.values)
    assert not facts().gateway_held
    assert "retention limit" not in "".join(one.text for one in charts(facts()))
    with_it = [one.text for one in charts(replace(facts(), gateway_held=True)) if "retention" in one.text]
    assert len(with_it) == 1
    assert "Queued messages" in with_it[0]


def test_a_record_and_its_deed_are_named_and_one_of_them_counts() -> None:
    record, deed = (one for one in facts().decisions if one.about == "mx")
    assert record.named == "Recorded: mx yes"
    assert deed.named == "Carried out: mx set backup (mx yes)"
    assert record.standing.startswith("not counted: the record of what was carried out at 02:1")
    assert deed.standing.startswith("counted: carries out what was recorded at 01:0")
    assert all(one.named in markdown(facts()).replace("\\", "") for one in (record, deed))


def test_the_moments_are_changes_of_the_route_and_tell_the_mx_once() -> None:
    told = [f"{one.text} {one.more}" for one in facts().moments]
    for name in (
        Milestone.OUTBOUND_RESTORED,
        Milestone.LOCK_OPENED,
        Milestone.MX_CHANGED,
        Milestone.INBOUND_MOVED,
        Milestone.LOCK_CLOSED,
    ):
        assert any(MILESTONES[name].facts.marks[1:] in one for one in told), name
    assert len([one for one in told if "(mx yes)" in one]) == 1
    assert not any("Decided" in one for one in told)


def test_a_limit_after_the_failback_says_from_when_it_counts() -> None:
    row = next(one for one in facts().objectives if one.id == "openings-closed")
    assert "counted from the last stale DNS answer" in row.cause
    assert "counted from the last stale DNS answer" in row.limit


def test_the_waits_have_their_caveat_in_both_papers() -> None:
    assert facts().delays
    assert MEANWHILE in markdown(facts()).replace("\\", "")
    assert MEANWHILE in first_page(facts()).text


def test_the_protection_tile_counts_a_lock_whose_approval_has_expired_as_the_objectives_do() -> None:
    """The lock stays open, and no mail uses it."""
    scenario = load_scenario("gateway-down", {"users": "20"})
    session, onset_ms = Session(scenario, 1, None), scenario.outage_start_ms
    approve = "approve exposure emergency=yes because=the estimate is a day"
    given = ((onset_ms, approve), (onset_ms + HOUR_MS, "lock open backup"))
    give_again(session, given, onset_ms + 30 * HOUR_MS)
    figure = FIGURES["open-unapproved-min"].measure(session.drill)
    assert figure > 0
    tile = next(one for one in facts_of(session).tiles if one.name == "openings in protection")
    told = in_words(figure * MINUTE_MS, MINUTE_MS)
    assert f"lock, firewall or filter rule open without approval for {told};" in tile.beside
