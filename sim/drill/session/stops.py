"""Moments at which a trainee wants the clock to stop, found only from facts that the trainee may know."""

from collections.abc import Iterator
from typing import Literal

from sim.drill.room.events import HIDDEN_FROM_TRAINEE, REGISTER, Event
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scoring.deadlines import due_ms
from sim.drill.scoring.objectives import known_milestones, shown_verdicts
from sim.drill.session.session import Session
from sim.drill.views.incident_room import room_view
from sim.drill.views.mail_flow import continuity_view
from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from sim.kernel.frozen import frozen

StopAt = Literal["event", "decision", "alert", "objective", "free"]
NOTICE_MS = 10 * MINUTE_MS
"""Time from the announcement of a decision to the time at which it is due."""

QUIET_MS = 12 * HOUR_MS
"""Time without news after which a jump to the next event stops anyway: the next event may be the end of
the drill, which cannot be undone.
"""
ALERTS = frozenset({"monitor", "sms", "call", "email", "ticket", "post"})
"""Events from outside the room; if no monitor works, a call is the first alert."""
_OWN = frozenset({"command", "refused", "note", "mail", "talk"})
"""Events that answer the trainee's own action, or that concern real mail or messages between seats; the
clock does not stop for them.
"""


_TOLD = {
    "done": "command completed by",
    "failed": "failed command by",
    "monitor": "message from",
    "sms": "SMS from",
    "note": "note in the",
}
"""How an event is named as a reason to stop; all other kinds are a word of their own (`call from`)."""


def _told(event: Event) -> str:
    return f"{_TOLD.get(event.kind, f'{event.kind} from')} {event.source}"


@frozen
class Due:
    """A moment by which the trainee has to act."""

    t_ms: int
    what: str


class StopWatch:
    """Watches a drill from now on for the first of the reasons `wanted`."""

    def __init__(self, session: Session, wanted: frozenset[StopAt], *, judged: bool = True) -> None:
        """`judged`: the trainee sees the objectives; otherwise they are not a reason to stop."""
        self._session, self._wanted, self._judged = session, wanted, judged
        drill = session.drill
        self._since = len(drill.events)
        self._alerted = any(one.kind in ALERTS for one in drill.events)
        self._lost = self._lost_now()
        self._busy = self._busy_now()
        self._from_ms = session.now_ms
        self._quiet_ms = self._from_ms + QUIET_MS
        self._dues: tuple[tuple[int, int], list[Due]] | None = None

    def horizon_ms(self) -> int | None:
        """The next time at which the passing of time alone gives a reason to stop; None: only an event
        can.
        """
        drill = self._session.drill
        now_ms = drill.now_ms
        moments = [one.done_ms for desk in drill.staff.desks for one in desk.tasks if one.done_ms > now_ms]
        if "free" not in self._wanted:
            moments = []
        if "decision" in self._wanted:
            moments += [moment_ms for moment_ms, _ in self._calls() if moment_ms > now_ms]
        if "event" in self._wanted and self._quiet_ms > now_ms:
            moments.append(self._quiet_ms)
        if "objective" in self._wanted and self._judged:
            moments += [one.t_ms + 1 for one in _deadlines(self._session) if one.t_ms >= now_ms]
        return min(moments, default=None)

    def reason(self) -> str:
        """The reason to stop at the present moment, in words; empty if there is none."""
        wanted, drill = self._wanted, self._session.drill
        if "alert" in wanted and not self._alerted:
            first = next((one for one in self._session.events(self._since) if one.kind in ALERTS), None)
            if first is not None:
                return f"the first alert: {_told(first)}"
        if "objective" in wanted and (lost := self._lost_now() - self._lost):
            return f"objective not met in time: {min(lost).replace('-', ' ')}"
        if "free" in wanted:
            free = self._busy - self._busy_now()
            if free:
                return f"free again: {', '.join(sorted(free))}"
            self._busy |= self._busy_now()
        if "decision" in wanted and (due := self._called()) is not None:
            return f"due at {drill.clock(due.t_ms)}: {due.what}"
        if "event" in wanted and (event := self._new_event()) is not None:
            return _told(event)
        if "event" in wanted and drill.now_ms >= self._quiet_ms:
            return f"no news for {in_words(QUIET_MS)}"
        return ""

    def _new_event(self) -> Event | None:
        new = self._session.events(self._since)
        return next(
            (one for one in new if one.kind not in HIDDEN_FROM_TRAINEE | _OWN or one.source == REGISTER), None
        )

    def _busy_now(self) -> set[str]:
        drill = self._session.drill
        return {one.person.name for one in drill.staff.desks if one.doing(drill.now_ms)}

    def _lost_now(self) -> set[str]:
        if not self._judged or "objective" not in self._wanted:
            return set()
        verdicts = shown_verdicts(self._session.drill)
        return {one.id for one, verdict in verdicts if verdict.state in {"late", "failed"}}

    def _calls(self) -> Iterator[tuple[int, Due]]:
        """For each matter, the time at which it is announced: some time before it is due, or when it is
        due if the drill has been watched only since a later time.
        """
        drill = self._session.drill
        news = len(drill.events), len(drill.known)
        if self._dues is None or self._dues[0] != news:  # the due times change only with events
            self._dues = news, dues(self._session, judged=self._judged)
        for due in self._dues[1]:
            early_ms = due.t_ms - NOTICE_MS
            yield (early_ms if early_ms > self._from_ms else due.t_ms), due

    def _called(self) -> Due | None:
        now_ms = self._session.now_ms
        return next((due for moment_ms, due in self._calls() if self._from_ms < moment_ms <= now_ms), None)


def dues(session: Session, *, judged: bool) -> list[Due]:
    """Matters that the trainee knows of and that are due now or later, in order."""
    drill, now_ms = session.drill, session.now_ms
    room = room_view(drill.room, drill.scenario.rules.words, now_ms)
    found = [
        Due(one.next_ms, f"the next update that was promised to {one.audience}")
        for one in room.said
        if one.promise == "open" and one.next_ms is not None
    ]
    for given in drill.room.approvals.requests:
        if given.state == "granted" and given.until_ms is not None and given.ended_ms is None:
            found.append(Due(given.until_ms, f"the approval of {given.scope.told} expires"))
    ends_ms = continuity_view(drill, drill.last_seen.gateway_on_screen()).ends_ms
    if ends_ms is not None:
        found.append(Due(ends_ms, "the continuity event ends"))
    if judged:
        found += _deadlines(session)
    return sorted((one for one in found if one.t_ms >= now_ms), key=lambda one: one.t_ms)


def _deadlines(session: Session) -> list[Due]:
    """The known limits of open objectives that the trainee sees."""
    drill = session.drill
    known = known_milestones(drill)
    return [
        Due(limit_ms, MILESTONES[deadline.milestone].facts.marks)
        for one, verdict in shown_verdicts(drill)
        for deadline in one.met
        if verdict.state == "open"
        and verdict.cause != "judged at the end"
        and deadline.milestone not in known
        and (limit_ms := due_ms(deadline, known)) is not None
    ]


def ending(session: Session) -> str:
    """The end of the drill as far as the trainee can know it, in one sentence."""
    drill, ends = session.drill, session.scenario.ends
    drained_ms = known_milestones(drill).get(Milestone.QUEUE_DRAINED)
    if drained_ms is not None:
        return f"The queue has drained: the drill ends at {drill.clock(drained_ms + ends.wind_down_ms)}."
    after = f"{in_words(ends.wind_down_ms)} after" if ends.wind_down_ms else "when"
    latest = in_words(ends.after_recovery_at_most_ms)
    return (
        f"The drill ends {after} the service has recovered and the queue has drained, "
        f"and {latest} after the recovery at the latest."
    )
