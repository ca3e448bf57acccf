"""Judgements on decisions as seen later: a postponed decision needs its review, and each decision counts
once. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace

from sim.drill.drill_state import DrillState
from sim.drill.room.decisions import Judged
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.decisions import DEEDS_THAT_KEEP


def settled(
    judged: Sequence[Judged], now_ms: int, reported_ms: int | None, late_by_ms: int
) -> tuple[Judged, ...]:
    """`judged`, in chronological order; a decision becomes wrong if its review was due but did not happen.

    A review is any later decision on keeping mail (for the MX: on the MX), or the report of the recovery
    (`reported_ms`), at most `late_by_ms` after the promised time.
    """
    return tuple(
        one if _held(one, judged[n + 1 :], now_ms, reported_ms, late_by_ms) else _forgotten(one)
        for n, one in enumerate(judged)
    )


def judged_by_now(drill: DrillState) -> tuple[Judged, ...]:
    """Every judged decision of the drill, as of now."""
    late_by_ms = drill.scenario.organisation.decision_rules.review_late_by_ms
    reported_ms = drill.milestones.get(Milestone.SERVER_REPORTED_BACK)
    return settled(drill.room.judged, drill.now_ms, reported_ms, late_by_ms)


def counted(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """`judged`, with each decision once: a recorded yes and the action that carries it out are one, and the
    action is judged. Repetitions are left out: the same answer on the same matter with the same judgement.

    Information that arrived in between did not change the decision.
    """
    first: dict[tuple[str, str, bool], Judged] = {}
    for n, one in enumerate(judged):
        if _deed_of(one, judged[:n], judged[n + 1 :]) is None:
            first.setdefault((one.about, one.answer, one.sound), one)
    return tuple(first.values())


def deeds(judged: Sequence[Judged]) -> tuple[Judged | None, ...]:
    """For each of `judged`, the action that carries it out; None if there is none, or if it is not a
    recorded yes.
    """
    return tuple(_deed_of(one, judged[:n], judged[n + 1 :]) for n, one in enumerate(judged))


def _deed_of(one: Judged, before: Sequence[Judged], after: Sequence[Judged]) -> Judged | None:
    """For a recorded yes `one`: the action before or after it that is the same decision, with no contrary
    decision on the matter in between; None for anything else.
    """
    if one.deed or one.answer != "yes":
        return None
    return _same_deed(one, before[::-1]) or _same_deed(one, after)


def _same_deed(one: Judged, others: Sequence[Judged]) -> Judged | None:
    """The next decision on the matter among `others` that is not another recorded yes, if it carries out
    `one`.
    """
    contrary = {f"{one.about} back", f"{one.about} end"}
    on_it = (other for other in others if other.about == one.about or other.about in contrary)
    decided = next((other for other in on_it if other.deed or other.answer != "yes"), None)
    return decided if decided is not None and decided.deed and decided.about == one.about else None


def _held(
    one: Judged, later: Sequence[Judged], now_ms: int, reported_ms: int | None, late_by_ms: int
) -> bool:
    """True if the decision's review took place, is not due yet, or was not promised."""
    if one.review_ms is None or now_ms <= one.review_ms + late_by_ms:
        return True
    due_ms = one.review_ms + late_by_ms
    reported = reported_ms is not None and reported_ms <= due_ms
    reviews = {"mx"} if one.about == "mx" else DEEDS_THAT_KEEP
    return reported or any(after.about in reviews and after.t_ms <= due_ms for after in later)


def _forgotten(one: Judged) -> Judged:
    return replace(one, sound=False, why=f"{one.why}, but the promised review did not take place")
