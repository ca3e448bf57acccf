"""The last error of the gateway's queue is what its latest failed attempt really met."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS, SECOND_MS
from sim.mail.message.rows import Rows, fresh_rows
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.mixed_regime import Foretold
from sim.mail.queue.outcomes import AttemptSequence
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, Answer, Condition, ReceiverDraws

DEFER = Condition("defer", reply="451 4.3.2 try later")
DROP = Condition("timeout", reply="connection timed out")


def queue_with(arrivals_ms: list[int], windows: tuple[int, int] = (MINUTE_MS, 0)) -> DeliveryQueue:
    """A queue that tries every ten minutes, and mail for it."""
    arrives_ms = np.array(arrivals_ms, dtype=np.int64)

    def incoming(a_ms: int, b_ms: int) -> Rows:
        ids = np.flatnonzero((arrives_ms >= a_ms) & (arrives_ms < b_ms)).astype(np.int64)
        never_ms = np.full(len(ids), NEVER_MS, dtype=np.int64)
        return fresh_rows(ids, arrives_ms[ids], np.zeros(len(ids), dtype=np.int32), never_ms)

    slots = Slots(lambda up_to_ms: tuple(range(0, up_to_ms, 10 * MINUTE_MS)), HOUR_MS, False)
    server = ReceiverDraws(1, "server")
    return DeliveryQueue(slots, Receiver(2, 1000), FailureWindows(*windows), incoming, server, MINUTE_MS)


def test_the_reply_is_that_of_the_condition_which_the_latest_failure_met() -> None:
    queue = queue_with([5 * SECOND_MS, 20 * MINUTE_MS])
    assert queue.last_reply == ""
    queue.meet(DEFER)
    queue.advance(6 * SECOND_MS)
    assert (queue.last_reply, queue.last_failure_ms) == (DEFER.reply, 5 * SECOND_MS)
    queue.meet(DROP)
    queue.advance(10 * MINUTE_MS + 64 * SECOND_MS)
    assert queue.last_reply == DEFER.reply, "the attempt of 10:05 is still waiting for an answer"
    queue.advance(10 * MINUTE_MS + 66 * SECOND_MS)
    assert (queue.last_reply, queue.last_failure_ms) == (DROP.reply, 11 * MINUTE_MS + 5 * SECOND_MS)


def test_an_attempt_that_is_given_up_after_the_return_is_one_that_timed_out() -> None:
    queue = queue_with([5 * SECOND_MS])
    queue.meet(DROP)
    queue.advance(40 * SECOND_MS)  # its last packet was sent at 36 s, 31 s after the first
    queue.meet(UP)
    queue.advance(MINUTE_MS)
    assert queue.last_reply == ""
    queue.advance(2 * MINUTE_MS)
    assert (queue.last_reply, queue.last_failure_ms) == (DROP.reply, MINUTE_MS + 5 * SECOND_MS)


def test_a_packet_sent_in_the_very_millisecond_of_the_return_gets_through() -> None:
    for returns_ms, delivered_ms in ((36 * SECOND_MS, 37 * SECOND_MS), (36 * SECOND_MS + 1, None)):
        queue = queue_with([5 * SECOND_MS])
        queue.meet(DROP)
        queue.advance(returns_ms)
        queue.meet(UP)
        out = queue.advance(2 * MINUTE_MS)
        assert out.time_ms.tolist() == ([] if delivered_ms is None else [delivered_ms])


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize(
    "condition",
    [UP, DEFER, DROP, Condition("reject"), Condition("defer", per_mille=500), Condition("refused")],
)
def test_forecast_arrivals_and_departures_happen(condition: Condition, paused: bool) -> None:
    """Whatever is met: all mail bounces at one hour, is taken, is held, or has a fate of its own."""
    queue = queue_with([n * 7 * MINUTE_MS for n in range(30)])
    queue.meet(DEFER)
    queue.advance(45 * MINUTE_MS)
    queue.meet(condition)
    if paused:
        queue.pause()
    depth, entered, left, bounced = queue.depth(), len(queue.entered), len(queue.left), len(queue.bounced)
    for bound_ms in (50 * MINUTE_MS, 3 * HOUR_MS):  # asking twice, and for less first, changes nothing
        come_ms, gone_ms = queue.coming_and_going(bound_ms)
        returns_ms = queue.coming_returns(bound_ms)
    queue.advance(3 * HOUR_MS)
    assert come_ms.tolist() == queue.entered.since(entered).tolist()
    assert gone_ms.tolist() == queue.left.since(left).tolist()
    assert returns_ms.tolist() == queue.bounced.since(bounced).tolist()
    assert queue.depth() == depth + len(come_ms) - len(gone_ms)


@pytest.mark.parametrize("answer", ["defer", "timeout", "reject"])
def test_the_latest_failure_is_that_of_all_mail_and_only_mail_in_the_queue_is_looked_at(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In five days of a mail server that fails now and then, each reading walked all mail since its onset."""
    queue = queue_with([n * MINUTE_MS for n in range(600)])
    queue.meet(Condition(answer, per_mille=300, reply="451 4.3.2 try later"))
    looked: list[int] = []
    walked = AttemptSequence.walked

    def counted(self: AttemptSequence, step: I64, age_ms: I64) -> tuple[I64, I64, I64]:
        looked.append(len(step))
        return walked(self, step, age_ms)

    for minute in range(1, 600, 7):
        queue.advance(minute * MINUTE_MS + 1)
        lane = queue._lane
        assert isinstance(lane, Foretold)
        every = int(np.max(lane._failures(slice(0, len(lane.parked)), queue.now_ms)[1], initial=-1))
        monkeypatch.setattr(AttemptSequence, "walked", counted)
        assert queue.last_failure_ms == (every if every >= 0 else None)
        here = lane._here(queue.now_ms).tolist()
        monkeypatch.undo()
        come = lane.parked.arrival_ms < queue.now_ms
        assert here == np.flatnonzero(come & (lane._fates["end_ms"] >= queue.now_ms)).tolist()
    assert max(looked) <= 70, "of 600 messages, those of an hour"


def test_attempts_in_progress_are_looked_for_once_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a fault with 150,000 queued messages looked for them six times."""
    queue, looks, begun = queue_with([n * SECOND_MS for n in range(200)]), list[int](), Foretold._begun

    def counting(lane: Foretold, which: NDArray[np.intp], now_ms: int) -> I64:
        looks.append(now_ms)
        return begun(lane, which, now_ms)

    monkeypatch.setattr(Foretold, "_begun", counting)
    queue.meet(DROP)
    for at_ms in (100 * SECOND_MS, 110 * SECOND_MS):
        queue.advance(at_ms)
        looks.clear()
        assert len(queue.live()) == len(queue.members(("id",))["id"]) == at_ms // SECOND_MS
        assert 0 < len(queue.under_way().rows) < at_ms // SECOND_MS
        assert looks == [at_ms]
    queue.meet(UP)
    assert looks == [110 * SECOND_MS]


@given(
    st.lists(st.integers(0, 9 * MINUTE_MS), min_size=1, max_size=60).map(sorted),
    st.sampled_from([(MINUTE_MS, 0), (2 * MINUTE_MS, -17_003), (7_000, -1), (1_001, -1_000)]),
    st.booleans(),
)
def test_messages_that_are_alike_fail_in_the_windows_of_all(
    arrivals_ms: list[int], windows: tuple[int, int], drops: bool
) -> None:
    queue = queue_with(arrivals_ms, windows)
    queue.meet(DROP if drops else replace(DEFER, per_mille=500))
    queue.advance(9 * MINUTE_MS)
    queue.retry()
    lane = queue._lane
    assert isinstance(lane, Foretold)
    exact = FailureWindows(*windows)
    exact.mark_moments(lane._moments(slice(0, len(lane.parked)), NEVER_MS))
    last = exact.index(2 * HOUR_MS)
    lane._mark()
    assert lane._marks.seen(0, last).tolist() == exact.seen(0, last).tolist()
