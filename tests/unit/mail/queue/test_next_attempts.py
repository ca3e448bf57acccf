"""The timetable of a queue whose receiver answers: chronological offers, sorted as they come near."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.rows import Rows, fresh_rows
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.next_attempts import Timetable

NOW_MS, LIMIT_MS = 2 * HOUR_MS, 3 * HOUR_MS


def slots() -> Slots:
    """A try every 50 minutes, for three hours."""
    return Slots(lambda up_to_ms: tuple(range(0, up_to_ms, 50 * MINUTE_MS)), LIMIT_MS, False)


def rows(arrivals_ms: list[int]) -> Rows:
    """Mail that has waited up to now; every other message has failed before."""
    arrival_ms = np.array(arrivals_ms, dtype=np.int64)
    fresh = fresh_rows(np.arange(len(arrivals_ms)), arrival_ms, arrival_ms.astype(np.int32), arrival_ms)
    failed = np.arange(len(arrivals_ms)) % 2 == 0
    since_ms = np.full(len(arrivals_ms), NOW_MS, dtype=np.int64)
    return Rows(fresh.id, arrival_ms, fresh.user, fresh.attempts, failed, since_ms, arrival_ms, arrival_ms)


Arrivals = st.lists(st.integers(-3 * HOUR_MS + NOW_MS + 1, NOW_MS), max_size=40).map(sorted)
Bounds = st.lists(st.integers(NOW_MS, NOW_MS + 4 * HOUR_MS), max_size=5).map(sorted)


@given(Arrivals, Bounds)
def test_offers_and_limits_are_those_of_each_message_however_time_is_cut(
    arrivals_ms: list[int], bounds: list[int]
) -> None:
    mail, clock = rows(arrivals_ms), slots()
    next_ms, limit_ms = clock.next_ms(mail), clock.give_ups_ms(mail.arrival_ms)
    bounces = limit_ms < next_ms + 1
    table, seen = Timetable(mail, clock), []
    assert table.failed_to_come() == int((mail.failed & ~bounces).sum())
    for bound_ms in bounds:
        numbers, due_ms = table.offers(bound_ms)
        seen += list(zip(due_ms.tolist(), numbers.tolist(), strict=True))
        assert seen == sorted((int(next_ms[n]), n) for n in np.flatnonzero(~bounces & (next_ms < bound_ms)))
        assert table.failed_to_come() == int((mail.failed & ~bounces & (next_ms >= bound_ms)).sum())
        later = np.where(bounces, limit_ms, next_ms) >= bound_ms
        for count in (0, len(mail) // 2, len(mail)):
            assert table.leaves_unseen(count) == later[:count].any()
        assert table.due(bound_ms).tolist() == later.tolist()
    table.rewind(NOW_MS)
    assert (
        table.offers(NOW_MS + 9 * HOUR_MS)[0].tolist()
        == np.lexsort((next_ms,))[~bounces[np.lexsort((next_ms,))]].tolist()
    )


def test_only_offers_that_come_soon_are_put_in_order() -> None:
    """At 10,000 users the console froze while the next attempts of all queued mail were sorted."""
    table = Timetable(rows(list(range(NOW_MS - 50 * MINUTE_MS, NOW_MS, MINUTE_MS))), slots())
    assert len(table._offers) == 0
    table.offers(NOW_MS + MINUTE_MS)
    assert 0 < len(table._offers) < 20
    table.offers(NOW_MS + HOUR_MS)
    assert len(table._offers) == 50
