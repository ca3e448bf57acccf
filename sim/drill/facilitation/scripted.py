"""Commands that steer the scripted injects: fire, hold, skip, edit."""

from dataclasses import dataclass
from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Seated


@dataclass(frozen=True, slots=True)
class _OfInject(TableWord):
    """A command about one inject of the scenario."""

    inject: str = arg("word", "the inject's id")

    def refusal(self, drill: Drill, by: Seated) -> str:
        states = drill.scripted.states
        if self.inject not in states:
            known = ", ".join(name for name, state in states.items() if state != "came") or "none"
            return f"{self.inject}: no such inject; choose from {known}"
        if states[self.inject] == "came":
            return f"{self.inject} fired at {drill.clock(drill.scripted.came_ms[self.inject])}"
        return ""

    def _tell(self, drill: Drill, by: Seated, what: str) -> str:
        told = f"{what} the inject {self.inject}"
        drill.say("observation", by.person, told, self.inject)
        return told


@dataclass(frozen=True, slots=True)
class InjectFire(_OfInject):
    """Send an inject now."""

    words: ClassVar = ("inject", "fire")
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        told = self._tell(drill, by, "fires")
        drill.scripted.fire(self.inject)
        return told


@dataclass(frozen=True, slots=True)
class InjectHold(_OfInject):
    """Hold back an inject until you fire it."""

    words: ClassVar = ("inject", "hold")
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.scripted.set_aside(self.inject, "held")
        return self._tell(drill, by, "holds")


@dataclass(frozen=True, slots=True)
class InjectSkip(_OfInject):
    """Leave out an inject."""

    words: ClassVar = ("inject", "skip")
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.scripted.set_aside(self.inject, "skipped")
        return self._tell(drill, by, "skips")


@dataclass(frozen=True, slots=True)
class InjectEdit(_OfInject):
    """Change the text or the addressee of an inject before it fires."""

    to: str = arg("word", "another addressee: a staff role or a seat", key="to", default="")
    text: str = arg("text", "another text, in quotes or to the end of the line", key="text", default="")

    words: ClassVar = ("inject", "edit")
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        why = _OfInject.refusal(self, drill, by)
        return why or ("" if self.to or self.text else "write to= or text=")

    def act(self, drill: Drill, by: Seated) -> str:
        drill.scripted.edit(self.inject, self.text, self.to)
        return self._tell(drill, by, "edits")
