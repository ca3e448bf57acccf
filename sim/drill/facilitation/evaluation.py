"""Commands for the evaluation: notes on objectives, predictions, jumps of the clock, the end of the
exercise.
"""

from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Observation, Prediction, Seated
from sim.kernel.frozen import frozen

NO_OBJECTIVE = "-"
JUMPS = ("event", "decision", "alert", "objective", "free", "end")
"""Targets of a jump: a reason to stop the clock, or the end of the drill."""


@frozen
class Observe(TableWord):
    """Write an evaluator's note for the debrief: on an objective, or `-` for none."""

    objective: str = arg("word", "the objective's id, or - for none")
    text: str = arg("text", "the note, to the end of the line")

    words: ClassVar = ("note",)
    givers: ClassVar = "facilitator"
    after_the_end: ClassVar = True

    def refusal(self, drill: Drill, by: Seated) -> str:
        known = [one.id for one in drill.scenario.objectives]
        if self.objective == NO_OBJECTIVE or self.objective in known:
            return ""
        return f"{self.objective}: not an objective; write - or one of {', '.join(known)}"

    def act(self, drill: Drill, by: Seated) -> str:
        objective = "" if self.objective == NO_OBJECTIVE else self.objective
        noted = Observation(drill.now_ms, by.person, objective, self.text, by.wall)
        drill.table.observations.append(noted)
        drill.say(
            "observation", by.person, f"{objective}: {self.text}" if objective else self.text, objective
        )
        return "noted"


@frozen
class Predict(TableWord):
    """Write a number that you expect, and how sure you are, while the clock is stopped."""

    number: str = arg("word", "the number, with its unit if it has one: 4500, 2h30m")
    sure: str = arg("word", "how sure you are, 0 to 100 percent", key="sure")

    words: ClassVar = ("predict",)
    givers: ClassVar = "seats"

    def refusal(self, drill: Drill, by: Seated) -> str:
        if not drill.table.frozen:
            return "predictions are written while the clock is stopped"
        valid = self.sure.isascii() and self.sure.isdigit() and int(self.sure[:4]) <= 100
        return "" if valid else f"sure={self.sure}: write a whole number from 0 to 100"

    def act(self, drill: Drill, by: Seated) -> str:
        made = Prediction(drill.now_ms, by, drill.table.question, self.number, int(self.sure))
        drill.table.predictions.append(made)
        about = f"{made.about}: " if made.about else ""
        told = f"{about}{self.number}, {self.sure} % sure"
        drill.say("observation", f"{by.person} ({by.seat})", told, "prediction", to=by.seat)
        return f"predicted {self.number}, {self.sure} % sure"


@frozen
class Jump(TableWord):
    """Advance the clock for everyone to the next event or another reason to stop, or to the end."""

    aim: str = arg("choice", "the reason to stop; default: event", choices=JUMPS, default="event")

    words: ClassVar = ("jump",)
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.table.frozen, drill.table.emergency = False, ""
        aim = "the end" if self.aim == "end" else f"the next {self.aim}"
        drill.say("talk", by.person, f"advances the clock to {aim}", "jump")
        return f"advancing to {aim}"


@frozen
class SetBookmark(TableWord):
    """Set a bookmark at this moment, for `rewind`."""

    name: str = arg("text", "name of the bookmark, to the end of the line")

    words: ClassVar = ("bookmark",)
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        return f"bookmark: {self.name}"


@frozen
class Endex(TableWord):
    """End the exercise for everyone."""

    words: ClassVar = ("endex",)
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.say("talk", by.person, "ENDEX: the exercise is over", "endex")
        return "ENDEX: the exercise is over; see the debrief"


@frozen
class Rewind(TableWord):
    """Go back to an earlier moment with everyone, in a branch of the exercise; this exercise is kept."""

    to: str = arg("text", "the moment (T+2h30m), a duration back (30m), or the name of a bookmark")

    words: ClassVar = ("rewind",)
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.say("talk", by.person, f"goes back to {self.to}", "rewind")
        return f"going back to {self.to}"
