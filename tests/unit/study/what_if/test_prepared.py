"""A preparation is the drill with a command done at its start, without anyone's time, and not given again."""

from sim.drill.commands.command import Assignment
from sim.drill.facilitation.inputs import Assigned
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.cost import Stake, run_cost
from sim.study.what_if.prepared import preparations, readiness_worth
from sim.study.what_if.regret import Regret
from sim.study.what_if.subject import Subject, Variation, in_turn
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
