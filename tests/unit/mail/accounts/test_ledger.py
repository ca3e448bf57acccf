"""The ledger's counts and percentiles, against counting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.accounts.ledger import Ledger
from sim.mail.message.rows import BOUNCED, DELIVERED, REJECTED, fresh_rows, gone
from sim.mail.message.traffic import INBOUND, INTERNAL, OUTBOUND
from tests.examples import examples

INTERNAL_ID = INTERNAL << 58
"""The first identity of mail between colleagues."""


def by_nearest_rank(delays_ms: list[int], percent: int) -> int:
    """The smallest delay that at least so many percent of all do not exceed, by counting."""
    return next(
        delay_ms
        for delay_ms in sorted(delays_ms)
        if 100 * sum(other <= delay_ms for other in delays_ms) >= percent * len(delays_ms)
    )


@examples(200)
@given(
    st.lists(st.lists(st.integers(0, 50), max_size=8), min_size=1, max_size=5),
    st.integers(0, 40),
    st.sampled_from([1, 50, 90, 95, 99, 100]),
)
def test_percentiles_are_nearest_rank_over_all_that_was_delivered(
    parts: list[list[int]], at_once: int, percent: int
) -> None:
    ledger, everything = Ledger(), [0] * at_once
    ledger.leave_at_once(INBOUND, at_once)
    for turn, part in enumerate(parts):
        delays: I64 = np.array(part, dtype=np.int64)
        if turn % 2:
            ledger.leave_own(INBOUND, delays)
        else:
            ledger.deliver(np.full(len(part), INBOUND, dtype=np.int64), delays)
        everything += part
        found = ledger.delay_ms(INBOUND, percent)
        assert found == (by_nearest_rank(everything, percent) if everything else None)
    assert ledger.delivered.tolist() == [len(everything), 0, 0]
    assert ledger.delay_ms(OUTBOUND, percent) is None


def test_a_twentieth_of_twenty_is_one_message() -> None:
    """By hand: of 20 delays the 95th percentile is the 19th, the median the 10th."""
    ledger = Ledger()
    delays: I64 = np.arange(1, 21, dtype=np.int64)
    ledger.deliver(np.zeros(20, dtype=np.int64), delays[::-1].copy())
    assert [ledger.delay_ms(INBOUND, percent) for percent in (1, 50, 95, 96, 100)] == [1, 10, 19, 20, 20]


def test_delays_are_counted_in_classes() -> None:
    """By hand: a bound belongs to the class that it ends; what was delivered at once to the one of 0."""
    ledger = Ledger()
    ledger.leave_at_once(INBOUND, 7)
    delays: I64 = np.array([0, 1, 1_000, 1_001, 60_000, 60_001, 90_000], dtype=np.int64)
    ledger.deliver(np.full(len(delays), INBOUND, dtype=np.int64), delays)
    assert ledger.delay_counts(INBOUND, [0, 1_000, 60_000]) == [8, 2, 2, 2]
    assert ledger.delay_counts(INBOUND, [1_000, 60_000]) == [10, 2, 2]
    assert ledger.delay_counts(OUTBOUND, [0, 1_000]) == [0, 0, 0]


@pytest.mark.parametrize("archived", [True, False], ids=["of the gateway", "of the backup"])
def test_what_leaves_a_queue_is_counted_once_by_how_it_left_and_in_whose_archive_it_is(
    archived: bool,
) -> None:
    ids: I64 = np.array([1, 2, 3, 4, INTERNAL_ID + 5, INTERNAL_ID + 6], dtype=np.int64)
    kinds = np.array([DELIVERED, BOUNCED, BOUNCED, REJECTED, BOUNCED, REJECTED], dtype=np.int8)
    now_ms: I64 = np.full(6, 9, dtype=np.int64)
    rows = fresh_rows(
        ids, np.zeros(6, dtype=np.int64), np.zeros(6, dtype=np.int32), np.full(6, NEVER_MS, dtype=np.int64)
    )
    rows.attempts[:] = [1, 2, 4, 8, 16, 32]
    out = gone(rows, BOUNCED, now_ms, now_ms)
    out.kind[:] = kinds
    ledger = Ledger()
    ledger.leave(out, archived=archived)
    assert ledger.bounced.tolist() == [2, 0, 1]
    assert ledger.rejected.tolist() == [1, 0, 1]
    assert ledger.attempts.tolist() == [15, 0, 48]
    assert ledger.delivered.tolist() == [0, 0, 0], "only when the mail server has worked it off"
    kept = ([3, 0, 2], [2, 0, 1]) if archived else ([0, 0, 0], [0, 0, 0])
    assert (ledger.recoverable.tolist(), ledger.expired.tolist()) == kept


def test_junk_is_not_delivered() -> None:
    ledger = Ledger()
    ledger.leave_own(OUTBOUND, np.array([1, 2, 3], dtype=np.int64))
    ledger.put_aside(OUTBOUND, 2)
    assert (ledger.delivered.tolist(), ledger.junked.tolist()) == ([0, 1, 0], [0, 2, 0])
    assert ledger.attempts.tolist() == [0, 3, 0]
