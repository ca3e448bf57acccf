"""Scripted injects: fired, held, skipped and edited by the facilitator; each comes once at most."""

from pathlib import Path

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.table.exercise import Exercise
from sim.table.running import ScriptRow, questions_now
from tests.plays import ONSET_MS, small


def begun(path: Path | None = None) -> Exercise:
    exercise = Exercise.start(small("8h"), 1, path, ("messaging", "helpdesk"))
    exercise.sit("facilitator", "Fay")
    return exercise


def fay(exercise: Exercise, text: str) -> str:
    reply = exercise.do("facilitator", "Fay", text)
    assert reply.accepted, reply.text
    return reply.text


def came(exercise: Exercise, inject: str) -> list[str]:
    kinds = {"call", "ticket", "sms", "email", "post"}
    return [one.text for one in exercise.session.events() if one.ref == inject and one.kind in kinds]


def row(exercise: Exercise, name: str) -> ScriptRow:
    return next(one for one in exercise.script() if one.id == name)


def test_each_inject_is_fired_held_skipped_or_edited(tmp_path: Path) -> None:
    exercise = begun(tmp_path / "table.jsonl")
    first, second = [one.id for one in exercise.session.scenario.injects][:2]
    fay(exercise, f"inject edit {first} to=messaging text=another text")
    fay(exercise, f"inject hold {second}")
    assert (row(exercise, first).state, row(exercise, second).state) == ("to come", "held")
    exercise.advance(ONSET_MS + 8 * HOUR_MS)
    assert came(exercise, first) == ["to the messaging: another text"]
    assert came(exercise, second) == []
    fay(exercise, f"inject fire {second}")
    assert len(came(exercise, second)) == 1
    assert row(exercise, second).at_ms == exercise.now_ms
    refused = exercise.do("facilitator", "Fay", f"inject skip {first}")
    assert " fired at " in refused.text
    assert "no such inject" in exercise.do("facilitator", "Fay", "inject fire nothing").text
    digest = exercise.session.digest()
    exercise.close()
    assert Session.replay(tmp_path / "table.jsonl").digest() == digest


def test_a_fired_inject_does_not_come_again_and_a_skipped_one_never() -> None:
    exercise = begun()
    first, second = [one.id for one in exercise.session.scenario.injects][:2]
    fay(exercise, f"inject fire {first}")
    fay(exercise, f"inject skip {second}")
    exercise.advance(ONSET_MS + 8 * HOUR_MS)
    assert len(came(exercise, first)) == 1
    assert came(exercise, second) == []


def test_expected_actions_are_ticked_by_the_world_and_marked_when_overdue() -> None:
    exercise = begun()
    exercise.advance(ONSET_MS + HOUR_MS)
    fay(exercise, "alerts ack")
    exercise.advance(ONSET_MS + 6 * HOUR_MS)
    states = {one.text: one.state for one in exercise.script() if one.kind == "expected action"}
    assert any(one.startswith("done") for one in states.values())
    assert "overdue" in states.values()


def test_the_questions_are_those_of_the_phase_and_at_last_of_the_hot_wash() -> None:
    exercise = begun()
    told = [questions_now(exercise.session)]
    exercise.advance(ONSET_MS + HOUR_MS)
    fay(exercise, "diagnose component=mail-server failure=refuses")
    exercise.advance(ONSET_MS + 2 * HOUR_MS)
    told.append(questions_now(exercise.session))
    fay(exercise, "fault end exchange-stops")
    told.append(questions_now(exercise.session))
    fay(exercise, "endex")
    told.append(questions_now(exercise.session))
    assert len(set(told)) == 4
    assert all(told)
