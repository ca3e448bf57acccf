"""Sessions under any commands at any moments: however time is cut, one history; nothing is lost."""

import tempfile
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sim.drill.services.real_mail import Letter
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.examples import TIMES, examples
from tests.plays import LETTER, ONSET_MS, check_conservation, give, play, small, told

COMMANDS = (
    "alerts ack",
    "status check gateway",
    "status check server",
    "continuity show",
    "continuity start",
    "continuity start for=90m",
    "continuity start for=1ms via=sms",
    "continuity extend 20m",
    "continuity end",
    "continuity start group=terminal at=10:30 for=40m",
    "continuity end event=1",
    "continuity test",
    "permissions set on app=mobile group=terminal",
    "queue reject inbound",
    "queue bounce inbound",
    "notify users via=intranet next=30m",
    "deliveries pause inbound",
    "deliveries resume inbound",
    "queue retry inbound",
    "queue retry inbound oldest=9",
    "deliveries limit inbound connections=2",
    "queue extend inbound 120h",
    "queue extend inbound 8d",
    "notify users via=sms text=use the portal",
    "notify users via=email state=down",
    "notify executives via=phone state=down",
    "note no pause",
    "make it work",
    "",
)
LETTERS = (LETTER, Letter("", ("ben@harbour.example",), "null sender", 90, "2.eml"))
anything = st.one_of(st.sampled_from(COMMANDS), st.sampled_from(COMMANDS), st.sampled_from(LETTERS))
quick = settings(
    examples(12),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)


def moments(horizon_ms: int) -> st.SearchStrategy[int]:
    """Any millisecond, and often a round one or one beside it: there changes fall together."""
    minutes = st.integers(0, horizon_ms // MINUTE_MS - 1).map(lambda n: n * MINUTE_MS)
    beside = st.tuples(minutes, st.sampled_from([0, 0, 1, -1])).map(lambda both: max(sum(both), 0))
    return st.one_of(beside, beside, st.integers(0, horizon_ms - 1))


def at_moments(horizon_ms: int) -> st.SearchStrategy[list[tuple[int, str | Letter]]]:
    return st.lists(st.tuples(moments(horizon_ms), anything), max_size=12).map(
        lambda pairs: sorted(pairs, key=lambda pair: pair[0])
    )


def cut(
    outage: str, given: list[tuple[int, str | Letter]], cuts_ms: list[int], until_ms: int, seed: int
) -> Session:
    """As `play`, with time cut at `cuts_ms` as well, looking each time."""
    session = Session.start(small(outage), seed)
    waiting = list(given)
    for stop_ms in sorted({*cuts_ms, *(at_ms for at_ms, _what in given), until_ms}):
        session.advance(stop_ms)
        session.snapshot()
        session.digest()
        while waiting and waiting[0][0] <= stop_ms:
            give(session, waiting.pop(0)[1])
    return session


@quick
@given(at_moments(6 * HOUR_MS), st.lists(moments(8 * HOUR_MS), max_size=25), st.integers(0, 50))
def test_any_partition_of_time_gives_the_same_history(
    given: list[tuple[int, str | Letter]], cuts_ms: list[int], seed: int
) -> None:
    until_ms = 9 * HOUR_MS
    assert told(cut("2h", given, cuts_ms, until_ms, seed)) == told(play("2h", given, until_ms, seed=seed))


@settings(quick, max_examples=3 * TIMES)
@given(at_moments(98 * HOUR_MS), st.lists(moments(102 * HOUR_MS), max_size=12), st.integers(0, 9))
def test_any_partition_of_a_long_outage_gives_the_same_history(
    given: list[tuple[int, str | Letter]], cuts_ms: list[int], seed: int
) -> None:
    until_ms = 103 * HOUR_MS
    assert told(cut("97h", given, cuts_ms, until_ms, seed)) == told(play("97h", given, until_ms, seed=seed))


def test_the_smallest_steps_that_a_clock_can_take_give_the_same_history() -> None:
    """Two seconds millisecond by millisecond, across the onset."""
    begin_ms, end_ms = ONSET_MS - 1000, ONSET_MS + 1000
    stepped = play("2h", [], begin_ms)
    for at_ms in range(begin_ms, end_ms + 1):
        stepped.advance(at_ms)
    stepped.advance(8 * HOUR_MS)
    assert told(stepped) == told(play("2h", [], 8 * HOUR_MS))


def test_letters_and_monitors_are_told_in_order_of_time_however_it_is_cut() -> None:
    """Letters come back 96 h after their arrival, among monitors that speak every half hour."""
    given: list[tuple[int, str | Letter]] = [
        (ONSET_MS + hours * HOUR_MS + 1, LETTER) for hours in range(1, 5)
    ]
    until_ms = ONSET_MS + 102 * HOUR_MS
    whole = play("103h", given, until_ms)
    times_ms = [event.t_ms for event in whole.events()]
    assert times_ms == sorted(times_ms)
    assert [effect.kind for effect in whole.effects()] == ["bounce"] * 4
    cuts_ms = list(range(0, until_ms, 61 * MINUTE_MS))
    stepped = Session.start(small("103h"), 1)
    for stop_ms in sorted({*cuts_ms, *(at_ms for at_ms, _letter in given), until_ms}):
        stepped.advance(stop_ms)
        for at_ms, letter in given:
            if at_ms == stop_ms:
                give(stepped, letter)
    assert told(stepped) == told(whole)


@settings(quick, max_examples=8 * TIMES)
@given(at_moments(6 * HOUR_MS), moments(6 * HOUR_MS))
def test_a_fork_and_a_replay_have_the_state_of_the_drill(
    given: list[tuple[int, str | Letter]], at_ms: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.jsonl"
        session = play("2h", given, 7 * HOUR_MS, path=path)
        session.close()
        then = play("2h", [(when, what) for when, what in given if when <= at_ms], at_ms)
        for other in (session.fork(at_ms), Session.replay(path, at_ms)):
            assert told(other) == told(then)
        assert told(Session.replay(path)) == told(session)


class Played(RuleBasedStateMachine):
    """A journaled drill under anything a person, a socket and a clock can do to it."""

    @initialize(seed=st.integers(0, 1000), outage=st.sampled_from(["30m", "2h", "99h"]))
    def begin(self, seed: int, outage: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "drill.jsonl"
        self.session = Session.start(small(outage, 10), seed, self.path)
        self.left = 0

    @rule(what=anything)
    def give(self, what: str | Letter) -> None:
        give(self.session, what)

    @rule(by_ms=st.one_of(st.integers(0, 3 * HOUR_MS), st.integers(0, 40).map(lambda n: n * HOUR_MS)))
    def advance(self, by_ms: int) -> None:
        before_ms = self.session.now_ms
        self.session.advance(before_ms + by_ms)
        assert self.session.now_ms == before_ms + by_ms or self.session.ended

    @rule(digest=st.booleans())
    def mark(self, digest: bool) -> None:
        self.session.mark(digest=digest)

    @rule()
    def look(self) -> None:
        written = self.path.read_bytes()
        digest = self.session.digest()
        told(self.session)
        assert self.session.digest() == digest
        assert self.path.read_bytes() == written

    @precondition(lambda self: self.session.effects())
    @rule()
    def settle(self) -> None:
        self.session.settle(len(self.session.effects()) - 1)

    @rule()
    def leave_and_resume(self) -> None:
        before = told(self.session), self.session.settled
        self.session.close()
        self.session = Session.resume(self.path)
        assert (told(self.session), self.session.settled) == before

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        check_conservation(self.session)
        ledger = self.session.drill.world.ledger
        left = int(ledger.delivered.sum() + ledger.bounced.sum())
        assert left >= self.left
        self.left = left
        seqs = [event.seq for event in self.session.events()]
        assert seqs == list(range(len(seqs)))

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            assert told(Session.replay(self.path)) == told(self.session)
            self.folder.cleanup()


TestPlayed = Played.TestCase
TestPlayed.settings = settings(quick, max_examples=8 * TIMES, stateful_step_count=15)
