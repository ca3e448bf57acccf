"""The submission queue by hand: order of acceptance, when each is worked off, when the old mail is gone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.mail.queue.receiver import Receiver
from sim.mail.server.submission_queue import Submission, Taken, worked_off

SECOND = Receiver(1, 1000)
PAIR = Receiver(2, 1000)


def numbers(*some: int) -> NDArray[np.int64]:
    return np.array(some, dtype=np.int64)


def taken(*some: tuple[int, int], arrived_ms: int = 0) -> Taken:
    """(id, when it was accepted) of each."""
    ids, time_ms = (numbers(*(one[n] for one in some)) for n in (0, 1))
    same_ms, no = np.full(len(some), arrived_ms, dtype=np.int64), np.zeros(len(some), dtype=np.bool_)
    return Taken(time_ms, ids, ids.astype(np.int32), same_ms, same_ms, same_ms, no, no)


def left(queue: Submission, to_ms: int) -> list[tuple[int, int]]:
    out, ends_ms = queue.leave(to_ms)
    return list(zip(out.id.tolist(), ends_ms.tolist(), strict=True))


def test_messages_are_worked_off_behind_the_last_so_many() -> None:
    assert worked_off(SECOND, numbers(100, 100, 5000), numbers()).tolist() == [1100, 2100, 6000]
    assert worked_off(SECOND, numbers(100), numbers(300, 900)).tolist() == [1900], "behind the later"
    assert worked_off(PAIR, numbers(100, 100, 100), numbers(900)).tolist() == [1100, 1900, 2100]
    assert worked_off(PAIR, numbers(100, 100), numbers(90, 700, 900)).tolist() == [1700, 1900]


@pytest.mark.parametrize("works", [SECOND, None])
def test_of_one_millisecond_the_lower_number_is_first_whoever_brought_it(works: Receiver | None) -> None:
    queue = Submission(works, lambda _bound_ms: ())
    queue.accept([taken((5, 100), (7, 300)), taken(), taken((2, 100), (4, 200))])
    order = [2, 5, 4, 7]
    assert queue.waiting().id.tolist() == order
    assert queue.delivered.between(100, 101) == 2
    ends_ms = [1100, 2100, 3100, 4100] if works else [100, 100, 200, 300]
    assert queue.ends_ms.tolist() == ends_ms
    assert left(queue, 9000) == list(zip(order, ends_ms, strict=True))


def test_with_one_source_mail_of_one_millisecond_stands_by_number_too() -> None:
    queue = Submission(SECOND, lambda _bound_ms: ())
    queue.accept([taken((5, 100), (2, 100))])
    assert left(queue, 9000) == [(2, 1100), (5, 2100)]


def test_it_goes_on_where_it_stood_and_lets_go_of_what_ends_before() -> None:
    queue = Submission(PAIR, lambda _bound_ms: ())
    queue.accept([])
    queue.accept([taken()])
    assert len(queue) == 0
    queue.accept([taken((1, 0), (2, 0), (3, 0))])
    assert left(queue, 1000) == []
    assert left(queue, 1001) == [(1, 1000), (2, 1000)]
    assert (len(queue), queue.waiting().id.tolist()) == (1, [3])
    queue.accept([taken((4, 1500), (5, 1600))])
    assert left(queue, 9000) == [(3, 2000), (4, 2500), (5, 3000)]


@given(
    st.sampled_from([None, SECOND, PAIR]),
    st.lists(st.tuples(st.integers(0, 4_000), st.lists(st.integers(0, 3_999), max_size=4)), max_size=6),
)
def test_mail_that_is_passed_on_leaves_as_if_it_had_been_entered(
    works: Receiver | None, steps: list[tuple[int, list[int]]]
) -> None:
    """A step: its length, and the moments within it at which messages are accepted."""
    entered, passed = (Submission(works, lambda _bound_ms: ()) for _ in range(2))
    now_ms, number = 0, 0
    for length_ms, moments in steps:
        some = sorted((now_ms + moment_ms % max(length_ms, 1), n) for n, moment_ms in enumerate(moments))
        parts = [taken(*((number + n, at_ms) for at_ms, n in some)), taken()] if length_ms else []
        now_ms, number = now_ms + length_ms, number + len(moments)
        entered.accept(parts)
        expected = left(entered, now_ms)
        out, ends_ms = passed.pass_on(parts, now_ms)
        assert list(zip(out.id.tolist(), ends_ms.tolist(), strict=True)) == expected
        assert passed.waiting().id.tolist() == entered.waiting().id.tolist()
        assert passed.ends_ms.tolist() == entered.ends_ms.tolist()
        assert len(passed.delivered) == len(entered.delivered)


def test_mail_to_come_is_told_in_order_of_time() -> None:
    queue = Submission(None, lambda bound_ms: (numbers(4, 9), numbers(bound_ms - 1, bound_ms)))
    assert queue.coming_deliveries(7).tolist() == [4, 6, 7, 9]


def old(queue: Submission, *lines_ms: int | None, bound_ms: int = 99_000) -> int | None:
    return queue.rid_of(500, lines_ms, bound_ms)


def test_old_mail_is_gone_when_the_last_of_it_is_worked_off() -> None:
    """Two stand inside, of which the first is old; four more come, the second of them old."""
    queue = Submission(SECOND, lambda _bound_ms: (numbers(700, 1500, 1500, 8000),))
    assert old(queue) == old(queue, None, None) == 0
    queue.accept([taken((1, 100), arrived_ms=499)])
    queue.accept([taken((2, 600), arrived_ms=500)])
    assert old(queue) == 1100 + 1, "the one inside"
    assert old(queue, 700, None) == 3100 + 1
    assert old(queue, 1500) == 5100 + 1, "both of that millisecond"
    assert old(queue, 700, 1500) == 5100 + 1
    assert old(queue, 1500, bound_ms=5101) is None
    assert old(queue, 1500, bound_ms=5102) == 5101
    assert old(queue, 1500, bound_ms=1500) is None
    quick = Submission(None, lambda _bound_ms: (numbers(700, 1500),))
    assert (old(quick, 1500), old(quick, 1500, bound_ms=1501)) == (1501, None)
