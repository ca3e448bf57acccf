"""The eight moments by which a drill is told on one page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scoring.decision_reviews import counted, judged_by_now
from sim.drill.session.session import Session
from sim.report.decisions.turned_out import turned_out
from sim.report.outcome import verdicts
from sim.report.timeline import when

SHOWN = 8
Kind = Literal["fault", "people", "decision", "lost", "end"]

_TOLD: tuple[tuple[Milestone, Kind, int], ...] = (
    (Milestone.ALERT_FIRST, "people", 4),
    (Milestone.USERS_TOLD, "people", 5),
    (Milestone.CONTINUITY_ACTIVE, "people", 6),
    (Milestone.BOUNCE_FIRST, "lost", 3),
    (Milestone.SERVER_REPORTED_BACK, "people", 6),
    (Milestone.MX_RESTORED, "people", 7),
    (Milestone.DELIVERIES_RESUMED, "people", 7),
    (Milestone.QUEUE_DRAINED, "end", 5),
    (Milestone.ALERT_ACKNOWLEDGED, "people", 8),
    (Milestone.EXECUTIVES_TOLD, "people", 9),
    (Milestone.PARTNERS_TOLD, "people", 9),
)
"""Milestones that may be told, with their rank: the lower, the sooner one is among the eight."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment worth telling."""

    t_ms: int
    local: str
    elapsed: str
    """Since the onset."""
    kind: Kind
    text: str
    more: str = ""
    """The result of a decision, or the cause of a failure; empty: none."""


def moments(session: Session) -> tuple[Moment, ...]:
    """At most eight, in order of time: the onset and the end of the faults first of all, then what was lost
    and decided, then the rest by rank.
    """
    ranked = sorted(_candidates(session), key=lambda each: (each[0], each[1].t_ms))
    return tuple(sorted((one for _rank, one in ranked[:SHOWN]), key=lambda one: one.t_ms))


def _candidates(session: Session) -> Iterator[tuple[int, Moment]]:
    drill, came = session.drill, session.drill.milestones

    def one(t_ms: int, kind: Kind, text: str, more: str = "") -> Moment:
        return Moment(t_ms, *when(session, t_ms), kind, text, more)

    if Milestone.OUTAGE_START in came:
        first = session.scenario.timeline[0]
        yield 0, one(came[Milestone.OUTAGE_START], "fault", "The outage begins", first.says or first.fault)
    if Milestone.OUTAGE_END in came:
        yield 0, one(came[Milestone.OUTAGE_END], "fault", "The last fault ends")
    for judged in counted(judged_by_now(drill)):
        rank = 2 if judged.sound else 1
        right = "right" if judged.sound else "wrong"
        result = f"{right} on what was known; result: {turned_out(session, judged).text}"
        yield rank, one(judged.t_ms, "decision", f"Decided: {judged.about} {judged.answer}", result)
    failed = sorted(
        (verdict for verdict in verdicts(session) if verdict.state == "failed"),
        key=lambda verdict: verdict.at_ms or 0,
    )
    for number, verdict in enumerate(failed):
        if verdict.at_ms is not None:
            yield (
                min(2 + number, 8),
                one(verdict.at_ms, "lost", f"Objective lost: {verdict.id}", verdict.cause),
            )
    for name, kind, rank in _TOLD:
        if name in came:
            yield rank, one(came[name], kind, _sentence(MILESTONES[name].facts.marks))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
