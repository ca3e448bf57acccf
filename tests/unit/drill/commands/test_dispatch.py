"""Giving a command: what it says of itself decides how its result is told and whether it is judged."""

from dataclasses import MISSING, fields
from typing import ClassVar

import pytest

from sim.drill.commands.command import Command
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.dispatch import give
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.commands.registry import COMMANDS
from sim.drill.drill import Drill
from sim.drill.room.decisions import DecisionTaken
from sim.drill.room.work_given import Turn
from sim.kernel.duration import HOUR_MS
from sim.kernel.frozen import frozen
from tests.plays import ONSET_MS, play


@frozen
class SwitchEverythingOver(Command):
    """Switch users over; made up for this test."""

    words: ClassVar = ("switch", "over")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="incident room",
        result="report",
        product=InYourProduct(path="none", who="anyone", how_long="a moment", simplified="all of it"),
    )

    def hands_on_ms(self, drill: Drill) -> int:
        return 0

    def decides(self) -> DecisionTaken:
        return DecisionTaken("continuity")

    def act(self, drill: Drill, turn: Turn) -> str:
        return f"{turn.by} has switched everything over"


def test_a_new_command_is_judged_and_reports_because_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    drill = play("2h", [], ONSET_MS).drill
    monkeypatch.setitem(drill.scenario.rules.hands_on.minutes, "switch over", 0)
    answer = give(drill, SwitchEverythingOver(), "switch over")
    assert isinstance(answer, Accepted)
    told = drill.events[-1]
    assert (told.kind, told.source, told.ref) == ("report", answer.by, "switch over")
    assert told.text == f"{answer.by} has switched everything over"
    (judged,) = drill.room.judged
    assert (judged.about, judged.answer, judged.text, judged.deed) == (
        "continuity",
        "yes",
        "switch over",
        True,
    )


@pytest.mark.parametrize("duration", ["36525d", "36526d", "99999999999d"])
def test_no_time_that_is_typed_leaves_the_calendar(duration: str) -> None:
    """`decide … review=99999999999d` once ended the console: its answer names the date."""
    session = play("2h", [], ONSET_MS)
    given = 0
    for command in COMMANDS:
        for field in (one for one in fields(command) if one.metadata["kind"] == "duration"):
            words = " ".join([*command.words, *_needed(command)])
            key = field.metadata["key"]
            line = f"{words} {key}={duration}" if key else f"{words} {duration}"
            answer = session.dispatch(line)
            given += 1
            if duration != "36525d":
                assert isinstance(answer, Refused)
                assert "more than a century" in answer.reason
    session.advance(session.now_ms + HOUR_MS)
    assert given > 5


def _needed(command: type[Command]) -> list[str]:
    """A value of each field that must be given and is not a duration."""
    needed = [one for one in fields(command) if one.default is MISSING and one.metadata["kind"] != "duration"]
    values = [(one.metadata["key"], (one.metadata["choices"] or ("x",))[0]) for one in needed]
    return [f"{key}={value}" if key else value for key, value in values]
