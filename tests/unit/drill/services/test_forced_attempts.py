"""What became of the messages of a forced attempt: taken at it, put back, in line still."""

import numpy as np
from numpy.typing import NDArray

from sim.drill.services.forced_attempts import Batches, told
from sim.mail.message.rows import (
    BOUNCED,
    DELIVERED,
    NO_ROWS,
    REJECTED,
    Gone,
    Rows,
    delivered,
    fresh_rows,
    gone,
)


def rows_of(attempts: dict[int, int]) -> Rows:
    """Messages by id, each with so many attempts behind it."""
    ids, counts = (np.array([*some], dtype=np.int64) for some in (attempts.keys(), attempts.values()))
    rows = fresh_rows(ids, ids, ids.astype(np.int32), ids)
    rows.attempts[:] = counts
    return rows


def left(kind: int, *some: tuple[int, int, int], tried_ms: int | None = None) -> Gone:
    """(id, attempts, ms), in the order of time; after a last failure at `tried_ms`, or at that moment."""
    time_ms: NDArray[np.int64] = np.array([one[2] for one in some], dtype=np.int64)
    last_ms = time_ms if tried_ms is None else np.full(len(some), tried_ms, dtype=np.int64)
    return gone(rows_of({one[0]: one[1] for one in some}), kind, time_ms, last_ms)


def test_those_are_taken_that_leave_at_the_attempt_that_was_forced() -> None:
    batches = Batches()
    batches.begin(rows_of({7: 0, 3: 2, 5: 1}), "the oldest", 1000, beside=2)
    (batch,) = batches.all
    assert (batch.at_ms, batch.taken, batch.returned) == (1000, 0, 0)
    assert told(batch, np.array([3, 5, 7])) == (
        "3 (the oldest): 0 accepted, 3 still in line, plus 2 already in delivery"
    )
    batches.left(left(DELIVERED, (9, 1, 1001), (3, 3, 1002), (2, 3, 1003)))
    assert batch.taken == 1, "others have nothing to do with it"
    batches.left(left(DELIVERED, (5, 3, 2000)))
    batches.left(left(DELIVERED, (5, 1, 2500)))
    assert batch.taken == 1, "at another attempt"
    batches.left(left(DELIVERED, (7, 1, 4000), (5, 2, 5000)))
    assert (batch.taken, batch.returned) == (3, 0)


def test_those_are_returned_by_it_whose_last_failure_it_was() -> None:
    batches = Batches()
    batches.begin(rows_of({7: 0, 3: 2, 5: 1, 6: 1}), "all", 1000)
    (batch,) = batches.all
    batches.left(left(BOUNCED, (5, 2, 3000), tried_ms=1000))
    assert batch.returned == 0, "at its age, later"
    batches.left(left(BOUNCED, (7, 2, 3000), (8, 1, 3000)))
    assert batch.returned == 0, "at another attempt, another message"
    batches.left(left(REJECTED, (7, 1, 3000), (6, 2, 3000)))
    batches.left(left(BOUNCED, (3, 3, 3500)))
    assert (batch.taken, batch.returned) == (0, 3)
    assert told(batch, np.array([9])) == "4 (all): 0 accepted, 3 returned to their senders, 1 deferred again"


def test_who_is_neither_taken_nor_in_line_was_put_back() -> None:
    batches = Batches()
    batches.begin(rows_of({1: 4, 2: 4, 3: 4, 4: 4}), "all", 0)
    (batch,) = batches.all
    batches.left(left(DELIVERED, (4, 5, 10)))
    assert told(batch, np.array([2, 8])) == "4 (all): 1 accepted, 2 deferred again, 1 still in line"
    assert told(batch, np.empty(0, dtype=np.int64)) == "4 (all): 1 accepted, 3 deferred again"


def test_each_batch_counts_its_own_attempts() -> None:
    """A message that was put back and forced again is taken at the second."""
    batches = Batches()
    batches.begin(rows_of({1: 4, 2: 4}), "first", 0)
    batches.begin(rows_of({1: 5}), "second", 500)
    batches.begin(NO_ROWS, "nobody", 600)
    batches.left(left(DELIVERED, (2, 5, 550), (1, 6, 700)))
    batches.left(delivered(NO_ROWS, NO_ROWS.arrival_ms))
    assert [one.taken for one in batches.all] == [1, 1, 0]
