"""An exercise: seats and their rights, what each of them hears, and a journal that comes to its digest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.table.exercise import Exercise
from sim.table.seats import BadSeat
from tests.plays import ONSET_MS, small


@pytest.fixture
def exercise(tmp_path: Path) -> Iterator[Exercise]:
    one = Exercise.start(small(), 1, tmp_path / "table.jsonl", ("messaging", "dns", "lead"))
    one.sit("facilitator", "Fay")
    one.sit("messaging", "Mona")
    one.sit("dns", "Dan")
    yield one
    one.close()


def kinds(exercise: Exercise, seat: str) -> set[str]:
    return {one.kind for one in exercise.events(seat)}


def test_a_command_of_a_taken_seat_is_its_own(exercise: Exercise) -> None:
    refused = exercise.do("messaging", "Mona", "mx set backup")
    assert not refused.accepted
    assert refused.text == "`mx set` belongs to Dan at dns; `ask dns COMMAND` requests it"
    assert [*exercise.session.commands] == []
    assert "belongs to Mona at messaging" in exercise.do("dns", "Dan", "queue retry inbound").text


def test_commands_of_an_empty_seat_and_of_anyone_may_be_given_by_all(exercise: Exercise) -> None:
    assert exercise.do("dns", "Dan", "diagnose component=gateway failure=refuses").accepted
    assert exercise.do("messaging", "Mona", "note we have begun").accepted
    exercise.leave("dns")
    assert "belongs" not in exercise.do("messaging", "Mona", "mx set backup").text


def test_nothing_is_given_from_an_empty_or_unknown_seat(exercise: Exercise) -> None:
    assert not exercise.do("lead", "Lea", "note hello").accepted
    with pytest.raises(BadSeat, match="it has messaging, dns, lead, facilitator"):
        exercise.do("comms", "Cy", "note hello")
    with pytest.raises(BadSeat, match="choose from"):
        Exercise.start(small(), 1, None, ("chef",))


def test_truth_reaches_the_facilitator_only_and_alerts_their_seat(exercise: Exercise) -> None:
    exercise.advance(ONSET_MS + 30 * MINUTE_MS)
    assert {"fault", "milestone"} <= kinds(exercise, "facilitator")
    assert not {"fault", "milestone"} & (kinds(exercise, "messaging") | kinds(exercise, "dns"))
    assert "sms" in kinds(exercise, "messaging")
    assert "sms" not in kinds(exercise, "dns")
    exercise.leave("messaging")
    assert "sms" in kinds(exercise, "dns")


def test_a_line_to_a_seat_is_heard_there_and_by_its_sender(exercise: Exercise) -> None:
    assert exercise.do("messaging", "Mona", "tell dns is the TTL low?").accepted
    said = [one for one in exercise.events("dns") if "TTL" in one.text]
    assert [one.text for one in said] == ["to dns: is the TTL low?"]
    assert exercise.events("messaging")[-1] == said[0]
    exercise.sit("lead", "Lea")
    assert not [one for one in exercise.events("lead") if "TTL" in one.text]
    assert "no one sits at comms" in exercise.do("lead", "Lea", "tell comms hello").text


def test_the_result_of_a_command_reaches_the_seat_that_gave_it(exercise: Exercise) -> None:
    exercise.advance(ONSET_MS)
    assert exercise.do("dns", "Dan", "probe mx all").accepted
    exercise.advance(ONSET_MS + HOUR_MS // 2)
    assert "report" in kinds(exercise, "dns")
    assert "report" not in kinds(exercise, "messaging")


def test_a_frozen_clock_does_not_pass_and_players_wait(exercise: Exercise) -> None:
    assert exercise.do("facilitator", "Fay", "freeze what do you see?").accepted
    exercise.advance(HOUR_MS)
    assert (exercise.now_ms, exercise.frozen) == (0, True)
    assert not exercise.do("messaging", "Mona", "note hello").accepted
    assert exercise.do("messaging", "Mona", "tell all hello").accepted
    assert not exercise.do("messaging", "Mona", "go").accepted
    assert exercise.do("facilitator", "Fay", "go").accepted
    assert exercise.do("facilitator", "Fay", "speed 600").accepted
    exercise.advance(HOUR_MS)
    assert (exercise.now_ms, exercise.look("dns").speed) == (HOUR_MS, 600)


def test_the_journal_rebuilds_the_exercise(exercise: Exercise, tmp_path: Path) -> None:
    exercise.advance(ONSET_MS)
    exercise.do("dns", "Dan", "probe mx all")
    exercise.do("messaging", "Mona", "tell all the gateway fails")
    exercise.do("facilitator", "Fay", "freeze")
    digest, heard = exercise.session.digest(), exercise.events("messaging")
    exercise.close()
    path = tmp_path / "table.jsonl"
    assert Session.replay(path).digest() == digest
    again = Exercise.resume(path)
    assert (again.person("dns"), again.frozen, again.session.digest()) == ("Dan", True, digest)
    assert again.events("messaging") == heard
    assert again.session.fork(again.now_ms).digest() == digest
    again.close()


def test_a_look_has_the_places_of_its_seat(exercise: Exercise) -> None:
    look = exercise.look("dns")
    assert look.places[0] == "DNS"
    assert [(one.name, one.person) for one in look.seats] == [
        ("messaging", "Mona"), ("dns", "Dan"), ("lead", ""), ("facilitator", "Fay"),
    ]  # fmt: skip
    assert look.snapshot == exercise.session.snapshot()
