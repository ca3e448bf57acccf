"""Postfix, Exim and sendmail: machine and oracle tell the same history of every world, message by message
and to the millisecond, however time is cut.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.platforms.platform import Platform, load_platform
from sim.mail.senders.hosts.host import ReceivingHost
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda
from sim.mail.senders.machines.build import machine_of
from tests.examples import examples
from tests.oracle.destination import Host as Destination
from tests.oracle.destination import Resolver, Timeline
from tests.oracle.played import agree, fares_alike_in_stretches
from tests.oracle.senders import World
from tests.oracle.worlds import SEED, Drawn, arrivals, long_day, worlds
from tests.shipped import FILES

SETTINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "postfix": {
        "queue_run_delay": ("300s", "60s", "17s"),
        "minimal_backoff_time": ("300s", "1s", "90s"),
        "maximal_backoff_time": ("4000s", "10m"),
        "maximal_queue_lifetime": ("3h", "20m", "0"),
        "delay_warning_time": ("0", "30m"),
        "initial_destination_concurrency": ("5", "1", "2"),
        "default_destination_concurrency_limit": ("20", "3"),
        "default_destination_concurrency_failed_cohort_limit": ("1", "3"),
        "refused_delivery_time": ("50ms", "1ms", "40s"),
    },
    "exim": {
        "retry": ("F,2h,15m; G,16h,1h,1.5; F,4d,6h", "F,20m,3m; G,90m,5m,1.5; F,3h,30m", "G,15m,10s,2"),
        "queue_interval": ("30m", "5m", "97s"),
        "delay_warning": ("24h", "20m", "10m:25m"),
        "retry_interval_max": ("24h", "10m"),
        "queue_run_max": ("5", "1", "2"),
        "connection_max_messages": ("500", "1", "3"),
    },
    "sendmail": {
        "queue_interval": ("10m", "3m", "97s"),
        "Timeout.queuereturn": ("5d", "3h", "20m"),
        "Timeout.queuewarn": ("4h", "30m", "0"),
        "MinQueueAge": ("0", "7m"),
    },
}
"""What is varied: the default first, then what makes a few hours a whole life."""
SHORT = {
    "postfix": {"maximal_queue_lifetime": "5h", "delay_warning_time": "1h"},
    "exim": {"retry": "F,1h,10m; G,3h,20m,1.5; F,4h,1h", "delay_warning": "1h"},
    "sendmail": {"Timeout.queuereturn": "2h", "Timeout.queuewarn": "1h"},
}


@st.composite
def platforms(draw: st.DrawFn, name: str) -> Platform:
    values = {setting: draw(st.sampled_from(choice)) for setting, choice in SETTINGS[name].items()}
    return load_platform(FILES, name, values)


@pytest.mark.parametrize("name", SETTINGS)
@given(data=st.data())
@examples(30)
def test_machine_and_oracle_agree(name: str, data: st.DataObject) -> None:
    drawn: Drawn = data.draw(worlds(platforms(name)))
    agree(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


@pytest.mark.parametrize("name", SETTINGS)
@given(data=st.data())
@examples(50)
def test_mail_fares_alike_in_stretches_and_one_by_one(name: str, data: st.DataObject) -> None:
    """While nobody gets through, all scans of a stretch are simulated at once, off the agenda; over a
    connection, all messages that wait for a host are handed on at once (Exim).
    """
    drawn: Drawn = data.draw(worlds(platforms(name)))
    fares_alike_in_stretches(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


@pytest.mark.parametrize("messages", ["500", "40"])
def test_many_exim_messages_are_handed_on_over_one_connection_after_another(messages: str) -> None:
    exim = load_platform(FILES, "exim", {"connection_max_messages": messages})
    mx1 = Destination("mx1", Timeline(((0, "up"), (HOUR_MS, "refused"), (6 * HOUR_MS, "up"))))
    world = World(
        exim,
        arrivals(SEED, 600, 7 * HOUR_MS, 1),
        [mx1],
        Resolver(Timeline(((0, ("mx1",)),))),
        9 * HOUR_MS,
        123_456,
    )
    machine = fares_alike_in_stretches(world, [5 * HOUR_MS, 6 * HOUR_MS + 1], 2 * HOUR_MS)
    assert [end.fate for end in machine.ends] == ["delivered"] * 600


@pytest.mark.parametrize("name", ["exim", "sendmail"])
def test_in_a_day_of_refusals_only_queue_runs_are_steps(name: str) -> None:
    """The mail of 11 h takes no step of its own until the host is up again, and fares as one by one."""
    refused = ((0, "up"), (HOUR_MS, "refused"), (9 * HOUR_MS, "greeting_4xx"), (12 * HOUR_MS, "up"))
    mx1, mx = Destination("mx1", Timeline(refused)), Resolver(Timeline(((0, ("mx1",)),)))
    mail_ms = [HOUR_MS + n * 90_001 for n in range(440)]
    platform = load_platform(FILES, name, {"queue_interval": "30m"} | SHORT[name])
    world = World(platform, mail_ms, [mx1], mx, 12 * HOUR_MS, 123_456)
    machine = fares_alike_in_stretches(world, [5 * HOUR_MS], 2 * HOUR_MS)
    assert len(list(machine.ends)) > 200, "some bounced"
    assert machine.agenda.steps <= 22 + 2 * 4 + 3, "runs, those looked ahead to, and empty turns at each cut"


@pytest.mark.parametrize("name", SETTINGS)
def test_a_queue_that_a_host_accepts_at_once_leaves_as_columns(name: str) -> None:
    spells = Timeline(((0, "up"), (HOUR_MS, "refused"), (2 * HOUR_MS, "up")))
    mx1, mx = Destination("mx1", spells), Resolver(Timeline(((0, ("mx1",)),)))
    mail_ms = [HOUR_MS + n * 30_001 for n in range(100)]
    world = World(load_platform(FILES, name), mail_ms, [mx1], mx, 4 * HOUR_MS, 123_456)
    ends = fares_alike_in_stretches(world).ends
    assert len(ends.single) <= 3, "one of a queue run, before it is known that the host accepts the rest"
    assert sum(len(some.id) for some in ends.alike) == 100 - len(ends.single)


@pytest.mark.parametrize("dead_s", ["300s", "900s"])
def test_many_postfix_messages_fare_alike_in_a_day_of_refusals(dead_s: str) -> None:
    """Old messages move on together, of which the first are tried; some bounce, and the rest gets through."""
    settings = {"maximal_queue_lifetime": "6h", "minimal_backoff_time": dead_s}
    postfix = load_platform(FILES, "postfix", settings)
    refused = ((0, "up"), (HOUR_MS, "refused"), (9 * HOUR_MS, "greeting_4xx"), (12 * HOUR_MS, "up"))
    mx1, mx = Destination("mx1", Timeline(refused)), Resolver(Timeline(((0, ("mx1",)),)))
    mail_ms = arrivals(SEED, 1_500, 12 * HOUR_MS, 1)
    world = World(postfix, mail_ms, [mx1], mx, 14 * HOUR_MS, 123_456)
    cuts_ms = [HOUR_MS + 1, 5 * HOUR_MS, 8 * HOUR_MS + 1_234]
    machine = fares_alike_in_stretches(world, cuts_ms, 2 * HOUR_MS)
    fates = [end.fate for end in machine.ends]
    assert fates.count("bounced") > 200
    assert fates.count("delivered") > 900


@pytest.mark.parametrize("name", SHORT)
def test_two_thousand_messages_of_a_day_with_every_trouble(name: str) -> None:
    world = long_day(load_platform(FILES, name, SHORT[name]), 2_000)
    history = agree(world, cuts_ms=[h * HOUR_MS + 1_234 for h in range(0, 20, 3)])
    fates = [message.fate for message in history.messages]
    assert len(fates) == 2_000
    assert {"delivered", "bounced"} <= set(fates)


def test_a_scan_finds_what_failed_before_it_in_its_millisecond_and_not_what_failed_after_it() -> None:
    """The first message times out at a scan, with one second to wait, which a scan does not wait for; the
    second is refused after the scan of the same millisecond.
    """
    quick = {"minimal_backoff_time": "1s", "queue_run_delay": "60s", "smtp_connect_timeout": "1s"}
    mx1 = Destination("mx1", Timeline(((0, "timeout"), (60_000, "refused"), (61_000, "up"))))
    mx = Resolver(Timeline(((0, ("mx1",)),)))
    world = World(load_platform(FILES, "postfix", quick), [59_000, 60_000], [mx1], mx, HOUR_MS, 60_000)
    tries = [[at_ms for at_ms, _ in message.attempts] for message in agree(world, [59_500]).messages]
    assert tries == [[59_000, 60_000, 120_000], [60_000, 120_000]]


def test_a_revived_destination_starts_with_the_deliveries_that_are_still_under_way() -> None:
    """One hangs; the next four were refused, and it was dead for a minute. Then all hang."""
    spells = ((0, "silent"), (2_000, "refused"), (70_000, "silent"))
    mx1, mx = Destination("mx1", Timeline(spells)), Resolver(Timeline(((0, ("mx1",)),)))
    arrivals = [1_000] + [3_000] * 8 + [80_000] * 6
    brief = {"minimal_backoff_time": "60s", "queue_run_delay": "600s"}
    world = World(load_platform(FILES, "postfix", brief), arrivals, [mx1], mx, 300_000, 599_000)
    messages = agree(world, [62_000, 79_000]).messages
    assert [message.put_off for message in messages[1:9]] == [[]] * 4 + [[3_000]] * 4
    assert not any(message.attempts for message in messages[9:])


def test_a_sendmail_run_asks_the_second_host_about_every_message_that_the_first_defers() -> None:
    mx1 = Destination("mx1", Timeline(((0, "refused"), (5_000, "defer"))))
    mx2 = Destination("mx2", Timeline(((0, "refused"), (5_000, "up"))))
    mx = Resolver(Timeline(((0, ("mx1", "mx2")),)))
    world = World(load_platform(FILES, "sendmail"), [1_000] * 5, [mx1, mx2], mx, HOUR_MS, 60_000)
    assert [(message.ended_ms, message.host) for message in agree(world).messages] == [(60_000, "mx2")] * 5


@pytest.mark.parametrize("name", SETTINGS)
def test_an_empty_queue_is_not_looked_at(name: str) -> None:
    """What a quiet organisation costs: nothing, for as long as it is quiet."""
    agenda = Agenda({"mx1": ReceivingHost("mx1", 0)})
    machine = machine_of(agenda, load_platform(FILES, name), MachineEnds(), MINUTE_MS)
    machine.routes = [(0, ("mx1",))]
    agenda.run(30 * 24 * HOUR_MS)
    assert agenda.steps == 0


@pytest.mark.parametrize("name", SETTINGS)
def test_a_message_takes_two_steps_at_a_host_whose_line_has_room(name: str) -> None:
    """It comes, and it has been accepted: nothing else is on the agenda but queue runs that find nothing."""
    ends, agenda = MachineEnds(), Agenda({"mx1": ReceivingHost("mx1", 0, servers=2, service_ms=1_000)})
    machine = machine_of(agenda, load_platform(FILES, name), ends, MINUTE_MS)
    machine.routes = [(0, ("mx1",))]
    agenda.comes([(n * 7_000, n, machine.number) for n in range(1, 61)])
    agenda.run(8 * MINUTE_MS)
    assert [end.time_ms - end.arrival_ms for end in ends] == [1_000] * 60
    assert agenda.steps <= 60 * 2 + 1


@pytest.mark.parametrize(("name", "setting"), [("postfix", "queue_run_delay"), ("exim", "queue_interval")])
def test_published_arithmetic_is_no_server(name: str, setting: str) -> None:
    with pytest.raises(ValueError, match="needs scans"):
        machine_of(Agenda({}), load_platform(FILES, name, {setting: "0"}), MachineEnds())
