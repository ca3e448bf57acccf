"""Calls to the helpdesk: counted once, reported at round numbers, whoever looks and whatever else happens."""

import pytest

from sim.drill.helpdesk import Helpdesk
from sim.drill.session import Session
from sim.kernel.duration import HOUR_MS
from sim.mail.users import Users
from sim.mail.ways import App
from sim.report.outcome import outcome
from tests.plays import ONSET_MS, small, told


def everyone_calls(count: int = 7) -> Users:
    """Users without continuity who all call within a minute of losing mail."""
    return Users(1, count, [App(100, None, False)], 100, (0, 60_000))


def run(users: Users, count_at_ms: tuple[int, ...] = ()) -> list[tuple[int, int]]:
    """(moment, calls so far) of each report within ten minutes; calls are also counted at some moments."""
    reports: list[tuple[int, int]] = []
    now_ms = 1000
    desk = Helpdesk(users, lambda calls: reports.append((now_ms, calls)))
    users.server_lost(1000)
    for bound_ms in sorted({*count_at_ms, 600_000}):
        while (moment_ms := desk.first_crossing(now_ms, bound_ms)) is not None:
            assert now_ms <= moment_ms < bound_ms
            now_ms = moment_ms
            desk.cross(moment_ms)
        now_ms = bound_ms
        desk.count(bound_ms)
    assert desk.calls_before(600_000) == len(users.calls(0, 600_000))
    return reports


def test_it_speaks_at_round_numbers_just_after_the_call() -> None:
    users = everyone_calls()
    reports = run(users)
    calls_ms = users.calls(0, 600_000).tolist()
    assert len(calls_ms) == 7
    assert reports == [(calls_ms[0] + 1, 1), (calls_ms[4] + 1, 5)]


def test_counting_never_swallows_a_report() -> None:
    """Calls are also counted when something about users changes, or when somebody looks."""
    plain = run(everyone_calls())
    for moment_ms, _calls in plain:
        for count_ms in (moment_ms - 1, moment_ms, moment_ms + 1):
            assert run(everyone_calls(), (count_ms,)) == plain


def test_looking_at_the_figures_changes_nothing() -> None:
    """At the very millisecond at which the next report is due."""
    plain = Session.start(small("2h", 40), 2)
    plain.advance(5 * HOUR_MS)
    due_ms = [event.t_ms for event in plain.events() if event.kind == "ticket"]
    assert due_ms
    assert due_ms[0] > ONSET_MS
    looked = Session.start(small("2h", 40), 2)
    for at_ms in due_ms:
        looked.advance(at_ms)
        assert outcome(looked).calls == outcome(looked).calls
    looked.advance(5 * HOUR_MS)
    assert told(looked) == told(plain)


@pytest.mark.parametrize(("percent", "calls"), [(0, 0), (100, 7)])
def test_the_share_of_users_who_call(percent: int, calls: int) -> None:
    users = Users(1, 7, [App(100, None, False)], percent, (0, 60_000))
    users.server_lost(0)
    assert len(users.calls(0, 10**9)) == calls
