"""The result of each judged decision, and the rows for these decisions in `run --json`."""

from itertools import takewhile

from sim.drill.room.decisions import Judged
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.decision_reviews import counted, deeds, judged_by_now
from sim.drill.session.session import Session
from sim.kernel.duration import around_onset
from sim.kernel.frozen import frozen
from sim.report.decisions.event_results import continuity, continuity_end
from sim.report.decisions.kept_results import kept_inbound, kept_outbound
from sim.report.decisions.outage_span import TurnedOut, is_over, minutes_text, outage_left_ms
from sim.report.decisions.route_results import mx, mx_back, outbound


@frozen
class DecisionRow:
    """One judged decision: the decision, its grounds, and its result."""

    at_s: float
    about: str
    answer: str
    command: str
    sound: bool
    counted: bool
    """False if the row only repeats an earlier decision, or only records an action that another row
    carries out.
    """
    known: str
    turned_out_well: bool | None
    came: str
    named: str
    """The row's heading: `Recorded: mx yes`, `Carried out: mx set backup (mx yes)`, or `Attempted: …`."""
    standing: str
    """If a decision has two rows: whether this row counts, in words; otherwise empty."""


def decision_rows(session: Session) -> list[DecisionRow]:
    """Every judged decision, in chronological order."""
    judged = judged_by_now(session.drill)
    first = {id(one) for one in counted(judged)}
    records = list(zip(judged, deeds(judged), strict=True))

    def at(other: Judged) -> str:
        return around_onset(other.t_ms - session.drill.milestones.get(Milestone.OUTAGE_START, 0))

    def standing(one: Judged, deed: Judged | None) -> str:
        if deed is not None:
            return f"not counted: the record of what was carried out at {at(deed)}"
        if id(one) not in first:
            return "not counted again: a repeat"
        recorded = [at(record) for record, its in records if its is one]
        return f"counted: carries out what was recorded at {', '.join(recorded)}" if recorded else ""

    return [
        _row(session, one, turned_out(session, one), counts=id(one) in first, standing=standing(one, deed))
        for one, deed in records
    ]


def named(session: Session, one: Judged) -> str:
    """The row's heading: `Recorded: mx yes` for a record; for an action its command: `Carried out: mx set
    backup (mx yes)`, or `Attempted: …` if the command failed.
    """
    if not one.deed:
        return f"Recorded: {one.about} {one.answer}"
    ends = (
        each.kind
        for each in session.events()
        if each.ref == one.text and each.t_ms >= one.t_ms and each.kind in ("done", "report", "failed")
    )
    words = takewhile(lambda word: "=" not in word, one.text.split())
    did = "Attempted" if next(ends, "") == "failed" else "Carried out"
    return f"{did}: {' '.join(words)} ({one.about} {one.answer})"


def _row(session: Session, one: Judged, came: TurnedOut, *, counts: bool, standing: str) -> DecisionRow:
    return DecisionRow(
        at_s=one.t_ms / 1000,
        about=one.about,
        answer=one.answer,
        command=one.text,
        sound=one.sound,
        counted=counts,
        known=one.why,
        turned_out_well=came.well,
        came=came.text,
        named=named(session, one),
        standing=standing,
    )


def turned_out(session: Session, one: Judged) -> TurnedOut:
    """The result of `one` up to now."""
    if session.now_ms <= session.scenario.outage_start_ms:
        return TurnedOut(one.answer == "no", "nothing was broken yet when the drill ended")
    came = _came(session, one)
    if is_over(session) or _stands(one, came):
        return came
    return TurnedOut(None, came.text)


def _stands(one: Judged, came: TurnedOut) -> bool:
    """True if a longer outage cannot change the result, because a benefit remains, and so does lost mail."""
    if one.about in ("continuity", "outbound"):
        return came.well == (one.answer == "yes")
    return came.well is False and not (one.answer == "yes" and one.about in _KEEPS)


_KEEPS = ("pause", "retention", "outbound pause", "outbound retention")


def _came(session: Session, one: Judged) -> TurnedOut:
    """The result, as if the outage ended with the drill."""
    match one.about:
        case "mx":
            return mx(session, one)
        case "pause" | "retention":
            return kept_inbound(session, one)
        case "outbound pause" | "outbound retention":
            return kept_outbound(session)
        case "outbound":
            return outbound(session, one)
        case "continuity":
            return continuity(session, one)
        case "continuity end" if one.answer == "yes":
            return continuity_end(session, one)
        case "mx back" if one.answer == "yes":
            return mx_back(session, one)
        case _:
            lasted_ms = outage_left_ms(session, one.t_ms)
            text = f"the outage went on for {minutes_text(lasted_ms)}" if lasted_ms else "the outage was over"
            return TurnedOut(not lasted_ms, text)
