"""A slow filter by hand: one message after the other, in the order in which they came."""

import numpy as np
import pytest

from sim.kernel.digest import Fingerprint
from sim.mail.gateway.processing_queue import Processing
from sim.mail.queue.receiver import Receiver
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


def test_well_again_it_works_off_what_waits_at_its_usual_pace_until_somebody_finds_it_empty() -> None:
    queue = Processing(comes, Receiver(1, 700))
    queue.becomes(1000, stopped=False)
    queue.advance(1500)
    queue.becomes(None, stopped=False)
    assert queue.wait_ms() == 2100 + 700 + 700 - 1500
    assert passed(queue, 1500, 6000) == [(2, 2100), (3, 2800), (4, 5000)]
    moments_ms = np.array([1500, 2100, 2101, 2800, 2801, 5000, 5001], dtype=np.int64)
    assert queue.lengths(moments_ms).tolist() == [2, 2, 1, 1, 0, 0, 0]
    assert queue.passed_of(501) == 2801
    queue.advance(2800)
    assert not queue.idle
    queue.advance(2801)
    assert queue.idle
    assert (queue.wait_ms(), queue.passed_of(501)) == (0, 2801), "what it knew, it has not forgotten"


def test_it_has_places_slow_or_not() -> None:
    queue = Processing(comes, Receiver(2, 50))
    queue.becomes(1000, stopped=False)
    assert passed(queue, 0, 7000) == [(1, 1100), (2, 1100), (3, 2100), (4, 6000)]


def test_held_mail_goes_through_it_at_its_usual_pace() -> None:
    queue = Processing(comes, Receiver(1, 700))
    queue.advance(501)
    held_ms = np.array([30, 20], dtype=np.int64)
    queue.enters(Come(np.array([8, 9], dtype=np.int64), held_ms, held_ms - 50))
    out = queue.passes(501, 9000)
    assert (out.id.tolist(), out.arrival_ms.tolist()) == ([8, 9, 4], [1201, 1901, 5000])
    assert queue.passed_of(31) == 1902


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
