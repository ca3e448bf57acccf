"""Mailboxes that take so much in an hour, against a plain count at each look."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.queue.receiver_condition import UP, Condition
from sim.mail.server.mailbox_limit import Mailboxes, MailboxRules

RULES = MailboxRules(5, "554 5.2.122 full")
SPAN_MS = 4 * HOUR_MS
MAIL = st.lists(st.tuples(st.integers(0, SPAN_MS - 1), st.integers(0, 2)), max_size=120).map(sorted)


class Tenant:
    """A server that is brought `mail` whatever its mailboxes say."""

    def __init__(self, mail: list[tuple[int, int]]) -> None:
        self.time_ms = np.array([at_ms for at_ms, _ in mail], dtype=np.int64)
        self.user = np.array([user for _, user in mail], dtype=np.int32)
        self.now_ms = self.looks = 0
        self.changed: list[tuple[int, tuple[int, ...]]] = []
        self.mailboxes = Mailboxes(RULES, self.coming, lambda: None)

    def coming(self, bound_ms: int) -> list[np.ndarray]:
        return [self.time_ms[(self.time_ms >= self.now_ms) & (self.time_ms < bound_ms)]]

    def advance(self, to_ms: int) -> None:
        some = (self.time_ms >= self.now_ms) & (self.time_ms < to_ms)
        self.mailboxes.took(self.time_ms[some], self.user[some])
        self.now_ms = to_ms

    def play(self, to_ms: int) -> None:
        while (at_ms := self.mailboxes.first_crossing(self.now_ms, to_ms)) is not None:
            self.advance(at_ms)
            self.mailboxes.cross(at_ms)
            self.looks += 1
            shut = self.mailboxes.meets(UP).users
            if shut != (self.changed[-1][1] if self.changed else ()):
                self.changed.append((at_ms, shut))
        self.advance(to_ms)


def plainly(mail: list[tuple[int, int]]) -> list[tuple[int, tuple[int, ...]]]:
    """Who is shut from when on, by looking each minute."""
    shut: dict[int, int] = {}
    changed: list[tuple[int, tuple[int, ...]]] = []
    for look_ms in range(MINUTE_MS, SPAN_MS, MINUTE_MS):
        shut = {user: until_ms for user, until_ms in shut.items() if until_ms > look_ms}
        lately = Counter(user for at_ms, user in mail if look_ms - HOUR_MS <= at_ms < look_ms)
        for user, count in lately.items():
            if count > RULES.most:
                shut.setdefault(user, look_ms + HOUR_MS)
        now = tuple(sorted(shut))
        if now != (changed[-1][1] if changed else ()):
            changed.append((look_ms, now))
    return changed


@given(MAIL, st.lists(st.integers(0, SPAN_MS), max_size=5).map(sorted))
def test_every_mailbox_is_closed_and_opened_as_by_a_count_each_minute(
    mail: list[tuple[int, int]], cuts_ms: list[int]
) -> None:
    tenant = Tenant(mail)
    for cut_ms in [*cuts_ms, SPAN_MS]:
        tenant.play(cut_ms)
    assert tenant.changed == plainly(mail)


def test_five_are_taken_and_the_sixth_shuts_for_an_hour() -> None:
    tenant = Tenant([(n * 1_000, 2) for n in range(6)])
    tenant.play(SPAN_MS)
    assert tenant.changed == [(MINUTE_MS, (2,)), (HOUR_MS + MINUTE_MS, ())]
    five = Tenant([(n * 1_000, 2) for n in range(5)])
    five.play(SPAN_MS)
    assert five.changed == []
    assert five.looks == 0, "nobody looks where nothing can be found"


def test_what_is_met_of_a_shut_mailbox_and_of_a_server_in_trouble() -> None:
    tenant = Tenant([(n * 1_000, 1) for n in range(6)])
    assert tenant.mailboxes.meets(UP) is UP
    tenant.play(2 * MINUTE_MS)
    met = tenant.mailboxes.meets(UP)
    assert (met.answer, met.of, met.users, met.reply) == ("reject", "recipients", (1,), RULES.reply)
    assert not met.total
    assert not met.by_chance
    trouble = Condition("defer", 300)
    assert tenant.mailboxes.meets(trouble) is trouble
