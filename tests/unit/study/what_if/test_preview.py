"""Two futures of a command: by what is known, never by the truth, and nothing of it happens in the drill."""

from functools import partial

from sim.drill.session.session import Session
from sim.forks.copies import AVAILABLE, DrillCopies
from sim.forks.origin import ReplayedDrill, origin_of
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.preview import AHEAD_MS, Belief, Preview, beliefs, future, preview
from tests.plays import ONSET_MS, play

PAUSE = "deliveries pause inbound"
AT_MS = ONSET_MS + 50 * MINUTE_MS


def of(session: Session, text: str = PAUSE) -> Preview:
    return preview(
        session, text, partial(ReplayedDrill(origin_of(session)).play_ahead, session.inputs, session.now_ms)
    )


def test_the_end_of_the_outage_is_not_in_it() -> None:
    """Two drills that differ only in what has not come yet have the same futures."""
    at_ms = ONSET_MS + 50 * MINUTE_MS
    short, long = play("2h", (), at_ms), play("30h", (), at_ms)
    before = short.digest()
    found = of(short)
    assert [one.fails for one in found.beliefs] == [True, True, True]
    assert found.beliefs[-1] == Belief(fails=True)
    assert [one.figures for one in found.without] == [one.figures for one in of(long).without]
    assert [one.figures for one in found.given] == [one.figures for one in of(long).given]
    assert short.digest() == before
    assert list(short.commands) == []


def test_a_failure_that_nobody_can_know_of_is_not_in_it() -> None:
    for at_ms in (ONSET_MS - 5 * MINUTE_MS, ONSET_MS + MINUTE_MS):
        session = play("9h", (), at_ms)
        assert beliefs(session.drill) == (Belief(fails=False),)
        for one in of(session).without[0].figures:
            assert (one.queued, one.lost, one.without_mail) == (0, 0, 0)


def test_a_recovery_that_is_not_known_yet_is_not_in_it() -> None:
    session = play("2h", (), ONSET_MS + 2 * HOUR_MS + MINUTE_MS)
    found = of(session)
    assert found.beliefs[-1] == Belief(fails=True)
    assert [one.without_mail for one in found.without[-1].figures] == [20, 20, 20]


def test_with_and_without_differ_by_the_command() -> None:
    session = play("2h", (), ONSET_MS + 50 * MINUTE_MS)
    found = of(session)
    back_at_four = len(AHEAD_MS) - 1
    assert found.beliefs[0].over_ms is not None
    assert found.without[0].figures[back_at_four].queued < found.given[0].figures[back_at_four].queued
    assert found.refused == ""
    assert "are not paused" in of(session, "deliveries resume inbound").refused


def test_copies_and_replays_show_the_same_futures() -> None:
    if AVAILABLE:
        session = play("2h", (), ONSET_MS + 50 * MINUTE_MS)
        copies = DrillCopies(origin_of(session))
        assert preview(session, PAUSE, partial(copies.play_ahead, session.inputs, session.now_ms)) == of(
            session
        )
        copies.close()


def test_commands_in_progress_have_the_same_luck_with_the_command_and_without_it() -> None:
    """A change of settings is given; the time it takes to reach the apps is drawn when it takes effect."""

    def keys(text: str) -> tuple[int, ...]:
        session = play("6h", [(AT_MS, "permissions set on app=mobile group=terminal")], AT_MS + MINUTE_MS)
        future(session, text, Belief(True))
        (first, *_further) = session.drill.draw_keys.drawn
        return first.keys

    assert keys("") == keys("notify users via=sms state=down") != ()
    drill = play("6h", [(AT_MS, "permissions set on app=mobile group=terminal")], AT_MS + HOUR_MS).drill
    assert drill.draw_keys.drawn[0].keys != keys(""), "the luck of the drill itself is unknown"
