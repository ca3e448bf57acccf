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
    """By hand: four connections fail at 0, and their children put off the other 396 messages, four every 37
    ms, the last at 98 x 37 ms. The scheduler counts whole seconds: five minutes later it starts those of each
    second together, when its sleep of whole seconds since the last deferral is over (3.663 s and 297 s). The
    destination is back, and they leave, of the 116 of the first second the first message among the last four.
    At four a second it would take until 399 s.
    """
    history = agreed("courier", [0] * 400, host("mx1", (0, "refused"), (200_000, "up")))
    assert Counter(m.put_off[0] for m in history.messages if m.put_off) == Counter(
        {n * 37: 4 for n in range(99)}
    )
    for message in history.messages:
        put_off_s = message.put_off[0] // 1000 if message.put_off else 0
        assert (message.ended_ms or 0) // 1000 == 300 + put_off_s
    assert history.messages[0].ended_ms == 300_663 + 28


@pytest.mark.parametrize("deferral_time", ["1ms", "22ms", "37ms"])
@pytest.mark.parametrize("start_ms", [0, 700])
def test_a_backlog_at_courier_begins_to_leave_with_its_own_schedule(
    start_ms: int, deferral_time: str
) -> None:
    """A hundred messages within 0.4 s, all timers 150 times faster, back after 10 s. After attempts at 0, 2
    and 4 s comes the groups' pause of 12 s, and each wake is at most half a second late: 16 s after the
    arrival, or 15 s by a clock that counts whole seconds. A real server began after 5.5, 5.5 and 6.5 s with
    its queue in memory, and after 5.2, 6.0 and 6.1 s on a disk (`e4-courier-*burst100-*`). At four messages a
    second some attempt would come at any time, the first in the moment of the return.
    """
    fast = {"retryalpha": "2s", "retrygamma": "6s", "queuetime": "300s", "warntime": "96s", "esmtpdelay": "2"}
    mx1 = host("mx1", (0, "refused"), (start_ms + 10_000, "up"))
    arrivals = [start_ms + 4 * n for n in range(100)]
    history = agreed("courier", arrivals, mx1, **fast, deferral_time=deferral_time)
    assert 5_200 < min(m.ended_ms or 0 for m in history.messages) - start_ms - 10_000 < 6_700


def test_the_last_deferred_of_a_second_starts_first() -> None:
    """Four children fail with the first four messages at 1 s, and put the other two off. Ten seconds later
    all six are due. The sink takes a second for each, and the two that wait are the first that were deferred.
    """
    mx1 = host("mx1", (0, "refused"), (5_000, "up"), service_ms=1_000)
    history = agreed("courier", [1_000] * 6, mx1, retryalpha="10s", esmtpdelay="2s")
    started = [m.attempts[-1][0] // 1000 for m in history.messages]
    assert started == [12, 12, 11, 11, 11, 11]


def test_courier_keeps_its_connection_to_the_backup_for_a_minute() -> None:
    mx1, mx2 = host("mx1", (0, "refused"), (30_000, "up")), host("mx2", (0, "up"))
    history = play("courier", [1_000, 60_000, 119_000, 190_000], mx1, mx2, mx=BOTH, until=HOUR)
    assert [[name for _, name in m] for m in attempts(history)] == [["mx1", "mx2"], ["mx2"], ["mx2"], ["mx1"]]


def test_a_message_goes_to_the_first_child_that_idles() -> None:
    """The second message comes while the only child pauses. Both are due in the same second, and the
    scheduler wakes for both, ten seconds after the last deferral ended (1.537 s). So it takes a second child.
    """
    mx1 = host("mx1", (0, "refused"), (10_500, "up"))
    history = agreed("courier", [1_000, 1_500], mx1, esmtpdelay="2s", retryalpha="10s")
    assert times(history) == [[1_000, 11_537], [11_537]]
    assert history.messages[1].put_off == [1_500]
    assert history.connections == [(1_000, "mx1"), (11_537, "mx1"), (11_537, "mx1")]


def test_even_if_it_is_still_pausing_and_another_has_a_connection() -> None:
    """The first child fails at 1 s and pauses until 31 s. Two messages come at 6 s: it puts one off, and a
    second child delivers the other. The fourth message goes to the first child, and waits.
    """
    mx1 = host("mx1", (0, "refused"), (5_000, "up"))
    history = agreed("courier", [1_000, 6_000, 6_000, 8_000], mx1, **FAST)
    assert [(m.ended_ms or 0) // 1000 for m in history.messages] == [31, 36, 6, 38]
    assert [len(m.put_off) for m in history.messages] == [2, 3, 0, 3]
    assert [t // 1000 for t, _ in history.connections] == [1, 6, 31]


def test_a_child_that_has_idled_for_a_minute_ends_and_its_memory_with_it() -> None:
    """esmtpdelay is 300 s. What the child gets after 39 s is put off, and that counts for the schedule; after
    160 s there is a new child, which connects.
    """
    history = agreed("courier", [1_000, 40_000, 200_000], host("mx1", (0, "refused")))
    first, second, third = history.messages
    assert [t // 1000 for t, _ in first.attempts][:3] == [1, 301, 601]
    assert [t // 1000 for t in second.put_off][:3] == [40, 340, 640]
    assert [t // 1000 for t, _ in third.attempts][:2] == [200, 500]


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
    assert [(m.ended_ms or 0) // 1000 for m in history.messages] == [301, 350]


def test_the_delay_notice_counts_as_an_attempt_for_the_next_wait_alone() -> None:
    """As in the run `e1-courier-d10-down`: after the sixth attempt, the last of its group, the notice takes
    the place of a seventh, and the pause of 24 s does not come.
    """
    control = {"retryalpha": "4s", "retrybeta": "2", "retrygamma": "3s", "retrymaxdelta": "4"}
    history = agreed("courier", [0], host("mx1", (0, "defer")), **control, warntime="30s", queuetime="3m")
    seconds = [0, 4, 10, 14, 26, 30, 34, 38, 86, 90, 138, 142, 190]
    assert [t // 1000 for t in times(history)[0]] == seconds
    assert [t // 1000 for t in history.messages[0].notices] == [30]
    unwarned = agreed("courier", [0], host("mx1", (0, "defer")), **control, warntime="0", queuetime="3m")
    seconds = [0, 4, 10, 14, 26, 30, 54, 58, 106, 110, 158, 162, 210]
    assert [t // 1000 for t in times(unwarned)[0]] == seconds


def test_a_message_that_courier_has_forgotten_leaves_when_half_of_the_others_have() -> None:
    """By hand, with room for 40: messages come a second apart, and each is due 60 s later. The 41st takes the
    place of the 40th, the 42nd that of the 41st, and so on: the last five but one are on disk. The first 39
    and the last fail again after 60 s and are due 1,000 s later. The destination is back at 300 s; when 21 of
    the 40 have left, at 1,080 s, the disk is read, and those five, due since 99 s, leave at once.
    """
    slow = {"retryalpha": "60s", "retrybeta": "2", "retrygamma": "1000s", "retrymaxdelta": "0"}
    mx1 = host("mx1", (0, "refused"), (300_000, "up"))
    arrivals = [1_000 * n for n in range(45)]
    history = agreed("courier", arrivals, mx1, **slow, warntime="0", queuelo="20", queuehi="40")
    ended_s = [(m.ended_ms or 0) // 1000 for m in history.messages]
    assert ended_s[39:44] == [1_080] * 5
    assert ended_s[:39] == list(range(1_060, 1_099))
    assert ended_s[44] == 1_104
    without = agreed("courier", arrivals, mx1, **slow, warntime="0")
    assert [(m.ended_ms or 0) // 1000 for m in without.messages] == list(range(1_060, 1_105))


def test_courier_reads_its_queue_again_if_a_new_message_finds_no_room() -> None:
    """By hand: 20 messages fill the memory and wait for a slow host, four at a time. The 21st finds no room,
    and no message that is due later. With `queuelo` equal to `queuehi` it is read when the first is done.
    """
    mx1 = host("mx1", (0, "up"), service_ms=10_000)
    history = agreed("courier", [0] * 21, mx1, queuelo="20", queuehi="20")
    assert [(m.ended_ms or 0) // 1000 for m in history.messages] == [10 * (n // 4 + 1) for n in range(21)]
