"""Sentences of a debrief about decisions: the information available, the results, and decisions never
made.
"""

from sim.drill.room.decisions import Judged
from sim.drill.scoring.decision_reviews import counted, judged_by_now
from sim.drill.scoring.missed_decisions import Omission, omissions
from sim.drill.session.session import Session
from sim.report.decisions.outage_span import TurnedOut
from sim.report.decisions.turned_out import turned_out


def decision_findings(session: Session) -> list[str]:
    """A sentence for each judged decision; a repeated decision counts once."""
    told = []
    for one in counted(judged_by_now(session.drill)):
        came = turned_out(session, one)
        right = "Right" if one.sound else "Wrong"
        when = session.drill.clock(one.t_ms)
        told.append(
            f"{right} given the information available, {_luck(one, came)}: {one.about} {one.answer}, decided "
            f"at {when}. "
            f"Known: {one.why}. Result: {came.text}."
        )
    return told


def _luck(one: Judged, came: TurnedOut) -> str:
    if came.well is None:
        return "and its result is not known yet"
    joined = "and it" if one.sound == came.well else "but it"
    return f"{joined} turned out {'well' if came.well else 'badly'}"


def omission_findings(session: Session) -> list[str]:
    """A sentence for each decision that was due and not made in time."""
    return [_omitted(session, one) for one in omissions(session.drill)]


def _omitted(session: Session, one: Omission) -> str:
    clock = session.drill.clock
    due = f"due by {clock(one.due_ms)} (see {one.objective})"
    if one.decided_ms is not None:
        return f"Decided too late: {one.about}, at {clock(one.decided_ms)}; {due}. It counts as wrong."
    return f"Never decided: {one.about}; {due}. Doing nothing is a decision too; record it with its reason."


def sound_finding(session: Session) -> list[str]:
    """The share of right decisions, with the counts behind it."""
    judged, missed = judged_by_now(session.drill), len(omissions(session.drill))
    each = counted(judged)
    if not judged and not missed:
        return []
    right, again = sum(one.sound for one in each), len(judged) - len(each)
    made_up = f"{len(each)} taken, {missed} not taken in time"
    repeated = f"; repeated decisions, not counted again: {again}" if again else ""
    return [
        f"Right given the information available: {right} of {len(each) + missed} decisions "
        f"({made_up}{repeated})."
    ]
