from collections.abc import Callable

import pytest

from sim.drill.commands.outcome import Accepted
from sim.drill.session.journal import DIGEST_S
from tests.plays import ONSET_MS, play
from tests.tui.conftest import Wall
from tests.tui.fake_session import HOUR, MINUTE, FakeSession
from tui.playing.pacer import BUDGET_S, LEAP_MS, SPEEDS, Pacer


class Heavy(FakeSession):
    """A drill whose advance costs wall time: `cost_s` for each simulated hour."""

    wall: Wall
    cost_s: float

    def advance(self, to_ms: int, stop: object = None) -> None:
        before_ms = self.now_ms
        super().advance(to_ms)
        self.wall.go((self.now_ms - before_ms) / HOUR * self.cost_s)


@pytest.mark.parametrize("speed", SPEEDS)
def test_wall_time_becomes_simulated_time(speed: int, wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, speed)
    for _ in range(100):
        wall.go(0.05)
        pacer.frame()
    assert session.now_ms == pytest.approx(5000 * speed, abs=speed)
    assert not pacer.pace.lags


def test_fractions_of_a_millisecond_are_not_lost(wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, 1)
    for _ in range(1000):
        wall.go(0.0004)
        pacer.frame()
    assert session.now_ms == pytest.approx(400, abs=1)


def test_a_pause_stands_still_and_leaves_no_debt(wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, 60)
    pacer.toggle()
    wall.go(100)
    assert not pacer.frame()
    pacer.toggle()
    wall.go(0.0625)
    pacer.frame()
    assert session.now_ms == 3750


def test_a_suspended_machine_does_not_make_the_drill_jump(wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, 3600)
    wall.go(8 * 3600)
    pacer.frame()
    assert session.now_ms <= 1800 * 1000


def test_a_clock_that_goes_back_is_no_time(wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, 60)
    wall.go(-5)
    assert not pacer.frame()
    assert session.now_ms == 0


def test_a_world_that_is_too_slow_lags_and_says_so(wall: Wall) -> None:
    session = Heavy()
    session.wall, session.cost_s = wall, 2.0
    pacer = Pacer(session, wall, 3600)
    for _ in range(200):
        wall.go(0.02)
        began_s = wall()
        pacer.frame()
        assert wall() - began_s < 3 * BUDGET_S, "one frame stays near its budget"
    assert pacer.pace.lags
    assert 0 < pacer.pace.reached < 3600


class Stepwise(FakeSession):
    """A drill whose advance costs the same wall time whatever its length."""

    wall: Wall
    cost_s: float

    def advance(self, to_ms: int, stop: object = None) -> None:
        super().advance(to_ms)
        self.wall.go(self.cost_s)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6, 0.9])
def test_slices_are_long_if_shorter_ones_cost_no_less(share: float, wall: Wall) -> None:
    session = Stepwise()
    session.wall, session.cost_s = wall, share * BUDGET_S
    pacer = Pacer(session, wall, 3600)
    for _ in range(20 * 60):
        wall.go(0.05 - session.cost_s)
        pacer.frame()
    assert pacer.pace.reached > 0.9 * 3600
    assert len(session.advances) < 2 * 20 * 60


@pytest.mark.parametrize("cost_s", [0.5, 1.0, 2.0, 8.0])
def test_slices_that_cost_by_their_length_stay_within_the_budget(wall: Wall, cost_s: float) -> None:
    session = Heavy()
    session.wall, session.cost_s = wall, cost_s
    pacer = Pacer(session, wall, 3600)
    frames_s = []
    for _ in range(200):
        wall.go(0.05)
        began_s = wall()
        pacer.frame()
        frames_s.append(wall() - began_s)
    assert max(frames_s[20:]) < 1.6 * BUDGET_S


def test_no_slice_is_left_out_when_it_lags(wall: Wall) -> None:
    session = Heavy()
    session.wall, session.cost_s = wall, 2.0
    pacer = Pacer(session, wall, 3600)
    for _ in range(50):
        wall.go(0.05)
        pacer.frame()
    ends = [to for _, to in session.advances]
    assert [start for start, _ in session.advances] == [0, *ends[:-1]]


def test_the_journal_is_marked_every_second_of_wall_time(wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, 60)
    for _ in range(210):
        wall.go(0.05)
        pacer.frame()
    assert session.marks == 10


def test_a_digest_is_taken_once_in_a_pause_and_else_every_ten_minutes(
    wall: Wall, session: FakeSession
) -> None:
    pacer = Pacer(session, wall, 60)
    for _ in range(20 * (DIGEST_S + 30)):
        wall.go(0.05)
        pacer.frame()
    assert session.digests == [pytest.approx(DIGEST_S * 60_000, rel=0.01)], (
        "it freezes the screen for a moment"
    )
    pacer.toggle()
    for _ in range(50):
        wall.go(0.05)
        pacer.frame()
    assert session.digests[1:] == [session.now_ms]


def test_speeds_go_up_and_down_the_list_and_stop_at_its_ends(wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, 60)
    seen = []
    for by in (1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1):
        pacer.change_speed(by)
        seen.append(pacer.speed)
    assert seen == [300, 900, 3600, 3600, 900, 300, 60, 10, 1, 1, 1]


def test_a_speed_between_two_goes_to_its_neighbours(wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, 100)
    pacer.change_speed(1)
    assert pacer.speed == 300


def test_a_step_pauses_and_covers_it_all(wall: Wall, session: FakeSession) -> None:
    pacer = Pacer(session, wall, 60)
    pacer.step(LEAP_MS)
    assert (session.now_ms, pacer.paused, session.marks) == (LEAP_MS + 1, True, 1)
    pacer.step(LEAP_MS)
    assert session.now_ms == 2 * LEAP_MS + 1, "the millisecond is not added again"


def test_after_a_step_what_was_due_by_the_clock_is_done(wall: Wall) -> None:
    """Tasks take whole minutes: a step to 09:20 once showed a task that ends at 09:20 as still to come."""
    session = play("2h", [], ONSET_MS)
    given = session.dispatch("status check server")
    assert isinstance(given, Accepted)
    Pacer(session, wall, 60).step(given.effective_ms - session.now_ms)
    assert any(event.ref == "status check server" and event.kind == "report" for event in session.events())


def test_an_ended_drill_stands_still(wall: Wall) -> None:
    session = FakeSession(ends_ms=1000)
    pacer = Pacer(session, wall, 60)
    wall.go(0.5)
    pacer.frame()
    wall.go(0.5)
    assert not pacer.frame()
    assert session.now_ms == 1000


def test_the_end_of_the_drill_is_on_record_at_once(wall: Wall, session: FakeSession) -> None:
    """A terminal that is closed at the debrief leaves a drill that is over, not one to be resumed."""

    class Ends(FakeSession):
        @property
        def ended(self) -> bool:
            return self.now_ms >= MINUTE

    drill = Ends()
    pacer = Pacer(drill, wall, 3600)
    wall.go(0.05)
    pacer.frame()
    assert drill.ended
    assert pacer.marks == 1, "less than a second after the first frame"
    wall.go(0.05)
    assert not pacer.frame()
    assert pacer.marks == 1


class AtTen:
    """Has a reason from the tenth hour on."""

    def __init__(self, drill: FakeSession) -> None:
        self.drill = drill

    def horizon_ms(self) -> int | None:
        return 10 * HOUR

    def reason(self) -> str:
        return "ten o'clock" if self.drill.now_ms >= 10 * HOUR else ""


def test_a_jump_keeps_within_its_frames_and_stops_at_its_reason(wall: Wall) -> None:
    drill = Slow()
    drill.wall = wall
    pacer = Pacer(drill, wall, 1)
    pacer.jump("next event", AtTen(drill))
    pacer.frame()
    assert 0 < drill.now_ms < 10 * HOUR, "the screen is painted in between"
    assert pacer.pace.jumps == "next event"
    while pacer.jumps:
        pacer.frame()
    assert (drill.now_ms, pacer.paused, pacer.stopped) == (10 * HOUR, True, "ten o'clock")


DEAR_MS = HOUR // 2 + 26_000
"""In the middle of a slice, and not when the speed is measured."""


class Changing(FakeSession):
    """A drill with a change each second, which costs 1 ms of wall time; the one at `DEAR_MS` costs 200 ms."""

    wall: Wall

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        from_ms = self.now_ms
        while self.now_ms < to_ms and not stop():
            self.wall.go(0.2 if self.now_ms < DEAR_MS <= self.now_ms + 1000 else 0.001)
            self.now_ms = min(self.now_ms + 1000, to_ms)
        self.advances.append((from_ms, self.now_ms))


def test_a_slice_ends_at_the_change_that_uses_up_the_budget_and_the_next_is_short(wall: Wall) -> None:
    drill = Changing()
    drill.wall = wall
    pacer = Pacer(drill, wall, 3600)
    dear = []
    while drill.now_ms < HOUR:
        wall.go(0.05)
        began_s = wall()
        pacer.frame()
        if wall() - began_s > BUDGET_S + 0.002:
            dear.append((drill.now_ms, drill.advances[-1], wall() - began_s))
            wall.go(0.05)
            known = len(drill.advances)
            pacer.frame()
            first = drill.advances[known]
            assert first[1] - first[0] <= 5_000, "what comes after a change is tried in small parts"
    assert len(dear) == 1
    assert DEAR_MS <= dear[0][0] <= DEAR_MS + 1000, "nothing after the change in the same frame"


class Eventful(FakeSession):
    """A drill with a change every second, which costs nothing; a slice costs a third of the budget."""

    wall: Wall

    def advance(self, to_ms: int, until: Callable[[], bool] = lambda: False) -> None:
        self.wall.go(BUDGET_S / 3)
        changes_ms = range(self.now_ms // 1000 * 1000 + 1000, to_ms, 1000)
        super().advance(next((at_ms for at_ms in changes_ms if until()), to_ms))


def test_cheap_changes_do_not_make_slices_short(wall: Wall) -> None:
    drill = Eventful()
    drill.wall = wall
    pacer = Pacer(drill, wall, 3600)
    for _ in range(20 * 30):
        began_s = wall()
        pacer.frame()
        wall.go(max(0.0, 0.05 - (wall() - began_s)))
    assert pacer.pace.reached > 0.9 * 3600


class Lagging(FakeSession):
    """A drill whose mail lags until it is read: a simulated hour of it costs 2 s of wall time."""

    wall: Wall
    read_ms = 0

    def catch_up(self) -> None:
        self.wall.go((self.now_ms - self.read_ms) / HOUR * 2)
        self.read_ms = self.now_ms


def test_bringing_mail_up_to_date_is_part_of_each_slice(wall: Wall) -> None:
    """At 10,000 users the paint after a frame took 0.4 s: three minutes of attempts that no slice counted."""
    drill = Lagging()
    drill.wall = wall
    pacer = Pacer(drill, wall, 3600)
    frames_s = []
    for _ in range(100):
        wall.go(0.05)
        began_s = wall()
        pacer.frame()
        drill.catch_up()  # by painting
        frames_s.append(wall() - began_s)
    assert max(frames_s[20:]) < 1.6 * BUDGET_S


class Ordered(FakeSession):
    """A drill that keeps the order of calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def advance(self, to_ms: int, stop: object = None) -> None:
        self.calls.append("advance")
        super().advance(to_ms)

    def catch_up(self) -> None:
        self.calls.append("catch up")


def test_a_resumed_drill_is_brought_up_to_date_before_its_first_slice(wall: Wall) -> None:
    """Only then does it look ahead in slices."""
    drill = Ordered()
    pacer = Pacer(drill, wall, 3600)
    wall.go(0.05)
    pacer.frame()
    assert drill.calls[:2] == ["catch up", "advance"]


def test_a_pause_ends_a_jump(wall: Wall) -> None:
    drill = Slow()
    drill.wall = wall
    pacer = Pacer(drill, wall, 1)
    pacer.jump("end", None)
    pacer.frame()
    pacer.toggle()
    reached_ms = drill.now_ms
    pacer.frame()
    assert (pacer.paused, drill.now_ms, pacer.jumps) == (True, reached_ms, "")


class Slow(FakeSession):
    """An hour of it costs 0.1 s of wall time."""

    wall: Wall

    def advance(self, to_ms: int, stop: object = None) -> None:
        before_ms = self.now_ms
        super().advance(to_ms)
        self.wall.go((self.now_ms - before_ms) / HOUR * 0.1)
