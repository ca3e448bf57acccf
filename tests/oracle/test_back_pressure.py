"""A server under back pressure against a plain loop of polls: same fate, same millisecond, same attempts."""

import heapq
from dataclasses import dataclass, field

import numpy as np
import simpy
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.draws import I64, mix, within
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS, SECOND_MS
from sim.mail.message.rows import Gone, Rows, fresh_rows
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, Condition, ReceiverDraws
from sim.mail.server.back_pressure import BackPressure
from sim.mail.server.disk import DiskRules
from sim.mail.server.pressure_gauge import PressureEffect, PressureRules
from sim.mail.server.server_file import read_server
from tests.examples import examples
from tests.oracle.gateway import LOOKS, Gateway, Message, Moment
from tests.oracle.test_conditions import KINDS
from tests.oracle.test_gateway import HASTY
from tests.shipped import FILES

UNTIL_MS = 2 * HOUR_MS
REFUSES = Condition("defer", reply="452 4.3.1 Insufficient system resources")


@dataclass(frozen=True)
class Plan:
    """Mail for a small server, and where time is cut."""

    seed: int
    count: int
    spread_ms: int
    rules: PressureRules
    receiver: Receiver
    works: Receiver
    disk: DiskRules | None
    backups_ms: list[int]
    """When a backup lets go of the logs."""
    cuts_ms: list[int]

    @property
    def arrivals_ms(self) -> list[int]:
        numbers: I64 = np.arange(self.count, dtype=np.int64)
        moments: list[int] = np.sort(
            within(mix(self.seed, "arrival of the test", numbers), self.spread_ms)
        ).tolist()
        return moments


@dataclass
class Seen:
    """What there is to compare."""

    fates: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    effects: list[tuple[int, PressureEffect]] = field(default_factory=list)
    waiting: int = 0


@dataclass
class PlainServer:
    """Polls, written down as the vendor describes them."""

    env: simpy.Environment
    gateway: Gateway
    plan: Plan
    seen: Seen
    level: str = "low"
    polls: int = 0
    effect: PressureEffect = PressureEffect()
    full: bool = False

    def fullness(self) -> bool:
        """Whether the disk is full: queue, logs since the last backup, and what lay there before."""
        disk, now_ms = self.plan.disk, int(self.env.now)
        if disk is None:
            return False
        taken = [m.left_ms for m in self.gateway.messages if m.place == "delivered" and m.left_ms is not None]
        backups_ms = [*self.plan.backups_ms, *disk.nights_ms]
        backed_up_ms = max((at_ms for at_ms in backups_ms if at_ms <= now_ms), default=None)
        logs = sum(at_ms < now_ms and at_ms >= (backed_up_ms or 0) for at_ms in taken) * disk.logs_percent
        used = disk.used_bytes - (disk.old_logs_bytes if backed_up_ms is not None else 0)
        used += disk.message_bytes * (logs + 100 * self.length()) // 100
        limit = disk.frees_percent if self.full else disk.fills_percent
        return 100 * used >= limit * disk.size_bytes

    def length(self) -> int:
        """Messages accepted before now and not worked off before now."""
        now_ms, works = int(self.env.now), self.plan.works
        accepted = sorted(
            message.left_ms
            for message in self.gateway.messages
            if message.place == "delivered" and message.left_ms is not None and message.left_ms < now_ms
        )
        free, left = [-(10**9)] * works.connections, 0
        for moment_ms in accepted:
            end_ms = max(moment_ms, heapq.heappop(free)) + works.per_message_ms
            heapq.heappush(free, end_ms)
            left += end_ms >= now_ms
        return left

    def poll(self, _event: simpy.Event) -> None:
        rules, length, before = self.plan.rules, self.length(), self.level
        if before == "low" and length > rules.low_to_medium:
            self.level = "medium"
        if before in ("low", "medium") and length > rules.medium_to_high:
            self.level = "high"
        if before == "medium" and length < rules.medium_to_low:
            self.level = "low"
        if before == "high" and length < rules.high_to_medium:
            self.level = "medium" if length >= rules.medium_to_low else "low"
        self.polls = 0 if self.level == "low" else self.polls + 1
        self.full = self.fullness()
        effect = PressureEffect(0, self.full, self.full)
        if self.level != "low":
            tarpit_ms = rules.tarpit_first_ms + (self.polls - 1) * rules.tarpit_step_ms
            refuses = self.level == "high" or self.polls > rules.patience_polls
            effect = PressureEffect(min(tarpit_ms, rules.tarpit_most_ms), refuses or self.full, self.full)
        if effect != self.effect:
            self.seen.effects.append((int(self.env.now), effect))
            self.gateway.per_message_ms = self.plan.receiver.per_message_ms + effect.tarpit_ms
            if effect.refuses != self.effect.refuses:
                self.gateway.condition = REFUSES if effect.refuses else UP
                self.gateway.tell("meet")
            self.effect = effect


def plainest(plan: Plan) -> Seen:
    env, seen, table = simpy.Environment(), Seen(), HASTY
    receiver = plan.receiver
    gateway = Gateway(
        env, table.gaps_ms, table.limit_ms, False, receiver.connections, receiver.per_message_ms
    )
    server = PlainServer(env, gateway, plan, seen)
    for poll_ms in range(plan.rules.poll_ms, UNTIL_MS, plan.rules.poll_ms):
        poll = Moment(env, poll_ms, LOOKS)
        assert poll.callbacks is not None
        poll.callbacks.append(server.poll)
    for number, arrival_ms in enumerate(plan.arrivals_ms):
        gateway.accept(Message(number, arrival_ms))
    env.run(until=UNTIL_MS)
    for message in gateway.messages:
        if message.place in KINDS.values() and message.left_ms is not None:
            seen.fates[message.id] = (message.place, message.left_ms, message.attempts)
    seen.waiting = server.length()
    return seen


def engine(plan: Plan) -> Seen:
    seen, arrivals_ms = Seen(), np.array(plan.arrivals_ms, dtype=np.int64)

    def incoming(a_ms: int, b_ms: int) -> Rows:
        a, b = np.searchsorted(arrivals_ms, [a_ms, b_ms])
        ids: I64 = np.arange(a, b, dtype=np.int64)
        never_ms = np.full(b - a, NEVER_MS, dtype=np.int64)
        return fresh_rows(ids, arrivals_ms[a:b].copy(), np.zeros(b - a, dtype=np.int32), never_ms)

    def left(out: Gone) -> None:
        for row in range(len(out)):
            fate = KINDS[int(out.kind[row])], int(out.time_ms[row]), int(out.attempts[row])
            assert seen.fates.setdefault(int(out.id[row]), fate) is fate, "a message leaves once"

    def act(effect: PressureEffect) -> None:
        seen.effects.append((queue.now_ms, effect))
        normal = plan.receiver
        queue.change_pace(Receiver(normal.connections, normal.per_message_ms + effect.tarpit_ms))
        if effect.refuses == queue.answers:
            left(queue.meet(REFUSES if effect.refuses else UP))

    slots, windows = Slots(HASTY.offsets, HASTY.limit_ms, False), FailureWindows(MINUTE_MS, 0)
    queue = DeliveryQueue(slots, plan.receiver, windows, incoming, ReceiverDraws(0, "server"))
    pressure = BackPressure(queue, plan.rules, plan.works, act, plan.disk)
    for bound_ms in sorted({UNTIL_MS, *plan.cuts_ms, *plan.backups_ms}):
        while True:
            crossing_ms = pressure.first_crossing(queue.now_ms, bound_ms)
            stop_ms = bound_ms if crossing_ms is None else crossing_ms
            if stop_ms > queue.now_ms:
                left(queue.advance(stop_ms))
            if crossing_ms is None:
                break
            pressure.cross(crossing_ms)
        disk = pressure.disk(bound_ms) if bound_ms in plan.backups_ms else None
        if disk is not None:
            disk.back_up(queue.delivered.before(np.array([bound_ms])).tolist()[0])
    seen.waiting = pressure.waiting(UNTIL_MS)
    return seen


RULES = st.builds(
    lambda a, b, c, patience: PressureRules(
        2 * SECOND_MS, a + b, a + b + c, max(a, a + b + c // 2), a, 10_000, 5000, 55_000, patience
    ),
    st.integers(1, 8),
    st.integers(0, 8),
    st.integers(0, 10),
    st.sampled_from([2, 10, 300]),
)
DISKS = st.builds(
    lambda used, logs, percent, nights: DiskRules(1000, used, min(logs, used), 10, 89, 80, percent, nights),
    st.integers(600, 950),
    st.sampled_from([0, 40, 300]),
    st.sampled_from([0, 50, 100, 300]),
    st.sampled_from([(), (30 * MINUTE_MS,), (7 * MINUTE_MS + 1, 50 * MINUTE_MS)]),
)
PLANS = st.builds(
    Plan,
    st.integers(0, 99),
    st.integers(0, 70),
    st.sampled_from([MINUTE_MS, 10 * MINUTE_MS]),
    RULES,
    st.builds(Receiver, st.integers(1, 6), st.integers(1, 4000)),
    st.builds(Receiver, st.integers(1, 2), st.sampled_from([500, 4000, 10_000, 40_000, 2_000])),
    st.one_of(st.none(), DISKS),
    st.lists(st.integers(1, UNTIL_MS - 1), max_size=3).map(sorted),
    st.lists(st.integers(0, UNTIL_MS - 1), max_size=5),
)


@examples(60)
@given(PLANS)
def test_polls_slow_down_and_refuse_as_the_plain_loop_does(plan: Plan) -> None:
    expected, found = plainest(plan), engine(plan)
    assert found.effects == expected.effects
    assert found.fates == expected.fates
    assert found.waiting == expected.waiting


def test_a_flood_is_slowed_down_and_then_refused_as_the_file_says() -> None:
    """Reckoned by hand: 100 a second come, 20 are worked off, so medium after 9,999/80 s = 125 s."""
    pressure = read_server(FILES, "exchange-server").back_pressure
    plan = Plan(1, 0, 1, pressure.rules, Receiver(1000, 10), pressure.works, None, [], [])
    arrivals_ms: I64 = np.arange(0, 10 * MINUTE_MS, 10, dtype=np.int64)
    seen = Seen()

    def incoming(a_ms: int, b_ms: int) -> Rows:
        ids = np.flatnonzero((arrivals_ms >= a_ms) & (arrivals_ms < b_ms)).astype(np.int64)
        never_ms = np.full(len(ids), NEVER_MS, dtype=np.int64)
        return fresh_rows(ids, arrivals_ms[ids], np.zeros(len(ids), dtype=np.int32), never_ms)

    slots, windows = Slots(HASTY.offsets, HASTY.limit_ms, False), FailureWindows(MINUTE_MS, 0)
    queue = DeliveryQueue(slots, plan.receiver, windows, incoming)
    watch = BackPressure(
        queue, plan.rules, plan.works, lambda effect: seen.effects.append((queue.now_ms, effect))
    )
    while (crossing_ms := watch.first_crossing(queue.now_ms, 5 * MINUTE_MS)) is not None:
        queue.advance(crossing_ms)
        watch.cross(crossing_ms)
    # Nobody heeds the tarpit here: it grows for nine polls, and high comes at 15,000/80 s = 187.5 s.
    assert seen.effects[0] == (126 * SECOND_MS, PressureEffect(10_000, False))
    assert [effect.tarpit_ms for _at, effect in seen.effects[:10]] == [*range(10_000, 60_000, 5000)]
    assert seen.effects[-1] == (188 * SECOND_MS, PressureEffect(55_000, True))


def test_a_disk_that_logs_fill_refuses_at_once_until_a_backup_lets_go_of_them() -> None:
    """By hand: 850 of 1,000 in use, ten a message, so that the fourth makes 890; a backup leaves 750, and
    fourteen more messages fill it again.
    """
    pressure = read_server(FILES, "exchange-server").back_pressure
    disk = DiskRules(1000, 850, 100, 10, 89, 80, 100)
    quick = Receiver(1, 1)
    plan = Plan(3, 60, 10 * MINUTE_MS, pressure.rules, quick, quick, disk, [5 * MINUTE_MS], [])
    found, expected = engine(plan), plainest(plan)
    assert found == expected
    arrivals_ms = plan.arrivals_ms
    poll_ms = pressure.rules.poll_ms
    assert found.effects[0] == ((arrivals_ms[3] // poll_ms + 1) * poll_ms, PressureEffect(0, True, True))
    assert found.effects[1] == (5 * MINUTE_MS, PressureEffect())
    assert found.effects[2][1] == PressureEffect(0, True, True)
    taken = sum(fate == "delivered" for fate, _at_ms, _attempts in found.fates.values())
    assert 18 <= taken < 30, "what came between a poll and the next is taken too"
