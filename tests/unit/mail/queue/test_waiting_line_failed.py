"""The failed messages in a waiting line at any moment, counted by bisection and one by one."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.mail.message.rows import fresh_rows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.waiting_line import WaitingLine

ROWS = st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=30)


@given(ROWS, st.integers(0, 500), st.lists(st.integers(0, 900), max_size=9), st.booleans())
def test_failed_messages_in_transfer(
    rows: list[tuple[int, bool]], left_ms: int, grid: list[int], slower: bool
) -> None:
    offered_ms = np.array(sorted(at_ms for at_ms, _ in rows), dtype=np.int64)
    fresh = fresh_rows(np.arange(len(rows)), offered_ms, np.zeros(len(rows), dtype=np.int32), offered_ms)
    line = WaitingLine(Receiver(2, 15))
    line.offer(replace(fresh, failed=np.array([failed for _, failed in rows])), offered_ms, firm=True)
    line.leave(left_ms)
    if slower:
        line.change_pace(Receiver(1, 40), left_ms)
    _offered, _starts, ends_ms = line.times(1 << 40)
    failed = line.live(1 << 40).failed
    moments_ms = np.array(sorted(grid), dtype=np.int64) + left_ms
    expected = [int((failed & (ends_ms >= moment_ms)).sum()) for moment_ms in moments_ms]
    assert line.failed_at(moments_ms).tolist() == expected
