"""What a backlog took beyond what the server needs for it."""

import pytest

from sim.drill.scoring.drain_time import behind_min, least_ms
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.queue.receiver import Receiver
from tests.plays import ONSET_MS, play


@pytest.mark.parametrize(("connections", "per_message_ms"), [(1, 1000), (20, 1000), (7, 300)])
def test_the_least_is_the_work_at_the_servers_pace(connections: int, per_message_ms: int) -> None:
    session = play("4h", [], ONSET_MS + 4 * HOUR_MS)
    queue = session.drill.world.queue
    waiting = queue.depth()
    assert waiting > 100
    needed = least_ms(queue, Receiver(connections, per_message_ms), None, session.now_ms)
    slower = Receiver(connections, 3 * per_message_ms)
    assert least_ms(queue, Receiver(connections, per_message_ms), slower, session.now_ms) == 3 * needed
    assert least_ms(queue, slower, Receiver(connections, per_message_ms), session.now_ms) == 3 * needed
    rounds = needed // per_message_ms
    assert connections * (rounds - 1) < waiting <= connections * rounds


def test_it_is_counted_from_the_return_and_grows_while_mail_waits() -> None:
    session = play("4h", [(ONSET_MS, "deliveries pause inbound")], ONSET_MS + 4 * HOUR_MS - 1)
    assert behind_min(session.drill) is None
    figures = []
    for hours in (1, 2):
        session.advance(ONSET_MS + (4 + hours) * HOUR_MS)
        figures.append(behind_min(session.drill))
    assert figures == [60, 120], "some twenty seconds of work, rounded up"
    session.dispatch("deliveries resume inbound")
    session.advance(session.now_ms + 10 * MINUTE_MS)
    drained_ms = session.drill.milestones["queue.drained"]
    taken_min = (drained_ms - ONSET_MS - 4 * HOUR_MS) // MINUTE_MS
    assert behind_min(session.drill) in (taken_min, taken_min + 1)
    session.advance(session.now_ms + HOUR_MS)
    assert behind_min(session.drill) in (taken_min, taken_min + 1)
