"""A mail server whose disk a backlog fills: looked at and freed beforehand, or found out by 452s."""

from functools import cache

from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.scenario.build_server import nights_ms
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.server.pressure_gauge import PressureEffect
from sim.report.debrief import debrief
from tests.drills.played import Played, reference, run, scenario, steps, without
from tests.kept import kept
from tests.plays import ONSET_MS

NAME = "exchange-down"
REFUSAL = "452 4.3.1 Insufficient system resources"
NIGHT_MS = 42 * HOUR_MS
"""Wednesday 02:00: the first night on which the server is up to be backed up."""
FULL = PressureEffect(0, refuses=True, disk_full=True)


def narrow(spare_gb: int = 0, **disk: int) -> Session:
    """`exchange-down` for 100 users, whose backlog of 1.1 GB meets a disk of ten, 85 % full."""
    return Session.start(_narrow(spare_gb, **disk), 1)


@cache
def _narrow(spare_gb: int = 0, of: str = "", **disk: int) -> Scenario:
    one = scenario(NAME, 40, of) if of else scenario(NAME)
    server = one.organisation.server
    assert server.disk is not None
    asked = {"size_gb": 10, "used_percent": 85, "old_logs_percent": 25, "spare_gb": spare_gb, **disk}
    changed = server.model_copy(update={"disk": server.disk.model_copy(update=asked)})
    organisation = one.organisation.model_copy(update={"server": changed})
    return one.model_copy(update={"organisation": organisation})


@kept
def handled(*given: tuple[str, str]) -> Played:
    """The reference, but for the retry, with these steps instead."""
    book, own = (
        without(reference(NAME), "move-queue", "free-disk", "retry", "retry-rest", "resume"),
        steps(NAME, *given),
    )
    return run(_narrow(), book.model_copy(update={"steps": (*book.steps, *own.steps)}))


def test_everything_at_once_on_a_full_disk_is_refused_and_stays_in_the_gateway() -> None:
    flood = handled(("server.reported-back + 20m", "queue retry inbound"))
    freed = handled(
        ("server.reported-back + 1m", "deliveries pause inbound"),
        ("server.reported-back + 5m", "disk show"),
        ("server.reported-back + 10m", "disk free"),
        ("server.reported-back + 1h40m", "deliveries resume inbound"),
    )
    told = [event for event in flood.session.events() if "back pressure" in event.text]
    assert [(event.t_ms, event.text) for event in told][1:] == [(NIGHT_MS, "back pressure: none any more")]
    assert told[0].text == "back pressure: refuses mail from outside, its disk is full"
    assert not [event for event in freed.session.events() if "back pressure" in event.text]
    queue = flood.session.drill.world.queue
    assert queue.entered.before(NIGHT_MS) - queue.left.before(NIGHT_MS) > 3000, "until a backup at night"
    assert flood.milestones["queue.drained"] > NIGHT_MS
    assert (freed.outcome.inbound.queued, freed.outcome.lost.bounced) == (0, 0)
    assert freed.milestones["queue.drained"] < ONSET_MS + 34 * HOUR_MS
    assert flood.objectives["queue-drained"] == "failed" != freed.objectives["queue-drained"]
    looked = next(event.text for event in freed.session.events() if event.text.startswith("disk: "))
    assert looked.startswith("disk: 87.4 % of 10 GB used, 1.3 GB free")
    assert "until mail from outside is refused at 89 %" in looked
    assert looked.endswith(
        "takes up its size until it is processed, and 100 % of its size in logs until a backup"
    )


def test_what_a_full_disk_kept_out_until_it_bounced_was_not_for_want_of_a_retry() -> None:
    """40 users and 120 h: some 330 messages have room, and each of the others is 96 h old before a backup."""
    long = _narrow(of="120h", size_gb=1)
    given = steps(NAME, ("server.reported-back + 5m", "queue retry inbound"))
    one, nothing = run(long, given), run(long, None)
    told = [line for line in debrief(one.session, nothing.outcome).findings if "had recovered" in line]
    assert len(told) == 1
    assert "the server deferred mail: its disk was full, or its own queue was too long" in told[0]
    assert "would have attempted them" not in told[0], "it did"


def test_a_backlog_takes_up_what_the_report_says() -> None:
    """By hand: mail that the server has accepted and not processed is there twice, in queue and logs."""
    session = narrow(spare_gb=5, used_percent=0, old_logs_percent=0)
    pressure = session.drill.world.intake.pressure
    assert pressure is not None
    disk = pressure.disk(0)
    assert disk is not None
    message = session.drill.world.sizes.mean_bytes
    assert disk.used_bytes(1000, 1000) - disk.used_bytes(0, 0) == 2 * 1000 * message
    assert disk.used_bytes(1000, 0) - disk.used_bytes(0, 0) == 1000 * message


def test_a_backup_afterwards_lets_the_rest_in() -> None:
    late = handled(
        ("server.reported-back + 20m", "queue retry inbound"),
        ("server.reported-back + 2h", "disk free"),
        ("server.reported-back + 3h30m", "queue retry inbound"),
    )
    freed_ms = next(
        event.t_ms for event in late.session.events() if event.text.startswith("backup complete; ")
    )
    effects = [event.t_ms for event in late.session.events() if event.text.startswith("back pressure")]
    assert len(effects) == 2
    assert 0 <= effects[1] - freed_ms <= 2000, "at the first poll after it"
    assert late.outcome.inbound.queued == 0


def test_the_disk_is_out_of_reach_while_the_server_is_down_and_moves_once() -> None:
    session = narrow(spare_gb=5)
    session.advance(ONSET_MS + HOUR_MS)
    down = session.dispatch("disk show")
    assert isinstance(down, Refused)
    assert "does not answer" in down.reason
    session.advance(ONSET_MS + 31 * HOUR_MS + 10 * MINUTE_MS)
    session.dispatch("queue retry inbound")
    session.advance(session.now_ms + 20 * MINUTE_MS)
    world = session.drill.world
    assert world.intake.endpoint.effect == FULL
    assert session.snapshot().queue.last_error == REFUSAL
    session.dispatch("disk move")
    session.advance(session.now_ms + 30 * MINUTE_MS + 2000)
    assert world.intake.endpoint.effect == PressureEffect()
    pressure = world.intake.pressure
    assert pressure is not None
    disk = pressure.disk(session.now_ms)
    assert disk is not None
    assert disk.percent_used(len(world.intake.submission.delivered), 0) < 10
    again = session.dispatch("disk move")
    assert isinstance(again, Refused)
    assert "already" in again.reason
    none = narrow()
    none.advance(HOUR_MS)
    assert isinstance(none.dispatch("disk move"), Refused)


def test_sizes_count_as_the_table_says() -> None:
    """By hand: so many messages of the mean size, once in logs; nothing waits."""
    session = narrow()
    session.advance(HOUR_MS)
    world, pressure = session.drill.world, session.drill.world.intake.pressure
    assert pressure is not None
    disk = pressure.disk(session.now_ms)
    assert disk is not None
    taken = len(world.intake.submission.delivered)
    assert taken > 100
    assert disk.used_bytes(taken, 0) == 8_500_000_000 + taken * world.sizes.mean_bytes
    assert disk.back_up(taken) == 2_500_000_000 + taken * world.sizes.mean_bytes
    assert disk.used_bytes(taken, 0) == 6_000_000_000


def test_the_reference_copes_with_a_disk_that_is_nearly_full() -> None:
    """A backlog of 11 GB and as much of logs: it moves the queue before anything is forced."""
    for used in ("85", "88"):
        full = run(load_scenario(NAME, {"disk-used": used}), reference(NAME))
        waits_ms = full.session.now_ms - full.session.drill.world.cloud.live().arrival_ms
        assert (waits_ms < 5 * SECOND_MS).all(), "nothing but what is being taken just now"
        assert full.outcome.lost.bounced == 0
        assert full.milestones["queue.drained"] < full.milestones["outage.end"] + 7 * HOUR_MS
        assert set(full.objectives.values()) == {"met"}


def test_nights_let_go_of_logs_and_a_dead_server_is_not_backed_up() -> None:
    """From Monday 08:00: nights at 02:00; the one of the outage fails."""
    nights = nights_ms(scenario(NAME, 30))
    assert [n // HOUR_MS for n in nights[:2]] == [42, 66], "Wednesday, Thursday"
    assert nights_ms(scenario(NAME, 30, "10m"))[0] == 18 * HOUR_MS
    assert len(nights) > 50


def test_a_healthy_server_takes_mail_for_three_weeks() -> None:
    """A working day of 100 users' mail is 2 % of ten GB: without the nights it would be full on the tenth."""
    one = _narrow(used_percent=70, old_logs_percent=10)
    long_ms = 25 * 24 * HOUR_MS
    ends = one.ends.model_copy(update={"wind_down_ms": long_ms, "after_recovery_at_most_ms": long_ms})
    short = one.timeline[0].model_copy(update={"for_ms": 10 * MINUTE_MS})
    session = Session.start(one.model_copy(update={"ends": ends, "timeline": (short,)}), 1)
    session.advance(21 * 24 * HOUR_MS)
    assert not session.ended
    assert not [event for event in session.events() if event.text.startswith("back pressure")]
    pressure = session.drill.world.intake.pressure
    assert pressure is not None
    disk = pressure.disk(session.now_ms)
    assert disk is not None
    taken = len(session.drill.world.intake.submission.delivered)
    assert disk.size_bytes * 60 // 100 <= disk.used_bytes(taken, 0) < disk.size_bytes * 64 // 100
    assert taken * session.drill.world.sizes.mean_bytes > disk.size_bytes * 19 // 100, (
        "more than there is room for"
    )


def test_the_end_of_a_backup_is_told_beforehand() -> None:
    session = Session.start(_narrow(), 1)
    answer = session.dispatch("disk free")
    assert isinstance(answer, Accepted)
    assert answer.effective_ms == session.now_ms + 55 * MINUTE_MS
    assert answer.text.endswith(f"starts now, done at {session.drill.clock(answer.effective_ms)}")
