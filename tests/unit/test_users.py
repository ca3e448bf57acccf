"""Users against brute force: who has mail at every moment, for how long not, and who calls."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.duration import MINUTE_MS
from sim.mail.rows import NEVER_MS
from sim.mail.users import Channel, Users
from sim.mail.ways import App

APPS = [App(50, 3, False), App(20, None, True), App(20, None, False), App(10, 7, True)]
SMS = Channel(80, (0, 2, 9), False)
MAIL = Channel(100, (0, 1), True)
HORIZON = 120
"""Time is so short here that every millisecond can be looked at."""


@dataclass
class Told:
    """What happened to the users, kept beside them: per user, when informed; and the stretches."""

    users: Users
    outages: list[list[int]] = field(default_factory=list)
    events: list[list[int]] = field(default_factory=list)


def played(steps: list[tuple[int, str]], seed: int = 3, count: int = 40) -> Told:
    """Users to whom `steps` happened, those left out that cannot happen."""
    users = Users(seed, count, APPS, 60, (0, 5, 30))
    told, down, ends = Told(users), False, -1
    for at_ms, what in sorted([*steps, *((n, "lapse") for n in range(HORIZON))], key=lambda step: step[0]):
        if ends == at_ms and what == "lapse":
            users.end_event(at_ms)
            told.events[-1][1] = at_ms
            ends = -1
        elif what == "down" and not down:
            users.server_lost(at_ms)
            told.outages.append([at_ms, NEVER_MS])
            down = True
        elif what == "up" and down:
            users.server_back(at_ms)
            told.outages[-1][1] = at_ms
            down = False
        elif what == "start" and ends < 0:
            ends = at_ms + 25
            users.start_event(at_ms, ends)
            told.events.append([at_ms, ends])
        elif what == "end" and ends > at_ms:
            users.end_event(at_ms)
            told.events[-1][1] = at_ms
            ends = -1
        elif what in ("sms", "mail"):
            users.tell(at_ms, SMS if what == "sms" else MAIL)
    return told


steps = st.lists(
    st.tuples(
        st.integers(1, HORIZON),
        st.sampled_from(["down", "up", "start", "end", "sms", "mail", "down", "start"]),
    ),
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(steps)
def test_user_time_without_mail_is_the_sum_over_every_millisecond(given_steps: list[tuple[int, str]]) -> None:
    told = played(given_steps)
    users, everyone = told.users, np.arange(told.users.count)
    without = []
    for at_ms in range(HORIZON):
        down = any(a <= at_ms < b for a, b in told.outages)
        inside = users.in_continuity(everyone, np.int64(at_ms))
        assert not inside.any() or any(a <= at_ms < b for a, b in told.events)
        without.append(int((~inside).sum()) if down else 0)
    assert users.without_mail(np.arange(HORIZON, dtype=np.int64)).tolist() == without
    for to_ms in range(0, HORIZON + 1, 17):
        assert users.lost_user_ms(to_ms) == sum(without[:to_ms])


@settings(max_examples=60, deadline=None)
@given(steps, st.lists(st.integers(0, HORIZON), min_size=1, max_size=8))
def test_calls_come_from_those_without_mail_whom_nobody_has_told(
    given_steps: list[tuple[int, str]], cuts_ms: list[int]
) -> None:
    told = played(given_steps)
    users = told.users
    calls_ms = users.calls(0, HORIZON).tolist()
    parts = [0, *sorted(cuts_ms), HORIZON]
    assert [c for a, b in pairwise(parts) for c in users.calls(a, b).tolist()] == calls_ms
    assert len(calls_ms) <= users.count
    without = users.without_mail(np.arange(HORIZON, dtype=np.int64))
    for at_ms in set(calls_ms):
        assert calls_ms.count(at_ms) <= without[at_ms]


@settings(max_examples=60, deadline=None)
@given(
    steps, st.lists(st.tuples(st.integers(0, 39), st.integers(0, HORIZON), st.integers(0, 90)), max_size=20)
)
def test_a_message_is_readable_from_the_first_moment_at_which_its_user_is_in_an_event(
    given_steps: list[tuple[int, str]], mail: list[tuple[int, int, int]]
) -> None:
    users = played(given_steps).users
    user = np.array([one for one, _a, _w in mail], dtype=np.int32)
    arrival = np.array([a for _one, a, _w in mail], dtype=np.int64)
    delivered = np.array([a + w for _one, a, w in mail], dtype=np.int64)
    found = users.readable_from(user, arrival, delivered).tolist()
    for (one, came, waits), moment in zip(mail, found, strict=True):
        possible = [
            at for at in range(came, came + waits) if users.in_continuity(np.int64(one), np.int64(at)).any()
        ]
        assert moment == min([*possible, came + waits])


def test_apps_switch_over_by_polling_by_being_told_or_never() -> None:
    def share(apps: list[App], *, tell: bool, at_ms: int) -> int:
        users = Users(1, 1000, apps, 0, (0, 0))
        users.server_lost(1000)
        if tell:
            users.tell(1500, Channel(100, (0, MINUTE_MS), False))
        users.start_event(2000, 10**9)
        return int(users.in_continuity(np.arange(1000), np.int64(at_ms)).sum())

    polls, when_told, never = App(100, 3 * MINUTE_MS, False), App(100, None, True), App(100, None, False)
    assert share([polls], tell=False, at_ms=1999) == 0
    assert 380 < share([polls], tell=False, at_ms=2000 + 3 * MINUTE_MS // 2) < 620  # 1,000 uniform draws
    assert share([polls], tell=False, at_ms=2000 + 3 * MINUTE_MS) == 1000
    assert share([when_told], tell=False, at_ms=10**8) == 0
    assert share([when_told], tell=True, at_ms=2000 + MINUTE_MS) == 1000
    assert share([never], tell=True, at_ms=10**8) == 0


@pytest.mark.parametrize(
    ("down", "in_event", "reaches"), [(False, False, True), (True, False, False), (True, True, True)]
)
def test_email_reaches_who_has_mail(down: bool, in_event: bool, reaches: bool) -> None:
    users = Users(1, 50, [App(100, 1, False)], 0, (0, 0))
    if down:
        users.server_lost(10)
    if in_event:
        users.start_event(20, 10_000)
    assert users.tell(100, MAIL) == (50 if reaches else 0)


def test_those_who_relied_on_an_event_call_when_it_lapses() -> None:
    users = Users(1, 50, [App(100, 1, False)], 100, (0, 60))
    users.start_event(10, 1000)
    users.server_lost(500)
    assert len(users.calls(0, 10_000)) == 0
    users.end_event(1000)
    calls_ms = users.calls(0, 10_000)
    assert len(calls_ms) == 50
    assert calls_ms.min() >= 1000
    users.tell(1010, Channel(100, (0, 0), False))
    assert len(users.calls(1010, 10_000)) == 0


def test_nobody_calls_from_the_millisecond_on_in_which_the_server_is_back() -> None:
    for back_ms, calls in ((10, 0), (11, 50)):
        users = Users(1, 50, [App(100, None, False)], 100, (10, 10))
        users.server_lost(0)
        users.server_back(back_ms)
        assert len(users.calls(0, 10_000)) == calls
