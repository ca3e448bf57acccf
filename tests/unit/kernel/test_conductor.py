"""The conductor: the order of things at one moment, and history that does not depend on how time is cut."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.conductor import AT_LEAST_AHEAD, FOREVER_MS, LOOK_AHEAD_MS, Conductor


@dataclass
class Log:
    """A table and the list of what happened."""

    lines: list[str] = field(default_factory=list)
    covered: list[tuple[int, int]] = field(default_factory=list)
    now_ms: int = 0
    changes: int = 0
    ahead_ms: int = 0
    """The end of what has been looked at; a look that was begun further is finished first."""
    begun_ms: int = 0
    part_ms: int = 0
    parts: int = 0
    """How often a part of 100 ms was looked at."""

    def version(self) -> int:
        return self.changes

    def prepare(self, to_ms: int, stop: Callable[[], bool]) -> bool:
        while self.ahead_ms < to_ms:
            self.begun_ms = to_ms if self.begun_ms == self.ahead_ms else self.begun_ms
            while self.part_ms < self.begun_ms:
                if self.parts and stop():
                    return False
                self.part_ms = min(self.begun_ms, self.part_ms + 100)
                self.parts += 1
            self.ahead_ms = self.begun_ms
        return True

    def advance(self, to_ms: int) -> None:
        assert to_ms > self.now_ms, "no empty stretch is asked of the table"
        self.covered.append((self.now_ms, to_ms))
        self.now_ms = to_ms


@dataclass
class Every:
    """A watcher that crosses at every multiple of `gap_ms`, once."""

    log: Log
    name: str
    gap_ms: int
    last_ms: int = 0

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        due_ms = max(-(-a_ms // self.gap_ms) * self.gap_ms, self.last_ms + self.gap_ms)
        return due_ms if due_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        assert self.log.now_ms == moment_ms, "everything before the crossing has happened"
        self.last_ms = moment_ms
        self.log.lines.append(f"{moment_ms} {self.name}")


def test_in_slices_no_watcher_looks_beyond_the_call() -> None:
    """At 10,000 users the frame after a gateway's recovery took 0.4 s: 37 minutes were worked out at once."""
    log = Log()
    watcher = Seldom(log)
    conductor = Conductor(log, (watcher,), log.version)
    conductor.run(1000)
    assert watcher.asked_until_ms == LOOK_AHEAD_MS // AT_LEAST_AHEAD, "the next call continues from there"
    log.changes += 1
    conductor.begin_slices()
    conductor.run(2000)
    assert watcher.asked_until_ms == 2000


def test_when_slices_begin_forecasts_beyond_them_are_dropped() -> None:
    """A resumed drill of 10,000 users looked ahead for an hour in its first frame: 0.14 s."""
    log = Log()
    near, far = Seldom(log), Seldom(log)
    conductor = Conductor(log, (near, far), log.version)
    conductor.run(1000)
    conductor._foreseen[0].forget()  # as after its crossing
    conductor.begin_slices()
    conductor.run(2000)
    assert near.asked_until_ms == far.asked_until_ms == 2000


def test_after_a_change_watchers_are_asked_about_the_mail_that_was_known_before() -> None:
    """Most changes leave coming mail as it was: more of it is worked out only when time has come there."""
    log = Log()
    watcher = Seldom(log)
    conductor = Conductor(log, (watcher,), log.version)
    half_ms, asked_ms = LOOK_AHEAD_MS // AT_LEAST_AHEAD, set()
    for moment_ms in range(100_000, half_ms, 100_000):
        conductor.run(moment_ms)
        log.changes += 1
        asked_ms.add(watcher.asked_until_ms)
    assert asked_ms == {half_ms}


@pytest.mark.parametrize("costs_more", [False, True])
def test_a_look_after_which_nothing_changed_is_followed_by_a_longer_one(costs_more: bool) -> None:
    log = Log()
    watcher = Seldom(log)
    conductor = Conductor(log, (watcher,), log.version, costs_more=lambda: costs_more)
    half_ms = LOOK_AHEAD_MS // AT_LEAST_AHEAD
    conductor.run(half_ms)
    assert watcher.asked_until_ms == half_ms
    conductor.run(half_ms + 1)
    assert watcher.asked_until_ms == half_ms + (half_ms if costs_more else LOOK_AHEAD_MS)


def test_no_watcher_looks_beyond_the_moment_at_which_a_run_stops_until_it_goes_on() -> None:
    """At 10,000 users, reading the end of a run took 0.4 s: ten minutes beyond it were taken back."""
    log = Log()
    watcher = Seldom(log)
    conductor = Conductor(log, (watcher,), log.version)
    conductor.stops_ms = 3000
    for to_ms, asked_until_ms in ((1000, 3000), (3000, 3000), (4000, 3000 + LOOK_AHEAD_MS)):
        conductor.run(to_ms)
        assert watcher.asked_until_ms == asked_until_ms


def test_in_slices_no_watcher_looks_beyond_a_change() -> None:
    """At 10,000 users the frame at the end of an outage took 0.2 s: minutes beyond it were taken back."""
    log = Log()
    watcher = Seldom(log)
    conductor = Conductor(log, (watcher,), log.version)
    conductor.begin_slices()
    asked_until_ms = list[int]()
    conductor.at(700, lambda: asked_until_ms.append(watcher.asked_until_ms))
    conductor.run(2000)
    assert asked_until_ms == [700]
    assert watcher.asked_until_ms == 2000


def test_in_slices_a_call_may_end_while_the_table_looks_ahead_and_the_next_goes_on() -> None:
    log = Log()
    watcher = Seldom(log)
    conductor = Conductor(log, (watcher,), log.version)
    conductor.begin_slices()
    for part in range(1, 10):
        conductor.run(1000, lambda part=part: log.parts >= part)  # type: ignore[misc]
        assert (conductor.now_ms, log.parts, watcher.asked_until_ms) == (0, part, 0)
    conductor.run(1000, lambda: False)
    assert (conductor.now_ms, log.parts) == (1000, 10)


def test_in_slices_a_moment_is_completed_without_the_rest_of_the_look_ahead() -> None:
    """A session that stops after a change goes on by a millisecond, which may not cost what lies beyond."""
    log = Log()
    watcher = Seldom(log)
    conductor = Conductor(log, (watcher,), log.version)
    conductor.begin_slices()
    conductor.at(500, lambda: None)
    conductor.run(1000, lambda: log.parts >= 8)
    assert (conductor.now_ms, conductor.changes) == (500, 1)
    parts = log.parts
    conductor.run(501)
    assert (conductor.now_ms, log.parts) == (501, parts)
    conductor.run(1000)
    assert log.ahead_ms == 1000


def test_in_slices_the_time_after_a_change_is_tried_in_small_parts() -> None:
    """At 10,000 users the frame after a server's return took 0.14 s: three minutes of a backlog at once."""
    log = Log()
    conductor = Conductor(log, (Seldom(log),), log.version)
    conductor.begin_slices()

    def change() -> None:
        conductor.catch_up()
        log.changes += 1

    conductor.at(1000, change)
    conductor.run(200_000)
    conductor.catch_up()
    after_ms = [to_ms - from_ms for from_ms, to_ms in log.covered if from_ms >= 1000]
    assert after_ms == [5_000, 10_000, 20_000, 40_000, 80_000, 44_000]


@dataclass
class Seldom:
    """A watcher that never crosses, and notes how far it was asked to look."""

    log: Log
    asked_until_ms: int = 0

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        self.asked_until_ms = b_ms
        return None

    def cross(self, moment_ms: int) -> None:
        raise AssertionError("it never crosses")


def conducted(cuts_ms: list[int], until_ms: int = 100) -> tuple[Log, Conductor]:
    log = Log()
    conductor = Conductor(log, (Every(log, "ten", 10), Every(log, "four", 4)), log.version)

    def note(name: str, then: Callable[[], None] = lambda: None) -> Callable[[], None]:
        def act() -> None:
            log.lines.append(f"{conductor.now_ms} {name}")
            then()

        return act

    conductor.at(20, note("first", lambda: conductor.at(20, note("added at once"))))
    conductor.at(20, note("second"))
    conductor.at(5, note("early", lambda: conductor.at(20, note("third"))))
    conductor.at(until_ms, note("too late"))
    for cut_ms in [*sorted(cuts_ms), until_ms]:
        conductor.run(cut_ms)
        conductor.catch_up()
        assert conductor.now_ms == log.now_ms == cut_ms
    return log, conductor


def test_at_one_moment_agenda_first_then_watchers_in_their_order() -> None:
    log, conductor = conducted([])
    at_20 = [line for line in log.lines if line.startswith("20 ")]
    assert at_20 == ["20 first", "20 second", "20 third", "20 added at once", "20 ten", "20 four"]
    assert log.lines[:4] == ["4 four", "5 early", "8 four", "10 ten"]
    assert not any(line.startswith("100") for line in log.lines), "changes at the bound wait"
    assert conductor.changes == len(log.lines)


@given(st.lists(st.integers(0, 100), max_size=20))
def test_any_division_of_time_gives_the_same_lines_and_covers_time_once(cuts_ms: list[int]) -> None:
    log, _ = conducted(cuts_ms)
    assert log.lines == conducted([])[0].lines
    assert log.covered[0][0] == 0
    assert all(one[1] == other[0] for one, other in zip(log.covered, log.covered[1:], strict=False))
    assert log.covered[-1][1] == 100


def test_it_stops_where_it_is_told_to() -> None:
    log = Log()
    conductor = Conductor(log, (), log.version)
    stopped = []
    conductor.at(7, lambda: stopped.append(True))
    conductor.at(9, lambda: log.lines.append("never"))
    conductor.run(50, lambda: bool(stopped))
    assert (conductor.now_ms, log.lines, conductor.changes) == (7, [], 1)
    conductor.run(50)
    assert (conductor.now_ms, log.lines) == (50, ["never"])


def test_the_past_cannot_be_changed() -> None:
    conductor = Conductor(Log(), (), lambda: 0)
    conductor.run(10)
    with pytest.raises(ValueError, match="moment 9 ms is before 10 ms"):
        conductor.at(9, lambda: None)
    conductor.run(3)
    assert conductor.now_ms == 10


def test_nothing_happens_for_as_long_as_there_is_time() -> None:
    log = Log()
    conductor = Conductor(log, (), log.version)
    conductor.run(FOREVER_MS - 1)
    conductor.catch_up()
    assert log.covered == [(0, FOREVER_MS - 1)]


@dataclass
class Teller:
    """A watcher that tells something at every multiple of `gap_ms`, and counts how often it is asked."""

    log: Log
    gap_ms: int
    last_ms: int = 0
    asked: int = 0

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        self.asked += 1
        due_ms = max(-(-a_ms // self.gap_ms) * self.gap_ms, self.last_ms + self.gap_ms)
        return due_ms if due_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        self.last_ms = moment_ms
        self.log.lines.append(f"{moment_ms} told")


@dataclass
class Never:
    """A watcher to whom nothing happens, and that counts how often it is asked."""

    asked: int = 0

    def first_crossing(self, _a_ms: int, _b_ms: int) -> int | None:
        self.asked += 1
        return None

    def cross(self, moment_ms: int) -> None:
        raise AssertionError(f"it never crosses, and was told so at {moment_ms} ms")


def told(news: bool, cuts_ms: list[int]) -> tuple[Log, Teller, Never]:
    """Each tenth moment something is heard, which is only news or changes something."""
    log = Log()
    teller, never = Teller(log, 10), Never()
    conductor = Conductor(log, (teller, never), log.version, only_news=(teller,) if news else ())

    def heard() -> None:
        if not news:
            change()
        log.lines.append(f"{conductor.now_ms} heard")

    def change() -> None:
        conductor.catch_up()
        log.changes += 1

    def great_change() -> None:
        change()
        log.lines.append(f"500 a change, after {log.now_ms}")

    for moment_ms in range(5, 1000, 10):
        conductor.at(moment_ms, heard)
    conductor.at(500, great_change)
    for cut_ms in [*sorted(cuts_ms), 1000]:
        conductor.run(cut_ms)
        assert conductor.now_ms == cut_ms
    conductor.catch_up()
    return log, teller, never


@given(st.lists(st.integers(1, 1000), max_size=9))
def test_news_come_in_the_same_order_and_cost_no_stretch_of_time(cuts_ms: list[int]) -> None:
    log, _, never = told(True, [])
    changes, _, often = told(False, [])
    assert log.lines == changes.lines == told(True, cuts_ms)[0].lines
    assert "500 a change, after 500" in log.lines
    assert log.covered == [(0, 500), (500, 1000)]
    assert len(changes.covered) > 150
    assert never.asked < 5
    assert often.asked > 90, "after each of the hundred changes"


def test_a_table_never_lags_by_more_than_what_is_looked_ahead() -> None:
    log = Log()
    teller = Teller(log, LOOK_AHEAD_MS // 3)
    Conductor(log, (teller,), log.version, only_news=(teller,)).run(10 * LOOK_AHEAD_MS)
    assert max(b_ms - a_ms for a_ms, b_ms in log.covered) <= 2 * LOOK_AHEAD_MS


@dataclass
class Steps:
    """A watcher that crosses at each of its moments, and changes something then."""

    log: Log
    moments_ms: list[int]

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        return next((at_ms for at_ms in self.moments_ms if at_ms < b_ms), None)

    def cross(self, moment_ms: int) -> None:
        assert self.moments_ms.pop(0) == moment_ms
        self.log.changes += 1
        self.log.lines.append(f"{moment_ms} step")


@dataclass
class Quiet:
    """A watcher that never crosses, and how far it was asked to look from when."""

    spans_ms: list[tuple[int, int]] = field(default_factory=list)

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        self.spans_ms.append((a_ms, b_ms - a_ms))
        return None

    def cross(self, moment_ms: int) -> None:
        raise AssertionError(f"nothing was said of {moment_ms} ms")


def stepped(cuts_ms: list[int]) -> tuple[list[str], Quiet]:
    """Ten steps, two seconds apart."""
    log, quiet = Log(), Quiet()
    steps_ms = [LOOK_AHEAD_MS + 2000 * number for number in range(10)]
    conductor = Conductor(log, (quiet, Steps(log, steps_ms)), log.version)
    for cut_ms in [*sorted(cuts_ms), 9 * LOOK_AHEAD_MS]:
        conductor.run(cut_ms)
    return log.lines, quiet


def test_what_comes_in_quick_steps_is_not_looked_far_beyond() -> None:
    _lines, quiet = stepped([])
    second_ms, last_ms = LOOK_AHEAD_MS + 2000, LOOK_AHEAD_MS + 18_000
    between = [span_ms for a_ms, span_ms in quiet.spans_ms if second_ms <= a_ms <= last_ms]
    assert between == [8000] * 9
    later = [span_ms for a_ms, span_ms in quiet.spans_ms if a_ms > last_ms]
    assert later[:3] == [128_000, 2_048_000, LOOK_AHEAD_MS], "farther each time that nothing has come"
    assert len(later) < 20


@given(st.lists(st.integers(LOOK_AHEAD_MS - 9000, LOOK_AHEAD_MS + 60_000), max_size=9))
def test_how_far_it_looks_does_not_show(cuts_ms: list[int]) -> None:
    assert stepped(cuts_ms)[0] == stepped([])[0]
    assert len(stepped([])[0]) == 10


def test_many_short_calls_ask_hardly_more_often_than_a_long_one() -> None:
    def asked(every_ms: int) -> int:
        log, quiet = Log(), Quiet()
        conductor = Conductor(log, (quiet,), log.version)
        for cut_ms in range(every_ms, LOOK_AHEAD_MS + 1, every_ms):
            conductor.run(cut_ms)
        return len(quiet.spans_ms)

    assert asked(LOOK_AHEAD_MS) == 1
    assert asked(LOOK_AHEAD_MS // 900) <= AT_LEAST_AHEAD + 1


def test_a_conductor_looks_ahead_as_far_as_it_is_told() -> None:
    log, quiet = Log(), Quiet()
    far_ms = 3 * LOOK_AHEAD_MS
    Conductor(log, (quiet,), log.version, look_ahead_ms=far_ms).run(2 * far_ms)
    assert quiet.spans_ms == [(0, far_ms), (far_ms, far_ms)]
    assert log.covered == [(0, far_ms), (far_ms, 2 * far_ms)]


@dataclass
class Chatty(Quiet):
    """A watcher that notifies people every five minutes, and how far it was asked to look each time."""

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        super().first_crossing(a_ms, b_ms)
        due_ms = -(-(a_ms + 1) // 300_000) * 300_000
        return due_ms if due_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        """It has spoken."""


def test_after_news_a_watcher_is_asked_about_time_that_the_others_have_looked_at() -> None:
    log, quiet, chatty = Log(), Quiet(), Chatty()
    conductor = Conductor(log, (chatty, quiet), log.version, only_news=(chatty,))
    for moment_ms in range(0, LOOK_AHEAD_MS, 60_000):
        conductor.at(moment_ms, lambda: None)
    conductor.run(LOOK_AHEAD_MS)
    ends_ms = {a_ms + span_ms for a_ms, span_ms in chatty.spans_ms}
    assert len(chatty.spans_ms) > 25
    assert len(ends_ms) <= AT_LEAST_AHEAD + 1, "it looks beyond that only when time has come there"
    assert len(quiet.spans_ms) <= AT_LEAST_AHEAD + 1
