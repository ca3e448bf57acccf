"""Every message of the world against the plainest model: same fate, same millisecond, same attempts."""

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.message.rows import BOUNCED, Gone
from sim.mail.message.traffic import INBOUND, REAL_MAIL, Stream
from sim.mail.message.weekly_curve import Volume, Week
from sim.mail.platforms.platform import load_platform
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.users.continuity_access import AppShare
from sim.mail.users.users import Users
from sim.mail.world import World
from sim.mail.world_spec import WorldSpec
from tests.examples import examples
from tests.oracle.gateway import LOOKS, Gateway, Message, Moment
from tests.outage import server_starts, server_stops
from tests.shipped import FILES

MONDAY_UTC_MS = 1_772_409_600_000  # 2026-03-02 00:00
NIGHT_OF_MONDAY = Week("UTC", (1000, *(0,) * 23), (100, 0, 0, 0, 0, 0, 0))
WINDOW_MS, WINDOW_PHASE_MS = 5 * MINUTE_MS, -77_777

Fate = tuple[str, int | None, int]
"""`delivered`, `bounced` or `queued`, when, and after how many attempts."""


@dataclass(frozen=True)
class Table:
    """A retry table as gaps, and the limit that goes with it."""

    gaps_ms: tuple[int, ...]
    limit_ms: int

    def offsets(self, up_to_ms: int) -> tuple[int, ...]:
        """Attempt times after arrival, the last gap repeated."""
        found, step = [0], 0
        while found[-1] <= up_to_ms:
            found.append(found[-1] + self.gaps_ms[min(step, len(self.gaps_ms) - 1)])
            step += 1
        return tuple(found)


MIMECAST = Table(
    tuple(n * MINUTE_MS for n in (1, 5, 9, 15, 30)) + (HOUR_MS,) * 9 + (4 * HOUR_MS,) * 6 + (8 * HOUR_MS,),
    96 * HOUR_MS,
)
HASTY = Table((30 * SECOND_MS, 90 * SECOND_MS, 4 * MINUTE_MS), 25 * MINUTE_MS)
EVEN = Table((2 * MINUTE_MS,), 20 * MINUTE_MS)  # the limit is a slot


def test_the_published_table_is_the_one_of_the_platform_file() -> None:
    """Gaps as printed by the vendor, typed in here by hand."""
    platform = load_platform(FILES, "mimecast")
    until = getattr(platform.rule, "until")  # noqa: B009 - only some kinds of rule have it
    assert until(96 * HOUR_MS) == tuple(x for x in MIMECAST.offsets(96 * HOUR_MS) if x <= 96 * HOUR_MS)
    assert platform.expires_ms == MIMECAST.limit_ms


@dataclass
class Plan:
    """A small world, what happens to it, and where time is cut."""

    seed: int
    volume: int
    table: Table
    last_try: bool
    connections: int
    per_message_ms: int
    letters_ms: list[int] = field(default_factory=list)
    changes: list[tuple[int, str, int]] = field(default_factory=list)
    """When, what, and for `extend` the new limit; in the order in which they happen."""
    cuts_ms: list[int] = field(default_factory=list)
    looks_ms: list[int] = field(default_factory=list)
    until_ms: int = 0


@cache
def simulated_mail(seed: int, volume: int, until_ms: int) -> list[tuple[int, int]]:
    """(id, arrival) of the inbound messages, as the world makes them."""
    mail = Stream(seed, INBOUND, Volume(NIGHT_OF_MONDAY, volume), MONDAY_UTC_MS).between(0, until_ms)
    return list(zip(mail.id.tolist(), mail.arrival_ms.tolist(), strict=True))


@dataclass
class Seen:
    """What there is to compare."""

    fates: dict[int, Fate]
    on_retry: dict[int, int]
    failed_windows: list[bool]
    attempts: int
    forecasts: list["Forecast"] = field(default_factory=list)
    """What the world foretold for each quiet stretch; the oracle foretells nothing."""


@dataclass
class Forecast:
    """What the queue says at `at_ms` about [at_ms, until_ms), in which nothing changes."""

    at_ms: int
    until_ms: int
    bounce_ms: int | None
    """The first moment at which a message is given up."""
    emptied_ms: int | None
    """The first moment at which nothing that is here now is left."""


def ended_windows(until_ms: int) -> int:
    """How many of the monitor's windows lie before `until_ms`."""
    return (until_ms - WINDOW_PHASE_MS) // WINDOW_MS


def entered(plan: Plan) -> list[tuple[int, int]]:
    """(id, time) of all mail that gets into the delivery queue, in its order.

    Mail that arrives while the gateway is dead waits for its filter, and enters when the gateway is back; a
    gateway that starts and stops in the same millisecond filters nothing.
    """
    letters = [(REAL_MAIL + n, at_ms) for n, at_ms in enumerate(plan.letters_ms)]
    words = {at_ms: word for at_ms, word, _limit_ms in plan.changes if word in ("stop", "start")}
    turns = [(at_ms, word) for at_ms, word in words.items()]
    found = []
    for identity, came_ms in simulated_mail(plan.seed, plan.volume, plan.until_ms) + letters:
        last = max((n for n, (at_ms, _word) in enumerate(turns) if at_ms <= came_ms), default=None)
        if last is None or turns[last][1] == "start":
            found.append((identity, came_ms))
        else:
            back_ms = next((at_ms for at_ms, word in turns[last + 1 :] if word == "start"), None)
            found += [] if back_ms is None else [(identity, back_ms)]
    return sorted(found, key=lambda one: (one[1], one[0]))


def plainest(plan: Plan) -> Seen:
    """The oracle's answer."""
    env = simpy.Environment()
    gateway = Gateway(
        env, plan.table.gaps_ms, plan.table.limit_ms, plan.last_try, plan.connections, plan.per_message_ms
    )
    for at_ms, word, limit_ms in plan.changes:
        gateway.change(at_ms, word, limit_ms)
    for identity, entered_ms in entered(plan):
        gateway.accept(Message(identity, entered_ms))
    on_retry: dict[int, int] = {}
    for at_ms in plan.looks_ms:
        look = Moment(env, at_ms, LOOKS)
        assert look.callbacks is not None
        look.callbacks.append(lambda _event: on_retry.update({int(env.now): gateway.on_retry()}))
    env.run(until=plan.until_ms)
    fates = {}
    for message in gateway.messages:
        gone = message.place in ("delivered", "bounced")
        fates[message.id] = (message.place if gone else "queued", message.left_ms, message.attempts)
    windows = {(at_ms - WINDOW_PHASE_MS) // WINDOW_MS for at_ms in gateway.failed_ms}
    return Seen(
        fates,
        on_retry,
        [n in windows for n in range(ended_windows(plan.until_ms))],
        sum(message.attempts for message in gateway.messages),
    )


def engine(plan: Plan) -> Seen:
    """The world's answer, cut where the plan says so and at every change and letter."""
    fates: dict[int, Fate] = {}

    def left(out: Gone) -> None:
        for time_ms, kind, identity, attempts in zip(
            out.time_ms.tolist(), out.kind.tolist(), out.id.tolist(), out.attempts.tolist(), strict=True
        ):
            assert identity not in fates, "a message leaves once"
            fates[identity] = ("bounced" if kind == BOUNCED else "delivered", time_ms, attempts)

    offsets = plan.table.offsets
    spec = WorldSpec(
        FILES,
        plan.seed,
        MONDAY_UTC_MS,
        NIGHT_OF_MONDAY,
        (plan.volume, 0, 0),
        offsets,
        plan.table.limit_ms,
        plan.last_try,
        Receiver(plan.connections, plan.per_message_ms),
        (1000,),
        (HOUR_MS,),
        5 * MINUTE_MS,
    )
    users = Users(plan.seed, 5, [AppShare(100, None, False)], 0, (0, 0))
    world = World(spec, users, FailureWindows(WINDOW_MS, WINDOW_PHASE_MS), left)
    changes = {
        "down": lambda _limit: server_stops(world),
        "up": lambda _limit: server_starts(world),
        "pause": lambda _limit: world.cloud.pause(),
        "resume": lambda _limit: world.cloud.resume(),
        "stop": lambda _limit: world.gateway_door.dies(),
        "start": lambda _limit: world.gateway_door.revives(),
        "retry": lambda _limit: world.cloud.retry(),
        "extend": world.cloud.extend,
    }
    stops = sorted(
        {0, plan.until_ms, *plan.cuts_ms, *plan.letters_ms, *(change[0] for change in plan.changes)}
    )
    on_retry: dict[int, int] = {}
    forecasts: list[Forecast] = []
    for at_ms, next_ms in zip(stops, [*stops[1:], plan.until_ms], strict=True):
        if at_ms > world.now_ms:
            world.advance(at_ms)
        for when_ms, word, limit_ms in plan.changes:
            if when_ms == at_ms:
                changes[word](limit_ms)
                assert sum(world.custody()["inbound"].values()) == world.generated()[INBOUND]
                assert world.queue.depth() == world.custody()["inbound"].get("gateway_queue", 0)
        for number, arrival_ms in enumerate(plan.letters_ms):
            if arrival_ms == at_ms:
                assert world.receive(number) == REAL_MAIL + number
        looks = sorted({look for look in plan.looks_ms if at_ms <= look < next_ms})
        if looks:
            counts = world.queue.on_retry(np.array(looks, dtype=np.int64), next_ms)
            on_retry.update(zip(looks, counts.tolist(), strict=True))
        if next_ms > at_ms:
            queue = world.queue
            told = queue.next_bounce(next_ms), queue.emptied_of(at_ms, next_ms)
            forecasts.append(Forecast(at_ms, next_ms, *told))
    assert sum(sum(book.values()) for book in world.custody().values()) == sum(world.generated())
    book = world.custody()["inbound"]
    assert book.get("gateway_queue", 0) + book.get("held", 0) == world.generated()[INBOUND] - len(fates)
    windows = world.queue.failed_windows(0, ended_windows(plan.until_ms), world.now_ms).tolist()
    return Seen(fates, on_retry, windows, world.attempts()["inbound"], forecasts)


def agree(plan: Plan) -> Seen:
    """Both answers, compared to the millisecond; returns the oracle's."""
    expected, found = plainest(plan), engine(plan)
    left = {identity: fate for identity, fate in expected.fates.items() if fate[0] != "queued"}
    assert found.fates == left
    assert found.attempts == expected.attempts
    assert found.on_retry == expected.on_retry
    assert found.failed_windows == expected.failed_windows
    for forecast in found.forecasts:
        came_true(forecast, expected.fates, dict(entered(plan)))
    return expected


def came_true(forecast: Forecast, fates: dict[int, Fate], arrivals_ms: dict[int, int]) -> None:
    """Whether what was foretold for a quiet stretch is what the oracle's messages did in it."""
    a_ms, b_ms, bounce_ms = forecast.at_ms, forecast.until_ms, forecast.bounce_ms
    given_up = [
        left
        for what, left, _n in fates.values()
        if what in ("bounced", "rejected") and left is not None and a_ms <= left < b_ms
    ]
    if bounce_ms is None:
        assert set(given_up) <= {a_ms}, "only a change at the very beginning may have bounced mail"
    else:
        assert bounce_ms in given_up
        assert min([left for left in given_up if left > a_ms], default=bounce_ms) >= bounce_ms
    last_ms = [fates[one][1] for one, came_ms in arrivals_ms.items() if came_ms < a_ms]
    gone_ms = [b_ms if left is None else left + 1 for left in last_ms if left is None or left >= a_ms]
    changed = [what for what, left, _n in fates.values() if left == a_ms and what != "delivered"]
    empty_ms = max(gone_ms, default=a_ms)
    if not changed:
        assert forecast.emptied_ms == (empty_ms if empty_ms < b_ms else None)


WORDS = ("down", "up", "pause", "resume", "stop", "start", "retry", "extend")


@st.composite
def plans(draw: st.DrawFn, table: Table, horizon_ms: int, longest_service_ms: int) -> Plan:
    """Worlds whose changes fall on, just before and just after the moments that matter to a message."""
    seed, volume = draw(st.integers(0, 9)), draw(st.integers(0, 180))
    per_message_ms = draw(st.integers(1, longest_service_ms))
    letters_ms = sorted(draw(st.lists(st.integers(0, 2 * HOUR_MS), max_size=6)))
    arrivals_ms = [arrival for _id, arrival in simulated_mail(seed, volume, horizon_ms)] + letters_ms + [0]
    offsets = [x for x in table.offsets(horizon_ms) if x < horizon_ms]
    marks = st.builds(
        lambda n, after_ms, off_ms: min(
            max(arrivals_ms[n % len(arrivals_ms)] + after_ms + off_ms, 0), horizon_ms - 1
        ),
        st.integers(0, 10_000),
        st.sampled_from([*offsets, table.limit_ms, per_message_ms, 2 * per_message_ms]),
        st.sampled_from([-1, 0, 0, 0, 1, per_message_ms, -per_message_ms]),
    )
    anywhere = st.one_of(marks, marks, st.integers(0, horizon_ms - 1))
    moments_ms = sorted(draw(st.lists(anywhere, min_size=1, max_size=9)))
    changes: list[tuple[int, str, int]] = []
    answers, paused, dead, limit_ms = True, False, False, table.limit_ms
    for moment_ms in moments_ms:
        possible = [
            "up" if not answers else "down",
            "resume" if paused else "pause",
            "extend",
            "start" if dead else "stop",
        ]
        word = draw(st.sampled_from([*possible[:1], *possible, "retry"] if not paused else possible))
        if word == "extend":
            limit_ms += draw(st.sampled_from([1, MINUTE_MS, table.limit_ms]))
        answers = {"up": True, "down": False}.get(word, answers)
        paused = {"pause": True, "resume": False}.get(word, paused)
        dead = {"stop": True, "start": False}.get(word, dead)
        changes.append((moment_ms, word, limit_ms))
    return Plan(
        seed,
        volume,
        table,
        draw(st.booleans()),
        draw(st.integers(1, 4)),
        per_message_ms,
        letters_ms,
        changes,
        draw(st.lists(anywhere, max_size=6)),
        draw(st.lists(anywhere, max_size=12)),
        horizon_ms,
    )


@examples(60)
@given(plans(HASTY, 4 * HOUR_MS, 3 * MINUTE_MS))
def test_a_hasty_gateway_in_any_outage(plan: Plan) -> None:
    agree(plan)


def test_a_gateway_that_is_back_for_no_time_filters_nothing() -> None:
    came_ms = simulated_mail(0, 1, 4 * HOUR_MS)[0][1]
    limit_ms = HASTY.limit_ms
    dead = [(0, "down", limit_ms), (0, "stop", limit_ms)]
    twice = [(came_ms + 30_000, "start", limit_ms), (came_ms + 30_000, "stop", limit_ms)]
    for changes, place in [
        (dead + twice, set()),
        ([*dead, *twice, (came_ms + HOUR_MS, "start", limit_ms)], {came_ms + HOUR_MS}),
    ]:
        plan = Plan(0, 1, HASTY, False, 1, 1, changes=changes, until_ms=4 * HOUR_MS)
        agree(plan)
        assert {at_ms for _id, at_ms in entered(plan)} == place


@examples(60)
@given(plans(EVEN, 4 * HOUR_MS, 20 * SECOND_MS))
def test_a_gateway_whose_limit_is_an_attempt(plan: Plan) -> None:
    agree(plan)


@examples(25)
@given(plans(MIMECAST, 110 * HOUR_MS, 30 * SECOND_MS))
def test_mimecast_in_any_outage(plan: Plan) -> None:
    agree(plan)


def test_an_outage_longer_than_the_limit_bounces_each_message_96_h_after_its_own_arrival() -> None:
    """Both sides give the published answer, so that they cannot agree on a wrong one."""
    plan = Plan(7, 120, MIMECAST, False, 2, 1000, [], [(30 * MINUTE_MS, "down", 0)], [], [], 122 * HOUR_MS)
    fates = agree(plan).fates
    arrivals = dict(simulated_mail(7, 120, 122 * HOUR_MS))
    late = {identity: fate for identity, fate in fates.items() if arrivals[identity] >= 30 * MINUTE_MS}
    assert len(late) > 20
    for identity, (what, left_ms, attempts) in late.items():
        assert (what, left_ms) == ("bounced", arrivals[identity] + 96 * HOUR_MS)
        assert attempts == 28  # slots of the table below 96 h: 0 … 90 h
    for identity in fates.keys() - late.keys():
        assert fates[identity][0] == "delivered" or fates[identity][1] == arrivals[identity] + 96 * HOUR_MS


def test_what_is_past_its_limit_when_resumed_bounces_only_if_it_fails() -> None:
    down, pause = (HOUR_MS // 2, "down", 0), (40 * HOUR_MS, "pause", 0)
    for answers, fate in ((False, "bounced"), (True, "delivered")):
        up = [(99 * HOUR_MS, "up", 0)] if answers else []
        changes = [down, pause, *up, (100 * HOUR_MS, "resume", 0)]
        fates = agree(Plan(3, 90, MIMECAST, False, 2, 1000, [HOUR_MS], changes, [], [], 101 * HOUR_MS)).fates
        what, left_ms, _attempts = fates[REAL_MAIL]
        assert what == fate
        assert left_ms is not None
        assert 100 * HOUR_MS <= left_ms < 101 * HOUR_MS


def test_changes_in_the_millisecond_of_a_resume_or_a_retry_lose_nothing() -> None:
    """Forgetting what was foreseen must not forget what has just been offered."""
    for word in ("resume", "retry"):
        before = [(HOUR_MS // 2, "down", 0), (2 * HOUR_MS, "up", 0)]
        before += [(2 * HOUR_MS, "pause", 0)] if word == "resume" else []
        for then in ("down", "pause", "extend"):
            changes = [*before, (2 * HOUR_MS + 1, word, 0), (2 * HOUR_MS + 1, then, 100 * HOUR_MS)]
            fates = agree(Plan(5, 150, MIMECAST, False, 2, 1000, [], changes, [], [], 3 * HOUR_MS)).fates
            assert sum(fate[0] == "queued" for fate in fates.values()) > 20 or then == "extend"


def test_what_is_being_taken_when_deliveries_are_paused_is_still_on_retry() -> None:
    changes = [(0, "down", 0), (1, "up", 0), (1, "retry", 0), (2, "pause", 0)]
    plan = Plan(0, 1, EVEN, False, 1, 20_000, [0], changes, [], [2, 20_001, 20_002], HOUR_MS)
    assert agree(plan).on_retry == {2: 1, 20_001: 1, 20_002: 0}


@pytest.mark.parametrize("last_try", [False, True])
@pytest.mark.parametrize("word", ["up", "down", "pause", "retry", "extend"])
@pytest.mark.parametrize("dead_ms", [10 * SECOND_MS, 3 * MINUTE_MS, 40 * MINUTE_MS])
def test_while_the_gateway_is_dead_nothing_moves_and_then_what_is_due_is_tried(
    word: str, dead_ms: int, last_try: bool
) -> None:
    stop_ms = HOUR_MS
    back_ms = stop_ms + dead_ms
    changes = [
        (50 * MINUTE_MS, "down", 0), (stop_ms, "stop", 0), (stop_ms + dead_ms // 2, word, 40 * MINUTE_MS),
        (back_ms, "start", 0), (back_ms + MINUTE_MS, "up", 0),
    ]  # fmt: skip
    changes += [(back_ms + 2 * MINUTE_MS, "resume", 0)] if word == "pause" else []
    cuts_ms = [stop_ms + dead_ms // 3, back_ms + 1, back_ms + 30 * SECOND_MS]
    plan = Plan(5, 300, HASTY, last_try, 2, 1000, [], changes, cuts_ms, cuts_ms, 4 * HOUR_MS)
    fates = agree(plan).fates
    left_ms = [at_ms for _what, at_ms, _attempts in fates.values() if at_ms is not None]
    assert not [at_ms for at_ms in left_ms if stop_ms <= at_ms < back_ms]
    after = [at_ms for at_ms in left_ms if at_ms >= back_ms]
    assert len(after) > 30
    if word == "up" and dead_ms < MINUTE_MS:
        assert max(after) > back_ms + MINUTE_MS, "who is not due waits for its own time"
    if word in ("down", "up") and dead_ms > HASTY.limit_ms and not last_try:
        assert ("bounced", back_ms) in {fate[:2] for fate in fates.values()}


def test_what_a_dying_gateway_was_handing_over_has_failed_and_waits_for_its_next_slot() -> None:
    stop_ms, slow_ms = HOUR_MS // 2 + 7, 20 * MINUTE_MS
    changes = [(stop_ms, "stop", 0), (stop_ms + 1, "start", 0)]
    plan = Plan(5, 200, MIMECAST, False, 3, slow_ms, [], changes, [], [], 40 * HOUR_MS)
    undisturbed = agree(replace(plan, changes=[])).fates
    fates = agree(plan).fates
    once_more = [one for one, fate in fates.items() if fate[2] > undisturbed[one][2]]
    assert len(once_more) == 3, "as many as it has connections"
