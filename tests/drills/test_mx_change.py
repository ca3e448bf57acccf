"""What a change of the MX record does for mail while the gateway refuses: TTL, the way back, MTA-STS.

Played on the world itself: no people, no lead times, a zone whose servers show a change after ten minutes.
"""

from dataclasses import replace

import numpy as np

from sim.drill.scenario.build_users import users_of
from sim.drill.scenario.build_world import windows_of, world_spec
from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS
from sim.mail.routes.inbound import BACKUP, GATEWAY
from sim.mail.routes.zone import StsSpec
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.world import World

ONSET_MS = HOUR_MS
CHANGE_MS = 2 * HOUR_MS
BACK_MS = 6 * HOUR_MS
LATER_MS = 9 * HOUR_MS
LONG, SHORT = HOUR_MS, 5 * MINUTE_MS
LAG_MS = 10 * MINUTE_MS
HONOURING = ("gmail", "exchange-online")


def world(sts: StsSpec | None = None) -> World:
    """Two hundred users on a Wednesday morning; the gateway refuses from ONSET_MS on."""
    scenario = load_scenario("gateway-down", {"users": "200"})
    spec = world_spec(scenario, 1)
    spec = replace(spec, zone=replace(spec.zone, ttl_ms=LONG, hosting="registrar", sts=sts))
    one = World(spec, users_of(scenario, 1), windows_of(scenario, 1), lambda _gone: None)
    one.advance(ONSET_MS)
    one.gateway_door.becomes(Behaviour("refused"))
    assert one.zone.lag_ms == LAG_MS
    return one


def publish(one: World, at_ms: int, route: tuple[str, ...], ttl_ms: int) -> None:
    one.advance(at_ms)
    one.zone.publish(at_ms, route, ttl_ms)
    one.zone_changed()


def policy_and_id(one: World, at_ms: int, hosts: tuple[str, ...]) -> None:
    one.advance(at_ms)
    one.zone.serve_policy(at_ms, hosts)
    one.zone.change_id(at_ms)
    one.zone_changed()


def to_backup(one: World, a_ms: int, b_ms: int) -> int:
    """How many messages came to the backup in [a, b)."""
    return one.relay.entered.between(a_ms, b_ms)


def each_second(one: World, to_ms: int) -> list[int]:
    """How many had come to the backup by each second before `to_ms`."""
    return [int(count) for count in one.relay.entered.before(np.arange(0, to_ms, 1_000))]


def balanced(one: World) -> bool:
    return sum(one.custody()["inbound"].values()) == one.generated()[0]


def test_the_ttl_of_the_new_record_does_not_affect_the_present_change() -> None:
    came = []
    for ttl_ms in (LONG, SHORT):
        one = world()
        publish(one, CHANGE_MS, (BACKUP,), ttl_ms)
        moved_ms = one.zone.moved_at_ms(500)
        assert CHANGE_MS + LAG_MS < moved_ms < CHANGE_MS + LAG_MS + LONG
        one.advance(BACK_MS)
        assert balanced(one)
        came.append((each_second(one, BACK_MS), moved_ms, one.zone.moved_at_ms(950)))
        assert to_backup(one, 0, CHANGE_MS + LAG_MS) == 0
    assert came[0] == came[1]
    assert came[0][0][-1] > 500


def test_a_ttl_lowered_just_before_helps_those_only_who_fetched_it_meanwhile() -> None:
    plain, lowered = world(), world()
    publish(plain, CHANGE_MS, (BACKUP,), LONG)
    publish(lowered, CHANGE_MS - 2 * LAG_MS, GATEWAY, SHORT)
    publish(lowered, CHANGE_MS, (BACKUP,), SHORT)
    tail = [one.zone.moved_at_ms(950) for one in (plain, lowered)]
    assert tail[0] > CHANGE_MS + LAG_MS + LONG * 8 // 10
    assert tail[1] > CHANGE_MS + LONG // 2, "the old hour still decides"


def test_a_ttl_lowered_one_old_ttl_in_advance_makes_the_change_fast() -> None:
    early, late = world(), world()
    publish(early, CHANGE_MS, GATEWAY, SHORT)
    change_ms = CHANGE_MS + LAG_MS + LONG
    for one in (early, late):
        publish(one, change_ms, (BACKUP,), SHORT)
    assert early.zone.moved_at_ms(800) <= change_ms + LAG_MS + SHORT
    assert late.zone.moved_at_ms(800) > change_ms + LAG_MS + LONG // 2


def test_the_way_back_is_quick_with_the_lowered_ttl() -> None:
    late = {}
    for ttl_ms in (LONG, SHORT):
        one = world()
        publish(one, CHANGE_MS, (BACKUP,), ttl_ms)
        one.advance(BACK_MS - HOUR_MS)
        one.gateway_door.becomes(Behaviour())
        publish(one, BACK_MS, GATEWAY, LONG)
        late[ttl_ms] = one.zone.moved_at_ms(800) - BACK_MS
        one.advance(LATER_MS)
        assert balanced(one)
        still = to_backup(one, BACK_MS + LAG_MS + SHORT, LATER_MS)
        if ttl_ms == LONG:
            slow = still
    assert late[SHORT] <= LAG_MS + SHORT
    assert late[LONG] > LAG_MS + LONG // 2
    assert still < slow / 2
    assert still > 0, "stretched answers keep the backup in use: it has to go on accepting"


def test_policy_then_id_then_mx_holds_back_hardly_any_senders() -> None:
    """Who is held back has a resolver that stretches the id's TTL, or the new id later than the new MX."""
    free, at_once, prepared = world(), *(world(StsSpec(HONOURING, LONG)) for _ in range(2))
    change_ms = CHANGE_MS + 2 * HOUR_MS
    policy_and_id(at_once, change_ms, (BACKUP,))
    policy_and_id(prepared, CHANGE_MS, (BACKUP,))
    came = []
    for one in (free, at_once, prepared):
        publish(one, change_ms, (BACKUP,), SHORT)
        one.advance(BACK_MS + HOUR_MS)
        assert balanced(one)
        halfway_ms = change_ms + LAG_MS + LONG // 2
        came.append((to_backup(one, 0, halfway_ms), to_backup(one, 0, BACK_MS + HOUR_MS)))
    assert came[1][0] < came[2][0] <= came[0][0], "an id that was there first costs no time"
    assert min(late for _early, late in came) > 0.9 * came[0][1]


def test_mx_before_the_policy_makes_those_who_honour_it_wait() -> None:
    right, wrong = (world(StsSpec(HONOURING, LONG)) for _ in range(2))
    policy_and_id(right, CHANGE_MS - MINUTE_MS, (BACKUP,))
    for one in (right, wrong):
        publish(one, CHANGE_MS, (BACKUP,), SHORT)
    assert wrong.zone.moved_at_ms(950) == NEVER_MS, "nobody may use a host that the policy does not name"
    for one in (right, wrong):
        one.advance(BACK_MS)
    waiting = [one.custody()["inbound"]["at_sender"] for one in (right, wrong)]
    assert waiting[1] > 5 * waiting[0]
    policy_and_id(wrong, BACK_MS, (BACKUP,))
    assert wrong.zone.moved_at_ms(800) <= BACK_MS + LAG_MS + LONG
    before = to_backup(wrong, 0, BACK_MS)
    wrong.advance(BACK_MS + 3 * HOUR_MS)
    assert balanced(wrong)
    assert to_backup(wrong, 0, BACK_MS + 3 * HOUR_MS) > before + waiting[1] / 2


def test_an_id_without_a_policy_that_names_the_host_changes_nothing() -> None:
    one = world(StsSpec(HONOURING, LONG))
    one.advance(CHANGE_MS)
    one.zone.change_id(CHANGE_MS)
    one.zone_changed()
    publish(one, CHANGE_MS, (BACKUP,), SHORT)
    assert one.zone.moved_at_ms(950) == NEVER_MS


def test_the_dead_host_left_as_the_preferred_one_costs_an_attempt_for_every_message() -> None:
    attempts = []
    for route in ((BACKUP,), (*GATEWAY, BACKUP)):
        one = world()
        publish(one, CHANGE_MS, route, SHORT)
        one.advance(BACK_MS)
        attempts.append(one.attempts()["inbound"] / to_backup(one, 0, BACK_MS))
    assert attempts[1] > attempts[0] + 1
