"""The times at which executives and partners call, and what they say, by the updates that reached them.

How likely they are to notice trouble depends on their mail. If they are notified in time, truthfully, and
again before the update expires, they do not call. If an update was wrong, they find out later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sim.drill.drill_state import DrillState
from sim.drill.organisation.callers_file import StakeholderRules
from sim.drill.organisation.working_hours import next_duty_ms, parse_hours
from sim.drill.people.noticed_trouble import Trouble
from sim.drill.room.announcements import Statement, false_cause
from sim.drill.room.delays import wait_ms
from sim.drill.room.phone_calls import called_ms
from sim.drill.scenario.milestones import Milestone
from sim.kernel.draws import I64
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
class CallerGroup:
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


class CallTimes:
    """The time and the text of a group's next call, by its trouble and the updates that reached it."""

    def __init__(self, drill: DrillState) -> None:
        self._drill = drill

    def due(self, group: CallerGroup) -> tuple[int, str]:
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
        doubt_ms = self.wait(group, "doubts", word.draws, group.rules.doubt_minutes)
        return max(held.until_ms + doubt_ms, first_ms), held.says

    def _notices_ms(self, group: CallerGroup, trouble: Trouble) -> int:
        since_ms = group.since_ms[trouble]
        return since_ms + self.wait(
            group, f"notice {trouble}", since_ms, _notice_minutes(group.rules, trouble)
        )

    def _about_returned(self, group: CallerGroup, back_ms: int) -> tuple[int, str]:
        """The time and the text of the next call if mail to the group has bounced since the last update,
        which therefore does not mention the bounces.
        """
        called = self._called_ms(group)
        if not called or called[-1] < back_ms:
            return self._notices_ms(
                group, "returned"
            ), "We were not told that this would happen. What is wrong?"
        return self._again_ms(group), "We still have not been told why. What is wrong?"

    def _again_ms(self, group: CallerGroup) -> int:
        last_ms = self._called_ms(group)[-1]
        return last_ms + self.wait(group, "calls again", last_ms, group.rules.again_minutes)

    def _called_ms(self, group: CallerGroup) -> list[int]:
        return called_ms(self._drill.room.stakeholder_calls, group.rules.who)

    def _last_word(self, group: CallerGroup) -> Statement | None:
        """The last update of this outage that reached them."""
        onset_ms, said = self._drill.milestones.get(Milestone.OUTAGE_START, 0), self._drill.room.said
        theirs = (one for one in reversed(said) if one.audience == group.rules.who and one.reached)
        return next((one for one in theirs if one.t_ms >= onset_ms), None)

    def _held(self, group: CallerGroup, word: Statement) -> Hold:
        drill = self._drill
        wrong = false_cause(word, drill.scenario.timeline, drill.room.vendors_at_fault(drill.now_ms))
        late_by_ms = drill.scenario.rules.words.late_by_ms
        return hold(word, group.rules.word_holds_ms, late_by_ms, wrong, drill.clock)

    def wait(self, group: CallerGroup, purpose: str, key: int, minutes: Sequence[int]) -> int:
        """One waiting time of the group in ms, drawn from quantiles in minutes."""
        return wait_ms(self._drill.seed, f"{group.rules.who} {purpose}", key, minutes)

    def in_hours(self, group: CallerGroup, moment_ms: int) -> int:
        """`moment_ms` if it lies in the group's hours; otherwise shortly after its next hours begin."""
        scenario, hours = self._drill.scenario, parse_hours(group.rules.hours)
        utc_ms = scenario.starts_utc_ms + moment_ms
        opens_ms = next_duty_ms(hours, utc_ms, scenario.zone)
        if opens_ms == utc_ms:
            return moment_ms
        settled_ms = opens_ms - scenario.starts_utc_ms
        return settled_ms + self.wait(group, "arrive", settled_ms, group.rules.doubt_minutes)


def _notice_minutes(rules: StakeholderRules, trouble: Trouble) -> Sequence[int]:
    if trouble == "returned" and rules.returned_minutes is not None:
        return rules.returned_minutes
    return rules.without_mailbox_minutes if trouble == "mailbox" else rules.without_outside_minutes
