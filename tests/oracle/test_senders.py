"""The oracle alone: with one message it must tell the story that `probe retry` tells; and what is
documented of several messages and several hosts, in worlds small enough to be followed by hand.
"""

from collections import Counter
from itertools import pairwise

import pytest

from sim.mail.platforms.platform import load_platform, platform_ids
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.probes.retry import ARRIVAL_MS, probe_retry
from tests.oracle.destination import Host, Partly, Resolver, Timeline
from tests.oracle.played import agree
from tests.oracle.senders import History, World, relay
from tests.shipped import FILES

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SCAN_MS = 137_000
MX1 = Resolver(Timeline(((0, ("mx1",)),)))
BOTH = Resolver(Timeline(((0, ("mx1", "mx2")),)))


def play(
    platform: str,
    arrivals: list[int],
    *hosts: Host,
    until: int = 9 * DAY,
    mx: Resolver = MX1,
    **settings: str,
) -> History:
    return relay(World(load_platform(FILES, platform, settings), arrivals, hosts, mx, until, SCAN_MS))


def agreed(platform: str, arrivals: list[int], *hosts: Host, mx: Resolver = MX1, **settings: str) -> History:
    """The same for twelve hours, if the engine's machine tells it too, looked ahead from twice."""
    world = World(load_platform(FILES, platform, settings), arrivals, hosts, mx, 12 * HOUR, SCAN_MS)
    return agree(world, cuts_ms=[arrivals[-1] + 1, 2 * HOUR], ahead_ms=3 * HOUR)


def host(name: str, *spells: tuple[int, str], servers: int | None = None, service_ms: int = 0) -> Host:
    return Host(name, Timeline(spells), servers, service_ms)


@pytest.mark.parametrize("failure", list(AttemptFailure))
@pytest.mark.parametrize("platform_id", platform_ids(FILES))
def test_one_message_alone_fares_as_in_the_probe(platform_id: str, failure: AttemptFailure) -> None:
    for recovers_ms in (None, 10 * MINUTE + 1, 7 * HOUR + 123, 50 * HOUR):
        platform = load_platform(FILES, platform_id, scan_phase_ms=SCAN_MS)
        if failure in {AttemptFailure.REJECT, AttemptFailure.GREETING_5XX} and recovers_ms is None:
            continue
        probe = probe_retry(platform, failure, recovers_ms)
        spells = [(0, failure.value)] + ([(ARRIVAL_MS + recovers_ms, "up")] if recovers_ms else [])
        only = Host("mx1", Timeline(tuple(spells)))
        message = relay(World(platform, [ARRIVAL_MS], [only], MX1, 40 * DAY, SCAN_MS)).messages[0]
        if (
            platform.file.fallback[failure.value].value in {"bounce", "next-or-bounce"}
            and failure is AttemptFailure.GREETING_5XX
        ):
            assert (message.fate, len(message.attempts)) == ("bounced", 1)
            continue
        ended_ms = probe.delivered_ms if probe.bounce_ms is None else probe.bounce_ms
        assert ended_ms is not None
        assert message.fate == ("delivered" if probe.bounce_ms is None else "bounced")
        assert [t - ARRIVAL_MS for t, _ in message.attempts] == list(probe.attempts_ms)
        assert [t - ARRIVAL_MS for t in message.notices] == list(probe.notices_ms)
        assert message.ended_ms == ARRIVAL_MS + ended_ms


def attempts(history: History) -> list[list[tuple[int, str]]]:
    return [m.attempts for m in history.messages]


def times(history: History) -> list[list[int]]:
    return [[t for t, _ in m.attempts] for m in history.messages]


EIGHT = list(range(1_000, 1_800, 100))
"""Messages of one second, far enough apart that each is over before the next begins."""


def test_postfix_declares_a_destination_dead_and_puts_the_rest_off() -> None:
    """Eight messages are due in one scan: five are tried at once, after the fourth failure the destination
    is dead. The others are put off without a connection, which moves their back-off all the same.
    """
    history = play("postfix", EIGHT, host("mx1", (0, "refused")), until=HOUR)
    scans = [437_000, 1_037_000, 2_237_000]  # ages 436, 1036 s: each wait doubles the age
    assert times(history) == [[t, *scans] for t in EIGHT[:5]] + [[t] for t in EIGHT[5:]]
    assert [m.put_off for m in history.messages] == [[]] * 5 + [scans] * 3


def test_postfix_puts_off_new_mail_for_a_dead_destination() -> None:
    arrivals = [*EIGHT, 437_500, 736_999, 737_001]
    history = play("postfix", arrivals, host("mx1", (0, "refused")), until=HOUR)
    assert [m.put_off[:1] for m in history.messages[8:10]] == [[437_500], [736_999]]
    assert history.messages[10].attempts[0] == (737_001, "mx1")


@pytest.mark.parametrize(("apart_ms", "connections"), [(2, 4), (49, 4), (50, 40), (200, 40)])
def test_postfix_finds_a_destination_dead_in_a_burst_of_new_mail(apart_ms: int, connections: int) -> None:
    """Four refusals that are under way together make it dead (a real one: 4 to 6 connections for 200
    messages within 0.3 s, and one for each message if they come one by one).
    """
    arrivals = [1_000 + apart_ms * n for n in range(40)]
    history = agreed("postfix", arrivals, host("mx1", (0, "refused"), (HOUR, "up")))
    assert sum(t < MINUTE for t, _ in history.connections) == connections
    assert all(m.put_off[0] == m.arrival_ms for m in history.messages[connections:])


def test_exchange_keeps_one_clock_for_the_queue_and_a_success_releases_everything() -> None:
    """Four times a minute, then 5 minutes; messages 2 and 3 never make a connection of their own."""
    mx1 = host("mx1", (0, "refused"), (20 * MINUTE, "up"))
    history = play("exchange-server", [1_000, 2_000, 50_000], mx1, until=HOUR)
    clock = [1_000, 61_000, 121_000, 181_000, 241_000, 541_000, 841_000, 1_141_000, 1_441_000]
    assert times(history) == [clock, [1_441_000], [1_441_000]]


def test_exchange_counts_one_failure_when_many_connections_time_out_together() -> None:
    """Twenty at a time; the queue goes into Retry once, a minute after the first of them failed."""
    history = play("exchange-server", [1_000] * 30, host("mx1", (0, "timeout")), until=3 * MINUTE)
    assert sorted({t for m in times(history) for t in m}) == [1_000, 82_000, 163_000]
    assert sum(len(m) for m in times(history)) == 20 + 1 + 1


def test_opensmtpd_leaves_a_route_that_failed_alone_for_15_s() -> None:
    """The session to the backup, begun at 3 s, stays open until 13 s; the next one begins at 13.001 s."""
    mx1, mx2 = host("mx1", (0, "refused")), host("mx2", (0, "up"))
    history = agreed("opensmtpd", [1_000, 13_001, 29_000], mx1, mx2, mx=BOTH)
    both = ["mx1", "mx2"]
    assert [[name for _, name in m] for m in attempts(history)] == [both, ["mx2"], both]


def test_opensmtpd_stays_with_the_backup_while_its_session_lives() -> None:
    """The primary is back after 20 s, but there is mail every 9 s; the session looks for it once a second.
    After 12 s without mail it is gone.
    """
    mx1, mx2 = host("mx1", (0, "refused"), (20_000, "up")), host("mx2", (0, "up"))
    mail = [1_000, 10_500, 19_500, 28_500, 37_500, 50_500]
    history = agreed("opensmtpd", mail, mx1, mx2, mx=BOTH)
    assert attempts(history)[1:] == [
        [(11_000, "mx2")],
        [(20_000, "mx2")],
        [(29_000, "mx2")],
        [(38_000, "mx2")],
        [(50_500, "mx1")],
    ]
    assert history.connections == [(1_000, "mx1"), (3_000, "mx2"), (50_500, "mx1")]


def test_a_refused_connection_holds_opensmtpd_s_mail_for_11_s() -> None:
    """By hand (measured: e14-opensmtpd-held-back3): the connection at 1 s is refused, no route is left at 3
    s, and the next check at 12 s defers what has come until then, although the host is back at 5 s. The
    route is paused until 16 s: the message of 14 s is deferred at once, that of 17 s gets through.
    """
    mx1 = host("mx1", (0, "refused"), (5_000, "up"))
    history = agreed("opensmtpd", [1_000, 1_000, 7_000, 14_000, 17_000], mx1)
    assert times(history) == [[1_000, 401_000], [401_000], [407_000], [414_000], [17_000]]
    assert [m.put_off for m in history.messages] == [[], [12_000], [12_000], [14_000], []]


def test_opensmtpd_holds_back_what_comes_beyond_50() -> None:
    """By hand (measured: e14-opensmtpd-hold-n70): a message gets through, so the domain is known; seventy
    come while the host is down. Fifty of them are deferred together and leave with the next success; the
    others are only put back and keep their own time.
    """
    mx1 = host("mx1", (0, "up"), (500_000, "refused"), (1_020_000, "up"))
    history = agreed("opensmtpd", [0, *range(1_000_000, 1_007_000, 100), 1_050_000], mx1)
    ends = [m.ended_ms for m in history.messages]
    assert ends[1:51] == [1_050_000] * 50
    own_ms = [at_ms + 400_000 for at_ms in range(1_005_000, 1_007_000, 100)]
    assert all(own <= (end or 0) <= own + 1_000 for end, own in zip(ends[51:71], own_ms, strict=True))


def test_opensmtpd_closes_a_connection_after_ten_refused_recipients() -> None:
    """By hand (measured: e14-opensmtpd-451-n40): forty messages, ten over each connection, 5 s apart."""
    history = agreed("opensmtpd", [0] * 40, host("mx1", (0, "defer"), (300_000, "up")))
    first = Counter(m.attempts[0][0] for m in history.messages)
    assert first == dict.fromkeys(range(0, 20_000, 5_000), 10)
    assert [t for t, _ in history.connections][:4] == list(range(0, 20_000, 5_000))


def test_opensmtpd_opens_one_more_session_every_5_s() -> None:
    """Each message takes 4 s. The sessions start at 1, 6, 11, 16 and 21 s, five of them at most."""
    history = agreed("opensmtpd", [1_000] * 200, host("mx1", (0, "up"), service_ms=4_000))
    assert history.connections[:5] == [(1_000 + 5_000 * n, "mx1") for n in range(5)]
    spans = [(m.attempts[0][0], m.ended_ms or 0) for m in history.messages]
    assert [sum(a <= t < b for a, b in spans) for t in range(3_000, 58_000, 5_000)] == [1, 2, 3, 4] + [5] * 7
    assert {m.fate for m in history.messages} == {"delivered"}


def test_opensmtpd_drains_85_messages_of_40_s_over_5_connections() -> None:
    """By hand: 17 for each connection, 680 s; the fifth begins 20 s after the first. Over 10 it would be 380
    s. With no message before, nothing is released: all come at the square of 1,600 s.
    """
    mx1 = host("mx1", (0, "refused"), (500_000, "up"), service_ms=40_000)
    history = agreed("opensmtpd", [0] * 85, mx1)
    assert max(m.ended_ms or 0 for m in history.messages) == 1_600_000 + 20_000 + 680_000
    order = [m.id for m in sorted(history.messages, key=lambda m: m.attempts[-1][0])]
    assert sum(a < b for a, b in pairwise(order)) in range(30, 55)  # neither ascending nor descending


def test_opensmtpd_s_first_success_releases_all_that_waits() -> None:
    """By hand: a message is delivered at 0; three are deferred at 1,000, 1,100 and 1,200 s; the destination
    is back at 5,000 s. The first square after that is message 2's, 1,000 + 6,400 s, without the release; here
    a new message at 5,400 s has the others sent in the same session, at once.
    """
    mx1 = host("mx1", (0, "up"), (500_000, "refused"), (5_000_000, "up"))
    history = agreed("opensmtpd", [0, 1_000_000, 1_100_000, 1_200_000, 5_400_000], mx1)
    assert [m.ended_ms for m in history.messages] == [0, *[5_400_000] * 4]


@pytest.mark.parametrize(("back_s", "released"), [(14_399, True), (14_400, False)])
def test_opensmtpd_forgets_a_domain_after_four_hours(back_s: int, released: bool) -> None:
    """Message 2 is deferred from 1,000 s on; its square of 14,400 s is at 15,400 s."""
    mx1 = host("mx1", (0, "up"), (500_000, "refused"), (14_000_000, "up"))
    history = agreed("opensmtpd", [0, 1_000_000, back_s * 1_000], mx1)
    assert history.messages[1].ended_ms == (back_s * 1_000 if released else 15_400_000)


def test_opensmtpd_releases_nothing_that_was_deferred_by_a_reply() -> None:
    mx1 = host("mx1", (0, "up"), (500_000, "defer"), (1_200_000, "up"))
    history = agreed("opensmtpd", [0, 1_000_000, 1_300_000], mx1)
    assert history.messages[1].ended_ms == 1_400_000


def test_of_100_that_opensmtpd_releases_50_leave_at_once() -> None:
    """By hand (measured: e14-opensmtpd-most-n135): a hundred of 135 deferred messages are remembered. Fifty
    of them are taken up with the success; the others are held back, and once they are given back they wait
    for their own time.
    """
    mx1 = host("mx1", (0, "up"), (500_000, "refused"), (2_000_000, "up"))
    bursts = [at_ms for at_ms in (1_000_000, 1_020_000, 1_040_000) for _ in range(45)]
    history = agreed("opensmtpd", [0, *bursts, 2_100_000], mx1)
    ends = Counter(m.ended_ms for m in history.messages)
    assert (ends[0], ends[2_100_000]) == (1, 51)
    assert sum(ends[at_ms + 1_600_000] for at_ms in (1_000_000, 1_020_000, 1_040_000)) == 85


def test_opensmtpd_on_a_host_that_comes_and_goes() -> None:
    """By hand: down for 2,400 s, up for 600 s, and so on (12 and 3 s of a clock that runs 200 times too
    fast). The squares of message 1 are at 400, 1,600, 3,600, 6,400 and 10,000 s, all while the host is down;
    so it would take 14,400 s. Message 2 is delivered at its square of 2,500 s: from then on the domain is
    known, and message 1 is put in its list at 3,600 s. Message 3 comes at 5,415 s and brings it along.
    """
    spells = [(0, "refused")]
    for n in range(4):
        spells += [(n * 3_000_000 + 2_400_000, "up"), (n * 3_000_000 + 3_000_000, "refused")]
    spells += [(14_000_000, "up")]
    history = agreed("opensmtpd", [0, 2_100_000, 5_415_000], host("mx1", *spells))
    assert [m.ended_ms for m in history.messages] == [5_415_000, 2_500_000, 5_415_000]
    alone = agreed("opensmtpd", [0], host("mx1", *spells))
    assert [m.ended_ms for m in alone.messages] == [14_400_000]


def test_exim_lets_new_mail_wait_for_the_host_s_time_and_hands_the_connection_on() -> None:
    """The record is due after 15 min; queue runs are 30 min apart: 137 s, 1937 s."""
    mx1 = host("mx1", (0, "refused"), (10 * MINUTE, "up"), service_ms=1_000)
    history = play("exim", [1_000, 2_000, 700_000], mx1, until=HOUR)
    assert times(history) == [[1_000, 1_937_000], [1_938_000], [1_939_000]]
    assert history.connections == [(1_000, "mx1"), (1_937_000, "mx1")]


RUN_7 = 137_000 + 6 * 1_800_000


@pytest.mark.parametrize(
    ("back_s", "mail_s", "run_ms"), [(10_800, None, RUN_7), (7_400, None, RUN_7), (7_400, 8_000, 9_137_000)]
)
def test_exim_notes_a_failed_lookup_for_the_domain(back_s: int, mail_s: int | None, run_ms: int) -> None:
    """By hand: seven messages in the first hour while no lookup succeeds; queue runs at 137 s, then every
    1,800 s.

    Each message moves the domain's next lookup to 900 s later: the last one to 4,500 s. Message 1 is looked
    up in the run of 5,537 s (next 6,437 s), and in that of 7,337 s, by now under the second rule: next 10,937
    s. All leave in the run at that moment, also if lookups succeed since 7,400 s. A new message at 8,000 s
    succeeds and wipes the record: then they leave in the run of 9,137 s.
    """
    mx = Resolver(Timeline(((0, "servfail"), (back_s * 1_000, ("mx1",)))))
    new = [] if mail_s is None else [mail_s * 1_000]
    mail = [*range(0, 3_600_001, 600_000), *new]
    history = agreed("exim", mail, host("mx1", (0, "up")), mx=mx)
    assert [m.ended_ms for m in history.messages] == [run_ms] * 7 + new
    runs = 6 if run_ms == RUN_7 else 5
    assert [len(m.put_off) for m in history.messages[:2]] == [1 + runs, runs]


def test_exim_connects_to_the_backup_at_once_while_the_record_lasts() -> None:
    mx1, mx2 = host("mx1", (0, "timeout"), (10 * MINUTE, "up")), host("mx2", (0, "up"))
    history = play("exim", [1_000, 2_000, 700_000], mx1, mx2, mx=BOTH, until=HOUR)
    assert attempts(history) == [
        [(1_000, "mx1"), (135_000, "mx2")],
        [(2_000, "mx1"), (136_000, "mx2")],
        [(700_000, "mx2")],
    ]


def test_sendmail_tries_a_dead_host_once_in_a_run_for_the_newest_message() -> None:
    history = play("sendmail", [1_000, 2_000, 70_000], host("mx1", (0, "refused")), until=20 * MINUTE)
    assert times(history) == [[1_000], [2_000], [70_000, 137_000, 737_000]]
    assert [m.put_off for m in history.messages] == [[137_000, 737_000]] * 2 + [[]]


def test_a_slow_receiver_serves_in_order_of_arrival_and_then_by_message() -> None:
    mx1 = host("mx1", (0, "timeout"), (5_000, "up"), servers=1, service_ms=2_000)
    history = play("gmail", [1_000, 1_000, 2_000], mx1, until=HOUR)  # SYNs at 8000, 8000, 5000
    assert [m.ended_ms for m in history.messages] == [10_000, 12_000, 7_000]


def test_a_host_that_fails_in_part_takes_the_share_it_should() -> None:
    """300 of 1000 attempts fail: within three standard deviations, and the same ones in every run."""
    mx1 = Host("mx1", Timeline(((0, Partly("defer", 300, seed=7)),)))
    first = play("application", list(range(0, 2_000_000, 1_000)), mx1, until=HOUR)
    failed = [m.id for m in first.messages if m.fate == "bounced"]
    assert abs(len(failed) - 600) < 3 * (2000 * 0.3 * 0.7) ** 0.5
    again = play("application", list(range(0, 2_000_000, 1_000)), mx1, until=HOUR)
    assert [m.id for m in again.messages if m.fate == "bounced"] == failed


@pytest.mark.parametrize("platform_id", platform_ids(FILES))
@pytest.mark.parametrize("trouble", ["refused", "timeout", "silent", "greeting_4xx", "defer"])
def test_every_message_has_one_end_and_nothing_happens_after_it(platform_id: str, trouble: str) -> None:
    """Thirty messages, two flapping hosts, a resolver that fails for a while."""
    spells = [(h * HOUR, trouble if h % 5 else "up") for h in range(0, 60, 3)]
    mx1 = host("mx1", *spells, servers=2, service_ms=700)
    mx2 = host("mx2", (0, trouble), (9 * HOUR, "up"), (10 * HOUR, "refused"), service_ms=50)
    mx = Resolver(Timeline(((0, ("mx1", "mx2")), (4 * HOUR, "servfail"), (6 * HOUR, ("mx2", "mx1")))), 5_000)
    history = play(platform_id, list(range(850, 30 * 311_000, 311_000)), mx1, mx2, mx=mx, until=40 * DAY)
    for message in history.messages:
        happened = [message.arrival_ms, *(t for t, _ in message.attempts), *message.put_off, *message.notices]
        assert message.fate in {"delivered", "bounced"}
        assert message.ended_ms is not None
        assert message.arrival_ms == min(happened)
        assert max(happened) <= message.ended_ms
        assert bool(message.status) == (message.fate == "bounced")
