"""What waited a minute ago, told from what has left since: as a replay up to that moment finds it."""

import numpy as np
import pytest

from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.mail.accounts.last_minute import GATEWAY_QUEUE, SENDERS, LastMinute
from tests.drills.played import scenario


def test_only_the_last_minute_of_a_place_is_kept() -> None:
    log = LastMinute()
    log.note(SENDERS, np.array([1_000, 50_000]), np.array([0, 0]))
    log.note(SENDERS, np.array([70_000, 90_000]), np.array([40_000, 85_000]))
    log.note(GATEWAY_QUEUE, np.array([95_000]), np.array([2]))
    assert log.were_there(SENDERS, 30_000, 200_000) == 1, "one had left, two came later"
    assert log.were_there(SENDERS, 60_000, 200_000) == 1
    assert log.were_there(SENDERS, 60_000, 40_000) == 0, "it came after the moment that is asked for"
    assert log.were_there(GATEWAY_QUEUE, 95_000, 3) == 1, "what happens at a moment has not happened then"


@pytest.mark.parametrize("name", ["exchange-down", "gateway-grey"])
def test_a_replay_up_to_that_moment_finds_the_same(name: str) -> None:
    one = scenario(name, 60)
    session = Session(one, 1, None)
    play(session, reference_runbook(one))
    back_ms, drained_ms = (
        session.drill.milestones[which] for which in (Milestone.OUTAGE_END, Milestone.QUEUE_DRAINED)
    )
    world = session.fork(drained_ms - MINUTE_MS).drill.world
    at_senders = 0 if world.inbound.hop is None else (world.inbound.hop.live().written_ms < back_ms).sum()
    queued = [int((rows.arrival_ms < back_ms).sum()) for rows in (world.cloud.live(), world.relay.live())]
    inside = world.custody()["inbound"].get("server_queue", 0)
    assert [*session.drill.last_queued.values()] == [at_senders, *queued, inside]
    assert any(session.drill.last_queued.values())
