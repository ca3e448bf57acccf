"""What ways round the gateway cost: each share only where it is due, and all that has no copy."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.drill.scenario.build_world import world_spec
from sim.drill.scoring.bypass_costs import (
    _by_themselves,
    _led_straight,
    _through_the_backup,
    _through_the_lock,
    prices,
)
from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS
from sim.kernel.series import Times
from sim.mail.routes.connector import CONNECTORS, DIRECT, GATEWAY, SECONDARY
from sim.mail.server.guard import Gates

SHUT = Gates("rejects", firewall=frozenset({"backup"}))
OPEN = Gates(firewall=frozenset({"backup", "internet"}))
FOR_BACKUP = replace(SHUT, trusted=frozenset({"backup"}))


def drill_of(*gates: tuple[int, Gates], first: Gates = SHUT) -> Any:
    """A drill of `gateway-down` of which only what stood before the server is known."""
    scenario = load_scenario("gateway-down", {"users": "200"})
    world = SimpleNamespace(
        relay=SimpleNamespace(delivered=Times()),
        inbound=SimpleNamespace(direct=Times()),
        writers=SimpleNamespace(outbound=SimpleNamespace(handed=dict.fromkeys(CONNECTORS, 0))),
    )
    protection = SimpleNamespace(gates=[(0, first), *gates])
    return SimpleNamespace(
        scenario=scenario,
        seed=1,
        spec=world_spec(scenario, 1),
        now_ms=10 * HOUR_MS,
        world=world,
        protection=protection,
    )


def times(count: int, from_ms: int) -> Any:
    found = Times()
    found.extend(from_ms + np.arange(count, dtype=np.int64))
    return found


@pytest.mark.parametrize(
    ("gates", "backup", "lock", "strays", "led"),
    [
        (SHUT, False, False, False, True),
        (FOR_BACKUP, True, True, False, True),
        (replace(FOR_BACKUP, server_filters=True), False, False, False, False),
        (replace(FOR_BACKUP, server_filters=True, skips=True), True, True, False, True),
        (OPEN, True, False, True, True),
        (replace(OPEN, server_filters=True), False, False, False, False),
        (replace(OPEN, lock="quarantines"), False, False, False, False),
    ],
)
def test_each_share_is_counted_only_where_its_way_is_open(
    gates: Gates, backup: bool, lock: bool, strays: bool, led: bool
) -> None:
    drill = drill_of()
    shares = (_through_the_backup, _through_the_lock, _by_themselves, _led_straight)
    assert [share(drill, gates) > 0 for share in shares] == [backup, lock, strays, led]


def test_a_rule_that_put_all_aside_is_opened_as_a_lock_that_refused() -> None:
    rule = Gates("quarantines")
    drill = drill_of(first=rule)
    backup, everybody = replace(rule, trusted=frozenset({"backup"})), Gates()
    assert _through_the_lock(drill, backup) == _through_the_lock(drill_of(), FOR_BACKUP) > 0
    assert _by_themselves(drill, everybody) == _by_themselves(drill_of(), OPEN) > 0
    assert (_through_the_lock(drill, rule), _by_themselves(drill, rule)) == (0, 0)


def test_a_share_is_of_the_mail_of_its_own_stretch() -> None:
    first, second = drill_of((9 * HOUR_MS, FOR_BACKUP)), drill_of((HOUR_MS, FOR_BACKUP), (2 * HOUR_MS, SHUT))
    permille = _through_the_lock(first, FOR_BACKUP)
    assert permille > 0
    stream = world_spec(first.scenario, 1).stream(0)
    assert prices(first).by_the_lock == stream.count(9 * HOUR_MS, 10 * HOUR_MS) * permille // 1000
    assert prices(second).by_the_lock == stream.count(HOUR_MS, 2 * HOUR_MS) * permille // 1000


def test_all_that_went_past_the_gateway_has_no_copy_in_its_archive() -> None:
    drill = drill_of()
    drill.world.relay.delivered, drill.world.inbound.direct = times(3, 100), times(50, 200)
    drill.world.writers.outbound.handed |= {GATEWAY: 7000, SECONDARY: 400, DIRECT: 2000}
    assert prices(drill).unarchived == 3 + 50 + 400 + 2000
