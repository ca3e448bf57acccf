"""Sentences of a debrief on decisions: each by what was known, how it turned out, and those never taken."""

from sim.drill.room.decisions import Judged
from sim.drill.scoring.decision_reviews import counted, judged_by_now
from sim.drill.scoring.missed_decisions import Omission, omissions
from sim.drill.session.session import Session
from sim.report.decisions.outage_span import TurnedOut
from sim.report.decisions.turned_out import turned_out


def decision_findings(session: Session) -> list[str]:
    """A sentence for each decision that a rule judges; the same one taken again is told once."""
    told = []
    for one in counted(judged_by_now(session.drill)):
        came = turned_out(session, one)
        right = "Rightly" if one.sound else "Wrongly"
        when = session.drill.clock(one.t_ms)
        told.append(
            f"{right} decided on what was known, {_luck(one, came)}: {one.about} {one.answer} on {when}. "
            f"Known: {one.why}. What came: {came.text}."
        )
    return told


def _luck(one: Judged, came: TurnedOut) -> str:
    if came.well is None:
        return "and what comes of it nobody can say yet"
    joined = "and it" if one.sound == came.well else "but it"
    return f"{joined} turned out {'well' if came.well else 'ill'}"


def omission_findings(session: Session) -> list[str]:
    """A sentence for each decision that was due and that nobody took in time."""
    return [_omitted(session, one) for one in omissions(session.drill)]


def _omitted(session: Session, one: Omission) -> str:
    clock = session.drill.clock
    due = f"due by {clock(one.due_ms)} (see {one.objective})"
    if one.decided_ms is not None:
        return f"Decided too late: {one.about} on {clock(one.decided_ms)}; {due}. It counts as a wrong one."
    return f"Never decided: {one.about}; {due}. Whoever lets it be decides as well, and nobody knows why."


def sound_finding(session: Session) -> list[str]:
    """How the share of right decisions is made up."""
    judged, missed = judged_by_now(session.drill), len(omissions(session.drill))
    each = counted(judged)
    if not judged and not missed:
        return []
    right, again = sum(one.sound for one in each), len(judged) - len(each)
    made_up = f"{len(each)} taken, {missed} not taken in time"
    repeated = f"; {again} said again what had been decided and count no more" if again else ""
    return [f"Right by what was known: {right} of {len(each) + missed} decisions ({made_up}{repeated})."]
