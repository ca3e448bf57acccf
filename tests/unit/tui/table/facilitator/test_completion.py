"""The facilitator's line is completed with words, and with the names in this exercise."""

from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small
from tui.table.facilitator.completion import completions


def test_words_names_and_commands_of_the_drill_are_completed() -> None:
    exercise = Exercise.start(small("8h"), 1, None, ("messaging", "dns"))
    exercise.sit("facilitator", "Fay")
    exercise.sit("dns", "Dan")
    exercise.advance(ONSET_MS + 1)
    exercise.do("facilitator", "Fay", "bookmark before the MX")
    exercise.do("facilitator", "Fay", "stop at T+9h")
    exercise.do("dns", "Dan", "please point the MX to the backup")
    inject, fault = exercise.session.scenario.injects[0].id, exercise.session.scenario.timeline[0].id
    for text, whole in (
        ("hi", "hint"),
        ("hint d", "hint dns"),
        ("hint dns users-t", "hint dns users-told"),
        ("hint dns p", "hint dns phase"),
        (f"inject undo {inject[:3]}", f"inject undo {inject}"),
        ("fault end ", f"fault end {fault}"),
        ("stop at users", "stop at users-told"),
        ("stop off T", "stop off T+9h"),
        ("rewind ", "rewind before the MX"),
        ("confirm ", "confirm 1"),
        ("as ", "as messaging"),
        ("que", "questions"),
        ("que", "queue"),
    ):
        assert whole in completions(text, exercise), text
    assert "hint messaging" not in completions("hint ", exercise), "that seat is empty"
    assert completions("", exercise) != []
    assert completions("hint dns users-told x", exercise) == []
