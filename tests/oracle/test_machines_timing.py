"""Exchange Server, Courier, OpenSMTPD and senders with timers of their own: machine and oracle tell the same
history of every world, message by message and to the millisecond, however time is cut.
"""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.mail.platforms.platform import Platform, load_platform
from sim.mail.senders.machine_ends import End, MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.build import is_stateful, machine_of
from tests.examples import examples
from tests.oracle.destination import Host, Partly, Resolver, Timeline
from tests.oracle.played import agree, as_engine, begun, behaviour, fares_alike_in_stretches
from tests.oracle.senders import History, World
from tests.oracle.worlds import SEED, Drawn, arrivals, long_day, worlds
from tests.shipped import FILES

SHORT: dict[str, dict[str, str]] = {
    "exchange-server": {"MessageExpirationTimeout": "3h", "DelayNotificationTimeout": "30m"},
    "exchange-edge": {
        "MessageExpirationTimeout": "90m",
        "expiry": "next-attempt",
        "TransientFailureRetryCount": "1",
    },
    "courier": {
        "queuetime": "4h",
        "warntime": "30m",
        "retryalpha": "2m",
        "esmtpdelay": "90s",
        "queuelo": "20",
        "queuehi": "30",
        "queuefill": "90s",
    },
    "opensmtpd": {"ttl": "4h", "warn-interval": "40m"},
    "qmail": {"queuelifetime": "4h"},
    "gmail": {"give_up": "3h", "delay_notice": "20m"},
    "mimecast": {"retry_count": "6"},
    "rfc5321": {"give_up": "5h"},
    "application": {},
}
"""Settings with which a few hours are a whole life."""
TOGETHER = [name for name in SHORT if is_stateful(load_platform(FILES, name))]
ALONE = [name for name in SHORT if name not in TOGETHER]


@cache
def platform(name: str, short: bool) -> Platform:
    return load_platform(FILES, name, SHORT[name] if short else {})


def platforms(*names: str) -> st.SearchStrategy[Platform]:
    return st.builds(platform, st.sampled_from(names), st.booleans())


@pytest.mark.parametrize("name", TOGETHER)
@given(data=st.data())
@examples(20)
def test_machine_and_oracle_agree_where_messages_share_a_queue(name: str, data: st.DataObject) -> None:
    drawn = data.draw(worlds(platforms(name)))
    agree(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


@given(drawn=worlds(platforms(*ALONE)))
@examples(20)
def test_machine_and_oracle_agree_where_messages_are_on_their_own(drawn: Drawn) -> None:
    agree(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


@pytest.mark.parametrize("name", SHORT)
def test_two_thousand_messages_of_a_day_with_every_trouble(name: str) -> None:
    world = long_day(platform(name, True), 2_000)
    history = agree(world, cuts_ms=[h * HOUR_MS + 1_234 for h in range(0, 20, 3)])
    fates = [message.fate for message in history.messages]
    assert len(fates) == 2_000
    assert {"delivered", "bounced"} <= set(fates)


@given(drawn=worlds(platforms(*TOGETHER)))
@examples(60)
def test_mail_fares_alike_in_stretches_and_one_by_one(drawn: Drawn) -> None:
    """Exchange's queue in Retry takes in the mail of a whole stretch at once; without a trace, attempts whose
    result is known do not go from host to host.
    """
    fares_alike_in_stretches(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


def test_a_day_s_mail_that_only_waits_expires_and_is_released_without_a_step_for_each() -> None:
    """Down for five hours with a limit of three: two hours of mail bounce, three hours of it are released."""
    mail_ms = arrivals(SEED, 3_000, 5 * HOUR_MS, 1)
    down = world("exchange-server", mail_ms, (0, "refused"), (5 * HOUR_MS, "up"), until_ms=6 * HOUR_MS)
    cuts_ms = [MINUTE_MS, 2 * HOUR_MS, 4 * HOUR_MS, 5 * HOUR_MS + 1]
    machine = fares_alike_in_stretches(down, cuts_ms, 2 * HOUR_MS)
    assert sum(len(some.id) for some in machine.ends.alike) > 1_500
    assert machine.agenda.steps < 300, "of which each connection of the timer takes three"


# ---------------------------------------------------------------- worlds that are rarely drawn


def world(
    name: str,
    arrivals_ms: list[int],
    *spells: tuple[int, str | Partly],
    service_ms: int = 0,
    servers: int | None = None,
    until_ms: int = HOUR_MS,
) -> World:
    mx1 = Host("mx1", Timeline(spells), servers, service_ms)
    return World(platform(name, True), arrivals_ms, [mx1], Resolver(Timeline(((0, ("mx1",)),))), until_ms)


def times(history: History) -> list[list[int]]:
    return [[t for t, _ in message.attempts] for message in history.messages]


def test_exchange_forgets_no_message_whose_connection_failed_after_another_succeeded() -> None:
    """Message 2 begins to connect at 2 s and has failed at 23 s; message 1 got through at 11 s. There is no
    Retry then, so message 2 is tried again at once: its SYN at 26 s is answered.
    """
    down_at_2_s = world(
        "exchange-server", [1_000, 2_000], (0, "up"), (2_000, "timeout"), (25_000, "up"), service_ms=10_000
    )
    history = agree(down_at_2_s)
    assert times(history) == [[1_000], [2_000, 23_000]]
    assert history.messages[1].ended_ms == 36_000


def test_exchange_counts_connections_that_begin_together_and_fail_at_once_as_one_failure() -> None:
    """The first success releases twenty, which are all refused: the next connection is one minute later."""
    flapping = [(0, "refused"), (60_000, "up"), (61_000, "refused"), (100_000, "up")]
    history = agree(world("exchange-server", [500] * 25, *flapping, service_ms=2_000))
    assert times(history)[0] == [500, 60_500]
    assert times(history)[1:21] == [[62_500, 122_500]] + [[62_500, 124_500]] * 19
    assert times(history)[21:] == [[124_500]] + [[126_500]] * 3


def test_exchange_s_empty_queue_is_forgotten_with_its_failures() -> None:
    """Message 1 expires at 3 h; ten minutes later its queue is gone, and message 2 starts a new one."""
    history = agree(world("exchange-server", [0, 4 * HOUR_MS], (0, "refused"), until_ms=5 * HOUR_MS))
    assert history.messages[0].ended_ms == 3 * HOUR_MS
    assert times(history)[1][:3] == [4 * HOUR_MS + n * MINUTE_MS for n in range(3)]


def test_what_exchange_begins_comes_before_what_the_host_calls_out_of_its_line() -> None:
    """Three at a time are let in without delay; a connection refused between two of them starts a Retry,
    which the second success ends in the same millisecond. In the other order message 3 would wait a minute.
    """
    half = Partly("refused", 500, 8)
    history = agree(world("exchange-server", [0] * 5, (0, "refused"), (1_000, half), servers=3))
    assert history.messages[2].ended_ms == 3 * MINUTE_MS


def test_opensmtpd_goes_back_to_a_connection_being_made_and_to_sessions_that_grow() -> None:
    """Cut while the first connection is being made, and between the third session and the fourth; the look
    ahead sees the end of this drain and another one.
    """
    mail_ms = [1_000] * 200 + [10 * MINUTE_MS]
    slow = world("opensmtpd", mail_ms, (0, "timeout"), (3_000, "up"), service_ms=4_000)
    history = agree(slow, cuts_ms=[2_500, 17_000])
    assert [t for t, _ in history.connections][:4] == [1_000, 6_000, 11_000, 16_000]
    assert len(history.connections) == 5 + 1


@pytest.mark.parametrize(("second_ms", "connections"), [(61_000, 1), (61_001, 2)])
def test_courier_keeps_a_connection_for_less_than_a_minute(second_ms: int, connections: int) -> None:
    """The child is idle from 1.001 s on."""
    history = agree(world("courier", [1_000, second_ms], (0, "up")))
    assert len(history.connections) == connections


def test_a_queue_in_retry_costs_its_connections_and_not_its_messages() -> None:
    """Twenty thousand messages behind a host that refuses for a day: one step for each on arrival, three for
    a connection. Then each expires in one step of its own.
    """
    down = world("exchange-server", list(range(20_000)), (0, "refused"))
    day = replace(down, platform=load_platform(FILES, "exchange-server"))
    agenda, machine, ends = begun(day)
    agenda.run(DAY_MS)
    rounds = 1 + 4 + 6 + (DAY_MS - 34 * MINUTE_MS) // (10 * MINUTE_MS)
    assert len(machine.queue) == 20_000
    assert 20_000 < agenda.steps <= 20_000 + 3 * (rounds + 1)
    before = agenda.steps
    agenda.run(2 * DAY_MS + MINUTE_MS)
    assert len(ends.single) == 20_000
    assert agenda.steps - before <= 20_000 + 3 * (24 * 6 + 1)


def test_organisations_on_one_agenda_do_not_disturb_each_other() -> None:
    """Each one's messages fare as if it were alone, also when the future has been looked at in between."""
    mail_ms = arrivals(SEED, 400, 4 * HOUR_MS, 1)
    spells = [(0, "up"), (HOUR_MS, "timeout"), (2 * HOUR_MS, Partly("defer", 500, SEED)), (3 * HOUR_MS, "up")]
    shared = Agenda({"mx1": as_engine(world(TOGETHER[0], [], *spells).hosts[0])})
    ends = MachineEnds()
    for name in TOGETHER:
        machine_of(shared, platform(name, True), ends).routes = [(0, ("mx1",))]
    for number, arrival_ms in enumerate(mail_ms, start=1):
        whose = number % len(TOGETHER)
        shared.at(arrival_ms, Rank.ATTEMPT, number, whose, "accept", number, arrival_ms)
    for at_ms, what in spells:
        shared.run(at_ms)
        shared.hosts["mx1"].becomes(at_ms, behaviour(what))
        shared.hold()
        before = list(ends.single), list(ends.alike)
        shared.run(at_ms + 90 * MINUTE_MS)
        shared.go_back()
        ends.single[:], ends.alike[:] = before
    shared.run(DAY_MS)
    for whose, name in enumerate(TOGETHER):
        theirs = {number: at_ms for number, at_ms in enumerate(mail_ms, 1) if number % len(TOGETHER) == whose}
        alone = play_as(theirs, name, spells)
        assert [end for end in ends if end.sender == whose] == [end._replace(sender=whose) for end in alone]


def play_as(mail_ms: dict[int, int], name: str, spells: list[tuple[int, str | Partly]]) -> list[End]:
    """How the messages of one organisation end, numbered as given."""
    agenda, machine, ends = begun(world(name, [], *spells))
    for number, arrival_ms in mail_ms.items():
        agenda.at(arrival_ms, Rank.ATTEMPT, number, machine.number, "accept", number, arrival_ms)
    for at_ms, what in spells[1:]:
        agenda.run(at_ms)
        agenda.hosts["mx1"].becomes(at_ms, behaviour(what))
    agenda.run(DAY_MS)
    return list(ends)
