"""Calls from executives and partners who notice trouble and have no current update.

How likely they are to notice depends on their mail. If they are notified in time, truthfully, and again
before the update expires, they do not call. Otherwise they call repeatedly, and each call keeps a member of
staff busy. If an update was wrong, they find out later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.organisation.callers_file import StakeholderRules
from sim.drill.organisation.working_hours import next_duty_ms, parse_hours
from sim.drill.people.noticed_trouble import Trouble, misses, noticed
from sim.drill.people.outside_reports import partner_report
from sim.drill.room.announcements import Statement, false_cause
from sim.drill.room.delays import cause_key, wait_ms
from sim.drill.room.evidence import GATEWAY_FAILS, PARTNER, Sighting
from sim.drill.room.phone_calls import StakeholderCall, called_ms
from sim.drill.scenario.milestones import Milestone
from sim.kernel.draws import I64, below, mix
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen


@frozen
class Hold:
    """The time until which an update prevents calls, and what the callers say after that."""

    until_ms: int
    says: str


def hold(word: Statement, holds_ms: int, late_by_ms: int, wrong: str, clock: Callable[[int], str]) -> Hold:
    """The effect of the update `word` on people who still have trouble. Pure.

    `holds_ms`: how long an update lasts if it does not promise a time; `late_by_ms`: the delay allowed for a
    promised update; `wrong`: what callers say about a wrong cause, or empty.
    """
    if word.says_back:
        return Hold(word.t_ms, "You said that email was back. It is not.")
    if wrong:
        return Hold(word.t_ms, f"You said that it was the {word.cause}. Others tell us something else.")
    ends = []
    if word.next_ms is not None:
        ends.append(
            Hold(word.next_ms + late_by_ms, f"You promised the next update by {clock(word.next_ms)}.")
        )
    if word.back_by_ms is not None:
        ends.append(
            Hold(word.back_by_ms, f"Email was supposed to be back by {clock(word.back_by_ms)}. It is not.")
        )
    old = Hold(word.t_ms + holds_ms, f"The last update we received was at {clock(word.t_ms)}.")
    return min(ends, key=lambda one: one.until_ms, default=old)


@dataclass(slots=True)
class _Group:
    """Executives, or partners, in one drill."""

    rules: StakeholderRules
    mailboxes: I64
    """The user numbers of the group; empty for people outside."""
    since_ms: dict[Trouble, int] = field(default_factory=dict)
    """For each trouble that the group notices, the time at which it began."""
    in_a_row: int = 0
    """Number of calls since the last update that reached the group."""
    plans: int = 0
    """Number of the latest planned call. A planned call that comes due is made only if it has this number."""


class Stakeholders:
    """Plans and makes the calls of both groups. Call `look` when they may notice trouble, and `heard`
    after each update.
    """

    def __init__(self, drill: DrillState, rules: Sequence[StakeholderRules]) -> None:
        self._drill = drill
        self._groups = [_Group(one, _mailboxes(drill, one)) for one in rules]

    def look(self) -> None:
        """Called when a fault has just begun or ended, or when a continuity event has ended."""
        for group in self._groups:
            if self._notice(group):
                self._plan(group)

    def heard(self, word: Statement) -> None:
        """Called when an update has just been sent; people whom it did not reach do not know of it."""
        for group in self._groups:
            if word.audience == group.rules.who and word.reached:
                group.in_a_row = 0
                if group.since_ms:
                    self._plan(group)

    # When they phone

    def _notice(self, group: _Group) -> bool:
        """Record the group's present trouble; True if it is worse than before."""
        there = _noticed(self._drill, group)
        fresh = there - group.since_ms.keys()
        group.since_ms |= dict.fromkeys(fresh, self._drill.now_ms)
        return bool(fresh)

    def _plan(self, group: _Group) -> None:
        """Plan the next call from the present state; earlier plans become void."""
        group.plans += 1
        number, now_ms = group.plans, self._drill.now_ms
        due_ms, _says = self._due(group)
        moment_ms = self._in_hours(group, max(due_ms, now_ms))
        self._drill.at(moment_ms, lambda: self._come_to(group, number))

    def _due(self, group: _Group) -> tuple[int, str]:
        """The time and the text of the group's next call, whether or not the time is within its hours."""
        first_ms = min(self._notices_ms(group, trouble) for trouble in group.since_ms)
        word = self._last_word(group)
        back_ms = group.since_ms.get("returned")
        if back_ms is not None and (word is None or word.t_ms < back_ms):
            return self._about_returned(group, back_ms)
        began_ms = min(group.since_ms.values())
        if word is None or (word.says_back and word.t_ms < began_ms):
            if not group.in_a_row:
                return first_ms, "We have not been told anything. What is wrong?"
            return self._again_ms(group), "We still have not been told anything. What is wrong?"
        held = self._held(group, word)
        if group.in_a_row:
            return self._again_ms(group), held.says
        doubt_ms = self._wait(group, "doubts", word.draws, group.rules.doubt_minutes)
        return max(held.until_ms + doubt_ms, first_ms), held.says

    def _notices_ms(self, group: _Group, trouble: Trouble) -> int:
        since_ms = group.since_ms[trouble]
        return since_ms + self._wait(group, f"notice {trouble}", since_ms, _minutes(group.rules, trouble))

    def _about_returned(self, group: _Group, back_ms: int) -> tuple[int, str]:
        """True if mail to the group has bounced since the last update, so that the update does not mention
        the bounces.
        """
        called = self._called_ms(group)
        if not called or called[-1] < back_ms:
            return self._notices_ms(
                group, "returned"
            ), "We were not told that this would happen. What is wrong?"
        return self._again_ms(group), "We still have not been told why. What is wrong?"

    def _again_ms(self, group: _Group) -> int:
        last_ms = self._called_ms(group)[-1]
        return last_ms + self._wait(group, "calls again", last_ms, group.rules.again_minutes)

    def _called_ms(self, group: _Group) -> list[int]:
        return called_ms(self._drill.room.stakeholder_calls, group.rules.who)

    def _last_word(self, group: _Group) -> Statement | None:
        """The last update of this outage that reached them."""
        onset_ms, said = self._drill.milestones.get(Milestone.OUTAGE_START, 0), self._drill.room.said
        theirs = (one for one in reversed(said) if one.audience == group.rules.who and one.reached)
        return next((one for one in theirs if one.t_ms >= onset_ms), None)

    def _held(self, group: _Group, word: Statement) -> Hold:
        drill = self._drill
        wrong = false_cause(word, drill.scenario.timeline, drill.room.vendors_at_fault(drill.now_ms))
        late_by_ms = drill.scenario.rules.words.late_by_ms
        return hold(word, group.rules.word_holds_ms, late_by_ms, wrong, drill.clock)

    def _wait(self, group: _Group, purpose: str, key: int, minutes: Sequence[int]) -> int:
        return wait_ms(self._drill.seed, f"{group.rules.who} {purpose}", key, minutes)

    def _in_hours(self, group: _Group, moment_ms: int) -> int:
        """`moment_ms` if it lies in the group's hours; otherwise shortly after its next hours begin."""
        scenario, hours = self._drill.scenario, parse_hours(group.rules.hours)
        utc_ms = scenario.starts_utc_ms + moment_ms
        opens_ms = next_duty_ms(hours, utc_ms, scenario.zone)
        if opens_ms == utc_ms:
            return moment_ms
        settled_ms = opens_ms - scenario.starts_utc_ms
        return settled_ms + self._wait(group, "arrive", settled_ms, group.rules.doubt_minutes)

    # The call

    def _come_to(self, group: _Group, number: int) -> None:
        """Call if the trouble continues and no update is current; otherwise wait."""
        if number != group.plans:
            return
        there = _noticed(self._drill, group)
        group.since_ms = {one: since for one, since in group.since_ms.items() if one in there}
        self._notice(group)
        if there:
            due_ms, says = self._due(group)
            if due_ms > self._drill.now_ms:
                self._plan(group)
            elif misses(self._drill, group.rules, group.mailboxes, there):
                self._phone(group, says)
                self._plan(group)
            else:
                self._look_later(group, number)
        elif not self._drill.faults.in_force:
            group.in_a_row = 0
        else:
            self._look_later(group, number)

    def _look_later(self, group: _Group, number: int) -> None:
        """Called when the group notices nothing now, but may later."""
        later_ms = self._wait(group, "look again", self._drill.now_ms, group.rules.again_minutes)
        at_ms = self._in_hours(group, self._drill.now_ms + later_ms)
        self._drill.at(at_ms, lambda: self._come_to(group, number))

    def _phone(self, group: _Group, says: str) -> None:
        drill, rules = self._drill, group.rules
        names, minutes = rules.names, rules.call_minutes
        name = names[min(group.in_a_row, len(names) - 1)]
        holds_ms = minutes[min(group.in_a_row, len(minutes) - 1)] * MINUTE_MS
        key = cause_key(f"call of {rules.who}", drill.now_ms) if drill.keyed_by_cause else None
        desk = drill.staff.desk_for(rules.phone, drill.now_ms, drill.staff.keyed(key))
        starts_ms = drill.staff.starts_ms(desk, drill.now_ms, key)
        drill.staff.occupy(desk, f"on the phone with {name}", starts_ms, starts_ms + holds_ms)
        if not len(group.mailboxes):
            report = partner_report(drill, drill.commands_given if key is None else key)
            if report.gateway_refuses:
                drill.room.sightings.append(Sighting(drill.now_ms, fails=GATEWAY_FAILS, by=PARTNER))
            says = f"{_sentence(report.says)} {says}"
        call = StakeholderCall(drill.now_ms, rules.who, name, says, desk.person.name, holds_ms)
        drill.room.stakeholder_calls.append(call)
        group.in_a_row += 1
        drill.say("call", name, says, f"{rules.who} phone", to=_ANSWERS[rules.who])


_ANSWERS = {"executives": "incident-lead", "partners": "communications"}
"""The staff role that each group calls. If that role has no seat at the table, every seat is notified of
the call.
"""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _noticed(drill: DrillState, group: _Group) -> frozenset[Trouble]:
    rules = group.rules
    there = noticed(drill, group.mailboxes)
    return there if rules.returned_minutes is not None else there - {"returned"}


def _minutes(rules: StakeholderRules, trouble: Trouble) -> Sequence[int]:
    if trouble == "returned" and rules.returned_minutes is not None:
        return rules.returned_minutes
    return rules.without_mailbox_minutes if trouble == "mailbox" else rules.without_outside_minutes


def _mailboxes(drill: DrillState, rules: StakeholderRules) -> I64:
    """The user numbers of the group's mailboxes."""
    numbers = np.arange(rules.mailboxes, dtype=np.int64)
    return below(mix(drill.seed, f"{rules.who} mailboxes", numbers), drill.users.count)
