"""The first numbers of a debrief: mail that is merely on its way is not mail that was not delivered."""

from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, SECOND_MS
from sim.report.outcome import outcome
from sim.report.paper.tiles import queued
from tests.plays import ONSET_MS, play


def in_queues(session: Session) -> int:
    custody = session.drill.world.custody()["inbound"]
    return sum(custody.get(account, 0) for account in ("at_sender", "gateway_queue", "server_queue"))


def test_mail_of_the_last_seconds_does_not_count_as_not_delivered() -> None:
    """A drill that had recovered ended with `3 messages not delivered; 3 more than without action`."""
    session = play("2h", [], ONSET_MS - MINUTE_MS)
    found = []
    for _ in range(600):
        session.advance(session.now_ms + SECOND_MS // 20)
        found.append((in_queues(session), queued(outcome(session))))
        if found[-1][0]:
            break
    assert found[-1][0] > 0, "a message is being processed"
    assert {counted for _, counted in found} == {0}
    fresh = set()
    for minute in range(20, 40):
        session.advance(ONSET_MS + minute * MINUTE_MS)
        written_ms = session.drill.world.waits()["inbound"]
        fresh.add(int((written_ms > session.now_ms - MINUTE_MS).sum()))
        assert queued(outcome(session)) == int((written_ms <= session.now_ms - MINUTE_MS).sum()) > 0
    assert max(fresh) > 0
