"""The people's side of a drill: what was looked up, asked, approved, said, stated, decided and opened.

It knows of the world only what a scenario's timeline says of vendors; commands bring the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sim.drill.organisation.vendor_file import vendors_named
from sim.drill.room.announcements import Statement
from sim.drill.room.approval_grounds import lacking
from sim.drill.room.approvals import Approval, ApprovalRequests, Scope
from sim.drill.room.decisions import Decision, Judged
from sim.drill.room.diagnosis import Diagnosis, is_right
from sim.drill.room.events import EventKind
from sim.drill.room.evidence import Sighting
from sim.drill.room.openings_register import Openings
from sim.drill.room.repair_estimates import Estimate
from sim.drill.room.staff import Staff
from sim.drill.room.stakeholder_calls import StakeholderCall
from sim.drill.room.status_pages import Incident, Post, StatusPages
from sim.drill.room.support_calls import SupportCalls
from sim.drill.scenario.milestones import APPROVED, DECIDED, Milestone
from sim.drill.scenario.scenario import Scenario

Say = Callable[[EventKind, str, str], None]
At = Callable[[int, Callable[[], None]], None]
Reach = Callable[[Milestone], None]

APPROVER = "security-approver"


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody last saw on a vendor's page, and when they looked."""

    looked_ms: int
    page: str
    post: Post | None
    """None: no post, the page shows what it always shows."""


@dataclass(frozen=True, slots=True)
class PilotsAsked:
    """What pilots of each mail program said when they were last asked."""

    t_ms: int
    asked: int
    work: int
    """So many of them read and send."""


class IncidentRoom:
    """See the module. Lists are in order of time."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        staff: Staff,
        at: At,
        say: Say,
        reach: Reach,
        clock: Callable[[int], str],
    ) -> None:
        """`at(moment_ms, act)` schedules, `say` tells people, `reach` marks milestones, `clock` says when."""
        self._scenario, self._seed, self._staff = scenario, seed, staff
        self._at, self._say, self._reach, self._clock = at, say, reach, clock
        uses = scenario.organisation.vendors
        vendors = vendors_named(scenario.files, tuple(use.vendor for use in uses))
        self.pages = StatusPages(vendors, disturbances(scenario), seed)
        self.phone = SupportCalls()
        self.approvals = ApprovalRequests(
            scenario.organisation.approvals, scenario.rules.emergency.waits_ms, seed
        )
        self.openings = Openings()
        self.stakeholder_calls: list[StakeholderCall] = []
        self.looks: dict[str, Look] = {}
        self.said: list[Statement] = []
        self.diagnoses: list[Diagnosis] = []
        self.decisions: list[Decision] = []
        self.estimates: list[Estimate] = []
        """What the server team has said of its repair."""
        self.judged: list[Judged] = []
        """Decisions with a rule, by what was known when each was given."""
        self.back_by_ms: int | None = None
        """When it is to be back, as somebody last named it."""
        self.sure_by_ms: int | None = None
        """And by when nine times in ten, if they said so."""
        self.pilots: PilotsAsked | None = None
        self.sightings: list[Sighting] = []
        """What people here have seen work or fail, in order of time."""
        self.searches = 0
        """How often peers have been asked: the key of chance in what they say."""
        for use in uses:
            if use.priority_messages:
                self._subscribe(use.vendor)

    def _subscribe(self, vendor: str) -> None:
        name = self.pages.vendors[vendor].name
        for moment_ms, text in self.pages.priority_messages(vendor):
            self._at(moment_ms, lambda text=text: self._say("sms", name, text))  # type: ignore[misc]

    def state(self, diagnosis: Diagnosis) -> None:
        """A diagnosis is on record; whether it is right shows after the drill."""
        self.diagnoses.append(diagnosis)
        self._reach(Milestone.DIAGNOSIS_STATED)
        if is_right(diagnosis, self._scenario.timeline, self._scenario.rules.diagnosis.over_ms):
            self._reach(Milestone.DIAGNOSIS_CORRECT)

    def decide(self, decision: Decision) -> None:
        """A decision is on record, whichever way it went."""
        self.decisions.append(decision)
        self._reach(DECIDED[decision.about])

    def vendors_at_fault(self, now_ms: int) -> frozenset[str]:
        """Truth: the organisation's vendors of which something has been wrong up to then."""
        uses = self._scenario.organisation.vendors
        return frozenset(use.vendor for use in uses if self.pages.disturbed_by(use.vendor, now_ms))

    def ask_approval(
        self, scope: Scope, by: str, now_ms: int, because: str, for_ms: int | None = None
    ) -> str:
        """Ask the approver; the answer comes by telephone. Returns whom was asked."""
        desk = self._staff.desk_for(APPROVER, now_ms)
        away_ms = self._staff.starts_ms(desk, now_ms) - now_ms
        due_ms, answer = self.approvals.ask(scope, by, desk.person.name, now_ms, away_ms, because, for_ms)
        self._staff.occupy(desk, f"considers {scope.told}", now_ms + away_ms, due_ms)

        def call() -> None:
            why = self._lacking(scope)
            given = answer(due_ms, not why)
            self._say("call", desk.person.name, f"{scope.told}: {self._answered(given, why)}")
            if given.state == "granted":
                self._reach(APPROVED[scope.subject])
                self._watch(given)

        self._at(due_ms, call)
        return desk.person.name

    def _lacking(self, scope: Scope) -> str:
        """Why there are no grounds for `scope`; empty: there are."""
        return "" if self._signed(scope) else lacking(self.diagnoses, self.sightings, self._clock)

    def _signed(self, scope: Scope) -> bool:
        """Whether security has signed for what stands open: whoever asks again has no more to show."""
        given = (one for one in self.approvals.requests if one.state == "granted" and one.ended_ms is None)
        return self.openings.is_open(scope.opening) and any(one.scope.covers(scope) for one in given)

    def override(
        self, scope: Scope, by: str, now_ms: int, because: str, for_ms: int | None = None
    ) -> Approval:
        """Go ahead without the approver, who may not have been asked, or may be out of reach."""
        answerable = self._staff.within_reach(APPROVER, now_ms)
        grounds = not self._lacking(scope)
        given = self.approvals.override(
            scope, by, now_ms, because, for_ms, answerable=answerable, grounds=grounds
        )
        self._reach(APPROVED[scope.subject])
        return given

    def _answered(self, given: Approval, why: str) -> str:
        """The approver's words; `why`: for want of what they say no, if they do."""
        if given.state == "granted":
            return "approved" if given.until_ms is None else f"approved until {self._clock(given.until_ms)}"
        return f"not approved; {why or 'tell me more and ask again'}"

    def _watch(self, given: Approval) -> None:
        """When an approval ends, say so if what it was for is still open."""
        until_ms, scope = given.until_ms, given.scope

        def lapse() -> None:
            allowed = self.approvals.holding(scope, until_ms or 0)
            if allowed is None and self.openings.is_open(scope.opening):
                told = f"the approval of {scope.told} has run out; it stands open without one"
                self._say("note", "register of openings", told)

        if until_ms is not None:
            self._at(until_ms, lapse)

    def opened(self, kind: str, command: str, by: str, now_ms: int) -> None:
        """A command has opened something; it goes on the register."""
        if self.openings.opened(kind, command, by, now_ms):
            self._say("note", "register of openings", f"{kind} is open since now, by `{command}`")

    def closed(self, kind: str, now_ms: int) -> None:
        """A command has closed something; the register waits for the proof."""
        if self.openings.closed(kind, now_ms):
            self.approvals.closed(kind, now_ms)
            self._say("note", "register of openings", f"{kind} closed; prove it: `openings prove {kind}`")

    def prove(self, kind: str, now_ms: int) -> bool:
        """A test from outside; true if `kind` is proven closed now."""
        proven = self.openings.prove(kind, now_ms)
        if proven and not self.openings.unproven():
            self._reach(Milestone.OPENINGS_CLOSED)
        return proven


def disturbances(scenario: Scenario) -> Iterator[Incident]:
    """The faults that are some vendor's, as that vendor's disturbances."""
    for fault in scenario.timeline:
        component = fault.kind.component
        for use in scenario.organisation.vendors:
            if component in use.runs or (component == "access" and "mail-server" in use.runs):
                lost = fault.sign_in == "lost" and "sign-in" in use.runs
                yield Incident(use.vendor, fault.at_ms, fault.until_ms, lost)
