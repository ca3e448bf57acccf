"""The command that requests approval of an MX change, of another outbound route, or of an exposure."""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.server.firewall import no_firewall
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.approvals import EXPOSURES, SUBJECTS, WHOM, Scope
from sim.drill.room.incident_room import APPROVER
from sim.drill.room.work_given import Turn
from sim.kernel.duration import in_words
from sim.kernel.frozen import frozen


@frozen
class Approve(Command):
    """Ask security for an approval, or go ahead without it in an emergency, which is recorded."""

    subject: str = arg("choice", "the change to be approved", choices=SUBJECTS)
    opening: str = arg(
        "choice",
        "for exposure: the opening; default: lock",
        choices=EXPOSURES,
        key="opening",
        default="",
    )
    whom: str = arg(
        "choice", "for exposure: the hosts let in; default: backup", choices=WHOM, key="whom", default=""
    )
    for_ms: int | None = arg(
        "duration",
        "for exposure: how long the approval lasts, from the answer; default: 24h",
        key="for",
        default=None,
        example="24h",
    )
    emergency: str = arg(
        "choice",
        "`yes` goes ahead without approval, on your own responsibility",
        choices=("no", "yes"),
        key="emergency",
        default="no",
    )
    because: str = arg("text", "the reason, in quotes or to the end of the line", key="because", default="")

    words: ClassVar = ("approve",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        undo="no",
        exposes="with emergency=yes, the change is not approved by security",
        product=InYourProduct(
            path="your change process: an emergency change approved by security, with the opening and its "
            "end",
            who="the incident lead asks, and the security approver answers",
            how_long="5 minutes to ask, 10 to 60 for the answer in office hours (practice); an exposure is "
            "approved for 24 h and can be extended while the approval lasts, up to 72 h from the "
            "first answer",
            simplified="one approver decides; after a refusal, a second request may be approved. A request "
            "is refused unless a check has shown that the gateway fails (`probe mx`, `status "
            "check probe`, `connector test`) and no later check has shown that it works. MX and "
            "outbound are approved without a time limit. Going ahead without approval is "
            "justified only if a check has shown that the gateway fails, and security has not "
            "answered for 15 minutes (house rule) or cannot be reached",
        ),
    )

    @property
    def scope(self) -> Scope:
        """The scope of the request; a filter rule is the same for all hosts."""
        if self.subject != "exposure":
            return Scope(self.subject)
        opening = self.opening or EXPOSURES[0]
        return Scope(self.subject, opening, "" if opening == "skip-filter" else self.whom or WHOM[0])

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        needed = organisation.approvals is not None
        return None if needed else "this organisation does not require approval; go ahead"

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        approvals = organisation.approvals
        assert approvals is not None  # never_here has looked
        if self.subject != "exposure" and (self.opening or self.whom or self.for_ms is not None):
            return f"approval of {self.subject} does not take opening=, whom= or for=; leave them out"
        if self.for_ms is not None and self.for_ms > approvals.at_most_ms:
            most = in_words(approvals.at_most_ms)
            return f"security approves at most {most}; request a shorter time, and an extension later"
        return None

    def given(self, drill: Drill, by: str, done_ms: int, effective_ms: int) -> None:
        drill.room.approvals.in_hand.append((self.scope, effective_ms))

    @property
    def answered_by(self) -> str:
        return "" if self.emergency == "yes" else APPROVER

    def taken_back(self, drill: Drill) -> None:
        in_hand = drill.room.approvals.in_hand
        for one in [one for one in reversed(in_hand) if one[0] == self.scope][:1]:
            in_hand.remove(one)

    def refusal(self, drill: Drill) -> str | None:
        if self.scope.opening == "firewall" and (why := no_firewall(drill.scenario.organisation)) is not None:
            return why
        approvals = drill.room.approvals
        last, held = approvals.last(self.scope), approvals.holding(self.scope, drill.now_ms)
        if held is not None:
            why = self._superfluous(drill, held.until_ms, held.state == "overridden")
            if why is not None:
                return why
        if last is not None and last.state == "asked" and self.emergency == "no":
            return f"approval of {self.scope.told} has already been requested; wait for the answer"
        alone = not any(person.role == APPROVER for person in drill.scenario.organisation.staff)
        alone = alone and not drill.table.seat_of(APPROVER)
        if alone and self.emergency == "no":
            return "the organisation does not have a security-approver; use emergency=yes"
        return self._too_long(drill)

    def _superfluous(self, drill: Drill, until_ms: int | None, overridden: bool) -> str | None:
        """The reason why a request is not needed while an approval is valid; None if the request is for a
        longer one.
        """
        told = self.scope.told
        if until_ms is None:
            return f"{told} is already approved; go ahead"
        if self.emergency == "yes":
            return f"{told} is already allowed until {drill.clock(until_ms)}; go ahead"
        rules = drill.room.approvals.rules
        asked_ms = self.for_ms or (rules.lasts_ms if rules is not None else 0)
        if not overridden and drill.now_ms + asked_ms <= until_ms:
            return f"{told} is already approved until {drill.clock(until_ms)}; go ahead, or ask for longer"
        return None

    def _too_long(self, drill: Drill) -> str | None:
        """The reason why a first approval cannot be that long; None if it can."""
        rules = drill.room.approvals.rules
        first = drill.room.approvals.first_ms(self.scope, drill.now_ms) == drill.now_ms
        if rules is None or self.for_ms is None or not first or self.for_ms <= rules.lasts_ms:
            return None
        lasts, most = in_words(rules.lasts_ms), in_words(rules.at_most_ms)
        return (
            f"a first approval lasts at most {lasts}; request an extension before it ends, for up to "
            f"{most} in total"
        )

    def act(self, drill: Drill, turn: Turn) -> str:
        scope = self.scope
        if self.emergency == "yes":
            given = drill.room.override(scope, turn.by, drill.now_ms, self.because, self.for_ms)
            too_soon = f"; {given.too_soon}" if given.too_soon else ""
            return f"{scope.told}: going ahead without approval, on record{too_soon}"
        asked = drill.room.ask_approval(scope, turn, drill.now_ms, self.because, self.for_ms)
        return f"{scope.told}: approval requested from {asked}"
