"""Whatever people at a table type, and when: the journal comes to the same digest, also after a rewind."""

import random
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.table.exercise import Exercise
from tests.plays import small

SEATS = ("messaging", "dns", "security")
PLAYERS = (
    "probe mx all", "queue retry inbound", "deliveries pause inbound", "deliveries resume inbound",
    "mx set backup", "ttl set mx 5m", "approve exposure opening=lock", "approve mx because=it is down",
    "lock open backup", "continuity start group=all for=4h", "alerts ack", "note hello", "tell all hello",
    "ask dns ttl set mx 10m", "ask messaging alerts ack", "allow 1", "allow 2", "deny 1 no", "deny 3 no",
    "predict 40 sure=70", "answer 9 we know", "phone vendor=microsoft about=outage", "leave",
)  # fmt: skip
FACILITATOR = (
    "freeze", "go", "speed 600", "jump event", "jump alert", "note - good", "bookmark here", "rewind 20m",
    "rewind here", 'say as=Boss to=all text="hello"', "say as=Vendor to=messaging by=sms back=2h text=soon",
    "fault insert mail-server slow for=1h per=20s", "fault insert access no-access for=30m share=30",
    "fault insert gateway refuses for=40m in=10m", "fault insert mail-server refuses for=1h",
    "fault ramp live-1 share=60", "fault ramp live-2 per=40s", "fault lengthen live-1 by=30m",
    "fault lengthen exchange-stops by=1h", "fault end live-1", "fault end exchange-stops", "fault end live-2",
    "inject fire outbox-asks", "inject hold server-back", "inject skip outbox-asks",
    "inject edit server-back to=dns text=it works", "allow 1", "mx set gateway",
)  # fmt: skip


def played(path: Path, seed: int, lines: int = 40) -> Exercise:
    """An exercise with lines drawn by `seed`, each after a drawn while."""
    draw = random.Random(seed)
    exercise = Exercise.start(small("3h"), 1, path, SEATS)
    exercise.sit("facilitator", "Fay")
    for _line in range(lines):
        seat = draw.choice((*SEATS, "facilitator", "facilitator"))
        if not exercise.person(seat):
            exercise.sit(seat, seat.title())
        exercise.do(
            seat, exercise.person(seat), draw.choice(FACILITATOR if seat == "facilitator" else PLAYERS)
        )
        while exercise.jumping:
            exercise.jump_on()
        if draw.random() < 0.7:
            exercise.do("facilitator", "Fay", "go")
        exercise.advance(exercise.now_ms + draw.randrange(1, 20 * MINUTE_MS))
    return exercise


@pytest.mark.parametrize("seed", range(4))
def test_any_exercise_replays_resumes_and_forks_to_its_digest(tmp_path: Path, seed: int) -> None:
    exercise = played(tmp_path / "table.jsonl", seed)
    session = exercise.session
    digest, path = session.digest(), session.journal_path
    assert path is not None
    assert session.fork(session.now_ms).digest() == digest
    heard = {seat: exercise.events(seat) for seat in exercise.names}
    exercise.close()
    again = Exercise.resume(path)
    assert again.session.digest() == digest
    assert {seat: again.events(seat) for seat in again.names} == heard
    assert again.script() == exercise.script()
    assert again.truth() == exercise.truth()
    if not again.ended:
        again.do("facilitator", "Fay", "go")
        again.advance(again.now_ms + HOUR_MS)
    again.close()
    for journal in tmp_path.glob("*.jsonl"):
        Session.replay(journal)
