"""Commands by which people at the table talk to each other."""

from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import FACILITATOR, Seated
from sim.kernel.frozen import frozen

EVERYONE = "all"


@frozen
class Tell(TableWord):
    """Send a message to another seat, or to all."""

    to: str = arg("word", "a seat, or all", offers=(EVERYONE, FACILITATOR))
    text: str = arg("text", "the message, to the end of the line")

    words: ClassVar = ("tell",)
    givers: ClassVar = "everyone"
    after_the_end: ClassVar = True

    def refusal(self, drill: Drill, by: Seated) -> str:
        taken = drill.table.people
        if self.to in (EVERYONE, FACILITATOR) or self.to in taken:
            return "" if self.text else "the message is empty; write it after the seat"
        return f"{self.to}: not a taken seat; tell {', '.join([EVERYONE, *sorted({*taken, FACILITATOR})])}"

    def act(self, drill: Drill, by: Seated) -> str:
        to = "" if self.to == EVERYONE else self.to
        drill.say("talk", f"{by.person} ({by.seat})", f"to {self.to}: {self.text}", by.seat, to=to)
        return f"sent to {self.to}"
