"""The eight moments that summarise a drill on one page."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from sim.drill.room.decisions import Matter
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scoring.decision_reviews import counted, judged_by_now
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.drill.session.session import Session
from sim.kernel.frozen import frozen
from sim.report.decisions.turned_out import named, turned_out
from sim.report.outcome import verdicts
from sim.report.paper.curves import Curves, curves, lost_before
from sim.report.timeline import when

SHOWN = 8
NO_MOMENTS = "Nothing notable had happened by the time of this debrief."
"""Shown in place of the moments of a drill without any, for example one that was left before the onset."""
PERMILLE, MANY_LOST = 1000, 20
"""If more than `MANY_LOST` out of every `PERMILLE` messages written are lost, the loss is shown as a
moment.
"""
Kind = Literal["fault", "people", "decision", "lost", "end"]

_TOLD: tuple[tuple[Milestone, Kind, int], ...] = (
    (Milestone.ALERT_FIRST, "people", 4),
    (Milestone.USERS_TOLD, "people", 5),
    (Milestone.CONTINUITY_ACTIVE, "people", 6),
    (Milestone.BOUNCE_FIRST, "lost", 4),
    (Milestone.OUTBOUND_RESTORED, "people", 2),
    (Milestone.LOCK_OPENED, "people", 2),
    (Milestone.MX_CHANGED, "people", 2),
    (Milestone.INBOUND_MOVED, "people", 2),
    (Milestone.LOCK_CLOSED, "people", 2),
    (Milestone.SERVER_REPORTED_BACK, "people", 6),
    (Milestone.MX_RESTORED, "people", 7),
    (Milestone.DELIVERIES_RESUMED, "people", 7),
    (Milestone.QUEUE_DRAINED, "end", 5),
    (Milestone.ALERT_ACKNOWLEDGED, "people", 8),
    (Milestone.EXECUTIVES_TOLD, "people", 9),
    (Milestone.PARTNERS_TOLD, "people", 9),
)
"""Milestones that can be shown, each with its kind and rank; the lowest rank is chosen first."""

_BROUGHT_BY: dict[Matter, Milestone] = {"mx": Milestone.MX_CHANGED, "mx back": Milestone.MX_RESTORED}
"""The milestone that carrying out a decision reaches, at once or when the change becomes visible."""


@frozen
class Moment:
    """A moment that is shown in the debrief."""

    t_ms: int
    local: str
    elapsed: str
    """Time since the onset."""
    kind: Kind
    text: str
    more: str = ""
    """The result of a decision, or the cause of a failure; empty if there is neither."""


def moments(session: Session, drawn: Curves | None = None) -> tuple[Moment, ...]:
    """At most eight moments, in chronological order. First choices are the onset, the end of the faults, and
    great losses; then wrong decisions and the first lost objective about outcomes; then other lost
    objectives and changes of the mail's route; then one right decision; then the rest by rank. A right action
    that reached a milestone is shown once, as the milestone with its result.

    `drawn`: the curves of `session`, if they are known.
    """
    found = [*_candidates(session), *_losses(session, curves(session) if drawn is None else drawn)]
    ranked = sorted(found, key=lambda each: (each[0], each[1].t_ms))
    return tuple(sorted((one for _rank, one in ranked[:SHOWN]), key=lambda one: one.t_ms))


def _losses(session: Session, drawn: Curves) -> Iterator[tuple[int, Moment]]:
    """The time by which half of the lost messages had been lost, if there are many."""
    [lost] = drawn.named("lost")
    total = lost.values[-1]
    if PERMILLE * total < MANY_LOST * max(1, sum(session.drill.world.generated())):
        return
    after = next(number for number, count in enumerate(lost.values) if 2 * count >= total)
    t_ms = _half_lost_ms(session, total, *drawn.moments_ms[max(after - 1, 0) : after + 1])
    yield (
        0,
        Moment(
            t_ms,
            *when(session, t_ms),
            "lost",
            f"Half of the {total:,} messages lost in total are lost by now",
        ),
    )


def _half_lost_ms(session: Session, total: int, *between_ms: int) -> int:
    """The first moment at which half of `total` messages are lost, between two samples of the curve."""
    low_ms, high_ms = between_ms[0], between_ms[-1]
    while high_ms - low_ms > 1:
        middle_ms = (low_ms + high_ms) // 2
        reached = 2 * int(lost_before(session, np.array([middle_ms], dtype=np.int64))[0]) >= total
        low_ms, high_ms = (low_ms, middle_ms) if reached else (middle_ms, high_ms)
    return high_ms


def _candidates(session: Session) -> Iterator[tuple[int, Moment]]:
    drill, came = session.drill, session.drill.milestones

    def one(t_ms: int, kind: Kind, text: str, more: str = "") -> Moment:
        return Moment(t_ms, *when(session, t_ms), kind, text, more)

    if Milestone.OUTAGE_START in came:
        first = session.scenario.timeline[0]
        yield 0, one(came[Milestone.OUTAGE_START], "fault", "The outage begins", first.says or first.fault)
    if Milestone.OUTAGE_END in came:
        yield 0, one(came[Milestone.OUTAGE_END], "fault", "The last fault ends")
    results: dict[Milestone, str] = {}
    right_before = False
    for judged in counted(judged_by_now(drill)):
        right = "right" if judged.sound else "wrong"
        result = f"{right} on what was known; result: {turned_out(session, judged).text}"
        reached_ms = came.get(_BROUGHT_BY[judged.about]) if judged.about in _BROUGHT_BY else None
        if judged.deed and judged.sound and reached_ms is not None and judged.t_ms <= reached_ms:
            at = when(session, judged.t_ms)[1]
            results[_BROUGHT_BY[judged.about]] = f"{named(session, judged)} at {at}; {result}"
            continue
        rank = 1 if not judged.sound else 6 if right_before else 3
        right_before |= judged.sound
        yield rank, one(judged.t_ms, "decision", named(session, judged), result)
    for rank, verdict in _failed(session):
        if verdict.at_ms is not None:
            yield rank, one(verdict.at_ms, "lost", f"Objective failed: {verdict.id}", verdict.cause)
    for name, kind, rank in _TOLD:
        if name in came:
            result = results.get(name, "")
            yield rank, one(came[name], "decision" if result else kind, _marks(name), result)


def _failed(session: Session) -> Iterator[tuple[int, ObjectiveVerdict]]:
    """The failed objectives with their ranks: those about outcomes first, then the others, each in
    chronological order. The first one about outcomes ranks with the wrong decisions, because mail was lost
    or people could not work.
    """
    outcomes = {objective.id for objective in session.scenario.objectives if objective.judges == "outcome"}
    failed = sorted(
        (verdict for verdict in verdicts(session) if verdict.state == "failed"),
        key=lambda verdict: (verdict.id not in outcomes, verdict.at_ms or 0),
    )
    for number, verdict in enumerate(failed):
        first = number == 0 and verdict.id in outcomes
        yield 1 if first else min(2 + number, 8), verdict


def _marks(name: Milestone) -> str:
    text = MILESTONES[name].facts.marks
    return text[:1].upper() + text[1:]
