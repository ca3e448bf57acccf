"""Users against brute force: who has mail at every moment, for how long not, and who calls."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS
from sim.mail.users.announcements import UpdateChannel
from sim.mail.users.callers import Callers
from sim.mail.users.calls import TurnedAway
from sim.mail.users.continuity_access import AccessGroup, AppShare
from sim.mail.users.time_without_mail import in_part_user_ms, lost_user_ms, without_mail
from sim.mail.users.users import Users
from tests.examples import examples
from tests.outage import mailboxes_back, mailboxes_lost

APPS = [
    AppShare(50, 3, False, 3),
    AppShare(20, None, True),
    AppShare(20, None, False),
    AppShare(10, 7, True, None, True),
]
GROUPS = [AccessGroup(60, frozenset({0, 1, 2, 3})), AccessGroup(40, frozenset({0, 3}))]
SMS = UpdateChannel(80, (0, 2, 9), False, "a number")
MAIL = UpdateChannel(100, (0, 1), True)
HORIZON = 120
"""Time is so short here that every millisecond can be looked at."""
AGAIN = (300,)
"""Of a thousand users, so many would call again in the first hour."""


@dataclass
class Told:
    """What happened to the users, kept beside them: who was lost when, and the events."""

    users: Users
    lost: list[tuple[int, list[bool]]] = field(default_factory=list)
    """(from, who), ascending."""
    events: list[list[int]] = field(default_factory=list)
    """[start, end, group or -1] of each."""

    def lost_at(self, at_ms: int) -> list[bool]:
        """Who does not reach the server, by brute force."""
        return next(
            (who for from_ms, who in reversed(self.lost) if from_ms <= at_ms), [False] * self.users.count
        )


def played(steps: list[tuple[int, str]], seed: int = 3, count: int = 40) -> Told:
    """Users to whom `steps` happened, those left out that cannot happen."""
    users = Users(seed, count, APPS, 60, (0, 5, 30), GROUPS, 70, AGAIN, session_ms=(20, 60))
    told = Told(users)
    half = [user % 2 == 0 for user in range(count)]
    for at_ms, what in sorted([*steps, *((n, "lapse") for n in range(HORIZON))], key=lambda step: step[0]):
        if what == "lapse":
            for number, (_start, end, _group) in enumerate(told.events):
                if end == at_ms and not users.membership.events[number].over:
                    users.end_event(at_ms, users.membership.events[number])
        elif what in ("down", "half", "up"):
            who = {"down": [True] * count, "half": half, "up": [False] * count}[what]
            users.reach(at_ms, np.array(who))
            told.lost.append((at_ms, who))
        elif what in ("start", "for a group", "later"):
            group, start = (1 if what == "for a group" else -1), at_ms + (10 if what == "later" else 0)
            who_in = users.membership.ways.group == 1 if group == 1 else None
            users.start_event(at_ms, start + 25, start, who_in)
            told.events.append([start, start + 25, group])
        elif what == "end" and told.events and not users.membership.events[-1].over:
            users.end_event(at_ms)
            told.events[-1][:2] = [min(told.events[-1][0], at_ms), at_ms]
        elif what in ("sms", "mail"):
            users.tell(at_ms, SMS if what == "sms" else MAIL, at_ms + 40)
        elif what == "directory":
            users.membership.ways.directory_lost(
                at_ms
            ) if users.membership.ways.directory_answers else users.membership.ways.directory_back(at_ms)
            users.ways_changed(at_ms)
        elif what == "permit":
            users.membership.ways.permit(1, 1, at_ms + 15)
            users.ways_changed(at_ms)
        elif what == "cloud":
            users.membership.ways.take_cloud_passwords(at_ms + 5)
            users.ways_changed(at_ms)
    return told


steps = st.lists(
    st.tuples(
        st.integers(1, HORIZON),
        st.sampled_from(
            [
                "down",
                "up",
                "half",
                "start",
                "for a group",
                "later",
                "end",
                "sms",
                "mail",
                "directory",
                "permit",
                "cloud",
            ]
        ),
    ),
    max_size=14,
)


@examples(80)
@given(steps)
def test_user_time_without_mail_is_the_sum_over_every_millisecond(given_steps: list[tuple[int, str]]) -> None:
    told = played(given_steps)
    users, everyone = told.users, np.arange(told.users.count)
    without = []
    for at_ms in range(HORIZON):
        inside = users.membership.in_continuity(everyone, np.int64(at_ms))
        for user in np.flatnonzero(inside):
            group = int(users.membership.ways.group[user])
            assert any(a <= at_ms < b and g in (-1, group) for a, b, g in told.events)
        lost = np.array(told.lost_at(at_ms))
        without.append(int((lost & ~inside).sum()))
    assert without_mail(users, np.arange(HORIZON, dtype=np.int64)).tolist() == without
    for to_ms in range(0, HORIZON + 1, 17):
        assert lost_user_ms(users, to_ms) == sum(without[:to_ms])


@examples(60)
@given(steps, st.lists(st.integers(0, HORIZON), min_size=1, max_size=8))
def test_calls_come_from_those_without_mail_whom_nobody_has_told(
    given_steps: list[tuple[int, str]], cuts_ms: list[int]
) -> None:
    told = played(given_steps)
    users = told.users
    calls_ms = users.calls.between(0, HORIZON).tolist()
    parts = [0, *sorted(cuts_ms), HORIZON]
    assert [c for a, b in pairwise(parts) for c in users.calls.between(a, b).tolist()] == calls_ms
    again = len(users.calls._again.between(0, HORIZON)[0])
    assert len(calls_ms) <= users.count + again
    without = without_mail(users, np.arange(HORIZON, dtype=np.int64))
    for at_ms in set(calls_ms):
        assert calls_ms.count(at_ms) <= without[at_ms]


@examples(60)
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
    found = users.membership.readable_from(user, arrival, delivered).tolist()
    for (one, came, waits), moment in zip(mail, found, strict=True):
        possible = [
            at
            for at in range(came, came + waits)
            if users.membership.in_continuity(np.int64(one), np.int64(at)).any()
        ]
        assert moment == min([*possible, came + waits])


def test_apps_switch_over_by_polling_by_being_told_or_never() -> None:
    def share(apps: list[AppShare], *, tell: bool, at_ms: int) -> int:
        users = Users(1, 1000, apps, 0, (0, 0))
        mailboxes_lost(users, 1000)
        if tell:
            users.tell(1500, UpdateChannel(100, (0, MINUTE_MS), False))
        users.start_event(2000, 10**9)
        return int(users.membership.in_continuity(np.arange(1000), np.int64(at_ms)).sum())

    polls, when_told, never = (
        AppShare(100, 3 * MINUTE_MS, False),
        AppShare(100, None, True),
        AppShare(100, None, False),
    )
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
    users = Users(1, 50, [AppShare(100, 1, False)], 0, (0, 0))
    if down:
        mailboxes_lost(users, 10)
    if in_event:
        users.start_event(20, 10_000)
    assert users.tell(100, MAIL) == (50 if reaches else 0)


def test_those_who_relied_on_an_event_call_when_it_lapses() -> None:
    users = Users(1, 50, [AppShare(100, 1, False)], 100, (0, 60))
    users.start_event(10, 1000)
    mailboxes_lost(users, 500)
    assert len(users.calls.between(0, 10_000)) == 0
    users.end_event(1000)
    calls_ms = users.calls.between(0, 10_000)
    assert len(calls_ms) == 50
    assert calls_ms.min() >= 1000
    users.tell(1010, UpdateChannel(100, (0, 0), False))
    assert len(users.calls.between(1010, 10_000)) == 0


def test_nobody_calls_from_the_millisecond_on_in_which_the_server_is_back() -> None:
    for back_ms, calls in ((10, 0), (11, 50)):
        users = Users(1, 50, [AppShare(100, None, False)], 100, (10, 10))
        mailboxes_lost(users, 0)
        mailboxes_back(users, back_ms)
        assert len(users.calls.between(0, 10_000)) == calls


def test_an_app_must_be_permitted_for_the_group_and_its_log_on_must_work() -> None:
    def share(permitted: bool, directory: str, cloud: bool) -> int:
        groups = [AccessGroup(100, frozenset({0}) if permitted else frozenset())]
        users = Users(1, 1000, [AppShare(100, None, True, None, True)], 0, (0, 0), groups, 70)
        mailboxes_lost(users, 1000)
        if directory == "lost":
            users.membership.ways.directory_lost(2000)
        if cloud:
            users.membership.ways.take_cloud_passwords(1500)
        users.tell(1200, UpdateChannel(100, (0, 0), False))
        users.start_event(2000, 10**9)
        if not permitted and cloud:
            users.membership.ways.permit(0, 0, 5000)
            users.ways_changed(2500)
        return int(users.membership.in_continuity(np.arange(1000), np.int64(6000)).sum())

    assert share(permitted=True, directory="answers", cloud=False) == 1000
    assert share(permitted=False, directory="answers", cloud=False) == 0
    assert share(permitted=True, directory="lost", cloud=False) == 0
    assert 620 < share(permitted=True, directory="lost", cloud=True) < 780, "those who know a cloud password"
    assert share(permitted=False, directory="answers", cloud=True) == 1000, "once it is permitted"


def test_who_is_in_stays_in_when_the_directory_goes() -> None:
    users = Users(1, 50, [AppShare(100, None, True, None, True)], 0, (0, 0))
    mailboxes_lost(users, 0)
    users.tell(0, UpdateChannel(100, (0, 100), False))
    users.start_event(0, 10_000)
    users.membership.ways.directory_lost(2000)
    users.ways_changed(50)
    early = users.membership.in_continuity(np.arange(50), np.int64(50))
    assert 0 < early.sum() < 50
    assert (users.membership.in_continuity(np.arange(50), np.int64(5000)) == early).all()
    users.membership.ways.directory_back(6000)
    users.ways_changed(6000)
    assert users.membership.in_continuity(np.arange(50), np.int64(6000)).all()


def test_texts_reach_the_same_people_every_time_and_another_channel_others() -> None:
    users = Users(1, 1000, [AppShare(100, None, True)], 0, (0, 0))
    text, other = UpdateChannel(60, (0, 0), False, "a number"), UpdateChannel(60, (0, 0), False)
    first = users.tell(10, text)
    assert users.tell(20, text) == first == int((users.announcements.informed_ms < NEVER_MS).sum())
    users.tell(30, other)
    assert int((users.announcements.informed_ms < NEVER_MS).sum()) > first + 150


def test_a_word_keeps_users_from_calling_for_as_long_as_it_holds() -> None:
    def calls(until_ms: int | None) -> int:
        users = Users(1, 1000, [AppShare(100, None, False)], 0, (0, 0), again_permille=(100,) * 6)
        mailboxes_lost(users, 0)
        if until_ms is not None:
            users.tell(0, UpdateChannel(100, (0, 0), False), until_ms)
        return len(users.calls.between(0, 6 * HOUR_MS))

    users = Users(1, 1000, [AppShare(100, None, False)], 0, (0, 0), again_permille=(1000,) * 3)
    mailboxes_lost(users, MINUTE_MS)
    moments_ms = users.calls.between(0, 3 * HOUR_MS)
    assert moments_ms.min() >= MINUTE_MS + HOUR_MS, "nobody calls again within the hour"
    silent, half, all_day = calls(None), calls(3 * HOUR_MS), calls(NEVER_MS)
    assert 400 < silent < 600, "a tenth in each hour after the first"
    assert 0.5 * silent < half < 0.7 * silent
    assert all_day == 0


def test_an_update_spares_nine_calls_in_ten() -> None:
    def calls(percent: int) -> int:
        permille = (100,) * 6
        one = Users(
            1,
            2000,
            [AppShare(100, None, False)],
            0,
            (0, 0),
            again_permille=permille,
            informed_percent=percent,
        )
        mailboxes_lost(one, 0)
        one.tell(0, UpdateChannel(100, (0, 0), False))
        return len(one.calls.between(0, 6 * HOUR_MS))

    assert calls(0) == 0
    assert abs(calls(10) - 100) < 35, "a tenth of 1,000"
    assert abs(calls(100) - 1000) < 100


def test_who_is_told_the_way_in_and_not_let_in_calls_soon_and_again() -> None:
    """By hand: 2,000 users, half in a group without the permission; 40 % of these call within two minutes,
    and then 10 % of them each hour, whatever they were told.
    """
    apps, again = [AppShare(100, None, True)], (100,) * 6
    groups = [AccessGroup(50, frozenset({0})), AccessGroup(50, frozenset())]
    away = TurnedAway(40, (0, MINUTE_MS, 2 * MINUTE_MS))
    users = Users(1, 2000, apps, 0, (0, 0), groups, again_permille=again, turned_away=away)
    mailboxes_lost(users, 0)
    users.tell(0, UpdateChannel(100, (0, 0), False))
    assert len(users.calls.between(0, 6 * HOUR_MS)) == 0, "they know, and there is nothing to try"
    start_ms = HOUR_MS
    users.start_event(start_ms, 5 * HOUR_MS)
    soon = users.calls.between(0, start_ms + 2 * MINUTE_MS + 1)
    assert abs(len(soon) - 400) < 60
    assert soon.min() >= start_ms
    assert abs(len(users.calls.between(start_ms + 2 * MINUTE_MS + 1, 5 * HOUR_MS)) - 400) < 80
    assert len(users.calls.between(5 * HOUR_MS, 6 * HOUR_MS)) == 0, "the event is over; the update holds"
    parts = [0, HOUR_MS, HOUR_MS + 7, 2 * HOUR_MS, 6 * HOUR_MS]
    cut = [t for a, b in pairwise(parts) for t in users.calls.between(a, b).tolist()]
    assert cut == users.calls.between(0, 6 * HOUR_MS).tolist()


def test_nobody_calls_again_who_reaches_the_server_or_is_in_an_event() -> None:
    users = Users(1, 1000, [AppShare(100, 1, False)], 0, (0, 0), again_permille=(100,) * 6)
    half = np.arange(1000) < 500
    users.reach(0, half)
    whole = len(users.calls.between(0, 6 * HOUR_MS))
    assert 200 < whole < 300
    users.start_event(3 * HOUR_MS, 10 * HOUR_MS)
    assert 0 < len(users.calls.between(0, 6 * HOUR_MS)) < whole
    assert len(users.calls.between(3 * HOUR_MS + 1, 6 * HOUR_MS)) == 0


def dead_links(count: int = 1000, permille: tuple[int, ...] = (100,) * 6) -> Users:
    """Users who have their mailboxes, and from the first hour on no links that open."""
    users = Users(1, count, [AppShare(100, None, False)], 100, (0, 0), links_permille=permille)
    users.apps_reach(HOUR_MS, False)
    return users


def test_dead_links_bring_calls_while_they_are_dead_and_nobody_has_word() -> None:
    users = dead_links()
    moments_ms = users.calls.between(0, 6 * HOUR_MS)
    assert 430 < len(moments_ms) < 570, "a tenth in each of five hours"
    assert moments_ms.min() >= HOUR_MS
    parts = [0, HOUR_MS, 2 * HOUR_MS + 1, 5 * HOUR_MS, 6 * HOUR_MS]
    assert [t for a, b in pairwise(parts) for t in users.calls.between(a, b).tolist()] == moments_ms.tolist()
    users.apps_reach(3 * HOUR_MS, True)
    assert users.calls.between(0, 6 * HOUR_MS).tolist() == [t for t in moments_ms.tolist() if t < 3 * HOUR_MS]
    assert in_part_user_ms(users, 6 * HOUR_MS) == 1000 * 2 * HOUR_MS


def test_a_word_about_dead_links_holds_for_a_while_and_reaches_whom_it_reaches() -> None:
    """Every candidate, one by one: who has word that holds does not call."""
    users = dead_links()
    before = users.calls.between(0, 6 * HOUR_MS)
    users.tell(2 * HOUR_MS, UpdateChannel(70, (0, 60, 90), False), 4 * HOUR_MS)
    expected = []
    for user in range(1000):
        for moment_ms in _moments_of(user):
            told_ms = int(users.announcements.informed_ms[user])
            if moment_ms >= HOUR_MS and not (told_ms <= moment_ms < 4 * HOUR_MS):
                expected.append(moment_ms)
    after = users.calls.between(0, 6 * HOUR_MS)
    assert after.tolist() == sorted(expected)
    assert len(after) < len(before)
    assert len(users.calls.between(4 * HOUR_MS, 6 * HOUR_MS)) == int((before >= 4 * HOUR_MS).sum()), "afresh"


def _moments_of(user: int) -> list[int]:
    """When one user would call about links, whoever else is there."""
    moments, users = Callers(1, 1000, (100,) * 6, "calls about links").between(0, 6 * HOUR_MS)
    return moments[users == user].tolist()


def test_whoever_has_no_mailbox_calls_about_that() -> None:
    users = dead_links()
    mailboxes_lost(users, HOUR_MS)
    assert len(users.calls.between(HOUR_MS + 1, 6 * HOUR_MS)) == 0, "all called at once, and about mail"
    assert len(users.calls.between(0, 6 * HOUR_MS)) == 1000
    assert in_part_user_ms(users, 6 * HOUR_MS) == 0


@pytest.mark.parametrize("percent", [0, 37, 100])
def test_a_channel_reaches_the_share_that_it_names(percent: int) -> None:
    users = Users(1, 100_000, [AppShare(100, None, True)], 0, (0, 0))
    reached = users.tell(10, UpdateChannel(percent, (0, 0), False))
    assert abs(reached - 1_000 * percent) <= (0 if percent in (0, 100) else 500)


def test_a_word_from_before_the_loss_keeps_nobody_from_calling() -> None:
    told, silent = (Users(3, 200, [AppShare(100, None, False)], 60, (0, 5, 30)) for _ in range(2))
    told.tell(10, UpdateChannel(100, (0, 5), needs_mail=False))
    for users in (told, silent):
        mailboxes_lost(users, 50)
    assert told.calls.between(0, 1000).tolist() == silent.calls.between(0, 1000).tolist()
    assert len(told.calls.between(0, 1000)) > 60


def test_who_is_in_another_event_loses_nothing_when_one_of_two_ends() -> None:
    users = Users(3, 200, [AppShare(100, 1, True)], 60, (0, 5, 30))
    mailboxes_lost(users, 50)
    first = users.start_event(60, 500)
    users.start_event(60, 300)
    before = users.calls._call_ms.copy()
    users.end_event(200, first)
    assert users.calls._call_ms.tolist() == before.tolist()
    users.end_event(300)
    assert (users.calls._call_ms != before).any(), "now they are without mail again"


def test_who_is_signed_in_gets_in_until_the_session_has_to_be_renewed_and_back_when_a_log_on_works() -> None:
    """Sessions of 60 to 90; at 1,000 the directory dies, the event begins, and everybody is told."""
    everyone = np.arange(1000)
    sessions = Users(
        1, 1000, [AppShare(100, None, True, None, True)], 0, (0, 0), cloud_percent=70, session_ms=(60, 90)
    )
    without = Users(1, 1000, [AppShare(100, None, True, None, True)], 0, (0, 0), cloud_percent=70)
    for users in (sessions, without):
        mailboxes_lost(users, 1000)
        users.membership.ways.directory_lost(1000)
        users.start_event(1000, 10**6)
        users.tell(1000, UpdateChannel(100, (0, 0), False))
        users.membership.ways.take_cloud_passwords(2000)
        users.ways_changed(1000)

    def inside(users: Users, at_ms: int) -> int:
        return int(users.membership.in_continuity(everyone, np.int64(at_ms)).sum())

    assert inside(sessions, 1000) == 1000
    assert [inside(without, at_ms) for at_ms in (1000, 1999)] == [0, 0]
    left = [inside(sessions, at_ms) for at_ms in (1020, 1045, 1070, 1090)]
    assert left == sorted(left, reverse=True)
    assert 0.55 < left[0] / 1000 < 0.85, "of a session of 75 some time is over, as likely each as any"
    assert left[-1] == 0
    knows = int(sessions.membership.ways.knows_cloud_password.sum())
    assert inside(sessions, 2000) == inside(without, 2000) == knows
    for users in (sessions, without):
        users.membership.ways.directory_back(5000)
        users.ways_changed(5000)
        assert inside(users, 5000) == 1000
        assert inside(users, 1500) == 0, "what is past stays as it was"
    spared = lost_user_ms(without, 5000) - lost_user_ms(sessions, 5000)
    assert spared == sum(inside(sessions, at_ms) for at_ms in range(1000, 1090))
