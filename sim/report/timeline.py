"""The debrief's timeline: decisions, events, and reports from others."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sim.drill.facilitation.inputs import AtTable
from sim.drill.room.events import Event
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.services.alerting import MONITORS
from sim.drill.session.session import Session
from sim.kernel.duration import format_elapsed
from sim.kernel.frozen import frozen

DECISIONS = frozenset({"command", "done", "failed", "refused", "note"})
TURNING_POINTS = frozenset(
    {"fault", "end", "call", "email", "report", "ticket", "monitor", "post", "talk", "observation"}
)
"""Kinds of events that bring news: a report is the result of a check; calls, emails, tickets, posts and
monitors bring news from others.
"""
NO_EFFECT = frozenset({"refused", "failed"})


@frozen
class Line:
    """One line of the timeline."""

    t_ms: int
    local: str
    elapsed: str
    """Time since the onset of the outage, negative before it: `-00:12`, `33:05`."""
    who: str
    text: str
    decision: bool
    """True for an action of the trainee, False for an event."""
    mark: str = ""
    """`refused` or `failed` if the action had no effect; otherwise empty."""


def timeline(session: Session) -> tuple[Line, ...]:
    """Every line, in chronological order."""
    shown = [event for event in session.events() if _shown(event)]
    again, typed = _repeats(shown), _typed_at_table(session)
    lines = []
    for event in shown:
        if event.seq in again:
            line, repeats = _line(session, event, typed), again[event.seq]
            if repeats:
                last = session.drill.clock(repeats[-1].t_ms)
                line = replace(line, text=f"{line.text} ({len(repeats)} more until {last})")
            lines.append(line)
        elif not _alerts(event):
            lines.append(_line(session, event, typed))
    return tuple(lines)


def _repeats(events: Sequence[Event]) -> dict[int, list[Event]]:
    """For the number of a monitor's alert, its later repetitions: the same words with other figures.

    A message of another service is never a repetition, because each reports another continuity event.
    """
    found: dict[int, list[Event]] = {}
    first: dict[str, Event] = {}
    for event in filter(_alerts, events):
        before = first.get(event.source)
        if before is not None and _words(before) == _words(event):
            found[before.seq].append(event)
        else:
            first[event.source] = event
            found[event.seq] = []
    return found


def _alerts(event: Event) -> bool:
    """True for a message of a monitor that repeats its alert until it is acknowledged."""
    return event.kind == "monitor" and event.source in MONITORS


def _words(event: Event) -> str:
    """The text without figures, and without the remark that the alert was escalated."""
    return re.sub(r"[\d,.]+", "#", event.text.partition(";")[0])


def _shown(event: Event) -> bool:
    """True if the timeline shows `event`. The SMS of a monitor is left out, because it repeats the
    monitor's email.
    """
    if event.kind == "milestone":
        return MILESTONES[event.ref].facts.turning_point
    if event.kind == "sms":
        return event.source not in MONITORS
    return event.kind in DECISIONS or event.kind in TURNING_POINTS


def when(session: Session, moment_ms: int) -> tuple[str, str]:
    """A moment in local time and since the onset, so that the same weekday in two weeks can be told apart."""
    onset_ms = session.drill.milestones.get(Milestone.OUTAGE_START, 0)
    return f"{session.drill.local(moment_ms):%a %H:%M}", format_elapsed(moment_ms - onset_ms)


_Typed = Mapping[str, Sequence[tuple[int, AtTable]]]
"""For each command that people at a table typed, the times and inputs, the earliest first."""


def _typed_at_table(session: Session) -> _Typed:
    found: dict[str, list[tuple[int, AtTable]]] = {}
    for t_ms, what in session.inputs:
        if isinstance(what, AtTable) and not what.word:
            found.setdefault(what.text, []).append((t_ms, what))
    return found


def _given_by(typed: _Typed, event: Event) -> str:
    """The person at a table who gave the command of an event, with their seat; empty if no one there did."""
    if event.kind not in DECISIONS or not event.ref:
        return ""
    times = typed.get(event.ref, ())
    before = bisect_right(times, event.t_ms, key=lambda one: one[0])
    by = times[before - 1][1].by if before else None
    return f" [{by.person}, {by.seat}]" if by is not None else ""


def _line(session: Session, event: Event, typed: _Typed) -> Line:
    local, elapsed = when(session, event.t_ms)
    return Line(
        t_ms=event.t_ms,
        local=local,
        elapsed=elapsed,
        who=event.source,
        text=MILESTONES[event.ref].facts.marks
        if event.kind == "milestone"
        else f"{event.text}{_given_by(typed, event)}",
        decision=event.kind in DECISIONS,
        mark=event.kind if event.kind in NO_EFFECT else "",
    )
