"""Asking for approval: of another MX, of another way out, of something opened."""

from dataclasses import dataclass
from typing import ClassVar

from sim.drill.approvals import SUBJECTS
from sim.drill.command import Command, Facts, InYourProduct, arg
from sim.drill.drill import Drill
from sim.drill.incident_room import APPROVER
from sim.drill.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Approve(Command):
    """Ask for approval of what security must sign; in an emergency go without, which stays on record."""

    subject: str = arg("choice", "of what", choices=SUBJECTS)
    emergency: str = arg(
        "choice", "yes: do not wait for anybody", choices=("no", "yes"), key="emergency", default="no"
    )
    because: str = arg("text", "why, in quotes or to the end of the line", key="because", default="")

    words: ClassVar = ("approve",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        lead_ms=0,
        undo="no",
        exposes="with emergency=yes: what is then done is on nobody's word but your own",
        product=InYourProduct(
            path="your change process: an emergency change, signed by security",
            who="the incident lead asks, the approver for security answers",
            how_long="5 minutes to ask; the answer in 10 to 60 in office hours (practice)",
            simplified="one approver, one word; asked again after a no, it may be another",
        ),
    )

    def ruled_out(self, organisation: Organisation) -> str | None:
        return None if organisation.approvals else "nothing needs approval here; just do it"

    def refusal(self, drill: Drill) -> str | None:
        approvals = drill.room.approvals
        match approvals.state_of(self.subject):
            case "granted" | "overridden":
                return f"{self.subject} is approved already; go on"
            case "asked" if self.emergency == "no":
                return f"approval of {self.subject} has been asked already; wait for the answer"
        alone = not any(person.role == APPROVER for person in drill.scenario.organisation.staff)
        if alone and self.emergency == "no":
            return "nobody here may approve; the organisation has no security-approver, use emergency=yes"
        return None

    def act(self, drill: Drill) -> str:
        by = drill.room.acting
        if self.emergency == "yes":
            drill.room.approvals.override(self.subject, by, drill.now_ms, self.because)
            drill.reach(f"{self.subject}.approved")
            return f"{self.subject}: going ahead without approval, on record"
        asked = drill.room.ask_approval(self.subject, by, drill.now_ms, self.because)
        return f"{self.subject}: {asked} has been asked"
