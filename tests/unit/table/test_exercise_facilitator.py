"""The facilitator's words: voices, notes, predictions, jumps and the end; all of them replay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small


@pytest.fixture
def exercise(tmp_path: Path) -> Iterator[Exercise]:
    one = Exercise.start(small(), 1, tmp_path / "table.jsonl", ("messaging", "lead"))
    one.sit("facilitator", "Fay")
    one.sit("messaging", "Mona")
    yield one
    one.close()


def fay(exercise: Exercise, text: str) -> str:
    reply = exercise.do("facilitator", "Fay", text)
    assert reply.accepted, reply.text
    return reply.text


def test_a_voice_reaches_its_seat_and_its_time_counts(exercise: Exercise) -> None:
    exercise.sit("lead", "Lea")
    fay(exercise, 'say as="Microsoft support" to=messaging by=sms back=8h text="all is well soon"')
    heard = exercise.events("messaging")[-1]
    assert (heard.kind, heard.source, heard.text) == (
        "sms", "Microsoft support", "to messaging: all is well soon",
    )  # fmt: skip
    assert heard not in exercise.events("lead")
    assert exercise.session.drill.room.back_by_ms == 8 * HOUR_MS
    exercise.leave("lead")
    assert "to=lead: neither" in exercise.do("facilitator", "Fay", "say as=A to=lead text=hello").text
    fay(exercise, "say as=A to=incident-lead text=hello")  # also while that seat is empty
    assert exercise.events("messaging")[-1].text == "to incident lead: hello"
    assert (
        "neither a taken seat nor a role"
        in exercise.do("facilitator", "Fay", "say as=A to=chef text=hello").text
    )
    assert "unknown command" in exercise.do("messaging", "Mona", "say as=A to=all text=hello").text


def test_notes_and_predictions_stay_with_the_facilitator(exercise: Exercise) -> None:
    objective = exercise.session.scenario.objectives[0].id
    fay(exercise, f"note {objective} well argued")
    assert "not an objective" in exercise.do("facilitator", "Fay", "note nothing hello").text
    assert "while the clock is stopped" in exercise.do("messaging", "Mona", "predict 500 sure=70").text
    exercise.wall = lambda: "14:05"
    fay(exercise, "note - at last")
    exercise.wall = str
    assert [one.wall for one in exercise.session.drill.table.observations] == ["", "14:05"]
    fay(exercise, "freeze how many are queued at noon?")
    assert exercise.do("messaging", "Mona", "predict 500 sure=70").accepted
    assert "0 to 100" in exercise.do("messaging", "Mona", "predict 500 sure=170").text
    table = exercise.session.drill.table
    assert [(one.objective, one.text) for one in table.observations] == [
        (objective, "well argued"), ("", "at last"),
    ]  # fmt: skip
    made = table.predictions[0]
    assert (made.about, made.number, made.sure_percent, made.by.seat) == (
        "how many are queued at noon?", "500", 70, "messaging",
    )  # fmt: skip
    assert "observation" not in {one.kind for one in exercise.events("messaging")}


def test_a_jump_comes_to_the_next_event_and_stops_the_clock(exercise: Exercise) -> None:
    fay(exercise, "jump alert")
    for _step in range(100):
        if told := exercise.jump_on(10 * MINUTE_MS):
            break
    assert told.startswith("the first alert: ")
    assert exercise.frozen
    assert exercise.now_ms > ONSET_MS
    assert "passed:" in exercise.events("messaging")[-1].text
    assert not exercise.jumping


def test_the_end_is_for_everyone_and_all_of_it_replays(exercise: Exercise, tmp_path: Path) -> None:
    fay(exercise, "bookmark start")
    fay(exercise, "say as=Partner to=all text=where is our mail?")
    fay(exercise, "jump event")
    while exercise.jumping:
        exercise.jump_on()
    fay(exercise, "go")
    exercise.advance(2 * HOUR_MS)
    fay(exercise, "endex")
    assert exercise.ended
    assert "over" in exercise.do("messaging", "Mona", "ask lead note hello").text
    assert exercise.do("messaging", "Mona", "tell all that went well").accepted
    fay(exercise, "note - a good hot wash")
    digest, events = exercise.session.digest(), exercise.session.events()
    exercise.close()
    again = Session.replay(tmp_path / "table.jsonl")
    assert (again.digest(), again.events(), again.bookmarks) == (digest, events, [(0, "start")])


def test_everyone_goes_back_into_a_branch_with_all_that_was_said_before(
    exercise: Exercise, tmp_path: Path
) -> None:
    exercise.advance(ONSET_MS)
    exercise.do("messaging", "Mona", "tell all before")
    fay(exercise, "bookmark onset")
    exercise.advance(ONSET_MS + HOUR_MS)
    exercise.do("messaging", "Mona", "tell all after")
    assert "not an earlier moment" in exercise.do("facilitator", "Fay", "rewind T+9h").text
    assert "write a moment" in exercise.do("facilitator", "Fay", "rewind nowhere").text
    fay(exercise, "rewind onset")
    assert (exercise.now_ms, exercise.frozen, exercise.rewinds) == (ONSET_MS, True, 1)
    said = [one.text for one in exercise.events("messaging")]
    assert "to all: before" in said
    assert "to all: after" not in said
    assert exercise.person("messaging") == "Mona"
    fay(exercise, "go")
    exercise.advance(ONSET_MS + HOUR_MS)
    fay(exercise, "rewind onset")  # a bookmark from before the first rewind
    assert (exercise.now_ms, exercise.rewinds) == (ONSET_MS, 2)
    fay(exercise, "go")
    exercise.advance(ONSET_MS + HOUR_MS)
    digest = exercise.session.digest()
    exercise.close()
    assert Session.replay(tmp_path / "table-branch-2.jsonl").digest() == digest
    first = Session.replay(tmp_path / "table.jsonl")
    assert first.now_ms == ONSET_MS + HOUR_MS
