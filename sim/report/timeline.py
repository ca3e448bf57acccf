"""The debrief's timeline: decisions, events, and what others reported."""

from dataclasses import dataclass

from sim.drill.room.events import Event
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.services.alerting import MONITORS
from sim.drill.session.session import Session
from sim.kernel.duration import format_elapsed

DECISIONS = frozenset({"command", "done", "failed", "refused", "note"})
TURNING_POINTS = frozenset({"fault", "end", "call", "email", "report"})
"""A report is the result of a check; calls and emails bring what people and vendors know."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    t_ms: int
    local: str
    elapsed: str
    """Since the onset of the outage, negative before it: `-00:12`, `33:05`."""
    who: str
    text: str
    decision: bool
    """True for an action of the trainee, False for an event."""


def timeline(session: Session) -> tuple[Line, ...]:
    """Every line, in order of time."""
    dated = {inject.id for inject in session.scenario.injects if inject.back_by is not None}
    return tuple(_line(session, event) for event in session.events() if _shown(event, dated))


def _shown(event: Event, dated: set[str]) -> bool:
    """True if the timeline shows `event`; of messages from others, also tickets that name a time (`dated`).

    A monitor repeats its texts: the first is shown as a milestone.
    """
    if event.kind == "milestone":
        return MILESTONES[event.ref].facts.turning_point
    if event.kind == "sms":
        return event.source not in MONITORS
    return event.kind in DECISIONS or event.kind in TURNING_POINTS or event.ref in dated


def when(session: Session, moment_ms: int) -> tuple[str, str]:
    """A moment in local time and since the onset, which distinguishes Mondays of two weeks."""
    onset_ms = session.drill.milestones.get(Milestone.OUTAGE_START, 0)
    return f"{session.drill.local(moment_ms):%a %H:%M}", format_elapsed(moment_ms - onset_ms)


def _line(session: Session, event: Event) -> Line:
    local, elapsed = when(session, event.t_ms)
    return Line(
        t_ms=event.t_ms,
        local=local,
        elapsed=elapsed,
        who=event.source,
        text=MILESTONES[event.ref].facts.marks if event.kind == "milestone" else event.text,
        decision=event.kind in DECISIONS,
    )
