"""What a failing gateway does with the mail that it has taken already."""

from pathlib import Path

import pytest

from sim.drill.commands.outcome import Accepted
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.findings.bounces import pauses
from tests.plays import check_conservation
from tests.scenario_files import exchange_down_with

BACK_MS = 2 * HOUR_MS + 12 * MINUTE_MS
"""The mail server is down for an hour before; from T+2h to T+6h the gateway fails too."""


def session_of(folder: Path, *faults: str) -> Session:
    """For one hour, 100 users, and these faults of the gateway."""
    return exchange_down_with(folder, *faults, users="100", outage="1h")


def moved(session: Session, a_ms: int, b_ms: int) -> tuple[int, int]:
    """How much left the gateway's queue in [a, b), and how much is in it at b."""
    session.advance(b_ms)
    check_conservation(session)
    queue = session.drill.world.queue
    return queue.left.between(a_ms, b_ms), queue.depth()


@pytest.mark.parametrize("fault", ["gateway refuses", "gateway times out"])
def test_a_dead_gateway_delivers_nothing_until_it_is_back(tmp_path: Path, fault: str) -> None:
    session = session_of(tmp_path, f"at: T+2h, for: 4h, fault: {fault}")
    _left, before = moved(session, 0, 2 * HOUR_MS)
    assert before > 100
    assert moved(session, 2 * HOUR_MS, 6 * HOUR_MS) == (0, before)
    left, rest = moved(session, 6 * HOUR_MS, 6 * HOUR_MS + 10 * MINUTE_MS)
    assert left >= before, "four hours old, everything had come due"
    assert rest < before // 10


@pytest.mark.parametrize(
    "fault",
    [
        "gateway answers 4xx",
        "gateway rejects",
        "gateway accepts and holds",
        "gateway refuses, hosts: one",
        "gateway refuses, direction: inbound",
        "gateway refuses, share_percent: 60",
    ],
)
def test_a_gateway_that_is_not_dead_goes_on_with_what_it_has(tmp_path: Path, fault: str) -> None:
    session = session_of(tmp_path, f"at: T+2h, for: 4h, fault: {fault}")
    _left, before = moved(session, 0, BACK_MS)
    assert before > 100
    left, rest = moved(session, BACK_MS, 6 * HOUR_MS)
    assert left >= before
    assert rest < before // 10


def test_what_people_ask_of_a_dead_gateway_is_not_said_to_happen(tmp_path: Path) -> None:
    """Its console still answers here. What was asked for is done when it works again."""
    session = session_of(tmp_path, "at: T+2h, for: 4h, fault: gateway refuses, console: works")
    session.advance(3 * HOUR_MS)
    waiting = session.drill.world.queue.depth()
    for text in ("queue retry inbound", "deliveries pause inbound", "deliveries resume inbound"):
        answer = session.dispatch(text)
        assert isinstance(answer, Accepted), answer
        session.advance(answer.effective_ms + MINUTE_MS)
        said = [event.text for event in session.events() if event.kind == "done"][-1]
        assert "taking" not in said
        assert "offered" not in said
        assert ("mail does not move until the gateway itself works" in said) == ("pause" not in text)
    assert not session.drill.batches.all
    assert "queue.retried" not in session.drill.milestones
    assert session.drill.world.queue.depth() == waiting
    assert moved(session, 6 * HOUR_MS, 6 * HOUR_MS + 10 * MINUTE_MS)[0] >= waiting


def test_what_a_gateway_holds_stays_inside_while_it_is_dead(tmp_path: Path) -> None:
    session = session_of(
        tmp_path,
        "at: T+2h, for: 1h, fault: gateway accepts and holds",
        "at: T+2h30m, for: 2h, fault: gateway refuses",
    )
    session.advance(2 * HOUR_MS + 30 * MINUTE_MS)
    held = len(session.drill.world.inbound.held)
    assert held > 20
    session.advance(4 * HOUR_MS + 30 * MINUTE_MS - 1)
    assert len(session.drill.world.inbound.held) == held, "the hold is over at T+3h, the gateway is not back"
    session.advance(4 * HOUR_MS + 31 * MINUTE_MS)
    assert len(session.drill.world.inbound.held) == 0
    check_conservation(session)


def test_a_pause_that_timed_out_and_was_done_all_the_same_is_told_afterwards() -> None:
    """By the world's own spans: no event says that it was done."""
    found = False
    for seed in range(1, 9):
        session = Session.start(load_scenario("gateway-grey", {"users": "40"}), seed)
        session.advance(2 * HOUR_MS)
        answer = session.dispatch("deliveries pause inbound")
        assert isinstance(answer, Accepted)
        session.advance(answer.effective_ms + 30 * MINUTE_MS)
        if session.drill.world.queue.paused and not [e for e in session.events() if e.kind == "done"]:
            found = True
            assert pauses(session) == [(answer.effective_ms, session.now_ms)]
            (span,) = session.drill.world.queue.pauses
            assert span == [answer.effective_ms]
            session.drill.world.cloud.resume()
            assert len(session.drill.world.queue.pauses[0]) == 2
    assert found, "one of eight consoles times out and acts"
