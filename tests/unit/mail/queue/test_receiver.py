"""The waiting line of a busy receiver costs little memory and few looks, however long it is."""

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.mail.message.growing_columns import BLOCK
from sim.mail.message.rows import fresh_rows
from sim.mail.queue.receiver import Receiver, service_starts
from sim.mail.queue.waiting_line import WaitingLine

MANY = 50_000


def test_the_starts_of_a_long_line_need_hardly_more_memory_than_their_result() -> None:
    offered_ms, free_ms = np.full(MANY, 7, dtype=np.int64), np.arange(10, dtype=np.int64)
    tracemalloc.start()
    try:
        starts_ms = service_starts(offered_ms, free_ms, 100)
        _kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert starts_ms[[0, 1, 9, 10, -1]].tolist() == [7, 7, 9, 107, 9 + 100 * (MANY // 10 - 1)]
    assert peak < 1.5 * starts_ms.nbytes


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 2 * BLOCK)), min_size=1, max_size=4),
    st.integers(0, 100),
    st.integers(0, 400),
)
def test_the_last_message_that_arrived_before_a_moment(
    runs: list[tuple[int, int]], before_ms: int, left_ms: int
) -> None:
    arrival_ms = np.concatenate([np.full(count, at_ms, dtype=np.int64) for at_ms, count in runs])
    offered_ms = np.full(len(arrival_ms), 100, dtype=np.int64)
    line = WaitingLine(Receiver(200, 1))
    ids = np.arange(len(arrival_ms))
    line.offer(fresh_rows(ids, arrival_ms, ids.astype(np.int32), arrival_ms), offered_ms, firm=True)
    line.leave(left_ms)
    rows, (_offered, _starts, ends_ms) = line.live(1000), line.times(1000)
    old_ms = ends_ms[rows.arrival_ms < before_ms]
    assert line.last_end_of(before_ms) == max(old_ms.tolist(), default=None)
