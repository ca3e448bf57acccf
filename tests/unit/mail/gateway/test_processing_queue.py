"""A slow filter by hand: one message after the other, in the order in which they came."""

import numpy as np
import pytest

from sim.kernel.digest import Fingerprint
from sim.mail.gateway.processing_queue import Processing
from sim.mail.routes.inbound import Come

MAIL = {2: 100, 1: 100, 3: 500, 4: 5_000}
"""When each message comes, in ms; it was written 50 ms before."""


def comes(a_ms: int, b_ms: int) -> Come:
    some = [(one, at_ms) for one, at_ms in MAIL.items() if a_ms <= at_ms < b_ms]
    ids, came_ms = (np.array([one[n] for one in some], dtype=np.int64) for n in (0, 1))
    return Come(ids, came_ms, came_ms - 50)


def passed(queue: Processing, a_ms: int, b_ms: int) -> list[tuple[int, int]]:
    """(id, when) of what passes."""
    out = queue.passes(a_ms, b_ms)
    assert out.written_ms.tolist() == [MAIL[one] - 50 for one in out.id.tolist()]
    return list(zip(out.id.tolist(), out.arrival_ms.tolist(), strict=True))


@pytest.fixture
def slow() -> Processing:
    """A second for each message from the start on."""
    queue = Processing(comes)
    queue.becomes(1000, stopped=False)
    return queue


def test_at_its_usual_pace_everything_passes_as_it_comes() -> None:
    queue = Processing(comes)
    assert (queue.idle, queue.now_ms) == (True, 0)
    assert passed(queue, 0, 501) == [(2, 100), (1, 100), (3, 500)]
    assert queue.advance(501) is None
    assert (len(queue.ids), queue.now_ms) == (0, 501)


def test_each_waits_for_the_one_before_and_passes_in_the_half_open_span(slow: Processing) -> None:
    assert not slow.idle
    assert passed(slow, 0, 7000) == [(1, 1100), (2, 2100), (3, 3100), (4, 6000)]
    assert passed(slow, 1100, 2100) == [(1, 1100)]
    assert passed(slow, 1101, 2101) == [(2, 2100)]


def test_advancing_says_what_came_and_keeps_what_has_not_passed(slow: Processing) -> None:
    came = slow.advance(2100)
    assert came is not None
    assert sorted(came.id.tolist()) == [1, 2, 3]
    assert (slow.ids.tolist(), slow.came_ms.tolist()) == ([2, 3], [100, 500])
    assert passed(slow, 2100, 7000) == [(2, 2100), (3, 3100), (4, 6000)], "as if it had not been cut"
    assert slow.advance(2101) is not None
    assert slow.ids.tolist() == [3]


@pytest.mark.parametrize(
    ("now_ms", "then"),
    [
        (2100, [(2, 2100), (3, 4100), (4, 7000)]),
        (2101, [(3, 3100), (4, 7000)]),
    ],
)
def test_what_it_is_at_goes_on_at_the_old_pace_and_the_rest_at_the_new(
    slow: Processing, now_ms: int, then: list[tuple[int, int]]
) -> None:
    slow.advance(now_ms)
    slow.becomes(2000, stopped=False)
    assert passed(slow, now_ms, 9000) == then


def test_when_it_is_well_again_the_rest_passes_at_once(slow: Processing) -> None:
    slow.advance(1500)
    slow.becomes(None, stopped=False)
    assert not slow.idle
    assert passed(slow, 1500, 6000) == [(3, 1500), (2, 2100), (4, 5000)]
    slow.advance(2101)
    assert slow.idle


def test_when_it_stops_nothing_passes_and_it_begins_anew(slow: Processing) -> None:
    slow.advance(1500)
    slow.becomes(None, stopped=True)
    assert not slow.idle
    assert passed(slow, 1500, 9000) == []
    slow.advance(6000)
    assert slow.ids.tolist() == [2, 3, 4]
    slow.becomes(1000, stopped=False)
    assert passed(slow, 6000, 9001) == [(2, 7000), (3, 8000), (4, 9000)]


def test_stopped_with_nothing_inside_it_is_not_idle() -> None:
    queue = Processing(comes)
    queue.becomes(None, stopped=True)
    assert passed(queue, 0, 9000) == []


def test_the_digest_knows_who_is_inside_and_until_when(slow: Processing) -> None:
    def digest() -> str:
        record = Fingerprint("test")
        slow.digest(record)
        return record.hexdigest()

    seen = [digest()]
    for to_ms, every_ms, stopped in (
        (500, 1000, False),
        (501, 1000, False),
        (501, 2000, False),
        (502, None, True),
    ):
        slow.advance(to_ms)
        slow.becomes(every_ms, stopped=stopped)
        seen.append(digest())
    assert len(set(seen)) == 5, "one more inside, another pace, none"
    slow.becomes(1000, stopped=False)
    slow.advance(99_000)
    assert digest() == seen[0]
