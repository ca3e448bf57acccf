"""The gateway's outage where the mailboxes are in Microsoft 365: two locks, and a filter that sees a relay.

A hundred users, as in the other tests of shipped drills; what is compared are two plays of the same seed.
"""

import pytest

from sim.drill.scoring.bypass_costs import prices
from sim.drill.scoring.exposure import exposure
from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.drills.played import SEEDS, Played, reference, run, shipped

LOCKED, RULE = "gateway-down-m365", "gateway-down-m365-rule"
USERS = 100


def played(name: str, runbook: str = "reference", seed: int = 1) -> Played:
    return shipped(name, runbook, USERS, seed)


def inbound(one: Played, account: str) -> int:
    return one.session.drill.world.custody()["inbound"].get(account, 0)


@pytest.mark.parametrize("name", [LOCKED, RULE])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_meets_every_objective(name: str, seed: int) -> None:
    one = played(name, seed=seed)
    assert set(one.objectives.values()) == {"met"}
    assert (inbound(one, "rejected"), inbound(one, "junked")) == (0, 0)
    cost = exposure(one.session.drill)
    assert (cost.unfiltered, cost.unsigned, cost.unsigned_off_ms) == (0, 0, 0)


@pytest.mark.parametrize("name", [LOCKED, RULE])
def test_doing_nothing_loses(name: str) -> None:
    nothing, well = played(name, "none"), played(name)
    failed = {one for one, state in nothing.objectives.items() if state == "failed"}
    assert failed >= {"outbound-restored", "mx-decided", "senders-served", "partners-told"}
    assert inbound(nothing, "bounced") > 2 * inbound(well, "bounced") > 0
    outbound = [one.session.drill.world.custody()["outbound"] for one in (nothing, well)]
    assert nothing.outcome.outbound.delay_ms > 4 * well.outcome.outbound.delay_ms
    assert [book.get("rejected", 0) for book in outbound] == [0, 0]


def test_the_mx_before_a_partner_connector_is_refused_for_good() -> None:
    wrong, well = played(LOCKED, f"{LOCKED}-mx-before-unlock"), played(LOCKED)
    assert wrong.objectives["no-own-goals"] == "failed"
    assert inbound(wrong, "rejected") > 300 > inbound(well, "rejected") == 0
    assert inbound(wrong, "delivered") < inbound(well, "delivered") - 300


def test_the_mx_changed_before_the_rule_gets_mail_accepted_but_never_read() -> None:
    """No sender gets an error: nothing is refused, and what lies in quarantine counts as not delivered."""
    wrong, well = played(RULE, f"{RULE}-mx-before-unlock"), played(RULE)
    assert wrong.objectives["nothing-put-aside"] == "failed"
    assert inbound(wrong, "rejected") == 0
    assert inbound(wrong, "junked") > 300 > inbound(well, "junked") == 0
    assert inbound(wrong, "delivered") < inbound(well, "delivered") - 300
    refused = played(LOCKED, f"{LOCKED}-mx-before-unlock")
    assert inbound(refused, "junked") == 0, "the same mistake before the other lock is seen at once"


def test_a_tenant_without_its_filter_delivers_good_and_unwanted_mail() -> None:
    wrong, well = played(LOCKED, f"{LOCKED}-filter-off"), played(LOCKED)
    assert {wrong.objectives["nothing-put-aside"], wrong.objectives["openings-closed"]} == {"failed"}
    assert inbound(wrong, "junked") > 0, "until the rule acts, the filter takes the backup for the sender"
    assert exposure(wrong.session.drill).unfiltered > 500
    assert prices(wrong.session.drill).unwanted > 500 > prices(well.session.drill).unwanted == 0
    assert [one.kind for one in wrong.session.drill.room.openings.unproven()] == ["skip-filter"]


def test_the_lock_answers_a_test_before_the_mx_is_changed() -> None:
    """What a look beforehand would have told: 550 5.7.51 of one tenant, quarantine of the other."""
    for name, told in ((LOCKED, "550 5.7.51"), (RULE, "and quarantined")):
        session = played(name, "none").session.fork(2 * 3_600_000)
        session.dispatch("backup test")
        session.advance(session.now_ms + 600_000)
        (found,) = [event.text for event in session.events() if event.ref == "backup test"][-1:]
        assert told in found


FEW = 60
"""Users of whom a minute brings less than a throttle of twenty an hour lets pass."""


def throttled(name: str, most: int) -> Played:
    one = load_scenario(name, {"users": str(FEW), "throttle": str(most)})
    return run(one, reference(name))


def test_a_sudden_volume_is_put_off_behind_a_rule_and_not_behind_a_connector() -> None:
    """The same number for both: what `lock open backup` makes in the tenant differs."""
    rule, connector = throttled("gateway-down-m365-rule", 20), throttled("gateway-down-m365", 20)
    free = tuple(shipped(name, users=FEW) for name in ("gateway-down-m365-rule", "gateway-down-m365"))
    noon_ms = rule.milestones["inbound.moved"] + 2 * HOUR_MS
    relays = [one.session.drill.world.relay for one in (rule, free[0], connector, free[1])]
    waiting = [int(one.entered.before(noon_ms) - one.left.before(noon_ms)) for one in relays]
    assert waiting[0] > 50 > waiting[1]
    assert waiting[2] == waiting[3]
    first_ms = int(relays[0].delivered.since(0)[0])
    later = relays[0].delivered.between(first_ms + HOUR_MS + MINUTE_MS, first_ms + 2 * HOUR_MS + MINUTE_MS)
    assert later < relays[1].delivered.between(first_ms + HOUR_MS, first_ms + 2 * HOUR_MS) / 2
    assert 10 < later < 60, "twenty, and what a minute brings before the next look"
    assert rule.outcome.timing.late.count > free[0].outcome.timing.late.count
    assert connector.outcome.timing.late.count == free[1].outcome.timing.late.count
    assert inbound(connector, "delivered") == inbound(free[1], "delivered")
