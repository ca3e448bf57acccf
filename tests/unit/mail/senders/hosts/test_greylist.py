"""A greylist by hand: whom it puts off, from when on, and what a contact is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.senders.hosts.greylist import Contacts, Greylist

DELAY_MS = 5 * MINUTE_MS


def numbers(*some: int) -> NDArray[np.int64]:
    return np.array(some, dtype=np.int64)


def by_last_digit(ids: NDArray[np.int64]) -> NDArray[np.int32]:
    return (ids % 10).astype(np.int32)


def contacts(*lists: Greylist | None) -> Contacts:
    """Hosts `h0`, `h1`, …, each with its greylist."""
    return Contacts({f"h{n}": one for n, one in enumerate(lists) if one is not None})


def greylist(*, by_pair: bool = False) -> Greylist:
    return Greylist(by_last_digit if by_pair else None, [(0, DELAY_MS)])


def test_the_rule_in_force_is_the_last_that_had_begun() -> None:
    rule = Greylist(None)
    assert rule.delay_ms(numbers(0, HOUR_MS)).tolist() == [0, 0], "off, unless somebody says otherwise"
    rule.becomes(1000, DELAY_MS)
    rule.becomes(5000, 70)
    rule.becomes(5000, 80)
    rule.becomes(9000, 0)
    assert rule.delay_ms(numbers(0, 999, 1000, 4999, 5000, 8999, 9000)).tolist() == [
        0, 0, DELAY_MS, DELAY_MS, 80, 80, 0,
    ]  # fmt: skip


def test_a_first_contact_is_put_off_until_the_delay_has_passed() -> None:
    rule, known = greylist(by_pair=True), dict[tuple[str, int], int]()
    assert rule.puts_off(known, "h0", 13, 1000)
    assert rule.puts_off(known, "h0", 23, 1000 + DELAY_MS - 1), "another message to the same recipient"
    assert not rule.puts_off(known, "h0", 23, 1000 + DELAY_MS)
    assert rule.puts_off(known, "h0", 14, 1000 + DELAY_MS), "to somebody else"
    assert rule.puts_off(known, "h1", 13, 1000 + DELAY_MS), "at another host"
    assert known == {("h0", 3): 1000, ("h0", 4): 1000 + DELAY_MS, ("h1", 3): 1000 + DELAY_MS}


def test_by_organisation_the_recipient_is_no_matter() -> None:
    rule, known = greylist(), dict[tuple[str, int], int]()
    assert rule.puts_off(known, "h0", 13, 1000)
    assert not rule.puts_off(known, "h0", 14, 1000 + DELAY_MS)


def test_while_it_is_off_nobody_becomes_known() -> None:
    rule, known = Greylist(None, [(0, 0), (500, DELAY_MS)]), dict[tuple[str, int], int]()
    assert not rule.puts_off(known, "h0", 1, 499)
    assert known == {}
    assert rule.puts_off(known, "h0", 1, 500)


def test_many_at_once_fare_as_one_by_one() -> None:
    """Organisations 4 and 5; to recipients by the last digit."""
    one = contacts(greylist(by_pair=True), None)
    assert one.names == ("h0",)
    who, ids = numbers(4, 4, 5, 4), numbers(11, 12, 11, 21)
    times_ms = numbers(9000, 2000, 3000, 1000)
    assert one.learn("h0", who, ids, times_ms)
    later_ms = times_ms + DELAY_MS
    assert one.put_off("h0", who, ids, later_ms - 1).tolist() == [False, True, True, True]
    assert one.put_off("h0", who, ids, later_ms).tolist() == [False] * 4
    assert one.put_off("h0", who, ids, numbers(999, 1999, 3000, 1000)).tolist() == [False, False, True, True]
    assert one.put_off("h0", numbers(5, 6, 3), numbers(12, 11, 11), numbers(2000, 2000, 2000)).tolist() == [
        False, False, False,
    ], "who has not come yet"  # fmt: skip
    assert [one.before(at_ms) for at_ms in (1000, 1001, 2001, 3001, HOUR_MS)] == [0, 1, 2, 3, 3]


def test_by_organisation_the_first_of_its_messages_counts() -> None:
    one = contacts(greylist())
    assert one.learn("h0", numbers(4, 5, 4), numbers(11, 12, 13), numbers(3000, 2000, 1000))
    later_ms = numbers(1000, 1999) + DELAY_MS
    assert one.put_off("h0", numbers(4, 5), numbers(99, 99), later_ms).tolist() == [False, True]
    assert one.before(HOUR_MS) == 2


def test_who_is_known_is_not_learnt_again() -> None:
    one = contacts(greylist(), greylist())
    assert one.learn("h0", numbers(4), numbers(1), numbers(1000))
    assert not one.learn("h0", numbers(4, 4), numbers(2, 3), numbers(500, 2000))
    assert one.learn("h0", numbers(4, 3, 9), numbers(2, 2, 2), numbers(2000, 3000, 4000))
    assert one.before(1001) == 1, "the first time stays"
    assert one.before(HOUR_MS) == 3
    assert one.learn("h1", numbers(4), numbers(1), numbers(5000)), "each host has its own list"
    assert one.before(HOUR_MS) == 4
    short = contacts(Greylist(None, [(0, 1)]))
    assert short.learn("h0", numbers(4), numbers(1), numbers(1000)), "a millisecond is a delay"
    off = contacts(Greylist(None))
    assert not off.learn("h0", numbers(4), numbers(1), numbers(1000))
    assert off.before(HOUR_MS) == 0


@pytest.mark.parametrize(
    ("from_ms", "later", "left"), [(2000, [False, True, True], 1), (2001, [False, False, True], 2)]
)
def test_what_was_foreseen_is_forgotten_from_a_moment_on(from_ms: int, later: list[bool], left: int) -> None:
    one = contacts(greylist())
    who, ids = numbers(4, 5, 6), numbers(1, 2, 3)
    one.learn("h0", who, ids, numbers(1000, 2000, 3000))
    assert one.of_later("h0", who, ids, from_ms).tolist() == later
    assert not one.of_later("h0", numbers(7), ids[:1], 0).any(), "nobody knows that one"
    one.forget("h0", from_ms)
    assert one.before(HOUR_MS) == left
    assert one.learn("h0", numbers(6), ids[2:], numbers(500)), "and can be learnt anew"
    assert one.before(501) == 1
