"""Calls from executives and partners who notice trouble and have no current update.

They call repeatedly, at the times in `call_times.py`, and each call keeps a member of staff busy.
"""

from collections.abc import Sequence

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.organisation.callers_file import StakeholderRules
from sim.drill.people.call_times import CallerGroup, CallTimes
from sim.drill.people.noticed_trouble import Trouble, misses, noticed
from sim.drill.people.outside_reports import partner_report
from sim.drill.room.announcements import Statement
from sim.drill.room.delays import cause_key
from sim.drill.room.evidence import GATEWAY_FAILS, PARTNER, Sighting
from sim.drill.room.phone_calls import StakeholderCall
from sim.kernel.draws import I64, below, mix
from sim.kernel.duration import MINUTE_MS


class Stakeholders:
    """Plans and makes the calls of both groups. Call `look` when they may notice trouble, and `heard`
    after each update.
    """

    def __init__(self, drill: DrillState, rules: Sequence[StakeholderRules]) -> None:
        self._drill, self._times = drill, CallTimes(drill)
        self._groups = [CallerGroup(one, _mailboxes(drill, one)) for one in rules]

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

    def _notice(self, group: CallerGroup) -> bool:
        """Record the group's present trouble; True if it is worse than before."""
        there = _noticed(self._drill, group)
        fresh = there - group.since_ms.keys()
        group.since_ms |= dict.fromkeys(fresh, self._drill.now_ms)
        return bool(fresh)

    def _plan(self, group: CallerGroup) -> None:
        """Plan the next call from the present state; earlier plans become void."""
        group.plans += 1
        number, now_ms = group.plans, self._drill.now_ms
        due_ms, _says = self._times.due(group)
        moment_ms = self._times.in_hours(group, max(due_ms, now_ms))
        self._drill.at(moment_ms, lambda: self._come_to(group, number))

    def _come_to(self, group: CallerGroup, number: int) -> None:
        """Call if the trouble continues and no update is current; otherwise wait."""
        if number != group.plans:
            return
        there = _noticed(self._drill, group)
        group.since_ms = {one: since for one, since in group.since_ms.items() if one in there}
        self._notice(group)
        if there:
            due_ms, says = self._times.due(group)
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

    def _look_later(self, group: CallerGroup, number: int) -> None:
        """Called when the group notices nothing now, but may later."""
        later_ms = self._times.wait(group, "look again", self._drill.now_ms, group.rules.again_minutes)
        at_ms = self._times.in_hours(group, self._drill.now_ms + later_ms)
        self._drill.at(at_ms, lambda: self._come_to(group, number))

    def _phone(self, group: CallerGroup, says: str) -> None:
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


def _noticed(drill: DrillState, group: CallerGroup) -> frozenset[Trouble]:
    rules = group.rules
    there = noticed(drill, group.mailboxes)
    return there if rules.returned_minutes is not None else there - {"returned"}


def _mailboxes(drill: DrillState, rules: StakeholderRules) -> I64:
    """The user numbers of the group's mailboxes."""
    numbers = np.arange(rules.mailboxes, dtype=np.int64)
    return below(mix(drill.seed, f"{rules.who} mailboxes", numbers), drill.users.count)
