"""Connections are counted for each source address: how long a backlog takes through the queue, by formula."""

import numpy as np
import pytest

from sim.drill.scenario.build_world import world_spec
from sim.drill.session.load import load_scenario
from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS, SECOND_MS
from sim.mail.message.rows import Rows, fresh_rows
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import ReceiverDraws
from tests.oracle.test_gateway import MIMECAST

BACK_MS = 2 * HOUR_MS


def receiver_of(users: int, users_per_source: int) -> Receiver:
    one = load_scenario("exchange-down", {"users": str(users)})
    server = one.organisation.server.model_copy(update={"users_per_source": users_per_source})
    organisation = one.organisation.model_copy(update={"server": server})
    return world_spec(one.model_copy(update={"organisation": organisation}), 1).receiver


def retried(receiver: Receiver, arrivals_ms: I64) -> DeliveryQueue:
    """Mail of two hours of refusals, forced at their end, and what comes after them."""

    def incoming(a_ms: int, b_ms: int) -> Rows:
        a, b = np.searchsorted(arrivals_ms, [a_ms, b_ms])
        ids: I64 = np.arange(a, b, dtype=np.int64)
        never_ms = np.full(b - a, NEVER_MS, dtype=np.int64)
        return fresh_rows(ids, arrivals_ms[a:b].copy(), np.zeros(b - a, dtype=np.int32), never_ms)

    slots = Slots(MIMECAST.offsets, MIMECAST.limit_ms, False)
    queue = DeliveryQueue(slots, receiver, FailureWindows(MINUTE_MS, 0), incoming, ReceiverDraws(0, "server"))
    queue.refuse()
    queue.advance(BACK_MS)
    queue.accept()
    queue.retry()
    queue.advance(BACK_MS + 20 * HOUR_MS)
    return queue


@pytest.mark.parametrize(
    ("users", "users_per_source", "connections"), [(1000, 1000, 20), (2000, 1000, 40), (2000, 5000, 20)]
)
def test_a_backlog_takes_its_size_by_connections_and_behind_one_address_twice_as_long(
    users: int, users_per_source: int, connections: int
) -> None:
    """A gateway behind one address (NAT) is one source, however many users it serves."""
    receiver = receiver_of(users, users_per_source)
    assert receiver == Receiver(connections, SECOND_MS)
    backlog = 6_007
    queue = retried(receiver, np.arange(backlog, dtype=np.int64) * SECOND_MS)
    last_ms = int(queue.delivered.since(0)[-1])
    assert last_ms == BACK_MS + -(-backlog // connections) * receiver.per_message_ms


@pytest.mark.parametrize("per_second", [5, 10, 16])
def test_new_mail_takes_its_part_of_the_connections(per_second: int) -> None:
    """A backlog of n is gone after n / (capacity - arrivals): 20 a second less what comes."""
    backlog, gap_ms = 6_000, SECOND_MS // per_second
    new_ms = BACK_MS + np.arange(0, HOUR_MS, gap_ms, dtype=np.int64)
    queue = retried(Receiver(20, SECOND_MS), np.concatenate([np.arange(backlog, dtype=np.int64), new_ms]))
    came, gone = new_ms, queue.delivered.since(0)
    waiting = backlog + np.searchsorted(came, gone, side="right") - np.arange(1, len(gone) + 1)
    empty = int(gone[np.flatnonzero(waiting <= 20)[0]]) - BACK_MS
    spare_a_second = 20 - SECOND_MS / gap_ms
    expected = (backlog - 20) * SECOND_MS / spare_a_second
    assert abs(empty - expected) <= 2 * SECOND_MS + 20 * SECOND_MS / spare_a_second
