"""Sentences about updates, promises, diagnoses, approvals and openings, compared with the truth."""

from collections import Counter
from itertools import pairwise

from sim.drill.instruments.unapproved_time import minutes, unapproved
from sim.drill.room.announcements import promises
from sim.drill.room.diagnosis import is_right
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.exposure import exposed_unsigned
from sim.drill.scoring.figures.statements import false_statements
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.quantities import counted as number_of


def people_findings(session: Session) -> list[str]:
    """All sentences about statements and approvals; empty if there are none."""
    found = [_promises(session), *_falsehoods(session), _unheard(session), *_phoned(session)]
    found.append(_turned_away(session))
    found += _diagnosis(session)
    found += _on_pausing(session)
    return [one for one in [*found, *_approvals(session), *_openings(session), _filtering(session)] if one]


def _promises(session: Session) -> str:
    due = promises(session.drill.room.said, session.now_ms, session.scenario.rules.words)
    if not due:
        return ""
    kept = sum(one.kept_ms is not None for one in due)
    text = f"{kept} of {len(due)} promised updates were sent on time"
    broken = [one for one in due if one.kept_ms is None]
    if not broken:
        return f"{text}."
    first = min(broken, key=lambda one: one.due_ms)
    due_at = session.drill.clock(first.due_ms)
    return f"{text}; the first one missed was the update to {first.audience}, due at {due_at}."


def _falsehoods(session: Session) -> list[str]:
    """One sentence for each kind of false statement, with its count."""
    counted = Counter((one.audience, why) for one, wrong in false_statements(session.drill) for why in wrong)
    return [
        f"False statement to {audience}{f', {count} times' if count > 1 else ''}: {why}."
        for (audience, why), count in counted.items()
    ]


def _unheard(session: Session) -> str:
    unheard = [one for one in session.drill.room.said if not one.reached]
    if not unheard:
        return ""
    by = ", ".join(f"{audience} by {via}" for audience, via in Counter((o.audience, o.via) for o in unheard))
    all_ = len(session.drill.room.said)
    which = "The only update" if all_ == 1 else f"{len(unheard)} of {all_} updates"
    return f"{which} reached no one: {by}."


def _phoned(session: Session) -> list[str]:
    """Calls from executives and partners without a current update, and the staff time that the calls took."""
    onset_ms, calls = (
        session.drill.milestones.get(Milestone.OUTAGE_START, 0),
        session.drill.room.stakeholder_calls,
    )
    found = []
    for who in dict.fromkeys(call.who for call in calls):
        theirs = [call for call in calls if call.who == who]
        times = {1: "once,", 2: "twice, first"}.get(len(theirs), f"{len(theirs)} times, first")
        calls_took = "calls" if len(theirs) > 1 else "call"
        after = in_words(theirs[0].t_ms - onset_ms, MINUTE_MS)
        by = " and ".join(dict.fromkeys(call.by for call in theirs))
        took = in_words(sum(call.holds_ms for call in theirs))
        text = f"{who.capitalize()}, without a current update, phoned {times} {after} after the onset"
        found.append(f"{text}. The {calls_took} took {took} of {by}'s time.")
    return found


def _turned_away(session: Session) -> str:
    """The calls by users who tried to use continuity and did not get in."""
    helpdesk, now_ms = session.drill.helpdesk, session.now_ms
    count, calls = helpdesk.on_subject(now_ms), helpdesk.calls_before(now_ms)
    if not count:
        return ""
    share = f"{count:,} of {number_of(calls, 'call')} to the helpdesk"
    why = "users who tried it could not sign in, or their app was not permitted"
    return f"{share} were about continuity: {why}."


def _diagnosis(session: Session) -> list[str]:
    """The time of the first correct diagnosis, and the wrong diagnoses."""
    stated, onset_ms = session.drill.room.diagnoses, session.drill.milestones.get(Milestone.OUTAGE_START)
    if not stated or onset_ms is None:
        return []
    faults, over_ms = session.scenario.timeline, session.scenario.rules.diagnosis.over_ms
    right = next((one for one in stated if is_right(one, faults, over_ms)), None)
    wrong = [f"{one.component} {one.failure}" for one in stated if not is_right(one, faults, over_ms)]
    before = f"; wrong diagnoses: {', '.join(dict.fromkeys(wrong))}" if wrong else ""
    if right is None:
        return [f"No diagnosis was correct: {', '.join(dict.fromkeys(wrong))}."]
    after = in_words(right.t_ms - onset_ms, MINUTE_MS)
    what = f"{right.component} {right.failure}"
    return [f"The correct diagnosis ({what}) was stated {after} after the onset{before}."]


def _on_pausing(session: Session) -> list[str]:
    """Decisions on pausing, each with the server team's latest estimate and the actual recovery; None if a
    vendor makes the repair. Whether they were right is judged together with all decisions.
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
        said = f"Decision on pausing at {drill.clock(one.t_ms)}: {one.answer}"
        if known is None:
            found.append(f"{said}. The server team had not given an estimate when this was decided.")
            continue
        at_risk = known.sure_ms > onset_ms + keeps_ms
        why = "later" if at_risk else "earlier"
        came = "" if end_ms is None else f" The mail server recovered at {drill.clock(end_ms)}."
        found.append(
            f"{said}. The latest estimate, given at {drill.clock(known.t_ms)}: {known.told(drill.clock)}. "
            f"{drill.clock(known.sure_ms)} is {why} than {drill.clock(onset_ms + keeps_ms)}, when the first "
            f"message bounces.{came}"
        )
    return found


def _approvals(session: Session) -> list[str]:
    """Actions without approval, and periods in which something was open without a valid approval."""
    drill = session.drill
    alone = [
        f"Done without approval at {drill.clock(one.asked_ms)}: {one.scope.told}"
        f"{f', because {one.because}' if one.because else ''}; "
        f"{one.too_soon or 'this was justified, because no approver could have answered in time'}."
        for one in drill.room.approvals.overridden
    ]
    by_mx = [one for one in exposed_unsigned(drill) if one.scope.opening == "backup-mx"]
    return alone + [
        f"Open without approval from {drill.clock(one.a_ms)} to {drill.clock(one.b_ms)} "
        f"({in_words(minutes(one.b_ms - one.a_ms) * MINUTE_MS)}): {one.scope.told}; {one.why}."
        for one in [*unapproved(drill), *by_mx]
    ]


def _openings(session: Session) -> list[str]:
    """Openings that are not proven closed."""
    found = []
    for one in session.drill.room.openings.unproven():
        since = session.drill.clock(one.opened_ms)
        state = "still open" if one.closed_ms is None else "closed, but not proven closed by a test"
        found.append(f"Opened at {since} by `{one.command}`: {one.kind}, {state}.")
    return found


def _filtering(session: Session) -> str:
    """The final state of enhanced filtering, if it was changed."""
    versions = session.drill.protection.gates
    first, last = versions[0][1].looks_behind, versions[-1][1].looks_behind
    changes = [
        t_ms for (_, before), (t_ms, after) in pairwise(versions) if before.looks_behind != after.looks_behind
    ]
    if not changes:
        return ""
    state, when = ("on" if last else "off"), session.drill.clock(changes[-1])
    again = ", as before" if last == first else ""
    return f"Enhanced filtering of the mail server is {state}{again}; last changed at {when}."
