"""Back pressure in a drill: whose custody mail is in, when it is delivered, what people see of it."""

from sim.drill.scenario_file import load_scenario
from sim.drill.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from tests.plays import ONSET_MS

REFUSAL = "452 4.3.1 Insufficient system resources"


def flooded(works_for: str, outage_h: int = 12, later_ms: int = HOUR_MS) -> Session:
    """A retry of everything half an hour after the server is back, and `later_ms` more."""
    settings = {"users": "600", "outage": f"{outage_h}h", "works-for": works_for}
    session = Session.start(load_scenario("exchange-down", settings), 1)
    session.advance(ONSET_MS + outage_h * HOUR_MS + 30 * MINUTE_MS)
    session.dispatch("queue retry inbound")
    session.advance(session.now_ms + later_ms)
    return session


def test_what_the_server_has_accepted_is_neither_the_gateways_nor_delivered() -> None:
    """By hand: with four at a time and two seconds each it has worked off two a second at most."""
    session = flooded("2s")
    world = session.drill.world
    inside = len(world.intake.submission)
    book = world.custody()
    assert inside > 1000
    assert sum(book[name].get("server_queue", 0) for name in ("inbound", "internal")) == inside
    assert world.intake.pressure is not None
    assert world.intake.pressure.waiting(session.now_ms) == inside
    server_back_ms = ONSET_MS + 12 * HOUR_MS
    worked_off = world.ledger.delivered[0] - world.queue.delivered.before(server_back_ms)
    assert worked_off <= 2 * (session.now_ms - server_back_ms) // 1000 + 4
    assert world.queue.condition.reply == REFUSAL
    assert session.snapshot().queue.last_error == REFUSAL
    session.dispatch("status check server")
    session.advance(session.now_ms + 5 * MINUTE_MS)
    told = [event.text for event in session.events() if event.kind == "report"][-1]
    assert "in its submission queue, back pressure: it refuses the gateway" in told


def test_the_queue_counts_as_drained_when_the_server_has_worked_it_off() -> None:
    session = flooded("2s", outage_h=2, later_ms=5 * MINUTE_MS)
    world, back_ms = session.drill.world, ONSET_MS + 2 * HOUR_MS

    def old_inside() -> int:
        return int((world.intake.submission.waiting().arrival_ms < back_ms).sum())

    before = 0
    while "queue.drained" not in session.drill.milestones:
        assert not session.ended
        before = old_inside()
        session.advance(session.now_ms + 10 * SECOND_MS)
    assert before > 4, "more of it than the server works on at a time stood inside"
    assert old_inside() == 0


def test_twenty_a_second_in_and_twenty_a_second_worked_off_flood_nobody() -> None:
    session = flooded("200ms")
    assert not [event for event in session.events() if "back pressure" in event.text]
    assert len(session.drill.world.intake.submission) <= 4
