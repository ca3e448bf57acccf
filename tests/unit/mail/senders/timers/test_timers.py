"""A change costs what happens soon after it, however many messages wait: rows that are followed."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.platforms.platform import load_platform
from sim.mail.senders.hosts.host import Behaviour, ReceivingHost
from sim.mail.senders.timers.attempts import Attempts
from sim.mail.senders.timers.schedule import Schedules, schedule_of
from sim.mail.senders.timers.tiers import moved
from sim.mail.senders.timers.timer_rows import Course
from sim.mail.senders.timers.timers import CHANGES_KEPT, Timers
from tests.shipped import FILES

SEED, MANY = 7, 2_000
NONE: I64 = np.empty(0, dtype=np.int64)
KINDS = ("gmail", "exchange-online", "amazon-ses")
TIERED = "proofpoint-essentials"


class Followed:
    """Counts the rows that are followed from attempt to attempt."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = 0
        follow = Attempts._follow

        def counting(attempts: Attempts, rows: Course, bounds_ms: I64, look_ms: int) -> None:
            self.rows += len(rows)
            follow(attempts, rows, bounds_ms, look_ms)

        monkeypatch.setattr(Attempts, "_follow", counting)

    def since(self) -> int:
        rows, self.rows = self.rows, 0
        return rows


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Followed]:
    return Followed(monkeypatch)


def waiting(answer: str, kinds: Sequence[str] = KINDS) -> tuple[Timers, ReceivingHost]:
    """Mail of ten hours, none of which has got through."""
    platforms = [load_platform(FILES, name) for name in kinds]
    host = ReceivingHost("mx1", SEED, spells=[(0, Behaviour(answer))])
    timers = Timers(platforms, {"mx1": host}, ("mx1",))
    arrival_ms = np.linspace(0, 10 * HOUR_MS - 1, MANY).astype(np.int64)
    ids = np.arange(MANY, dtype=np.int64)
    timers.run(10 * HOUR_MS, ids, arrival_ms, ids % len(kinds))
    timers.advance(10 * HOUR_MS)
    return timers, host


@pytest.mark.parametrize("answer", ["refused", "timeout", "silent"])
def test_a_change_follows_only_messages_with_an_attempt_soon(followed: Followed, answer: str) -> None:
    """At 10,000 users all 130,000 were followed at once at the end of a fault, which took 0.1 s."""
    timers, host = waiting(answer)
    at_ms, left = timers.now_ms, timers.waiting()
    assert left > 0.9 * MANY
    followed.since()
    host.becomes(at_ms, Behaviour())
    timers.changed(at_ms)
    assert followed.since() == 0
    timers.run(at_ms + 1, NONE, NONE, NONE)
    assert followed.since() < (0.01 if answer == "refused" else 0.2) * left, "attempts in progress"
    timers.run(at_ms + MINUTE_MS, NONE, NONE, NONE)
    assert followed.since() < 0.2 * left
    timers.run(at_ms + 24 * HOUR_MS, NONE, NONE, NONE)
    timers.advance(at_ms + 24 * HOUR_MS)
    assert timers.waiting() == 0


def test_a_message_is_never_left_asleep_beyond_its_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the time until which nothing happens is too late by an hour, ends before now would be lost."""
    acts_ms = Attempts.acts_ms
    monkeypatch.setattr(Attempts, "acts_ms", lambda *given: acts_ms(*given) + HOUR_MS)
    timers, host = waiting("refused", ("gmail",))
    at_ms = timers.now_ms
    host.becomes(at_ms, Behaviour())
    timers.changed(at_ms)
    timers.run(at_ms + HOUR_MS, NONE, NONE, NONE)
    timers.advance(at_ms + HOUR_MS)
    with pytest.raises(ValueError, match="changes what happened before"):
        timers.live()
    with pytest.raises(ValueError, match="changes what happened before"):
        timers.run(at_ms + 2 * HOUR_MS, NONE, NONE, NONE)


def test_after_any_number_of_changes_messages_are_where_a_replay_from_their_arrival_finds_them() -> None:
    timers, host = waiting("refused", (*KINDS, TIERED))
    for number in range(4 * CHANGES_KEPT):
        at_ms = timers.now_ms + 7 * MINUTE_MS
        timers.run(at_ms, NONE, NONE, NONE)
        timers.advance(at_ms)
        host.becomes(at_ms, Behaviour(("defer", "timeout", "silent", "refused")[number % 4]))
        timers.changed(at_ms)
        answers = timers._attempts.answers
        assert len(answers._from_ms) <= CHANGES_KEPT + 1, (
            "each change lists the answers since the oldest state"
        )
        if number % 15 == 0:
            live, whole = timers.live(), timers.attempts_since(0)
            rows = whole.fresh(live.id, live.arrival_ms, live.organisation)
            whole.follow(rows, at_ms)
            tries = rows.tries + whole.tried_in_hand(rows, at_ms)
            assert live.tries.tolist() == tries.tolist()
            assert (rows.end_ms > at_ms).all()
    assert timers.waiting() > 0.5 * MANY


def test_messages_that_are_moved_together_cost_a_step_for_each_schedule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At 10,000 users 17,000 were moved one by one in the first seconds after a fault."""
    by, asked, own = Schedules([schedule_of(load_platform(FILES, TIERED))]), list[int](), Schedules.moved

    def counting(schedules: Schedules, timer: int, until: int) -> int:
        asked.append(until)
        return own(schedules, timer, until)

    monkeypatch.setattr(Schedules, "moved", counting)
    tier = by.all[0].last_tier
    assert tier is not None
    at_ms = 2 * tier.from_ms
    arrival_ms = np.arange(MANY, dtype=np.int64) * tier.gap_ms // MANY
    gaps = (at_ms - arrival_ms - tier.from_ms) // tier.gap_ms + 1
    due_ms = arrival_ms + tier.from_ms + gaps * tier.gap_ms
    due_ms, timer = moved(by, arrival_ms, due_ms, np.zeros(MANY, dtype=np.int64), at_ms)
    steps = {tier.first_steps(np.array([at_ms - arrival]))[0] for arrival in arrival_ms.tolist()}
    assert len(asked) == len(steps) < MANY // 50
    for n in range(0, MANY, 97):
        ages_ms = by.timers[timer[n]].ages_ms
        assert due_ms[n] >= at_ms
        assert due_ms[n] - arrival_ms[n] in ages_ms
