"""The incident room: checks, approvals, updates, diagnoses, decisions and openings of one drill.

The only truth in it is the vendors' part of the timeline; everything else comes from commands.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Protocol

from sim.drill.organisation.vendor_file import vendors_named
from sim.drill.room.announcements import Statement
from sim.drill.room.approval_requests import ApprovalRequests
from sim.drill.room.approvals import Approval, Scope, lacking
from sim.drill.room.decisions import Decision, Judged
from sim.drill.room.diagnosis import Diagnosis, is_right
from sim.drill.room.events import REGISTER, EventKind
from sim.drill.room.evidence import Sighting
from sim.drill.room.openings_register import Openings
from sim.drill.room.phone_calls import StakeholderCall, SupportCalls
from sim.drill.room.repair_estimates import Estimate
from sim.drill.room.staff import Staff
from sim.drill.room.status_pages import Incident, Post, StatusPages
from sim.drill.room.table_record import TableRecord
from sim.drill.room.work_given import Turn
from sim.drill.scenario.milestones import APPROVED, DECIDED, Milestone
from sim.drill.scenario.scenario import Scenario
from sim.kernel.frozen import frozen

At = Callable[[int, Callable[[], None]], None]
Reach = Callable[[Milestone], None]

APPROVER = "security-approver"


class Say(Protocol):
    """Function that records an event, see `DrillState.say`."""

    def __call__(
        self, kind: EventKind, source: str, text: str, ref: str = "", at_ms: int | None = None, to: str = ""
    ) -> None: ...


@frozen
class Look:
    """The last reading of a vendor's status page."""

    looked_ms: int
    page: str
    post: Post | None
    """The last post on the page; None if there is no post and the page shows its normal text."""


@frozen
class PilotsAsked:
    """The last answers of the pilot users."""

    t_ms: int
    asked: int
    work: int
    """The number of pilot users who can read and send mail."""


class IncidentRoom:
    """The records of one drill, in chronological order."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        staff: Staff,
        at: At,
        say: Say,
        reach: Reach,
        clock: Callable[[int], str],
        table: TableRecord,
    ) -> None:
        """`at(t_ms, act)` schedules an action, `say` records an event, `reach` records a milestone, `clock`
        formats a time.

        `table`: the people who answer in place of the simulator.
        """
        self._table = table
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
        """The server team's estimates of how long its repair will take."""
        self.judged: list[Judged] = []
        """Judgements on decisions, each by the facts that were known when the decision was taken."""
        self.back_by_ms: int | None = None
        """The last recovery time given to the incident room."""
        self.sure_by_ms: int | None = None
        """The recovery time that holds in nine cases out of ten, if one was given."""
        self.pilots: PilotsAsked | None = None
        self.sightings: list[Sighting] = []
        """Checks that showed something working or failing, in chronological order."""
        self.searches = 0
        """The number of times that peers were asked about the vendor; it keys the draws of their answers."""
        for use in uses:
            if use.priority_messages:
                self._subscribe(use.vendor)

    def _subscribe(self, vendor: str, after_ms: int = -1, besides: Collection[int] = ()) -> None:
        name = self.pages.vendors[vendor].name
        for moment_ms, text in self.pages.priority_messages(vendor):
            if moment_ms > after_ms and moment_ms not in besides:
                self._at(moment_ms, lambda text=text: self._say("sms", name, text))  # type: ignore[misc]

    def amended(self, scenario: Scenario, now_ms: int) -> None:
        """Called when the faults of the story have changed; posts that vendors have already made stay."""
        self._scenario = scenario
        subscribed = [use.vendor for use in scenario.organisation.vendors if use.priority_messages]
        before = {vendor: self.pages.priority_messages(vendor) for vendor in subscribed}
        self.pages.amend(disturbances(scenario), now_ms)
        for vendor in subscribed:
            self._subscribe(vendor, now_ms, [moment_ms for moment_ms, _text in before[vendor]])

    def state(self, diagnosis: Diagnosis) -> None:
        """Put a diagnosis on record."""
        self.diagnoses.append(diagnosis)
        self._reach(Milestone.DIAGNOSIS_STATED)
        if is_right(diagnosis, self._scenario.timeline, self._scenario.rules.diagnosis.over_ms):
            self._reach(Milestone.DIAGNOSIS_CORRECT)

    def decide(self, decision: Decision) -> None:
        """Put a decision on record, for or against."""
        self.decisions.append(decision)
        self._reach(DECIDED[decision.about])

    def vendors_at_fault(self, now_ms: int) -> frozenset[str]:
        """The organisation's vendors that have had an incident by then: truth."""
        uses = self._scenario.organisation.vendors
        return frozenset(use.vendor for use in uses if self.pages.disturbed_by(use.vendor, now_ms))

    def ask_approval(
        self,
        scope: Scope,
        turn: Turn,
        now_ms: int,
        because: str,
        for_ms: int | None = None,
    ) -> str:
        """Request an approval; the answer comes by phone. Returns the approver's name."""
        desk = self._staff.named(turn.approver) or self._staff.desk_for(
            APPROVER, now_ms, self._staff.keyed(turn.draws)
        )
        if turn.answers_ms is None:
            away_ms = self._staff.starts_ms(desk, now_ms, turn.draws) - now_ms
        else:
            away_ms = max(turn.answers_ms, desk.free_at_ms(now_ms) - now_ms)
        due_ms, answer = self.approvals.ask(scope, turn, desk.person.name, now_ms, away_ms, because, for_ms)

        def call(moment_ms: int, yes: bool | None = None, why: str = "") -> None:
            given = answer(moment_ms, self._lacking(scope), yes, why)
            self._say("call", desk.person.name, f"{scope.told}: {self._answered(given)}")
            if given.state == "granted":
                self._reach(APPROVED[scope.subject])
                self._watch(given)

        def by_simulator(from_ms: int) -> None:
            answer_ms = max(due_ms, from_ms)
            self._staff.occupy(desk, f"considers {scope.told}", now_ms + away_ms, answer_ms)
            self._at(answer_ms, lambda: call(answer_ms))

        seat = self._table.seat_of(APPROVER)
        if not seat:
            by_simulator(now_ms)
            return desk.person.name
        matter = f"approve {scope.told}{f', because {because}' if because else ''}"
        asked = self._table.ask(
            now_ms, turn.by, seat, matter, call, reaches_ms=now_ms + away_ms, abandoned=by_simulator
        )
        how = f"`allow {asked.number}` or `deny {asked.number} REASON`"
        told = f"asks you to {matter}: {how}"
        self._at(asked.reaches_ms, lambda: self._say("call", turn.by, told, "request", to=seat))
        return desk.person.name

    def _lacking(self, scope: Scope) -> str:
        """The reason why there are no grounds for approving `scope`; empty if there are grounds."""
        return "" if self._signed(scope) else lacking(self.diagnoses, self.sightings, self._clock)

    def _signed(self, scope: Scope) -> bool:
        """True if security has approved an opening that is still open, so no new evidence is needed."""
        given = (one for one in self.approvals.requests if one.state == "granted" and one.ended_ms is None)
        return self.openings.is_open(scope.opening) and any(one.scope.covers(scope) for one in given)

    def override(
        self, scope: Scope, by: str, now_ms: int, because: str, for_ms: int | None = None
    ) -> Approval:
        """Go ahead without approval."""
        answerable = self._staff.within_reach(APPROVER, now_ms)
        grounds = not self._lacking(scope)
        given = self.approvals.override(
            scope, by, now_ms, because, for_ms, answerable=answerable, grounds=grounds
        )
        self._reach(APPROVED[scope.subject])
        return given

    def _answered(self, given: Approval) -> str:
        """The approver's answer in words."""
        if given.state == "granted":
            return "approved" if given.until_ms is None else f"approved until {self._clock(given.until_ms)}"
        return f"not approved; {given.why_not or 'ask again with more evidence'}"

    def _watch(self, given: Approval) -> None:
        """Record a note if an approval ends while its opening is still open."""
        until_ms, scope = given.until_ms, given.scope

        def lapse() -> None:
            allowed = self.approvals.holding(scope, until_ms or 0)
            if allowed is None and self.openings.is_open(scope.opening):
                told = f"the approval of {scope.told} has expired, but the opening is still open"
                self._say("note", REGISTER, told)

        if until_ms is not None:
            self._at(until_ms, lapse)

    def opened(self, kind: str, command: str, by: str, now_ms: int) -> None:
        """Enter an opening in the register."""
        if self.openings.opened(kind, command, by, now_ms):
            self._say("note", REGISTER, f"{kind} opened by `{command}`")

    def closed(self, kind: str, now_ms: int) -> None:
        """Mark an opening as closed but not yet proven closed."""
        if self.openings.closed(kind, now_ms):
            self.approvals.closed(kind, now_ms)
            self._say("note", REGISTER, f"{kind} closed; prove this with `openings prove {kind}`")

    def prove(self, kind: str, now_ms: int) -> bool:
        """Record a test from outside as proof; True if `kind` is now proven closed."""
        proven = self.openings.prove(kind, now_ms)
        if proven and not self.openings.unproven():
            self._reach(Milestone.OPENINGS_CLOSED)
        return proven


def disturbances(scenario: Scenario) -> Iterator[Incident]:
    """The faults of components that vendors run, as incidents of those vendors."""
    for fault in scenario.timeline:
        component = fault.kind.component
        for use in scenario.organisation.vendors:
            if component in use.runs or (component == "access" and "mail-server" in use.runs):
                lost = fault.sign_in == "lost" and "sign-in" in use.runs
                yield Incident(use.vendor, fault.at_ms, fault.until_ms, lost)
