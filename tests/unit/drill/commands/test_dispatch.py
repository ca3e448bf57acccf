"""Giving a command: what it says of itself decides how its result is told and whether it is judged."""

from typing import ClassVar

import pytest

from sim.drill.commands.command import Accepted, Command, Facts, InYourProduct
from sim.drill.commands.dispatch import give
from sim.drill.drill import Drill
from sim.drill.room.decisions import DecisionTaken
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

    def act(self, drill: Drill, by: str) -> str:
        return f"{by} has switched everything over"


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
