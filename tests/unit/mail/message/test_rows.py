"""The order of messages."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.mail.message.rows import Rows, fresh_rows

pairs = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 40)), unique_by=lambda pair: pair[1], max_size=12
)


def rows_of(messages: list[tuple[int, int]]) -> Rows:
    """Rows of (arrival, id)."""
    arrival_ms, ids = (np.array([one[n] for one in messages], dtype=np.int64) for n in (0, 1))
    return fresh_rows(ids, arrival_ms, ids.astype(np.int32), arrival_ms + 1)


@given(st.one_of(pairs, pairs.map(sorted), pairs.map(lambda some: sorted(some, key=lambda one: one[0]))))
def test_messages_stand_by_arrival_and_those_of_one_millisecond_by_number(
    messages: list[tuple[int, int]],
) -> None:
    rows = rows_of(messages).in_arrival_order()
    assert list(zip(rows.arrival_ms.tolist(), rows.id.tolist(), strict=True)) == sorted(messages)
    assert rows.user.tolist() == rows.id.tolist()


def test_rows_that_are_not_parted_are_not_copied() -> None:
    """A retry of the whole queue copied its 250,000 messages four times over."""
    rows = fresh_rows(np.arange(3), np.arange(3), np.zeros(3, dtype=np.int32), np.arange(3))
    everything, nothing = np.ones(3, dtype=np.bool_), np.zeros(3, dtype=np.bool_)
    assert rows.split(everything)[0] is rows.split(nothing)[1] is rows
    assert len(rows.split(everything)[1]) == len(rows.split(nothing)[0]) == 0
    some, others = rows.split(np.array([True, False, True]))
    assert (some.id.tolist(), others.id.tolist()) == ([0, 2], [1])
