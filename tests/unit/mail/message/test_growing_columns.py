"""Columns that grow at their end and are cut back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.mail.message.growing_columns import Columns


@given(st.lists(st.one_of(st.integers(1, 40), st.integers(-40, -1)), max_size=30))
def test_columns_grow_and_shrink_as_a_list_does(steps: list[int]) -> None:
    """A positive step appends so many, a negative one cuts (even) or drops (odd) so many."""
    columns, plain, made = Columns({"n": np.int64, "half": np.int32}, room=2), [], 0
    for step in steps:
        if step > 0:
            fresh = np.arange(made, made + step, dtype=np.int64)
            columns.append([fresh, fresh // 2])
            plain += fresh.tolist()
            made += step
        elif step % 2 == 0:
            columns.cut(len(plain) + step if len(plain) + step > 0 else 0)
            plain = plain[: max(len(plain) + step, 0)]
        else:
            some = min(-step, len(plain))
            columns.drop(some)
            plain = plain[some:]
        assert len(columns) == len(plain)
        assert columns["n"].tolist() == plain
        assert columns["half"].tolist() == [value // 2 for value in plain]
        some = slice(len(plain) // 3, len(plain) // 2)
        numbers, halves = columns.part(some)
        assert (numbers.tolist(), halves.tolist()) == (plain[some], [value // 2 for value in plain[some]])
