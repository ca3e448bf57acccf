"""Mail that was worthless before anybody could read it, against brute force."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import NEVER_MS
from sim.mail.accounts.late_mail import InboundMail, Lateness
from sim.mail.users.continuity_access import AppShare
from sim.mail.users.users import Users
from tests.examples import examples
from tests.outage import mailboxes_back, mailboxes_lost

HORIZON = 60
mail = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, HORIZON - 1), st.integers(0, 20), st.integers(0, 30)),
    max_size=12,
)
changes = st.lists(st.tuples(st.integers(1, HORIZON - 1), st.integers(0, 15)), max_size=6)


@examples(100)
@given(mail, changes, st.integers(0, HORIZON))
def test_it_counts_what_a_look_at_every_millisecond_counts(
    letters: list[tuple[int, int, int, int]], given_changes: list[tuple[int, int]], event_ms: int
) -> None:
    users = Users(1, 4, [AppShare(100, 1, False)], 0, (0, 0))
    lateness = Lateness(users)
    masks = {
        at_ms: np.array([bits >> n & 1 for n in range(4)], dtype=np.bool_) for at_ms, bits in given_changes
    }
    due = sorted((arrival + wait, user, arrival, arrival + life) for user, arrival, wait, life in letters)
    for now_ms in range(HORIZON):
        if now_ms in masks:
            users.reach(now_ms, masks[now_ms])
            lateness.reach(now_ms)
        if now_ms == event_ms:
            users.start_event(now_ms, 10 * HORIZON)
        for time_ms, user, arrival, worthless in due:
            if time_ms == now_ms:
                number = _number(time_ms, user, arrival, worthless)
                lateness.delivered(_mail(number, user, arrival, worthless), np.array([time_ms]))
    found = lateness.so_far(HORIZON, NOTHING)
    expected = [
        _number(time_ms, user, arrival, worthless)
        for time_ms, user, arrival, worthless in due
        if time_ms < HORIZON and _late(users, user, arrival, time_ms, worthless)
    ]
    assert sorted(found.tolist()) == sorted(expected)


def _mail(number: int, user: int, arrival: int, worthless: int) -> InboundMail:
    """One message."""
    users = np.array([user], dtype=np.int32)
    return InboundMail(np.array([number]), users, np.array([arrival]), np.array([worthless]))


NOTHING = _mail(0, 0, 0, 0).take(np.array([False]))


def _number(*what: int) -> int:
    """Which message it is."""
    return sum(number * 1_000**place for place, number in enumerate(what))


def _late(users: Users, user: int, arrival: int, time_ms: int, worthless: int) -> bool:
    """Whether nobody could read it up to and including its last useful millisecond, and that is over."""
    one = np.array([user])
    for now_ms in range(arrival, min(worthless + 1, HORIZON)):
        reached = now_ms >= time_ms and not users.absences.lost_at(one, np.array([now_ms]))[0]
        if reached or users.membership.in_continuity(one, np.array([now_ms]))[0]:
            return False
    return worthless < HORIZON


def test_mail_that_stays_useful_is_never_late() -> None:
    users = Users(1, 2, [AppShare(100, None, False)], 0, (0, 0))
    mailboxes_lost(users, 0)
    lateness = Lateness(users)
    lateness.delivered(_mail(1, 0, 5, NEVER_MS), np.array([5]))
    mailboxes_back(users, 10**9)
    lateness.reach(10**9)
    assert not len(lateness.so_far(10**9, NOTHING))
