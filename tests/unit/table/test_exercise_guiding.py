"""Hints, lines in players' own words, undone and written injects, stops of the clock, the stop word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.at_table import at_table
from sim.report.paper.objective_rows import objective_rows
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small


@pytest.fixture
def exercise(tmp_path: Path) -> Iterator[Exercise]:
    """Two players and an empty seat; closed and replayed, so that each test also checks its digest."""
    one = Exercise.start(small(), 1, tmp_path / "table.jsonl", ("messaging", "dns", "lead"))
    for seat, person in (("facilitator", "Fay"), ("messaging", "Mona"), ("dns", "Dan")):
        one.sit(seat, person)
    yield one
    digest, events, path = one.session.digest(), one.session.events(), one.session.journal_path
    one.close()
    assert path is not None
    again = Session.replay(path)
    assert (again.digest(), again.events()) == (digest, events)


def fay(exercise: Exercise, text: str) -> str:
    reply = exercise.do("facilitator", "Fay", text)
    assert reply.accepted, reply.text
    return reply.text


def refused(exercise: Exercise, text: str, seat: str = "facilitator") -> str:
    reply = exercise.do(seat, exercise.person(seat), text)
    assert not reply.accepted
    return reply.text


def heard(exercise: Exercise, seat: str) -> list[str]:
    return [one.text for one in exercise.events(seat)]


# Hints


def test_a_hint_names_the_next_action_and_the_debrief_says_which_had_one(exercise: Exercise) -> None:
    assert "no expected action is open" in refused(exercise, "hint messaging")
    exercise.advance(ONSET_MS + 10 * MINUTE_MS)
    told = fay(exercise, "hint messaging")
    objective = exercise.session.drill.table.hints[0].about
    assert told.startswith(f"hint to messaging on {objective}: next is expected by Mon ")
    assert heard(exercise, "messaging")[-1] == told.replace(f" on {objective}", "")
    assert "hint" not in heard(exercise, "dns")[-1]
    fay(exercise, "hint messaging")
    hints = exercise.session.drill.table.hints
    assert hints[1].about != objective, "an action has one hint; the next one is about the next action"
    found = at_table(exercise.session)
    assert found is not None
    assert found.hints[0].text.endswith("(not done)")
    assert (found.hints[0].who, found.hints[0].about) == ("Fay to messaging", objective)
    causes = {one.id: one.cause for one in objective_rows(exercise.session)}
    assert {name for name, cause in causes.items() if "hint given at Mon" in cause} == {
        one.about for one in hints
    }


def test_a_hint_of_the_phase_is_a_question_that_the_seat_has_not_had(exercise: Exercise) -> None:
    first = fay(exercise, "hint all phase")
    second = fay(exercise, "hint messaging phase")
    assert first.removeprefix("hint to all: ") != second.removeprefix("hint to messaging: ")
    fay(exercise, "hint dns text=who can sign in there?")
    assert heard(exercise, "dns")[-1] == "hint to dns: who can sign in there?"
    assert "not a taken seat" in refused(exercise, "hint lead")
    assert "not an objective" in refused(exercise, "hint dns nothing")
    assert [one.about for one in exercise.session.drill.table.hints] == ["", "", ""]


# Own words


def test_own_words_become_a_command_of_the_player_once_the_facilitator_confirms(exercise: Exercise) -> None:
    said = exercise.do("dns", "Dan", "please point the MX to the backup")
    assert said.accepted
    assert "request 1" in said.text
    told = exercise.events("facilitator")[-1].text
    assert "`confirm 1`: mx set backup" in told
    assert "mx set backup" not in heard(exercise, "dns")[-1]
    assert exercise.requests("facilitator")[0].proposals[0] == "mx set backup"
    assert exercise.requests("dns")[0].proposals == ()
    assert "`confirm 1` carries it out" in refused(exercise, "allow 1")
    assert "no such request" in refused(exercise, "confirm 9")
    exercise.do("facilitator", "Fay", "confirm 1")
    assert [text for _t_ms, text in exercise.session.commands] == ["mx set backup"]
    by = exercise.session.inputs[-1][1].by  # type: ignore[union-attr]
    assert (by.seat, by.person) == ("dns", "Dan")
    assert "“please point the MX to the backup” is `mx set backup`" in " ".join(heard(exercise, "dns"))


def test_the_facilitator_edits_or_declines_and_other_seats_are_asked(exercise: Exercise) -> None:
    exercise.do("messaging", "Mona", "could we lower the TTL of the MX")
    exercise.do("facilitator", "Fay", "confirm 1 ttl set mx 5m")
    assert exercise.session.drill.table.requests[1].text == "ttl set mx 5m"  # asked of dns, which owns it
    assert exercise.session.drill.table.requests[1].to == "dns"
    exercise.do("messaging", "Mona", "let us all go home now")
    assert "nothing is proposed" in refused(exercise, "confirm 3")
    assert "unknown command" in refused(exercise, "confirm 3 go home")
    fay(exercise, "deny 3 not yet")
    assert "denies request 3: let us all go home now, because not yet" in heard(exercise, "messaging")[-1]
    assert "denies" not in " ".join(heard(exercise, "dns"))
    exercise.do("messaging", "Mona", "want status of the gateway, quickly")
    fay(exercise, "freeze wait")
    assert "clock is stopped" in refused(exercise, "confirm 4 status check gateway")
    fay(exercise, "go")
    fay(exercise, "confirm 4 status check gateway")


def test_a_mistyped_command_is_no_wish(exercise: Exercise) -> None:
    for line in ("staus check gateway", "mx sett backup", "mx set backup ttl=soon", "hello there"):
        assert "request" not in refused(exercise, line, "dns"), line
    assert not exercise.session.drill.table.requests


# Injects


def test_an_inject_is_written_edited_and_undone_before_it_comes(exercise: Exercise) -> None:
    fay(exercise, 'inject write board-asks as="the CEO" to=messaging by=email in=20m text="is it fixed?"')
    assert "is in the script" in refused(exercise, "inject write board-asks as=A to=dns in=1m text=b")
    assert "to=chef" in refused(exercise, "inject write other as=A to=chef in=1m text=b")
    rows = {one.id: one for one in exercise.script()}
    assert (rows["board-asks"].due_ms, rows["board-asks"].state) == (20 * MINUTE_MS, "to come")
    assert "as written in the script" in refused(exercise, "inject undo board-asks")
    fay(exercise, "inject edit board-asks text=when will it be fixed?")
    fay(exercise, "inject skip board-asks")
    fay(exercise, "inject undo board-asks")
    exercise.advance(30 * MINUTE_MS)
    assert heard(exercise, "messaging")[-1] == "to messaging: is it fixed?"


def test_an_inject_that_has_come_is_retracted_over_the_same_channel(exercise: Exercise) -> None:
    fay(exercise, 'say as="Vendor" to=dns by=sms back=2h text="two hours"')
    number = exercise.events("facilitator")[-1].seq
    assert exercise.session.drill.room.back_by_ms == 2 * HOUR_MS
    fay(exercise, f"inject undo {number}")
    said = [one for one in exercise.events("dns") if one.source == "Vendor"][-1]
    assert (said.kind, said.text[:24]) == ("sms", "to dns: Please disregard")
    assert exercise.session.drill.room.back_by_ms is None
    assert "Please disregard" not in " ".join(heard(exercise, "messaging"))
    assert "has been retracted" in refused(exercise, f"inject undo {number}")
    fay(exercise, "inject write late as=A to=messaging in=1m text=hello")
    fay(exercise, "inject hold late")
    exercise.advance(2 * MINUTE_MS)
    assert "has passed; `inject fire late`" in refused(exercise, "inject undo late")
    fay(exercise, "inject fire late")
    fay(exercise, "inject undo late")
    assert {one.id: one.state for one in exercise.script()}["late"] == "retracted"
    assert "is retracted" in refused(exercise, "inject undo late")


# Stops


def test_the_clock_stops_for_everyone_at_a_moment_an_inject_and_an_action(exercise: Exercise) -> None:
    fay(exercise, "inject write call as=A to=messaging in=30m text=hello")
    fay(exercise, "stop at T+20m")
    fay(exercise, "stop at call")
    assert "already stops" in refused(exercise, "stop at call")
    assert "has passed" in refused(exercise, "stop at T+0s")
    assert "a stop is a moment" in refused(exercise, "stop at bananas")
    exercise.advance(HOUR_MS)
    assert (exercise.now_ms, exercise.frozen) == (20 * MINUTE_MS, True)
    assert "T+20m" not in " ".join(heard(exercise, "dns")), "a stop may be about the truth"
    fay(exercise, "go")
    exercise.advance(HOUR_MS)
    assert (exercise.now_ms, exercise.frozen) == (30 * MINUTE_MS + 1, True)
    assert [name for _t_ms, name in exercise.session.bookmarks] == ["T+20m", "call"]
    fay(exercise, "go")
    objective = next(one for one in exercise.session.scenario.objectives if one.met)
    fay(exercise, f"stop at {objective.id}")
    exercise.advance(ONSET_MS + 3 * HOUR_MS)
    assert exercise.frozen
    state = {one.id: one.state for one in exercise.script()}[objective.id]
    assert state == "overdue"
    due_ms = next(one.due_ms for one in exercise.script() if one.id == objective.id)
    assert due_ms is not None
    assert exercise.now_ms == due_ms + 1
    assert not exercise.session.drill.table.stops


def test_a_jump_heeds_a_stop_and_a_stop_can_be_removed(exercise: Exercise) -> None:
    exercise.advance(10 * MINUTE_MS)
    fay(exercise, "stop at 30m")
    fay(exercise, "stop at T+50m")
    fay(exercise, "stop off T+50m")
    assert "no stop is set" not in refused(exercise, "stop off T+50m")
    fay(exercise, "jump end")
    told = ""
    while not told:
        told = exercise.jump_on()
    assert told.startswith("a stop of the facilitator. 30 min passed")
    assert " -> " not in told
    assert "queue" not in told, "it is as long as before"
    assert (exercise.now_ms, exercise.frozen) == (40 * MINUTE_MS, True)


def test_skipped_time_is_counted_in_words_that_people_use(exercise: Exercise) -> None:
    fay(exercise, "diagnose component=gateway failure=refuses")
    fay(exercise, "jump")
    told = ""
    while not told:
        told = exercise.jump_on()
    assert "1 completed command" in told


def test_a_stop_in_so_many_minutes_is_told_in_whole_seconds(exercise: Exercise) -> None:
    """The clock is stopped at some millisecond; nobody wants to read or type it."""
    exercise.advance(10 * MINUTE_MS + 36_161)
    fay(exercise, "stop at 30m")
    assert exercise.session.drill.table.stops == ["T+40m37s"]


# Predictions in the room


def test_the_room_sees_predictions_once_every_seat_has_made_one(exercise: Exercise) -> None:
    assert (exercise.room().question, exercise.room().predicted) == ("", 0)
    fay(exercise, "freeze How many at noon?")
    exercise.do("messaging", "Mona", "predict 4000 sure=50")
    exercise.do("messaging", "Mona", "predict 4500 sure=60")
    room = exercise.room()
    assert (room.question, room.predicted, room.predictions) == ("How many at noon?", 1, ())
    exercise.do("dns", "Dan", "predict 9000 sure=90")
    assert exercise.room().predictions == (("messaging", "4500", 60), ("dns", "9000", 90))
    assert "predict" not in " ".join(heard(exercise, "dns"))
    fay(exercise, "go")
    assert exercise.room().predictions == ()


def test_a_confirmed_line_gives_no_right_that_the_seat_does_not_have(exercise: Exercise) -> None:
    exercise.do("messaging", "Mona", "please change the MX to the backup")
    fay(exercise, "confirm 1 mx set backup")
    assert not list(exercise.session.commands), "Dan at dns is asked; nothing has been given"
    assert "facilitator's" not in heard(exercise, "messaging")[-1]
    exercise.do("messaging", "Mona", "please end the whole exercise for us")
    assert "unknown command" in refused(exercise, "confirm 3 endex")


# The stop word


@pytest.mark.parametrize("line", ["REAL EMERGENCY: fire in the hall", "real emergency fire in the hall"])
def test_the_stop_word_of_anyone_stops_the_clock_and_everyone_hears_it(exercise: Exercise, line: str) -> None:
    fay(exercise, "jump end")
    reply = exercise.do("dns", "Dan", line)
    assert reply.accepted
    assert exercise.frozen
    assert not exercise.jumping
    assert exercise.session.drill.table.emergency == "Dan"
    told = "REAL EMERGENCY: fire in the hall. This is not part of the exercise. Stop, and listen to Dan."
    assert heard(exercise, "messaging")[-1] == heard(exercise, "facilitator")[-1] == told
    fay(exercise, "go")
    assert not exercise.session.drill.table.emergency
    exercise.sit("lead", "Real emergency")
    assert exercise.frozen
    assert not exercise.person("lead")


# Answers


def test_a_seat_answers_only_what_it_has_heard(exercise: Exercise) -> None:
    fay(exercise, 'say as="Customer" to=messaging text="hello?"')
    number = exercise.events("messaging")[-1].seq
    assert "no call, email, SMS or ticket of yours" in refused(exercise, f"answer {number} yes", "dns")
    assert exercise.do("messaging", "Mona", f"answer {number} we are on it").accepted
