"""How much came where, half hour by half hour: beside last week's figures, and the rush after an outage."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.drill.instruments.arrival_logs import HALF_HOUR_MS, Herd, half_hours, herd
from sim.drill.scenario.build_world import world_spec
from sim.drill.session.load import load_scenario
from sim.kernel.duration import DAY_MS, HOUR_MS
from sim.kernel.series import Times
from sim.mail.message.traffic import INBOUND

SCENARIO = load_scenario("gateway-down", {"users": "300"})
ONSET_MS = HOUR_MS + 10 * 60_000


def drill_of(now_ms: int, arrived_ms: list[int], relayed_ms: list[int], direct_ms: list[int]) -> Any:
    """A drill of which only is known when mail came to the gateway, the backup and the server itself."""

    def times(moments_ms: list[int]) -> Times:
        found = Times()
        found.extend(np.array(sorted(moments_ms), dtype=np.int64))
        return found

    world = SimpleNamespace(
        arrived=times(arrived_ms),
        relay=SimpleNamespace(entered=times(relayed_ms), delivered=times([])),
        inbound=SimpleNamespace(direct=times(direct_ms), hop="modelled"),
        queue=SimpleNamespace(delivered=times(arrived_ms)),
    )
    faults = SimpleNamespace(gateway=SimpleNamespace(console="works"))
    return SimpleNamespace(
        scenario=SCENARIO,
        seed=1,
        spec=world_spec(SCENARIO, 1),
        now_ms=now_ms,
        world=world,
        faults=faults,
        milestones={"outage.start": ONSET_MS},
    )


def written(from_ms: int) -> int:
    """Messages that are written in the half hour from then."""
    return world_spec(SCENARIO, 1).stream(INBOUND).count(from_ms, from_ms + HALF_HOUR_MS)


def test_the_usual_is_what_came_in_that_half_hour_a_week_ago() -> None:
    rows = half_hours(drill_of(5 * HOUR_MS, [], [], []))
    assert [row.usual for row in rows] == [written(row.from_ms - 7 * DAY_MS) for row in rows]
    assert [row.usual for row in rows] != [written(row.from_ms) for row in rows]


def test_the_herd_is_the_half_hour_with_the_most_beyond_what_was_written_in_it() -> None:
    starts_ms = [ONSET_MS + n * HALF_HOUR_MS for n in range(12)]
    quiet, busy = (pick(starts_ms, key=written) for pick in (min, max))
    more = written(busy) - written(quiet)
    assert more > 20
    came = [quiet + n for n in range(written(quiet) + 40)]
    came += [busy + n for n in range(written(busy) + 30)]
    drill = drill_of(ONSET_MS + 6 * HOUR_MS, came[::3], came[1::3], came[2::3])
    assert herd(drill) == Herd(quiet, written(quiet) + 40, written(quiet))


def test_no_half_hour_that_brought_no_more_than_was_written_is_a_herd() -> None:
    came = [ONSET_MS + n for n in range(written(ONSET_MS))]
    assert herd(drill_of(ONSET_MS + HALF_HOUR_MS, came, [], [])) is None
    found = herd(drill_of(ONSET_MS + HALF_HOUR_MS, [*came, ONSET_MS + 1], [], []))
    assert found == Herd(ONSET_MS, len(came) + 1, len(came))
    assert herd(drill_of(ONSET_MS + HALF_HOUR_MS - 1, [*came, ONSET_MS + 1], [], [])) is None, "not whole yet"


def test_a_letter_through_a_socket_is_no_rush_while_nobody_has_had_to_wait() -> None:
    came = [ONSET_MS + n for n in range(written(ONSET_MS) + 1)]
    drill = drill_of(ONSET_MS + HALF_HOUR_MS, came, [], [])
    assert herd(drill) == Herd(ONSET_MS, len(came), len(came) - 1)
    drill.world.inbound.hop = None
    assert herd(drill) is None
