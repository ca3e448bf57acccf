"""A preparation is the drill with a command done at its start, without anyone's time, and not given again."""

from dataclasses import replace

from sim.drill.commands.command import Assignment
from sim.drill.commands.grammar import parse
from sim.drill.facilitation.inputs import Assigned
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.branch import give_again
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play as play_runbook
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.cost import Stake, run_cost
from sim.study.what_if.prepared import preparations, readiness_worth
from sim.study.what_if.regret import Regret
from sim.study.what_if.session_subject import subject as subject_of
from sim.study.what_if.subject import AS_GIVEN, Subject, Variation
from sim.study.what_if.variation_runs import each_once, in_turn
from tests.plays import ONSET_MS, play, small

ALLOW = "permissions set on app=mobile group=terminal"
GIVEN = ((ONSET_MS + 20 * MINUTE_MS, "alerts ack"), (ONSET_MS + 30 * MINUTE_MS, ALLOW))
TO_MS = ONSET_MS + HOUR_MS
STAKE = Stake(100, 100, 100, 100, 100, 100, 100, 100)


def subject() -> Subject:
    return Subject(small(), 1, GIVEN, TO_MS, {"disk free": (5,), "mx set backup": (6,), "disk move": (7,)})


def test_only_what_needs_no_approval_and_no_outage_can_be_prepared() -> None:
    assert [one.text for one in preparations(subject())] == [ALLOW, "disk free", "disk move"]


def test_its_worth_is_that_of_a_direct_pair_of_runs() -> None:
    one = subject()
    did = run_cost(play("2h", GIVEN, TO_MS))
    found = [Regret(Variation("without", ALLOW), 0, 1, did, STAKE, did, 0.0)]
    rows = {row.variation.text: row for row in readiness_worth(one, found, in_turn(one))}
    direct = Session(small(), 1, None)
    direct.assign(ALLOW, Assignment("messaging-admin", 0, 0))
    direct.advance(GIVEN[0][0])
    direct.dispatch("alerts ack")
    direct.advance(TO_MS)
    assert rows[ALLOW].instead == run_cost(direct)
    assert one.inputs(Variation("prepared", ALLOW))[0] == (
        0,
        Assigned(ALLOW, Assignment("messaging-admin", 0, 0)),
    )
    assert [what for _t_ms, what in one.inputs(Variation("prepared", ALLOW))].count(ALLOW) == 0


def test_without_a_study_there_is_none() -> None:
    bare = Subject(small(), 1, ((9, "note a"),), FOREVER_MS, {})
    assert readiness_worth(bare, [], in_turn(bare)) == ()


def test_a_staged_lock_and_a_tested_sign_in_take_less_time_at_the_same_moment() -> None:
    given = (
        (ONSET_MS, "signin break-glass"),
        (ONSET_MS + 9, "lock open backup"),
        (ONSET_MS + 10, "lock close"),
    )
    one = Subject(small(), 1, given, TO_MS, {"lock open everybody": (5,)})
    found = {each.text: each for each in preparations(one)}
    assert [(each.how, each.text) for each in found.values()] == [
        ("tested", "signin break-glass"),
        ("staged", "lock open backup"),
    ]
    usual_ms = 2 * MINUTE_MS
    assert one.inputs(found["signin break-glass"])[0] == (
        ONSET_MS,
        Assigned("signin break-glass", Assignment("messaging-admin", ONSET_MS, usual_ms)),
    )
    staged = one.inputs(found["lock open backup"])[1]
    assert staged == (
        ONSET_MS + 9,
        Assigned("lock open backup", Assignment("messaging-admin", ONSET_MS + 9, 0)),
    )


def test_a_staged_lock_still_needs_its_approval() -> None:
    given = ((ONSET_MS + 9 * MINUTE_MS, "lock open backup"),)
    one = Subject(load_scenario("gateway-down", {"users": "20"}), 1, given, TO_MS, {})
    course = one.cost(Variation("staged", "lock open backup")).course
    assert "approval" in course.refused["lock open backup"][1]
    assert "lock.opened" not in course.milestones


def test_a_route_that_is_not_in_the_spf_record_is_priced_with_it() -> None:
    direct, secondary = "connector set outbound direct", "connector set outbound secondary"
    approve = "approve outbound emergency=yes because=no answer"
    given = ((ONSET_MS, approve), (ONSET_MS + HOUR_MS, direct), (ONSET_MS + 2 * HOUR_MS, secondary))
    one = Subject(load_scenario("gateway-down", {"users": "20"}), 1, given[:2], ONSET_MS + 9 * HOUR_MS, {})
    listed = Variation("listed", direct)
    assert preparations(replace(one, given=given)) == (listed,), "the second gateway is in it"
    bare, ready = each_once(one, in_turn(one))([AS_GIVEN, listed])
    assert ready.lost < bare.lost


def test_an_account_that_is_missing_is_priced_as_the_same_play_where_there_is_one() -> None:
    there = load_scenario("m365-offline", {"users": "40"})
    gateway = there.organisation.gateway
    events = gateway.continuity_events.model_copy(update={"break_glass": False})
    gateway = gateway.model_copy(update={"continuity_events": events})
    organisation = there.organisation.model_copy(update={"gateway": gateway})
    missing = there.model_copy(update={"organisation": organisation})
    played = Session(missing, 1, None)
    play_runbook(played, reference_runbook(missing, parse), there.outage_start_ms + 2 * HOUR_MS)
    one = subject_of(played)
    account = Variation("account", "signin break-glass")
    assert account in preparations(one)
    assert Variation("tested", "signin break-glass") not in preparations(one), "it cannot be tested"
    refused_ms = next(t_ms for t_ms, text in played.commands if text == "signin break-glass")
    assert one.locked_out_ms == refused_ms
    direct = Session(there, 1, None)
    direct.drill.draw_keys.as_before(played.drill.draw_keys.drawn)
    direct.advance(refused_ms - 2 * MINUTE_MS)
    role = "messaging-admin"
    direct.assign("signin break-glass", Assignment(role, refused_ms - 2 * MINUTE_MS, 2 * MINUTE_MS))
    give_again(direct, [each for each in one.given if each[1] != "signin break-glass"], one.to_ms)
    bare, ready = each_once(one, in_turn(one))([AS_GIVEN, account])
    assert (bare, ready) == (run_cost(played), run_cost(direct))
    assert ready.user_hours < bare.user_hours
    has_one = Session(there, 1, None)
    play_runbook(has_one, reference_runbook(there, parse), there.outage_start_ms + 20 * MINUTE_MS)
    assert subject_of(has_one).locked_out_ms is None


def test_an_account_is_first_missing_when_a_command_needs_a_sign_in() -> None:
    one = Subject(small(), 1, ((5, "alerts ack"),), TO_MS, {"signin seal": (9, 3)}, locked_out_ms=7)
    given = one.inputs(Variation("account", "signin break-glass"))
    assert [what for _t_ms, what in given if isinstance(what, str)] == ["alerts ack", "signin seal"]
    assert isinstance(given[0][1], Assigned), "not before the drill begins"
    assert given[-1] == (9, "signin seal"), "not sealed before it is used"
