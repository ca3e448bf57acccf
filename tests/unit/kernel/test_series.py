"""Times that are looked up, and the fingerprint of rows."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.series import Times, among, distinct, in_order, latest, order_of, sample_grid, time_order


def ints(values: list[int]) -> I64:
    return np.array(values, dtype=np.int64)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2**60)), max_size=60))
def test_rows_of_one_millisecond_stand_by_number(rows: list[tuple[int, int]]) -> None:
    times_ms, ids = ints([time_ms for time_ms, _id in rows]), ints([id_ for _time_ms, id_ in rows])
    order = time_order(times_ms, ids)
    assert [rows[place] for place in order.tolist()] == sorted(rows)
    assert sorted(order.tolist()) == list(range(len(rows)))


@pytest.mark.parametrize("most", [3, 1 << 40])
@pytest.mark.parametrize("size", [0, 1, 255, 256, 5000])
@pytest.mark.parametrize("ordered", [True, False])
def test_the_latest_times_are_found_without_sorting_all(size: int, most: int, ordered: bool) -> None:
    times_ms = np.random.default_rng(size).integers(0, most, size)
    times_ms = np.sort(times_ms) if ordered else times_ms
    for count in (0, 1, 7, size // 256, size, size + 1):
        expected = np.argsort(times_ms, kind="stable")[max(0, size - count) :]
        assert latest(times_ms, count).tolist() == expected.tolist()


@given(
    st.lists(st.integers(0, 50), max_size=3000).map(sorted),
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from([1, 3, 700, 1 << 16]),
)
def test_counts_are_those_of_a_list(moments: list[int], a: int, b: int, room: int) -> None:
    times = Times(room)
    for at in range(0, len(moments), 701):
        times.extend(ints(moments[at : at + 701]))
    for held in {0, len(moments) // 2, len(moments) // room * room, len(moments)}:
        assert times.since(held).tolist() == moments[held:]
    a, b = min(a, b), max(a, b)
    assert len(times) == len(moments)
    assert times.last == (moments[-1] if moments else None)
    assert times.before(ints([a, b])).tolist() == [sum(m < a for m in moments), sum(m < b for m in moments)]
    assert times.between(a, b) == sum(a <= m < b for m in moments)


@pytest.mark.parametrize(
    ("a", "b", "points", "grid"),
    [
        (0, 10, 3, [0, 5, 10]),
        (0, 10, 4, [0, 3, 6, 10]),
        (7, 7, 2, [7, 7]),
        (3, 9, 1, [9]),
        (0, 1, 3, [0, 0, 1]),
    ],
)
def test_a_grid_holds_both_ends(a: int, b: int, points: int, grid: list[int]) -> None:
    assert sample_grid(a, b, points).tolist() == grid


@given(
    st.one_of(
        st.lists(st.integers(-5, 9), max_size=40),
        st.lists(st.integers(-(2**61), 2**61), max_size=12),
    )
)
def test_equal_times_stay_as_they_stand(moments: list[int]) -> None:
    assert order_of(ints(moments)).tolist() == sorted(range(len(moments)), key=moments.__getitem__)


def by_hand(layout: str, rows: list[tuple[int, ...]]) -> str:
    packed = b"".join(value.to_bytes(8, "little", signed=True) for row in rows for value in row)
    return hashlib.sha256(layout.encode() + b"\n" + packed).hexdigest()


@given(
    st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-128, 127)), max_size=20),
    st.integers(0, 20),
)
def test_a_fingerprint_is_sha_256_of_the_rows_however_they_are_cut(
    rows: list[tuple[int, int]], cut: int
) -> None:
    record = Fingerprint("two columns")
    for part in (rows[:cut], rows[cut:]):
        record.rows(ints([a for a, _b in part]), np.array([b for _a, b in part], dtype=np.int8))
    assert record.hexdigest() == by_hand("two columns", list(rows))


def test_a_copy_goes_on_by_itself_and_texts_cannot_run_into_each_other() -> None:
    record = Fingerprint("x")
    copy = record.copy()
    copy.row((1,), "ab")
    assert record.hexdigest() == by_hand("x", [])
    other = record.copy()
    other.row((1,), "a")
    other.row((), "b")
    assert other.hexdigest() != copy.hexdigest()
    expected = hashlib.sha256(b"x\n" + (1).to_bytes(8, "little") + (2).to_bytes(8, "little") + b"ab")
    assert copy.hexdigest() == expected.hexdigest()


ROW = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))


@given(st.one_of(st.lists(ROW, max_size=6), st.lists(ROW, unique=True, max_size=12).map(sorted)))
def test_rows_stand_in_order_if_sorting_them_moves_none_and_none_are_equal(
    rows: list[tuple[int, int, int]],
) -> None:
    for width in (1, 2, 3):
        some = [row[:width] for row in rows]
        columns = [ints([row[n] for row in some]) for n in range(width)]
        assert in_order(*columns) == (some == sorted(set(some)))


NUMBERS = st.lists(st.integers(-5, 60), max_size=40)


@given(NUMBERS, NUMBERS, st.sampled_from([1, 10**12]))
def test_what_is_found_and_what_is_distinct_is_what_numpy_finds(
    numbers: list[int], some: list[int], times: int
) -> None:
    keys, other = np.array(numbers, dtype=np.int64) * times, np.array(some, dtype=np.int64) * times
    assert among(keys, other).tolist() == np.isin(keys, other).tolist()
    found, which = distinct(keys)
    expected, where = np.unique(keys, return_inverse=True)
    assert found.tolist() == expected.tolist()
    assert which.tolist() == where.reshape(-1).tolist()
