"""Calls to the helpdesk: counted once, reported at round numbers, whoever looks and whatever else happens."""

from itertools import pairwise

import pytest

from sim.drill.services.helpdesk import Helpdesk
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.users.continuity_access import AppShare
from sim.mail.users.users import Users
from sim.report.outcome import outcome
from tests.outage import mailboxes_lost
from tests.plays import ONSET_MS, small, told


def everyone_calls(count: int = 7) -> Users:
    """Users without continuity who all call within a minute of losing mail."""
    return Users(1, count, [AppShare(100, None, False)], 100, (0, 60_000))


def run(users: Users, count_at_ms: tuple[int, ...] = ()) -> list[tuple[int, int]]:
    """(moment, calls so far) of each report within ten minutes; calls are also counted at some moments."""
    reports: list[tuple[int, int]] = []
    now_ms = 1000
    desk = Helpdesk(users.calls.between, lambda calls: reports.append((now_ms, calls)))
    mailboxes_lost(users, 1000)
    for bound_ms in sorted({*count_at_ms, 600_000}):
        while (moment_ms := desk.first_crossing(now_ms, bound_ms)) is not None:
            assert now_ms <= moment_ms < bound_ms
            now_ms = moment_ms
            desk.cross(moment_ms)
        now_ms = bound_ms
        desk.count(bound_ms)
    assert desk.calls_before(600_000) == len(users.calls.between(0, 600_000))
    return reports


def test_it_speaks_at_round_numbers_just_after_the_call() -> None:
    users = everyone_calls()
    reports = run(users)
    calls_ms = users.calls.between(0, 600_000).tolist()
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
        assert outcome(looked).people.calls == outcome(looked).people.calls
    looked.advance(5 * HOUR_MS)
    assert told(looked) == told(plain)


@pytest.mark.parametrize(("percent", "calls"), [(0, 0), (100, 7)])
def test_the_share_of_users_who_call(percent: int, calls: int) -> None:
    users = Users(1, 7, [AppShare(100, None, False)], percent, (0, 60_000))
    mailboxes_lost(users, 0)
    assert len(users.calls.between(0, 10**9)) == calls


def test_the_tally_by_the_hour_is_every_call_in_its_hour_whenever_it_is_counted() -> None:
    users = everyone_calls()
    desk = Helpdesk(users.calls.between, lambda calls: None)
    mailboxes_lost(users, 1000)
    edges = [0, 10_000, 20_000, 30_000, 61_000]
    expected = tuple(len(users.calls.between(a, b)) for a, b in pairwise(edges))
    assert sum(expected) == 7
    assert desk.calls_in(edges) == expected
    desk.count(15_000)
    assert desk.calls_in(edges) == expected


def test_the_tally_that_is_shown_is_by_clock_hours_and_adds_up() -> None:
    session = Session(small(), 1, None)
    session.advance(ONSET_MS + 5 * HOUR_MS + 1234)
    desk = session.snapshot().helpdesk
    assert len(desk.by_hour) == session.now_ms // HOUR_MS + 1
    assert sum(desk.by_hour) == desk.calls > 0
    assert desk.by_hour[: ONSET_MS // HOUR_MS] == (0,) * (ONSET_MS // HOUR_MS)


def test_hours_are_those_of_the_clock_also_if_the_drill_starts_at_half_past() -> None:
    scenario = load_scenario("gateway-down", {"users": "20"})  # starts at 09:30
    session = Session(scenario, 1, None)
    for minutes, hours in ((29, 1), (31, 2), (91, 3), (40 * 60, 24)):
        session.advance(minutes * MINUTE_MS)
        desk = session.snapshot().helpdesk
        assert len(desk.by_hour) == hours
        if hours < 24:
            assert sum(desk.by_hour) == desk.calls
