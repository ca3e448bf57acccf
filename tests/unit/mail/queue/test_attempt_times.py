"""A message's retry clock at the exact moments: a try at a bound belongs to what begins there."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.kernel.duration import DAY_MS, MINUTE_MS
from sim.mail.message.growing_columns import BLOCK
from sim.mail.message.rows import Rows, fresh_rows
from sim.mail.queue import attempt_times
from sim.mail.queue.attempt_times import Slots

M = MINUTE_MS
AT_MS = 7 * M
"""When the message of these tests arrives: not on the grid of the tries of anybody else."""


def slots(limit_m: int = 60, *, last_try: bool = False, most: int | None = None) -> Slots:
    """A try every ten minutes."""
    return Slots(lambda up_to_ms: tuple(range(0, up_to_ms, 10 * M)), limit_m * M, last_try, most)


def row(since_ms: int = 0, attempts: int = 0, tried_ms: int = -1) -> Rows:
    """One message; `since_ms`, `tried_ms`: ms after its arrival."""
    arrival_ms = numbers(AT_MS)
    fresh = fresh_rows(numbers(1), arrival_ms, arrival_ms.astype(np.int32), arrival_ms)
    columns = np.array([attempts], dtype=np.int32), fresh.failed, arrival_ms + since_ms
    return Rows(fresh.id, arrival_ms, fresh.user, *columns, fresh.worthless_ms, arrival_ms + tried_ms)


def attempted(
    rows: Rows, to_ms: int | NDArray[np.int64]
) -> tuple[int | NDArray[np.int64], NDArray[np.int64]]:
    """The slots up to just before `to_ms`."""
    return slots().attempted(rows, slots().steps_at(rows.arrival_ms, to_ms))


def numbers(*some: int) -> NDArray[np.int64]:
    return np.array(some, dtype=np.int64)


@pytest.mark.parametrize(
    ("since_ms", "step", "next_ms"),
    [(0, 0, 0), (1, 1, 10 * M), (10 * M, 1, 10 * M), (10 * M + 1, 2, 20 * M)],
)
def test_the_next_slot_is_at_since_or_after_it(since_ms: int, step: int, next_ms: int) -> None:
    assert slots().first_step(row(since_ms)).tolist() == [step]
    assert slots().next_ms(row(since_ms)).tolist() == [AT_MS + next_ms]


@pytest.mark.parametrize(
    ("since_ms", "to_ms", "used"),
    [
        (10 * M, 20 * M, 1),
        (10 * M, 20 * M + 1, 2),
        (10 * M + 1, 20 * M, 0),
        (0, 0, 0),
        (0, 1, 1),
        (20 * M, 10 * M, 0),
    ],
)
def test_slots_are_used_from_since_on_until_just_before_the_end(since_ms: int, to_ms: int, used: int) -> None:
    assert np.ravel(attempted(row(since_ms), AT_MS + to_ms)[0]).tolist() == [used]


@pytest.mark.parametrize(
    ("since_ms", "before_ms", "tried_ms"),
    [
        (10 * M, 20 * M, 10 * M),
        (10 * M, 20 * M + 1, 20 * M),
        (10 * M + 1, 20 * M, 3 * M),
        (0, 1, 0),
        (10 * M, 5 * M, 3 * M),
    ],
)
def test_the_last_try_is_a_slot_since_then_or_the_one_remembered(
    since_ms: int, before_ms: int, tried_ms: int
) -> None:
    one = row(since_ms, tried_ms=3 * M)
    assert attempted(one, AT_MS + before_ms)[1].tolist() == [AT_MS + tried_ms]
    assert attempted(one, numbers(AT_MS + before_ms))[1].tolist() == [AT_MS + tried_ms]


@given(
    st.lists(st.integers(0, 3 * DAY_MS // M), min_size=1, max_size=5),
    st.integers(-10, 4 * DAY_MS // M),
    st.booleans(),
)
def test_many_messages_have_the_steps_that_each_has_alone(
    arrivals: list[int], at: int, together: bool
) -> None:
    clock = slots()
    more = len(clock.ages_ms) + 1
    arrival_ms = np.sort(np.array(arrivals, dtype=np.int64)) * M
    many_ms = np.repeat(arrival_ms, more)  # more messages than slots
    own_ms = np.full(len(many_ms), at * M) if together else many_ms + at * M
    alone = [int(clock.ages_ms.searchsorted(at * M - one_ms)) for one_ms in arrival_ms.tolist()]
    assert clock.steps_at(many_ms, at * M).tolist() == np.repeat(alone, more).tolist()
    rows = replace(fresh_rows(many_ms, many_ms, many_ms.astype(np.int32), many_ms), since_ms=own_ms)
    assert clock.first_step(rows).tolist() == clock.ages_ms.searchsorted(own_ms - many_ms).tolist()


@pytest.mark.parametrize(("limit_m", "gives_up_m"), [(60, 60), (55, 60), (61, 70)])
def test_with_a_last_try_the_end_is_the_first_slot_at_the_limit_or_after(
    limit_m: int, gives_up_m: int
) -> None:
    last = slots(limit_m, last_try=True)
    assert last.give_ups_ms(numbers(AT_MS)).tolist() == [AT_MS + gives_up_m * M]
    last.extend((limit_m + 20) * M, None, arriving_from_ms=AT_MS + 1)
    assert last.give_ups_ms(numbers(AT_MS, AT_MS + 1)).tolist() == [
        AT_MS + gives_up_m * M, AT_MS + 1 + (gives_up_m + 20) * M,
    ]  # fmt: skip
    assert slots(limit_m).give_ups_ms(numbers(AT_MS)).tolist() == [AT_MS + limit_m * M]


def test_a_longer_limit_or_time_that_does_not_count_moves_the_end() -> None:
    last = slots(55, last_try=True)
    last.extend(125 * M, None)
    assert last.give_ups_ms(numbers(AT_MS)).tolist() == [AT_MS + 130 * M]
    assert last.give_up_ms == 130 * M
    assert last.next_ms(row(125 * M)).tolist() == [AT_MS + 130 * M]
    stood = slots()
    stood.stood(AT_MS + 10 * M, AT_MS + 10 * M)
    assert stood.kept.uniform
    stood.stood(AT_MS + 10 * M, AT_MS + 25 * M)
    assert stood.give_ups_ms(numbers(AT_MS, AT_MS + 20 * M, AT_MS + 25 * M)).tolist() == [
        AT_MS + 75 * M, AT_MS + 85 * M, AT_MS + 85 * M,
    ]  # fmt: skip
    stood.stood(0, 30 * DAY_MS)
    assert stood.next_ms(row(30 * DAY_MS)).tolist() == [AT_MS + 30 * DAY_MS], "so long may mail stand"


def test_a_message_is_too_old_at_the_very_age() -> None:
    for now_ms, old in ((60 * M - 1, False), (60 * M, True)):
        assert slots().too_old(row(), AT_MS + now_ms).tolist() == [old]
        assert slots().past(row(), AT_MS + now_ms).tolist() == [old]
        last = slots(last_try=True)
        assert last.too_old(row(), AT_MS + now_ms).tolist() == [False], "it is tried once more"
        assert last.past(row(), AT_MS + now_ms).tolist() == [old]
    for attempts, past in ((2, False), (3, True)):
        assert slots(most=3).past(row(attempts=attempts), AT_MS).tolist() == [past]


def test_the_added_time_holds_the_slots_from_the_old_limit_to_just_before_the_new() -> None:
    """At 60 min a try would come with the limit and is not made; at 60 of 61 it is."""
    assert [slots(most=9).most_attempts_with(limit_m * M) for limit_m in (60, 61, 70, 71)] == [9, 10, 10, 11]
    assert [slots(61, most=9).most_attempts_with(limit_m * M) for limit_m in (70, 71)] == [9, 10]
    assert slots().most_attempts_with(99 * M) is None


@pytest.mark.parametrize(
    ("since_ms", "attempts", "most", "runs_out"),
    [
        (0, 0, 7, False),
        (0, 0, 6, True),
        (10 * M, 2, 8, False),
        (10 * M, 3, 8, True),
        (10 * M + 1, 3, 8, False),
        (70 * M, 7, 8, False),
        (70 * M, 8, 8, True),
    ],
)
def test_who_may_run_out_of_attempts_before_its_age(
    since_ms: int, attempts: int, most: int, runs_out: bool
) -> None:
    """Of sixty minutes six slots are tried: at 0 to 50."""
    assert slots(most=most).may_run_out(row(since_ms, attempts)) is runs_out
    assert not slots().may_run_out(row(since_ms, attempts))


def test_with_a_last_try_the_one_at_the_limit_counts_too() -> None:
    assert slots(most=7, last_try=True).may_run_out(row())
    assert not slots(most=8, last_try=True).may_run_out(row())


def test_which_spans_held_attempts_of_messages_and_which_was_the_last() -> None:
    arrivals_ms = numbers(0, M, 30 * M)
    one = slots(20)
    edges_ms = numbers(0, 1, M, M + 1, 10 * M, 10 * M + 1, 11 * M, 11 * M + 1, 30 * M, 30 * M + 1)
    tried = [True, False] * 4 + [True]
    assert one.any_between(arrivals_ms, edges_ms).tolist() == tried, "at 0, 1, 10, 11 and 30 min"
    assert one.any_between(arrivals_ms, numbers(0, M, M + 1)).tolist() == [True, True], "new mail alone"
    found = [one.latest_before(arrivals_ms, moment_ms) for moment_ms in (0, 1, M, 11 * M, 11 * M + 1, 40 * M)]
    assert found == [None, 0, 0, 10 * M, 11 * M, 30 * M]


@pytest.mark.parametrize("many", [1, 1 << 30], ids=["large", "small"])
@pytest.mark.parametrize("since_ms", [None, 0, 90 * M, 3 * DAY_MS])
@pytest.mark.parametrize("count", [0, 1, 500, 2 * BLOCK + 3])
def test_pieces_of_a_queue_have_the_steps_of_each_of_its_messages(
    count: int, since_ms: int | None, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`since_ms`: None if the slots of each message count from its arrival."""
    monkeypatch.setattr(attempt_times, "_MANY", many)
    arrival_ms = np.sort(np.random.default_rng(count).integers(0, 3 * DAY_MS, count))
    rows = fresh_rows(np.arange(count), arrival_ms, np.zeros(count, dtype=np.int32), arrival_ms)
    if since_ms is not None:
        rows = replace(rows, since_ms=np.full(count, since_ms))
    clock = Slots(lambda up_to_ms: tuple(range(0, up_to_ms, 120 * M)), DAY_MS, last_try=False)
    pieces = list(clock.first_steps(rows))
    found = np.concatenate([np.full(some.stop - some.start, step) for some, step in pieces] or [numbers()])
    assert [row for some, _step in pieces for row in range(some.start, some.stop)] == list(range(count))
    assert found.tolist() == [
        int(np.searchsorted(clock.ages_ms, since - arrival))
        for since, arrival in zip(rows.since_ms.tolist(), arrival_ms.tolist(), strict=True)
    ]
    assert all(some.stop - some.start <= BLOCK for some, _step in pieces)


def test_the_first_bounce_may_be_that_of_a_younger_message_after_time_that_does_not_count() -> None:
    """The bounce is at an attempt: at the age of 150 min for the oldest message, but 140 for the next."""
    clock = slots(last_try=True)
    arrivals_ms = [numbers(), numbers(0, 3 * M), numbers(20 * M)]
    assert clock.first_give_up_ms(0, []) == 60 * M, "one age for all, so no other arrival is read"
    clock.stood(1 * M, 83 * M)
    assert clock.first_give_up_ms(0, arrivals_ms) == (3 + 140) * M
