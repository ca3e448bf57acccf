"""An Outbox after the server's return: sorted a part of the time at once, and not at the return itself."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.series import order_of
from sim.mail.message.traffic import Messages
from sim.mail.users import outbox as outbox_module
from sim.mail.users.outbox import PARTS, Outbox

RECONNECT_MS = 6_400
NOBODY, SOME = np.zeros(9, dtype=np.bool_), np.arange(9) % 3 == 0


def mail(first: int, count: int) -> Messages:
    return Messages(np.arange(first, first + count, dtype=np.int64), np.full(count, first, dtype=np.int64))


def filled(count: int = 300) -> Outbox:
    outbox = Outbox(1, RECONNECT_MS)
    for first in range(0, count, 100):
        outbox.put(mail(first, 100))
    return outbox


def left_at(outbox: Outbox, bounds: list[int]) -> list[tuple[int, int]]:
    """(due, id) of all that leaves up to the last bound, in the order in which it leaves."""
    found = []
    for bound_ms in bounds:
        some, due_ms = outbox.leave(bound_ms)
        found += list(zip(due_ms.tolist(), some.id.tolist(), strict=True))
    return found


@given(st.lists(st.integers(0, RECONNECT_MS + 10), max_size=6).map(sorted))
def test_however_time_is_cut_all_leave_in_the_same_order(bounds: list[int]) -> None:
    whole, cut = filled(), filled()
    whole.reach(1000, NOBODY)
    cut.reach(1000, NOBODY)
    due, due_ms = whole.due(0, NEVER_MS)
    expected = list(zip(due_ms.tolist(), due.id.tolist(), strict=True))
    assert sorted(expected) == expected
    assert len(expected) == 300
    found = left_at(cut, [1000 + bound for bound in bounds])
    assert len(cut) == 300 - len(found)
    assert found + left_at(cut, [NEVER_MS]) == expected
    assert len(cut) == 0


def test_mail_that_is_cut_off_again_stays_and_the_rest_keeps_its_time() -> None:
    free, cut = filled(), filled()
    free.reach(0, NOBODY)
    cut.reach(0, NOBODY)
    expected = [one for one in left_at(free, [NEVER_MS]) if one[0] >= 2000]
    left_at(cut, [2000])
    cut.reach(2000, SOME)
    stuck = set(expected) - set(left_at(cut, [NEVER_MS]))
    assert 0 < len(stuck) == len(cut) < len(expected)
    assert set(cut.live()[0].id.tolist()) == {number for _, number in stuck}


def test_the_return_sorts_nothing_and_each_part_sorts_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 10,000 users the console froze for 150 ms while all Outboxes were sorted at the return."""
    rows: list[int] = []

    def counted(times_ms: I64) -> I64:
        rows.append(len(times_ms))
        return order_of(times_ms)

    monkeypatch.setattr(outbox_module, "order_of", counted)
    outbox = filled(6400)
    outbox.reach(1000, NOBODY)
    assert rows == []
    outbox.leave(1001)
    assert len(rows) == 1
    assert rows[0] < 2 * 6400 / PARTS
    left_at(outbox, list(range(1001, 1000 + RECONNECT_MS, 100)))
    assert sum(rows) == 6400


def test_the_first_that_leave_after_a_return_need_no_copy_of_all_the_others() -> None:
    """At 10,000 users the frame after the return copied a million messages, which took 40 ms."""
    outbox, count = Outbox(1, RECONNECT_MS), 400_000
    for first in range(0, count, 1_000):
        outbox.put(mail(first, 1_000))
    outbox.reach(0, NOBODY)
    tracemalloc.start()
    some, _due_ms = outbox.leave(RECONNECT_MS // PARTS)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0 < len(some) < 2 * count // PARTS
    assert most < count * 12, "octets: four for the wait of each message, not sixteen for the message itself"
