"""A gateway whose filter is slow: mail waits before the delivery queue and nothing else looks wrong."""

from pathlib import Path

from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import load_runbook
from sim.drill.scoring.objectives import measure
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.report.outcome import verdicts
from tests.given import done
from tests.plays import check_conservation
from tests.scenario_files import exchange_down_with

BEGIN_MS, END_MS = 2 * HOUR_MS, 5 * HOUR_MS


def session_of(folder: Path, *more: str) -> Session:
    """For ten minutes, 100 users; from T+2h one message passes the gateway every 30 s for three hours."""
    slow = "at: T+2h, for: 3h, fault: gateway is slow, per_message: 30s"
    return exchange_down_with(folder, slow, *more, users="100", outage="10m")


def test_two_a_minute_pass_and_the_rest_waits_in_process(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    session.advance(BEGIN_MS + HOUR_MS)
    queue = session.snapshot().queue
    assert session.drill.world.queue.entered.between(BEGIN_MS + 60_000, BEGIN_MS + HOUR_MS) in (117, 118)
    assert queue.depth < 3, "the delivery queue is as always"
    assert queue.in_process > 200
    assert session.drill.world.custody()["inbound"]["held"] == queue.in_process
    text = done(session, "status check gateway")
    assert " still being processed, the oldest for " in text
    assert "accepted, in process" in done(session, "track to=user0001 since=1h")
    session.advance(END_MS - 1)
    before = len(session.drill.world.cloud.processing.ids)
    assert before > 300
    session.advance(END_MS + 1)
    in_hand_ms = int(session.drill.world.cloud.processing.passes(END_MS, END_MS + MINUTE_MS).arrival_ms[0])
    session.advance(in_hand_ms + SECOND_MS)
    assert before - 51 <= len(session.drill.world.cloud.processing.ids) <= before - 46, (
        "then fifty a second, not all at once"
    )
    session.advance(END_MS + 5 * MINUTE_MS)
    assert "held" not in session.drill.world.custody()["inbound"]
    assert (session.drill.world.ledger.delay_ms(0, 95) or 0) > HOUR_MS
    check_conservation(session)


def test_what_is_said_of_it(tmp_path: Path) -> None:
    """Its monitors see nothing: no attempt fails. What it is called decides the diagnosis."""
    for failure, right in (("slow", True), ("accepts-and-holds", False)):
        session = session_of(tmp_path)
        session.advance(BEGIN_MS + 30 * MINUTE_MS)
        alerts = [event for event in session.events() if event.kind == "alert" and event.t_ms > BEGIN_MS]
        assert not alerts
        done(session, f"diagnose component=gateway failure={failure}")
        assert ("diagnosis.correct" in session.drill.milestones) == right
    assert session.snapshot().queue.seen.at_ms == session.now_ms, "its console works"


def test_a_dead_gateway_filters_nothing(tmp_path: Path) -> None:
    session = session_of(tmp_path, "at: T+3h, for: 90m, fault: gateway refuses, console: works")
    session.advance(3 * HOUR_MS)
    inside = session.snapshot().queue.in_process
    entered = len(session.drill.world.queue.entered)
    session.advance(3 * HOUR_MS + 90 * MINUTE_MS - 1)
    assert session.snapshot().queue.in_process == inside > 200
    assert len(session.drill.world.queue.entered) == entered
    session.advance(3 * HOUR_MS + 95 * MINUTE_MS)
    assert 9 <= len(session.drill.world.queue.entered) - entered <= 10
    check_conservation(session)


ROOM = """parameters:
  users: { default: 1000, min: 10, max: 1000, changes: organisation.users, help: number of users }
  outage: { default: 31h, min: 1m, max: 7d, changes: timeline.exchange-stops.for, help: length }
  room: { default: 20000, min: 1, max: 20000, changes: organisation.gateway.filter.holds, help: room }
"""


def test_what_does_not_fit_waits_with_its_senders(tmp_path: Path) -> None:
    """Fifty fit: then senders meet 421, and their mail is deferred. Nothing is lost."""
    slow = "at: T+2h, for: 3h, fault: gateway is slow, per_message: 30s"
    session = exchange_down_with(tmp_path, slow, more=ROOM, users="100", outage="10m", room="50")
    session.advance(BEGIN_MS - 1)
    assert not session.drill.world.custody()["inbound"].get("at_sender")
    session.advance(BEGIN_MS + 2 * HOUR_MS)
    world = session.drill.world
    assert len(world.cloud.processing.ids) < 100, "a minute's mail more than fifty, at the most"
    assert world.custody()["inbound"]["at_sender"] > 100
    assert session.meets("MX").reply == (
        "421 4.3.1 queue is full" if world.gateway_door.room.full("inbound") else ""
    )
    told = [event.text for event in session.events() if event.ref == "inbound queue"]
    assert told[0] == "its inbound queue is full: it defers new mail"
    assert told[1] == "its inbound queue is no longer full: it accepts new mail"
    session.advance(END_MS + 6 * HOUR_MS)
    assert not world.gateway_door.room.full("inbound")
    assert "at_sender" not in world.custody()["inbound"]
    assert {name for name, count in world.inbound.given_up.items() if count} == {"application"}, (
        "it never retries"
    )
    check_conservation(session)


def test_a_slow_filter_for_outbound_mail_holds_up_only_that(tmp_path: Path) -> None:
    slow = "at: T+2h, for: 3h, fault: gateway is slow, direction: outbound, per_message: 2m"
    session = exchange_down_with(tmp_path, slow, users="100", outage="10m")
    session.advance(BEGIN_MS + HOUR_MS)
    world = session.drill.world
    outgoing = world.writers.outgoing
    assert not len(world.cloud.processing.ids)
    assert outgoing.queue.entered.between(BEGIN_MS, BEGIN_MS + HOUR_MS) == 29, "one in two minutes"
    inside = len(outgoing.filter.ids)
    assert inside > 40
    assert world.custody()["outbound"]["held"] == inside
    said = done(session, "status check gateway")
    inside = len(outgoing.filter.ids)
    assert f"outbound queue: 0, {inside} still being processed, the oldest for 55 min" in said
    assert "not arrived within 5 minutes" in done(session, "connector test to=gmail")
    check_conservation(session)
    session.advance(END_MS + 10 * MINUTE_MS)
    assert "held" not in world.custody()["outbound"]
    assert (world.ledger.delay_ms(1, 95) or 0) > HOUR_MS
    assert (world.ledger.delay_ms(0, 95) or 0) < MINUTE_MS
    check_conservation(session)


SLOW = {"users": "100", "filter": "12s"}
"""A tenth of the people, a tenth of the pace."""


def drill(runbook: str, seed: int = 1) -> Session:
    """`gateway-slow` played by a shipped runbook; `none`: nobody does anything."""
    session = Session.start(load_scenario("gateway-slow", SLOW), seed)
    play(session, None if runbook == "none" else load_runbook(runbook, parse))
    check_conservation(session)
    return session


def states(session: Session) -> dict[str, str]:
    return {verdict.id: verdict.state for verdict in verdicts(session)}


def test_looked_at_told_and_left_alone_it_meets_its_objectives() -> None:
    for seed in (1, 2, 3):
        session = drill("gateway-slow", seed)
        assert set(states(session).values()) == {"met"}, states(session)
    reports = [event.text for event in session.events() if event.kind == "report"]
    assert any(" still being processed, the oldest for " in text for text in reports)
    assert any("accepted, in process" in text for text in reports)
    assert any("no reply within 8 min" in text for text in reports), (
        "the round trip says that something is wrong"
    )


def test_saying_nothing_or_moving_the_mx_is_wrong_and_shows_its_price() -> None:
    right, silent, moved = (drill(name) for name in ("gateway-slow", "none", "gateway-down"))
    assert {one for one, state in states(silent).items() if state == "failed"} >= {
        "diagnosis-correct", "users-told", "executives-told", "partners-told", "mx-decided",
    }  # fmt: skip
    assert states(moved)["mx-left-alone"] == "failed"
    assert states(moved)["diagnosis-correct"] == "failed", "it refuses nothing"
    opened = [len(one.drill.room.openings.entries) for one in (right, moved)]
    assert opened[0] == 0
    assert opened[1] >= 3
    late = [measure(one.drill)["late-or-returned-permille"] for one in (right, silent)]
    assert late[0] == late[1], "nothing that is done here brings mail sooner"
