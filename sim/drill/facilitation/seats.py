"""Commands for seats and the clock."""

from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import FACILITATOR, Seated
from sim.kernel.frozen import frozen

FASTEST = 3600


@frozen
class Sit(TableWord):
    """Take a seat; the person plays its roles from now on."""

    roles: str = arg("text", "the staff roles of the seat", default="")

    words: ClassVar = ("sit",)
    givers: ClassVar = "everyone"

    def act(self, drill: Drill, by: Seated) -> str:
        if by.seat != FACILITATOR:
            drill.table.sit(by.seat, by.person, tuple(self.roles.split()))
        else:
            drill.table.people[by.seat] = by.person
        drill.say("talk", by.person, f"takes the seat {by.seat}", by.seat)
        return f"you have the seat {by.seat}"


@frozen
class Leave(TableWord):
    """Leave a seat; the simulator plays its roles from now on."""

    words: ClassVar = ("leave",)
    givers: ClassVar = "everyone"

    def refusal(self, drill: Drill, by: Seated) -> str:
        if by.seat == FACILITATOR:
            return "an exercise needs its facilitator; `endex` ends it"
        return "" if by.seat in drill.table.people else f"the seat {by.seat} is not taken"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.table.stand_up(by.seat, drill.now_ms)
        drill.say("talk", by.person, f"leaves the seat {by.seat}", by.seat)
        return f"the seat {by.seat} is free"


@frozen
class Freeze(TableWord):
    """Stop the clock for everyone."""

    because: str = arg("text", "the reason, to the end of the line", default="")

    words: ClassVar = ("freeze",)
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        return "the clock is already stopped; `go` starts it" if drill.table.frozen else ""

    def act(self, drill: Drill, by: Seated) -> str:
        drill.table.frozen, drill.table.question = True, self.because
        because = f": {self.because}" if self.because else ""
        drill.say("talk", by.person, f"stops the clock{because}", "freeze")
        return "the clock is stopped; `go` starts it"


@frozen
class Go(TableWord):
    """Start the clock again."""

    words: ClassVar = ("go",)
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        return "" if drill.table.frozen else "the clock is running; `freeze` stops it"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.table.frozen, drill.table.emergency = False, ""
        drill.say("talk", by.person, "starts the clock", "go")
        return "the clock is running"


@frozen
class Speed(TableWord):
    """Set the speed of the clock."""

    times: str = arg("word", "simulated seconds per second, 1 to 3600")

    words: ClassVar = ("speed",)
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        valid = self.times.isascii() and self.times.isdigit() and 1 <= int(self.times[:5]) <= FASTEST
        return "" if valid else f"speed {self.times}: give a whole number from 1 to {FASTEST}"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.table.speed = float(self.times)
        return f"the clock runs {self.times} times as fast as real time"


@frozen
class Emergency(TableWord):
    """Report a real emergency: the clock stops for everyone. The stop word of the exercise does the same."""

    text: str = arg("text", "what has happened, to the end of the line", default="")

    words: ClassVar = ("emergency",)
    givers: ClassVar = "everyone"
    after_the_end: ClassVar = True

    def act(self, drill: Drill, by: Seated) -> str:
        drill.table.frozen, drill.table.emergency = True, by.person or by.seat
        happened = f": {self.text}" if self.text else ""
        told = f"REAL EMERGENCY{happened}. This is not part of the exercise. Stop, and listen to {by.person}."
        drill.say("talk", f"{by.person} ({by.seat})", told, "emergency")
        return "REAL EMERGENCY: the clock is stopped, and everyone has been notified"
