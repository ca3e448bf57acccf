"""What people said, promised, stated, approved and left open, against the truth: sentences of a debrief."""

from collections import Counter
from itertools import pairwise

from sim.drill.instruments.unapproved_time import minutes, unapproved
from sim.drill.room.announcements import promises
from sim.drill.room.diagnosis import is_right
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.exposure import exposed_unsigned
from sim.drill.scoring.figures.statements import false_statements
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, format_duration


def people_findings(session: Session) -> list[str]:
    """One sentence for each thing that is worth one; empty when nothing was said and done."""
    found = [_promises(session), *_falsehoods(session), _unheard(session), *_phoned(session)]
    found += _diagnosis(session)
    found += _on_pausing(session)
    return [one for one in [*found, *_approvals(session), *_openings(session), _filtering(session)] if one]


def _promises(session: Session) -> str:
    due = promises(session.drill.room.said, session.now_ms, session.scenario.rules.words)
    if not due:
        return ""
    kept = sum(one.kept_ms is not None for one in due)
    text = f"Of {len(due)} promised next words {kept} came in time"
    broken = [one for one in due if one.kept_ms is None]
    if not broken:
        return f"{text}."
    first = broken[0]
    due_at = session.drill.clock(first.due_ms)
    return f"{text}; the first that did not was due to {first.audience} on {due_at}."


def _falsehoods(session: Session) -> list[str]:
    """Each kind of false word once, with how often it was said."""
    counted = Counter((one.audience, why) for one, wrong in false_statements(session.drill) for why in wrong)
    return [
        f"Not true, said to {audience}{f' {count} times' if count > 1 else ''}: {why}."
        for (audience, why), count in counted.items()
    ]


def _unheard(session: Session) -> str:
    unheard = [one for one in session.drill.room.said if not one.reached]
    if not unheard:
        return ""
    by = ", ".join(f"{audience} by {via}" for audience, via in Counter((o.audience, o.via) for o in unheard))
    return f"{len(unheard)} of {len(session.drill.room.said)} announcements reached nobody: {by}."


def _phoned(session: Session) -> list[str]:
    """How often executives and partners phoned because no word held, and what that took of whose time."""
    onset_ms, calls = (
        session.drill.milestones.get(Milestone.OUTAGE_START, 0),
        session.drill.room.stakeholder_calls,
    )
    found = []
    for who in dict.fromkeys(call.who for call in calls):
        theirs = [call for call in calls if call.who == who]
        times = f"{len(theirs)} time{'s' if len(theirs) > 1 else ''}, first"
        after = format_duration((theirs[0].t_ms - onset_ms) // MINUTE_MS * MINUTE_MS)
        by = " and ".join(dict.fromkeys(call.by for call in theirs))
        took = format_duration(sum(call.holds_ms for call in theirs))
        text = f"{who.capitalize()} phoned {times} {after} after the onset, for want of a word that held"
        found.append(f"{text}: {took} of {by}'s time.")
    return found


def _diagnosis(session: Session) -> list[str]:
    """When what was broken was first named rightly, and what was named before."""
    stated, onset_ms = session.drill.room.diagnoses, session.drill.milestones.get(Milestone.OUTAGE_START)
    if not stated or onset_ms is None:
        return []
    faults, over_ms = session.scenario.timeline, session.scenario.rules.diagnosis.over_ms
    right = next((one for one in stated if is_right(one, faults, over_ms)), None)
    wrong = [f"{one.component} {one.failure}" for one in stated if not is_right(one, faults, over_ms)]
    before = f"; before or after, {' and '.join(dict.fromkeys(wrong))} was stated" if wrong else ""
    if right is None:
        return [f"What was stated to be broken was not: {' and '.join(dict.fromkeys(wrong))}."]
    after_ms = (right.t_ms - onset_ms) // MINUTE_MS * MINUTE_MS
    what = f"{right.component} {right.failure}"
    return [f"What was broken ({what}) was stated {format_duration(after_ms)} after the onset{before}."]


def _on_pausing(session: Session) -> list[str]:
    """Decisions on pausing beside what the server team had said until then, and beside what came; which of
    them were right is judged with all decisions. None where the repair is a vendor's.
    """
    drill = session.drill
    onset_ms, end_ms = (
        drill.milestones.get(Milestone.OUTAGE_START),
        drill.milestones.get(Milestone.OUTAGE_END),
    )
    if onset_ms is None or session.scenario.organisation.estimates is None:
        return []
    keeps_ms = session.drill.spec.limit_ms
    found = []
    for one in (one for one in drill.room.decisions if one.about == "pause"):
        known = drill.estimates.known_at(one.t_ms)
        said = f"Decided on pausing on {drill.clock(one.t_ms)}: {one.answer}"
        if known is None:
            found.append(f"{said}; the server team had not said anything by then.")
            continue
        at_risk = known.sure_ms > onset_ms + keeps_ms
        why = "later" if at_risk else "earlier"
        came = "" if end_ms is None else f" It was back at {drill.clock(end_ms)}."
        found.append(
            f"{said}. The last word, of {drill.clock(known.t_ms)}: {known.told(drill.clock)}, {why} than "
            f"{drill.clock(onset_ms + keeps_ms)}, when the first bounces.{came}"
        )
    return found


def _approvals(session: Session) -> list[str]:
    """What was done on nobody's word, and when something stood open without one in force, and why."""
    drill = session.drill
    alone = [
        f"Done without approval on {drill.clock(one.asked_ms)}: {one.scope.told}"
        f"{f', because {one.because}' if one.because else ''}; "
        f"{one.too_soon or 'that was sound, nobody had answered in time or could have'}."
        for one in drill.room.approvals.overridden
    ]
    by_mx = [one for one in exposed_unsigned(drill) if one.scope.opening == "backup-mx"]
    return alone + [
        f"Not signed off from {drill.clock(one.a_ms)} to {drill.clock(one.b_ms)} "
        f"({format_duration(minutes(one.b_ms - one.a_ms) * MINUTE_MS)}): {one.scope.told}; {one.why}."
        for one in [*unapproved(drill), *by_mx]
    ]


def _openings(session: Session) -> list[str]:
    """What was opened and is not proven closed; how long, if it is still open."""
    found = []
    for one in session.drill.room.openings.unproven():
        since = session.drill.clock(one.opened_ms)
        state = "is still open" if one.closed_ms is None else "was closed, which nobody has proven"
        found.append(f"Opened on {since} by `{one.command}`: {one.kind} {state}.")
    return found


def _filtering(session: Session) -> str:
    """Since when enhanced filtering has been on at the end, if somebody has switched it on or off."""
    versions = session.drill.protection.gates
    first, last = versions[0][1].looks_behind, versions[-1][1].looks_behind
    changes = [
        t_ms for (_, before), (t_ms, after) in pairwise(versions) if before.looks_behind != after.looks_behind
    ]
    if not changes:
        return ""
    state, when = ("on" if last else "off"), session.drill.clock(changes[-1])
    again = ", as before" if last == first else ""
    return f"Enhanced filtering of the mail server is {state}{again}; last changed on {when}."
