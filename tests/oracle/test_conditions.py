"""The delivery queue against the plainest model, under every condition of the receiver and every command.

Same fate, same millisecond, same attempts, however the engine's time is cut.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import simpy
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.draws import I64, mix, within
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS, SECOND_MS
from sim.mail.message.queue_counts import InQueue
from sim.mail.message.rows import BOUNCED, DELIVERED, REJECTED, Gone, Rows, fresh_rows
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, Condition, ReceiverDraws
from tests.examples import examples
from tests.oracle.gateway import LOOKS, Gateway, Message, Moment
from tests.oracle.test_gateway import (
    EVEN,
    HASTY,
    MIMECAST,
    WINDOW_MS,
    WINDOW_PHASE_MS,
    Forecast,
    Seen,
    Table,
    came_true,
    ended_windows,
)

KINDS = {BOUNCED: "bounced", DELIVERED: "delivered", REJECTED: "rejected"}


@dataclass(frozen=True)
class Change:
    """Something that happens at `at_ms`; `word` is a method of both models."""

    at_ms: int
    word: str
    condition: Condition = UP
    identity: int | None = None
    numbers: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Plan:
    """A small world, what happens to it, and where time is cut."""

    seed: int
    arrivals_ms: tuple[int, ...]
    table: Table
    last_try: bool = False
    most_attempts: int | None = None
    connect_ms: int = MINUTE_MS
    receiver: Receiver = Receiver(2, 1000)
    changes: list[Change] = field(default_factory=list)
    cuts_ms: list[int] = field(default_factory=list)
    looks_ms: list[int] = field(default_factory=list)
    until_ms: int = 4 * HOUR_MS
    counts: tuple[bool, bool] = (True, True)
    """Whether paused time, and time in which the gateway is dead, makes messages older."""
    covers_queued: bool = True

    @property
    def users(self) -> list[int]:
        """The recipients: seven people."""
        numbers: I64 = np.arange(len(self.arrivals_ms), dtype=np.int64)
        users: list[int] = within(mix(self.seed, "recipient of the test", numbers), 7).tolist()
        return users


def check_readings(queue: DeliveryQueue, arrived: int) -> None:
    """What consoles read of the queue is what is in it. `arrived`: the number of messages so far."""
    live = queue.live()
    counted = InQueue(queue.parts())
    assert counted.first_ids(arrived).tolist() == queue.members(("id",))["id"].tolist()
    assert counted.oldest_ms() == min(live.arrival_ms.tolist(), default=None)
    real_from = max(0, arrived - 1)
    newest = queue.newest(2, real_from)
    found = {one[0]: one for one in zip(*(column.tolist() for column in live.columns), strict=True)}
    rows = list(zip(*(column.tolist() for column in newest.columns), strict=True))
    assert all(row == found[row[0]] for row in rows)
    latest = sorted(live.arrival_ms.tolist())[-2:]
    assert sorted(newest.arrival_ms.tolist())[-2:] == latest
    assert {one for one in found if one >= real_from} <= {row[0] for row in rows}


def plainest(plan: Plan) -> tuple[Seen, dict[int, int]]:
    """The oracle's answer, and how often each message was tried."""
    env = simpy.Environment()
    gateway = Gateway(
        env,
        plan.table.gaps_ms,
        plan.table.limit_ms,
        plan.last_try,
        plan.receiver.connections,
        plan.receiver.per_message_ms,
        plan.most_attempts,
        plan.connect_ms,
        plan.covers_queued,
        *plan.counts,
        seed=plan.seed,
    )
    for change in plan.changes:
        match change.word:
            case "meet":
                gateway.meet(change.at_ms, change.condition)
            case "pace":
                gateway.take_so_many(change.at_ms, *change.numbers)
            case "retry" | "bounced" | "rejected":
                gateway.touch(change.at_ms, change.word, change.identity)
            case word:
                gateway.change(change.at_ms, word, change.numbers[0])
    for number, (arrival_ms, user) in enumerate(zip(plan.arrivals_ms, plan.users, strict=True)):
        gateway.accept(Message(number, arrival_ms, user))
    on_retry: dict[int, int] = {}
    for at_ms in plan.looks_ms:
        look = Moment(env, at_ms, LOOKS)
        assert look.callbacks is not None
        look.callbacks.append(lambda _event: on_retry.update({int(env.now): gateway.on_retry()}))
    env.run(until=plan.until_ms)
    fates = {}
    for message in gateway.messages:
        gone = message.place in KINDS.values()
        fates[message.id] = (message.place if gone else "queued", message.left_ms, message.attempts)
    windows = {(at_ms - WINDOW_PHASE_MS) // WINDOW_MS for at_ms in gateway.failed_ms}
    failed = [n in windows for n in range(ended_windows(plan.until_ms))]
    seen = Seen(fates, on_retry, failed, max(gateway.failed_ms, default=-1))
    return seen, {message.id: message.attempts for message in gateway.messages}


def change_queue(queue: DeliveryQueue, change: Change, *, covers_queued: bool) -> Gone | None:
    named = None if change.identity is None else np.array([change.identity], dtype=np.int64)
    match change.word:
        case "meet":
            return queue.meet(change.condition)
        case "pace":
            queue.change_pace(Receiver(*change.numbers))
        case "retry":
            return queue.retry(named)
        case "bounced" | "rejected":
            return queue.remove(BOUNCED if change.word == "bounced" else REJECTED, named)
        case "pause":
            return queue.pause()
        case "resume":
            return queue.resume()
        case "extend":
            queue.extend(change.numbers[0], covers_queued=covers_queued)
        case "stop":
            return queue.stop()
        case "start":
            return queue.start()
    return None


def engine(plan: Plan) -> tuple[Seen, dict[int, int]]:
    """The queue's answer, cut where the plan says so and at every change."""
    fates: dict[int, tuple[str, int | None, int]] = {}

    def left(out: Gone | None) -> None:
        for row in range(0 if out is None else len(out)):
            assert out is not None
            identity = int(out.id[row])
            assert identity not in fates, "a message leaves once"
            fates[identity] = (KINDS[int(out.kind[row])], int(out.time_ms[row]), int(out.attempts[row]))

    arrivals_ms, users = np.array(plan.arrivals_ms, dtype=np.int64), np.array(plan.users, dtype=np.int32)

    def incoming(a_ms: int, b_ms: int) -> Rows:
        a, b = np.searchsorted(arrivals_ms, [a_ms, b_ms])
        ids: I64 = np.arange(a, b, dtype=np.int64)
        return fresh_rows(ids, arrivals_ms[a:b].copy(), users[a:b], np.full(b - a, NEVER_MS, dtype=np.int64))

    queue = DeliveryQueue(
        Slots(plan.table.offsets, plan.table.limit_ms, plan.last_try, plan.most_attempts),
        plan.receiver,
        FailureWindows(WINDOW_MS, WINDOW_PHASE_MS),
        incoming,
        ReceiverDraws(plan.seed, "server"),
        plan.connect_ms,
        plan.counts,
    )
    on_retry: dict[int, int] = {}
    forecasts: list[Forecast] = []
    stops = sorted({0, plan.until_ms, *plan.cuts_ms, *(change.at_ms for change in plan.changes)})
    for at_ms, next_ms in zip(stops, [*stops[1:], plan.until_ms], strict=True):
        if at_ms > queue.now_ms:
            left(queue.advance(at_ms))
        for change in plan.changes:
            if change.at_ms == at_ms:
                left(change_queue(queue, change, covers_queued=plan.covers_queued))
                arrived = int(np.searchsorted(arrivals_ms, at_ms))
                assert sorted(queue.live().id.tolist()) == sorted(set(range(arrived)) - fates.keys())
                assert sorted(queue.members(("id",))["id"].tolist()) == sorted(queue.live().id.tolist())
                assert queue.depth() == len(queue.live())
                check_readings(queue, arrived)
        looks = sorted({look for look in plan.looks_ms if at_ms <= look < next_ms})
        if looks:
            counts = queue.on_retry(np.array(looks, dtype=np.int64), next_ms)
            on_retry.update(zip(looks, counts.tolist(), strict=True))
        if next_ms > at_ms:
            windows = queue.failed_windows(0, ended_windows(next_ms), next_ms)
            told = queue.next_bounce(next_ms), queue.emptied_of(at_ms, next_ms)
            forecasts.append(Forecast(at_ms, next_ms, *told))
            assert len(windows) == ended_windows(next_ms)
    failed = queue.failed_windows(0, ended_windows(plan.until_ms), queue.now_ms).tolist()
    last_ms = -1 if queue.last_failure_ms is None else queue.last_failure_ms
    attempts = {identity: fate[2] for identity, fate in fates.items()}
    live = queue.live()
    attempts |= dict(zip(live.id.tolist(), live.attempts.tolist(), strict=True))
    return Seen(fates, on_retry, failed, last_ms, forecasts), attempts


def agree(plan: Plan) -> Seen:
    """Both answers, compared to the millisecond; returns the oracle's."""
    (expected, tried), (found, attempts) = plainest(plan), engine(plan)
    assert found.fates == {one: fate for one, fate in expected.fates.items() if fate[0] != "queued"}
    arrived = {n for n, at_ms in enumerate(plan.arrivals_ms) if at_ms < plan.until_ms}
    assert attempts == {one: tried[one] for one in arrived}
    assert found.on_retry == expected.on_retry
    assert found.failed_windows == expected.failed_windows
    assert found.attempts == expected.attempts, "the last failure"
    for forecast in found.forecasts:
        came_true(forecast, expected.fates, dict(enumerate(plan.arrivals_ms)))
    return expected


CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["up", "up", "refused", "defer", "timeout", "reject"]),
    st.sampled_from([1000, 1000, 1000, 300, 600, 950, 0]),
    st.sampled_from(["attempts", "recipients"]),
)


@st.composite
def plans(draw: st.DrawFn, table: Table, horizon_ms: int, longest_service_ms: int) -> Plan:
    """Worlds whose changes fall on, just before and just after the moments that matter to a message."""
    seed, count = draw(st.integers(0, 99)), draw(st.integers(1, 60))
    spread_ms = draw(st.sampled_from([20 * SECOND_MS, 10 * MINUTE_MS, HOUR_MS, horizon_ms // 2]))
    numbers: I64 = np.arange(count, dtype=np.int64)
    arrivals_ms: list[int] = np.sort(within(mix(seed, "arrival of the test", numbers), spread_ms)).tolist()
    per_message_ms = draw(st.integers(1, longest_service_ms))
    connect_ms = draw(st.sampled_from([500, 21 * SECOND_MS, MINUTE_MS, 200 * SECOND_MS]))
    offsets = [x for x in table.offsets(horizon_ms) if x < horizon_ms]
    after = [*offsets, table.limit_ms, per_message_ms, connect_ms, 3000, 63_000]
    marks = st.builds(
        lambda n, after_ms, off_ms: min(
            max(([*arrivals_ms, 0])[n % (len(arrivals_ms) + 1)] + after_ms + off_ms, 0), horizon_ms - 1
        ),
        st.integers(0, 10_000),
        st.sampled_from(after),
        st.sampled_from([-1, 0, 0, 0, 1, per_message_ms, connect_ms]),
    )
    anywhere = st.one_of(marks, marks, st.integers(0, horizon_ms - 1))
    changes: list[Change] = []
    paused, dead, limit_ms = False, False, table.limit_ms
    for at_ms in sorted(draw(st.lists(anywhere, min_size=1, max_size=9))):
        possible = ["meet"] * 5 + ["resume" if paused else "pause", "extend", "pace", "bounced", "rejected"]
        possible += ["start"] * 3 if dead else ["stop"]
        word = draw(st.sampled_from(possible if paused else [*possible, "retry", "retry", "retry"]))
        paused = {"pause": True, "resume": False}.get(word, paused)
        dead = {"stop": True, "start": False}.get(word, dead)
        change = Change(at_ms, word)
        if word == "extend":
            limit_ms += draw(st.sampled_from([1, MINUTE_MS, table.limit_ms]))
            change = replace(change, numbers=(limit_ms, 0))
        elif word == "meet":
            change = replace(change, condition=draw(CONDITIONS))
        elif word == "pace":
            change = replace(
                change, numbers=(draw(st.integers(1, 4)), draw(st.integers(1, longest_service_ms)))
            )
        elif word in ("retry", "bounced", "rejected") and draw(st.booleans()):
            change = replace(change, identity=draw(st.integers(0, 60)))
        changes.append(change)
    return Plan(
        seed,
        tuple(arrivals_ms),
        table,
        draw(st.booleans()),
        draw(st.sampled_from([None, None, 1, 2, 4, 9])),
        connect_ms,
        Receiver(draw(st.integers(1, 4)), per_message_ms),
        changes,
        draw(st.lists(anywhere, max_size=6)),
        draw(st.lists(anywhere, max_size=12)),
        horizon_ms,
        draw(st.sampled_from([(True, True), (True, True), (False, True), (True, False), (False, False)])),
        draw(st.booleans()),
    )


@examples(150)
@given(plans(HASTY, 4 * HOUR_MS, 3 * MINUTE_MS))
def test_a_hasty_gateway_under_any_condition(plan: Plan) -> None:
    agree(plan)


@examples(100)
@given(plans(EVEN, 4 * HOUR_MS, 20 * SECOND_MS))
def test_a_gateway_whose_limit_is_an_attempt(plan: Plan) -> None:
    agree(plan)


@examples(40)
@given(plans(MIMECAST, 110 * HOUR_MS, 30 * SECOND_MS))
def test_mimecast_under_any_condition(plan: Plan) -> None:
    agree(plan)
