"""Asking for approval: of another MX, of another way out, of something opened."""

from dataclasses import dataclass
from typing import ClassVar

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.commands.server.guard import no_firewall
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.approvals import EXPOSURES, SUBJECTS, WHOM, Scope
from sim.drill.room.incident_room import APPROVER
from sim.kernel.duration import format_duration


@dataclass(frozen=True, slots=True)
class Approve(Command):
    """Ask for approval of what security must sign; in an emergency go without, which stays on record."""

    subject: str = arg("choice", "of what", choices=SUBJECTS)
    opening: str = arg(
        "choice",
        "of exposure: what is opened; lock if not said",
        choices=EXPOSURES,
        key="opening",
        default="",
    )
    whom: str = arg(
        "choice", "of exposure: for whom; backup if not said", choices=WHOM, key="whom", default=""
    )
    for_ms: int | None = arg(
        "duration",
        "of exposure: how long from the answer, 24h if not said",
        key="for",
        default=None,
        example="24h",
    )
    emergency: str = arg(
        "choice",
        "yes: go without the answer, on your own word",
        choices=("no", "yes"),
        key="emergency",
        default="no",
    )
    because: str = arg("text", "why, in quotes or to the end of the line", key="because", default="")

    words: ClassVar = ("approve",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        undo="no",
        exposes="with emergency=yes: what is then done is on nobody's word but your own",
        product=InYourProduct(
            path="your change process: an emergency change, signed by security, with what is opened and "
            "until when",
            who="the incident lead asks, the approver for security answers",
            how_long="5 minutes to ask; the answer in 10 to 60 in office hours (practice); an exposure is "
            "signed for 24 h, and while that holds for longer, up to 72 h from the first answer",
            simplified="one approver, one word; asked again after a no, it may be another; it is no as "
            "long as nobody has seen the gateway fail (`probe mx`, `status check probe`, `connector "
            "test`), or has seen it work since, whatever was stated; MX and outbound are approved "
            "without a limit; going without is sound only where that has been seen, and nobody has "
            "answered for a quarter of an hour (house rule) or could answer",
        ),
    )

    @property
    def scope(self) -> Scope:
        """What is asked for. A filter rule makes no difference between those whom it is for."""
        if self.subject != "exposure":
            return Scope(self.subject)
        opening = self.opening or EXPOSURES[0]
        return Scope(self.subject, opening, "" if opening == "skip-filter" else self.whom or WHOM[0])

    def ruled_out(self, organisation: Organisation, rules: HouseRules) -> str | None:
        approvals = organisation.approvals
        if approvals is None:
            return "nothing needs approval here; just do it"
        if self.subject != "exposure" and (self.opening or self.whom or self.for_ms is not None):
            return (
                f"approval of {self.subject} is one word without a limit; leave out opening=, whom= and for="
            )
        if self.for_ms is not None and self.for_ms > approvals.at_most_ms:
            most = format_duration(approvals.at_most_ms)
            return f"nobody signs for more than {most}; ask for less, and again later"
        return None

    def refusal(self, drill: Drill) -> str | None:
        if self.scope.opening == "firewall" and (why := no_firewall(drill)) is not None:
            return why
        approvals = drill.room.approvals
        last, held = approvals.last(self.scope), approvals.holding(self.scope, drill.now_ms)
        if held is not None:
            why = self._superfluous(drill, held.until_ms, held.state == "overridden")
            if why is not None:
                return why
        if last is not None and last.state == "asked" and self.emergency == "no":
            return f"approval of {self.scope.told} has been asked already; wait for the answer"
        alone = not any(person.role == APPROVER for person in drill.scenario.organisation.staff)
        if alone and self.emergency == "no":
            return "nobody here may approve; the organisation has no security-approver, use emergency=yes"
        return self._too_long(drill)

    def _superfluous(self, drill: Drill, until_ms: int | None, overridden: bool) -> str | None:
        """Why there is nothing to ask while something holds; a limited approval may be asked for longer."""
        told = self.scope.told
        if until_ms is None:
            return f"{told} is approved already; go on"
        if self.emergency == "yes":
            return f"{told} may be done until {drill.clock(until_ms)} already; go on"
        rules = drill.room.approvals.rules
        asked_ms = self.for_ms or (rules.lasts_ms if rules is not None else 0)
        if not overridden and drill.now_ms + asked_ms <= until_ms:
            return f"{told} is approved until {drill.clock(until_ms)} already; go on, or ask for longer"
        return None

    def _too_long(self, drill: Drill) -> str | None:
        """Why security would not sign for so long at first."""
        rules = drill.room.approvals.rules
        first = drill.room.approvals.first_ms(self.scope, drill.now_ms) == drill.now_ms
        if rules is None or self.for_ms is None or not first or self.for_ms <= rules.lasts_ms:
            return None
        lasts, most = format_duration(rules.lasts_ms), format_duration(rules.at_most_ms)
        return f"a first approval holds for {lasts} at most; ask again while it does, for up to {most} in all"

    def act(self, drill: Drill, by: str) -> str:
        scope = self.scope
        if self.emergency == "yes":
            given = drill.room.override(scope, by, drill.now_ms, self.because, self.for_ms)
            too_soon = f"; {given.too_soon}" if given.too_soon else ""
            return f"{scope.told}: going ahead without approval, on record{too_soon}"
        asked = drill.room.ask_approval(scope, by, drill.now_ms, self.because, self.for_ms)
        return f"{scope.told}: {asked} has been asked"
