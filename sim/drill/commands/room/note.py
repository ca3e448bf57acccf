"""Writing down: notes, what is broken, what was decided."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.decisions import Decision, DecisionTaken
from sim.drill.room.diagnosis import COMPONENTS, FAILURES, Diagnosis


@dataclass(frozen=True, slots=True)
class Note(Command):
    """Write down a finding or a decision; it goes into the debrief. It decides nothing: see `decide`."""

    text: str = arg("text", "the note, to the end of the line")

    words: ClassVar = ("note",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        result="note",
        undo="no",
        product=InYourProduct(
            path="your incident log",
            who="anyone",
            how_long="a moment",
            simplified="takes no time; what is to count as a decision is written with `decide`",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Diagnose(Command):
    """State what is broken and how it fails; whether that was right shows in the debrief."""

    component: str = arg("choice", "what is broken", choices=COMPONENTS, key="component")
    failure: str = arg("choice", "how it fails", choices=FAILURES, key="failure")

    words: ClassVar = ("diagnose",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        undo="no",
        product=InYourProduct(
            path="your incident log: the working hypothesis, and what it rests on",
            who="incident lead, with whoever looked",
            how_long="a minute, after looking",
            simplified="one component and one failure of a list; the last one stated does not undo the first",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        drill.room.state(Diagnosis(drill.now_ms, by, self.component, self.failure))
        return f"diagnosis: {self.component} {self.failure}"


@dataclass(frozen=True, slots=True)
class Decide(Command):
    """Put a decision on record, either way: what counts is that it was taken in time, and why."""

    about: Literal["pause", "mx", "outbound", "continuity"] = arg(
        "choice", "what is decided", choices=("pause", "mx", "outbound", "continuity")
    )
    answer: str = arg("choice", "whether it is done", choices=("yes", "no"))
    review_in_ms: int | None = arg(
        "duration",
        "of a no to pausing or to a change of MX: in how long it is looked at again",
        key="review",
        default=None,
        example="12h",
    )
    because: str = arg("text", "why, in quotes or to the end of the line", key="because", default="")

    words: ClassVar = ("decide",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        undo="no",
        product=InYourProduct(
            path="your incident log: what was decided, on what was known, by whom",
            who="incident lead",
            how_long="two minutes to write",
            simplified="deciding does not do it: give the command as well",
        ),
    )

    def ruled_out(self, organisation: Organisation, rules: HouseRules) -> str | None:
        if self.review_in_ms is None or (self.about in ("pause", "mx") and self.answer == "no"):
            return None
        return "only a no to pausing or to a change of MX is looked at again; leave out review="

    def decides(self) -> DecisionTaken:
        return DecisionTaken(self.about, self.answer, written=True, review_in_ms=self.review_in_ms)

    def act(self, drill: Drill, by: str) -> str:
        again_ms = None if self.review_in_ms is None else drill.now_ms + self.review_in_ms
        again = "" if again_ms is None else f", looked at again by {drill.clock(again_ms)}"
        answer = f"{self.answer}{again}"
        drill.room.decide(Decision(drill.now_ms, by, self.about, answer, self.because))
        because = f", because {self.because}" if self.because else ""
        return f"decided on {self.about}: {answer}{because}"
