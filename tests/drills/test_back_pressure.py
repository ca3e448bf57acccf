"""Back pressure in a drill: whose custody mail is in, when it is delivered, what people see of it."""

from sim.drill.commands.gateway.queue_report import of_batch
from sim.drill.commands.outcome import Accepted
from sim.drill.scoring.drain_time import behind_min
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.report.debrief import debrief, doing_nothing
from tests.drills.played import reference, run, steps, without
from tests.plays import ONSET_MS

RETRY = "queue retry inbound"
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


BACK_MS = ONSET_MS + 40 * HOUR_MS
SLOW = {"users": "400", "outage": "40h", "works-for": "1s"}
"""Four a second worked off, twenty a second taken in."""


def drained(*given: tuple[int, str]) -> tuple[Session, int]:
    """A play up to the empty queue, with commands so many minutes after the return; minutes until then."""
    session = Session.start(load_scenario("exchange-down", SLOW), 1)
    for minutes, text in given:
        session.advance(BACK_MS + minutes * MINUTE_MS)
        assert isinstance(session.dispatch(text), Accepted), text
    while "queue.drained" not in session.drill.milestones:
        session.advance(session.now_ms + 10 * MINUTE_MS)
    return session, (session.drill.milestones["queue.drained"] - BACK_MS) // MINUTE_MS


def pressed(session: Session) -> list[str]:
    return [event.text for event in session.events() if "back pressure: " in event.text]


def test_batches_or_a_limit_keep_the_server_from_flooding_and_drain_the_backlog_sooner() -> None:
    flooding, flood_min = drained((30, "queue retry inbound"))
    assert "back pressure: refuses mail from outside" in pressed(flooding)
    (all_at_once,) = flooding.drill.batches.all
    assert all_at_once.taken < len(all_at_once.ids) * 2 // 3, "the rest was put back by 452"
    batches, batches_min = drained(*((30 + 10 * n, "queue retry inbound oldest=2000") for n in range(11)))
    assert not pressed(batches)
    assert [batch.taken for batch in batches.drill.batches.all[:10]] == [2000] * 10
    soon = batches.fork(batches.drill.batches.all[2].at_ms + 6 * MINUTE_MS).drill.batches.all
    assert [batch.taken for batch in soon] == [2000] * 3, "before the next one"
    limited, limited_min = drained(
        (30, "deliveries limit inbound connections=4"), (35, "queue retry inbound")
    )
    assert not pressed(limited)
    assert limited.drill.batches.all[0].taken == len(limited.drill.batches.all[0].ids)
    assert max(batches_min, limited_min) < flood_min // 2
    ghost = doing_nothing(flooding)
    told = [
        next(line for line in debrief(one, ghost).findings if line.startswith("Retries forced by hand"))
        for one in (flooding, batches)
    ]
    assert "mail between colleagues included): 12," in told[0]
    assert " deferred again" in told[0]
    assert "forced by hand (11)" in told[1]
    assert "2,000 (the oldest): 2,000 accepted; " in told[1]
    assert "deferred again" not in told[1]


def test_what_a_forced_attempt_says_adds_up_to_the_queue() -> None:
    """Half an hour after the return some messages stand in line already: they are told apart."""
    session = Session.start(
        load_scenario("exchange-down", {"users": "600", "outage": "31h", "works-for": "200ms"}), 1
    )
    session.advance(ONSET_MS + 31 * HOUR_MS + 60_000)
    answer = session.dispatch("queue retry inbound")
    assert isinstance(answer, Accepted)
    session.advance(answer.effective_ms)
    queue = session.drill.world.queue
    depth, waiting = queue.depth(), len(queue.between_attempts())
    assert 0 < waiting < depth
    session.advance(answer.effective_ms + 1)
    text = [event.text for event in session.events() if event.kind == "done"][-1]
    assert f"retry forced for {waiting:,} messages, " in text
    assert f"; {depth - waiting:,} more are already being offered" in text
    (batch,) = session.drill.batches.all
    assert (len(batch.ids), batch.beside) == (waiting, depth - waiting)
    session.advance(answer.effective_ms + 2 * HOUR_MS)
    assert of_batch(session.drill, batch).endswith(
        f"{waiting:,} accepted, plus {depth - waiting:,} already in delivery"
    )


def test_a_slow_server_is_drained_in_time_by_retries_in_batches_and_not_by_one() -> None:
    """It works off one a second: what is refused has to be offered again, and its pace is nobody's fault."""
    one = load_scenario("exchange-down", {"users": "250", "works-for": "4s"})
    rows = steps("exchange-down", *((f"server.reported-back + {20 + 30 * n}m", RETRY) for n in range(24)))
    batches = [step.model_copy(update={"unless": ("queue.drained",)}) for step in rows.steps]
    book = without(reference("exchange-down"), "retry", "retry-rest")
    once = run(one, reference("exchange-down"))
    again = run(one, book.model_copy(update={"steps": (*book.steps, *batches)}))
    assert again.objectives["queue-drained"] == "met" != once.objectives["queue-drained"]
    assert again.milestones["queue.drained"] > again.milestones["outage.end"] + 4 * HOUR_MS
    assert (behind_min(again.session.drill) or 0) < (behind_min(once.session.drill) or 0)
