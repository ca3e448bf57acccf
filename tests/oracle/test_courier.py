"""Courier by hand: which child gets a message, what a child remembers, and what counts in the schedule.

The oracle says so, and the engine's machine the same. By courieresmtp.c, libesmtp.c and cdmsgq3.C of Courier
1.4.1, and by runs of it (`tests/fidelity`).
"""

from collections import Counter

import pytest

from tests.oracle.destination import Resolver, Timeline
from tests.oracle.test_senders import BOTH, HOUR, agreed, attempts, host, play, times

FAST = {"retryalpha": "10s", "retrybeta": "9", "esmtpdelay": "30s"}


def test_courier_s_children_put_off_a_hundred_messages_a_second() -> None:
    """By hand: four connections fail at 0, and their children are free again at 1 s. They put off the other
    396 messages, four every 37 ms, the last at 1 s + 98 x 37 ms. Five minutes later all are due in the same
    order; the destination is back, and they leave as fast. At four a second it would take until 399 s.
    """
    history = agreed("courier", [0] * 400, host("mx1", (0, "refused"), (200_000, "up")))
    assert Counter(m.put_off[0] for m in history.messages if m.put_off) == Counter(
        {1_000 + n * 37: 4 for n in range(99)}
    )
    assert sorted(m.ended_ms or 0 for m in history.messages)[4:] == sorted(
        301_000 + n * 37 for n in range(99) for _ in range(4)
    )
    assert history.messages[0].ended_ms == 300_000


def test_a_backlog_at_courier_begins_to_leave_with_its_own_schedule() -> None:
    """A hundred messages, all timers 150 times faster, back after 10 s: the groups' pause of 12 s begins at
    some 6 s. At four messages a second some attempt would come at any time, the first in the moment of the
    return.
    """
    fast = {"retryalpha": "2s", "retrygamma": "6s", "queuetime": "300s", "warntime": "96s", "esmtpdelay": "2"}
    history = agreed("courier", [0] * 100, host("mx1", (0, "refused"), (10_000, "up")), **fast)
    assert 7_000 < min(m.ended_ms or 0 for m in history.messages) - 10_000 < 9_000


def test_courier_keeps_its_connection_to_the_backup_for_a_minute() -> None:
    mx1, mx2 = host("mx1", (0, "refused"), (30_000, "up")), host("mx2", (0, "up"))
    history = play("courier", [1_000, 60_000, 119_000, 190_000], mx1, mx2, mx=BOTH, until=HOUR)
    assert [[name for _, name in m] for m in attempts(history)] == [["mx1", "mx2"], ["mx2"], ["mx2"], ["mx1"]]


def test_the_first_child_that_idles_gets_the_message() -> None:
    """Two children fail in the same second; the first serves both messages when the host is back."""
    mx1 = host("mx1", (0, "refused"), (10_500, "up"))
    history = agreed("courier", [1_000, 1_500], mx1, esmtpdelay="2s", retryalpha="10s")
    assert times(history) == [[1_000, 11_000], [1_500, 11_500]]
    assert history.connections == [(1_000, "mx1"), (1_500, "mx1"), (11_000, "mx1")]


def test_even_if_it_is_still_pausing_and_another_has_a_connection() -> None:
    """The first child fails at 1 s and pauses until 31 s. Two messages come at 6 s: it puts one off, and a
    second child delivers the other. The fourth message goes to the first child, and waits.
    """
    mx1 = host("mx1", (0, "refused"), (5_000, "up"))
    history = agreed("courier", [1_000, 6_000, 6_000, 8_000], mx1, **FAST)
    assert [m.ended_ms for m in history.messages] == [31_000, 36_000, 6_000, 38_000]
    assert [len(m.put_off) for m in history.messages] == [2, 3, 0, 3]
    assert history.connections == [(1_000, "mx1"), (6_000, "mx1"), (31_000, "mx1")]


def test_a_child_that_has_idled_for_a_minute_ends_and_its_memory_with_it() -> None:
    """esmtpdelay is 300 s. What the child gets after 39 s is put off, and that counts for the schedule; after
    160 s there is a new child, which connects.
    """
    history = agreed("courier", [1_000, 40_000, 200_000], host("mx1", (0, "refused")))
    first, second, third = history.messages
    assert [t for t, _ in first.attempts][:3] == [1_000, 301_000, 601_000]
    assert second.put_off[:3] == [40_000, 340_000, 640_000]
    assert [t for t, _ in third.attempts][:2] == [200_000, 500_000]


@pytest.mark.parametrize(("answer", "connections"), [("greeting_4xx", [1_000, 5_000]), ("refused", [1_000])])
def test_a_host_that_greets_with_421_does_not_make_the_child_pause(
    answer: str, connections: list[int]
) -> None:
    history = agreed("courier", [1_000, 5_000], host("mx1", (0, answer), (8_000, "up")), **FAST)
    assert [t for t, _ in history.connections if t < 8_000] == connections


def test_a_child_whose_lookup_failed_pauses() -> None:
    """The resolver answers again at 45 s; the second message comes at 50 s, within a minute."""
    mx = Resolver(Timeline(((0, "servfail"), (45_000, ("mx1",)))))
    history = agreed("courier", [1_000, 50_000], host("mx1", (0, "up")), mx=mx)
    assert [m.ended_ms for m in history.messages] == [301_000, 350_000]


def test_the_delay_notice_counts_as_an_attempt_for_the_next_wait_alone() -> None:
    """As in the run `e1-courier-d10-down`: after the sixth attempt, the last of its group, the notice takes
    the place of a seventh, and the pause of 24 s does not come.
    """
    control = {"retryalpha": "4s", "retrybeta": "2", "retrygamma": "3s", "retrymaxdelta": "4"}
    history = agreed("courier", [0], host("mx1", (0, "defer")), **control, warntime="30s", queuetime="3m")
    seconds = [0, 4, 10, 14, 26, 30, 34, 38, 86, 90, 138, 142, 190]
    assert times(history) == [[1_000 * s for s in seconds]]
    assert history.messages[0].notices == [30_000]
    unwarned = agreed("courier", [0], host("mx1", (0, "defer")), **control, warntime="0", queuetime="3m")
    assert times(unwarned) == [[1_000 * s for s in (0, 4, 10, 14, 26, 30, 54, 58, 106, 110, 158, 162, 210)]]
