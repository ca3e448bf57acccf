"""Commands for phone calls to a vendor's support, the server team, the helpdesk or a partner, and for
handing over a role.
"""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.room.status import VENDORS, no_vendor, server_status
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.people.outside_reports import partner_report
from sim.drill.people.ticket_texts import about_calls
from sim.drill.room.evidence import GATEWAY_FAILS, PARTNER, Sighting
from sim.drill.room.phone_calls import CallOnHold, Ticket, hold_ms, ticket_number
from sim.drill.room.work_given import CommandInHand, Turn
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen

PARTIES = (*VENDORS, "server-team", "helpdesk", "partner")
"""Everyone who can be phoned."""


@frozen
class PhoneCall(Command):
    """Phone a vendor's support, the server team, the helpdesk or a partner; support keeps you on hold."""

    whom: str = arg("choice", "the party to call", choices=PARTIES)
    about: str = arg(
        "choice",
        "with a vendor: the subject",
        choices=("status", "retention", "estimate"),
        key="about",
        default="status",
    )

    words: ClassVar = ("phone",)
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="phone",
        result="report",
        product=InYourProduct(
            path="the vendor's support number and your account code; Microsoft: a service request with "
            "call-back",
            who="a named support contact",
            how_long="for a vendor, 5 minutes to call and talk, and 20 to 120 on hold during an incident "
            "(practice), with the phone on speaker; `phone end` hangs up",
            simplified=(
                "the conversation comes before the hold; while on hold, the caller can do other work; "
                "support knows only what its status page shows"
            ),
        ),
        lead_is="time on hold",
    )

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_vendor(organisation, self.whom)

    def refusal(self, drill: Drill) -> str | None:
        held = drill.room.phone.on_hold(self.whom, drill.now_ms)
        if held is not None and drill.now_ms < held.until_ms:
            return f"{held.by} is on hold with {self.whom} already; `phone end {self.whom}` hangs up"
        return None

    def hands_on_ms(self, drill: Drill) -> int:
        if self.whom not in VENDORS:
            return self.usual_hands_on_ms(drill.scenario.rules)
        return drill.room.pages.vendors[self.whom].phone.talk_minutes * MINUTE_MS

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        """The time on hold, in whole minutes."""
        if self.whom not in VENDORS:
            return 0
        pages = drill.room.pages
        disturbed = pages.disturbed_at(self.whom, drill.now_ms)
        held_ms = hold_ms(
            pages.vendors[self.whom], drill.seed, turn.key(drill.commands_given), disturbed=disturbed
        )
        return held_ms // MINUTE_MS * MINUTE_MS

    def lead_told_ms(self, drill: Drill, turn: Turn) -> int | None:
        # unknown until it ends
        return None if self.whom in VENDORS else 0

    def given(self, drill: Drill, by: str, done_ms: int, effective_ms: int) -> None:
        if self.whom in VENDORS:
            drill.room.phone.holds.append(CallOnHold(self.whom, by, done_ms, effective_ms))

    def taken_back(self, drill: Drill) -> None:
        held = drill.room.phone.on_hold(self.whom, drill.now_ms) if self.whom in VENDORS else None
        if held is not None:
            held.ended_ms = drill.now_ms

    def act(self, drill: Drill, turn: Turn) -> str:
        match self.whom:
            case "server-team":
                return server_status(drill)
            case "helpdesk":
                return _helpdesk(drill)
            case "partner":
                return f"a partner: {_partner(drill, turn.key(drill.commands_given))}"
            case vendor:
                return self._support(drill, vendor, turn)

    def _support(self, drill: Drill, vendor: str, turn: Turn) -> str:
        """Support's answer, which includes opening a case."""
        pages, now_ms = drill.room.pages, drill.now_ms
        post = pages.full_at(vendor, now_ms)
        if post is not None and post.colour != "green":
            said = (
                f"there is an incident that began before {drill.clock(post.posted_ms)}; recovery time unknown"
            )
        elif pages.disturbed_at(vendor, now_ms):
            said = "other customers have called as well, but no incident has been declared so far"
        else:
            said = "no known incident"
        if self.about == "retention":
            said += "; identity verified; request the new retention with `queue extend inbound 8d`"
        tickets = drill.room.phone.tickets
        ticket = Ticket(ticket_number(drill.seed, turn.key(len(tickets))), vendor, self.about, now_ms, said)
        tickets.append(ticket)
        return f"{pages.vendors[vendor].name}, case {ticket.number}: {said}"


@frozen
class PhoneEnd(Command):
    """Hang up before the call has been answered; the caller is free at once."""

    whom: str = arg("choice", "the party that was called", choices=PARTIES)

    words: ClassVar = ("phone", "end")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="phone",
        anyone=True,
        undo="phone",
        product=InYourProduct(
            path="hang up; Microsoft: cancel the call-back",
            who="anyone in the room, by asking the caller",
            how_long="a moment",
            simplified="the place in the queue is lost",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return f"no call to {self.whom} is in progress" if self._call(drill) is None else None

    def _call(self, drill: Drill) -> CommandInHand | None:
        return drill.work.last(f"phone {self.whom}", drill.now_ms)

    def only_person(self, drill: Drill) -> str:
        """The caller."""
        call = self._call(drill)
        return "" if call is None else call.desk.person.name

    def act(self, drill: Drill, turn: Turn) -> str:
        call = self._call(drill)
        assert call is not None  # refusal has looked
        begun = call.task.starts_ms <= drill.now_ms
        drill.work.end(call, drill.now_ms)
        drill.results[call.number] = "given up"
        if not begun:
            return f"call to {self.whom} cancelled before it began"
        return f"hung up on {self.whom} before the call was answered"


def _can(people: list[str]) -> str:
    return f"{', '.join(people)} can" if people else "no one else can"


def _partner(drill: Drill, key: int) -> str:
    report = partner_report(drill, key)
    if report.gateway_refuses:
        drill.room.sightings.append(Sighting(drill.now_ms, fails=GATEWAY_FAILS, by=PARTNER))
    return report.says


def _helpdesk(drill: Drill) -> str:
    """The helpdesk's count of calls."""
    calls = drill.helpdesk.calls_before(drill.now_ms)
    if not calls:
        return "helpdesk: no calls so far"
    return f"helpdesk: {about_calls(drill, calls)}"


@frozen
class Handover(Command):
    """Hand over a role to another person, who carries out its commands from now on."""

    role: str = arg(
        "choice",
        "the role",
        choices=("messaging-admin", "incident-lead", "helpdesk", "communications", "server-team"),
    )
    to: str = arg("word", "the person: an id in the organisation's file")

    words: ClassVar = ("handover",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        undo="handover",
        product=InYourProduct(
            path="15 minutes with the log: state, promises, openings, next steps",
            who="incident lead, with both people",
            how_long="15 minutes",
            simplified="no information is lost; only the incident lead's time is counted",
        ),
    )

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        people = organisation.staff
        given = next((person for person in people if person.id == self.to), None)
        if given is None:
            ids = ", ".join(person.id for person in people)
            return f"{self.to[:40]!r} is not a person here; choose from {ids}"
        if self.role not in (given.role, *given.also):
            able = [person.id for person in people if self.role in (person.role, *person.also)]
            return f"{self.to} cannot take the role {self.role}; {_can(able)}"
        return None

    def refusal(self, drill: Drill) -> str | None:
        """A person cannot take on a role that they already have."""
        if not drill.staff.has(self.role, self.to):
            return None
        others = [
            one.person.id for one in drill.staff.desks if self.role in (one.person.role, *one.person.also)
        ]
        others.remove(self.to)
        return f"{self.to} already has the role {self.role}; {_can(others)}"

    def act(self, drill: Drill, turn: Turn) -> str:
        desk = drill.staff.named(self.to)
        assert desk is not None  # refusal has looked
        drill.staff.hand_over(self.role, desk)
        return f"{self.role} handed over to {desk.person.name}"
