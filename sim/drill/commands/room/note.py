"""Commands that put notes, diagnoses and decisions on record."""

from typing import ClassVar, Literal

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.decisions import Decision, DecisionTaken
from sim.drill.room.diagnosis import COMPONENTS, FAILURES, Diagnosis
from sim.drill.room.work_given import Turn
from sim.kernel.frozen import frozen


@frozen
class Note(Command):
    """Write a note for the debrief. A note does not count as a decision: see `decide`."""

    text: str = arg("text", "the note, to the end of the line")

    words: ClassVar = ("note",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        anyone=True,
        result="note",
        undo="no",
        product=InYourProduct(
            path="your incident log",
            who="anyone",
            how_long="a moment",
            simplified="a note does not take any time; only `decide` records a decision",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        return self.text


@frozen
class Diagnose(Command):
    """State the broken component and how it fails; the debrief shows whether this was right."""

    component: str = arg("choice", "the broken component", choices=COMPONENTS, key="component")
    failure: str = arg("choice", "how it fails", choices=FAILURES, key="failure")

    words: ClassVar = ("diagnose",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        undo="no",
        product=InYourProduct(
            path="your incident log: the working hypothesis and the evidence for it",
            who="incident lead, with the people who checked",
            how_long="a minute, after the checks",
            simplified="one component and one failure are chosen from a list; a later statement does not "
            "undo an earlier one",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.room.state(Diagnosis(drill.now_ms, turn.by, self.component, self.failure))
        return f"diagnosis: {self.component} {self.failure}"


@frozen
class Decide(Command):
    """Record a decision for or against a measure; it counts if it is timely and well founded."""

    about: Literal["pause", "mx", "outbound", "continuity"] = arg(
        "choice", "the measure", choices=("pause", "mx", "outbound", "continuity")
    )
    answer: str = arg("choice", "the decision: yes or no", choices=("yes", "no"))
    review_in_ms: int | None = arg(
        "duration",
        "for a decision against a pause or an MX change: the time until the review",
        key="review",
        default=None,
        example="12h",
    )
    because: str = arg("text", "the reason, in quotes or to the end of the line", key="because", default="")

    words: ClassVar = ("decide",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        undo="no",
        product=InYourProduct(
            path="your incident log: the decision, the facts known, and the person",
            who="incident lead",
            how_long="2 minutes to write",
            simplified="a decision does not carry itself out; give the command as well",
        ),
    )

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        if self.review_in_ms is None or (self.about in ("pause", "mx") and self.answer == "no"):
            return None
        return "only a decision against a pause or an MX change can have a review; leave out review="

    def decides(self) -> DecisionTaken:
        return DecisionTaken(self.about, self.answer, written=True, review_in_ms=self.review_in_ms)

    def act(self, drill: Drill, turn: Turn) -> str:
        again_ms = None if self.review_in_ms is None else drill.now_ms + self.review_in_ms
        again = "" if again_ms is None else f"; review by {drill.clock(again_ms)}"
        answer = f"{self.answer}{again}"
        drill.room.decide(Decision(drill.now_ms, turn.by, self.about, answer, self.because))
        because = f"; reason: {self.because}" if self.because else ""
        return f"decided on {self.about}: {answer}{because}"
