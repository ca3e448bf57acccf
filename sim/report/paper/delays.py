"""Delays: actions that came late or never, and the damage done before they came."""

from collections.abc import Iterator

import numpy as np

from sim.drill.instruments.unapproved_time import total_ms
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scoring.deadlines import due_ms
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS, in_words
from sim.kernel.frozen import frozen
from sim.kernel.quantities import counted
from sim.mail.users.time_without_mail import lost_user_ms
from sim.report.paper.curves import lost_before

SHOWN = 3
LONGEST = "Longest waits"
MEANWHILE = (
    "Each line shows what happened to all mail and all users in that time, in every direction. "
    "The wait may not be the cause."
)
NO_WAITS = "No deadline was missed by a minute or more, and no approval took that long."
SHORTEST_MS = 60_000
"""Delays shorter than this are not listed."""


@frozen
class LongWait:
    """One delay, with the damage between the limit and the action; the damage may also have other causes."""

    what: str
    """The awaited event, in words."""
    who: str
    """The objective that required it, or the person for whom others waited."""
    due_ms: int
    came_ms: int | None
    """The time of the awaited event; None if it never happened, in which case the delay lasts to the end of
    the outage, or to the drill's current time if the event was due after that end.
    """
    span_ms: int
    lost: int
    """Messages lost during the delay, in any direction, as in the chart of lost messages."""
    user_hours: float
    """User-hours without mail during the delay."""
    open_ms: int
    """How long, during the delay, the register of openings had an entry that was not closed."""
    asked: bool = False
    """True if the wait began with a request; False if it began when a limit passed."""


def delays(session: Session) -> tuple[LongWait, ...]:
    """Every delay of a minute or more, the longest first; of equally long ones, the earliest first."""
    found = (*_late(session), *_approvals(session))
    return tuple(
        sorted(
            (one for one in found if one.span_ms >= SHORTEST_MS), key=lambda one: (-one.span_ms, one.due_ms)
        )
    )


def _late(session: Session) -> Iterator[LongWait]:
    """Milestones that an objective requires and that were reached after their limit, or never."""
    came, seen = session.drill.milestones, set()
    for objective in session.scenario.objectives:
        for deadline in objective.met:
            limit_ms, came_ms = due_ms(deadline, came), came.get(deadline.milestone)
            if limit_ms is None or limit_ms >= (session.now_ms if came_ms is None else came_ms):
                continue
            needless = any(came.get(name, NEVER_MS) <= limit_ms for name in objective.unless)
            if needless or deadline.milestone in seen:
                continue
            seen.add(deadline.milestone)
            marks = MILESTONES[deadline.milestone].facts.marks
            yield _delay(session, marks, objective.id, limit_ms, came_ms)


def _approvals(session: Session) -> Iterator[LongWait]:
    """Requests that an approver has answered, or not answered yet."""
    drill = session.drill
    over_ms = drill.milestones.get(Milestone.OUTAGE_END, drill.now_ms)
    for one in drill.room.approvals.requests:
        if one.state != "overridden" and one.asked_ms < over_ms and one.first_ms in (None, one.answered_ms):
            yield _delay(
                session,
                f"the approval of {one.scope.told}",
                one.of,
                one.asked_ms,
                one.answered_ms,
                asked=True,
            )


def _delay(
    session: Session, what: str, who: str, from_ms: int, came_ms: int | None, *, asked: bool = False
) -> LongWait:
    drill = session.drill
    over_ms = drill.milestones.get(Milestone.OUTAGE_END, drill.now_ms)
    ends_ms = over_ms if from_ms < over_ms else drill.now_ms
    to_ms = ends_ms if came_ms is None else came_ms
    users = drill.world.users
    before, lost = lost_before(session, np.array([from_ms, to_ms], dtype=np.int64)).tolist()
    user_ms = lost_user_ms(users, to_ms) - lost_user_ms(users, from_ms)
    open_ms = total_ms(
        (max(one.opened_ms, from_ms), min(to_ms, drill.now_ms if one.closed_ms is None else one.closed_ms))
        for one in drill.room.openings.entries
        if one.opened_ms < to_ms and (one.closed_ms is None or one.closed_ms > from_ms)
    )
    return LongWait(
        what, who, from_ms, came_ms, to_ms - from_ms, lost - before, user_ms / HOUR_MS, open_ms, asked
    )


def meanwhile(one: LongWait) -> str:
    """The damage during a delay, in words."""
    parts = [
        f"{counted(one.lost, 'message')} {'was' if one.lost == 1 else 'were'} lost" if one.lost else "",
        f"{one.user_hours:,.0f} user-hours without mail" if one.user_hours >= 1 else "",
        f"openings stayed open for {in_words(one.open_ms, MINUTE_MS)}" if one.open_ms else "",
    ]
    return ", ".join(filter(None, parts)) or "mail was not lost, and openings were not left open"
