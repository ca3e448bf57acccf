"""The command with which the facilitator sends a hint to a seat; the debrief shows the actions for which a
hint was given.
"""

from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.talk import EVERYONE
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import GivenHint, Seated
from sim.kernel.frozen import frozen

PHASE = "phase"
"""Value for a hint about the present phase rather than about an expected action."""


@frozen
class Hint(TableWord):
    """Send a hint to a seat: on its next expected action, on another one, or on the phase."""

    to: str = arg("word", "a taken seat, or all")
    about: str = arg(
        "word",
        "an objective's id, or `phase` for a question of the phase; default: the next expected action",
        offers=(PHASE,),
        default="",
    )
    text: str = arg(
        "text", "your own words; default: the action, or the question of the phase", key="text", default=""
    )

    words: ClassVar = ("hint",)
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        taken = drill.table.people
        if self.to != EVERYONE and self.to not in taken:
            return f"{self.to}: not a taken seat; hint {', '.join([EVERYONE, *sorted(taken)])}"
        known = [one.id for one in drill.scenario.objectives]
        if self.about not in ("", PHASE, *known):
            return f"{self.about}: not an objective; write {PHASE} or one of {', '.join(known)}"
        return "" if self.text else "no expected action is open; write the hint as text="

    def act(self, drill: Drill, by: Seated) -> str:
        about = "" if self.about == PHASE else self.about
        drill.table.hints.append(GivenHint(drill.now_ms, by, self.to, about, self.text))
        to = "" if self.to == EVERYONE else self.to
        drill.say("talk", by.person, f"hint to {self.to}: {self.text}", "hint", to=to)
        return f"hint to {self.to}{f' on {about}' if about else ''}: {self.text}"
