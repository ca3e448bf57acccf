"""Judges the deadlines and unwanted milestones of objectives by the milestones reached. Pure."""

from collections.abc import Iterable, Mapping
from functools import partial

from sim.drill.scenario.anchor import AND
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.objective import Deadline, Objective
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.kernel.duration import SECOND_MS, in_words


def by_moments(
    objective: Objective, milestones: Mapping[str, int], now_ms: int, ended: bool
) -> ObjectiveVerdict:
    """The verdict on deadlines and unwanted milestones alone."""
    verdict = partial(ObjectiveVerdict, objective.id)
    for name in objective.never:
        if name in milestones:
            return verdict("failed", milestones[name], f"it happened: {MILESTONES[name].facts.marks}")
    missed = _first_broken(objective.met, milestones, now_ms)
    lapsed = _lapsed(objective, milestones, missed)
    if lapsed:
        return verdict("open", None, lapsed)
    broken = _first_broken(objective.failed, milestones, now_ms)
    if broken is not None:
        return verdict("failed", broken, "too late")
    came = [milestones.get(deadline.milestone) for deadline in objective.met]
    if missed is not None:
        known = [moment for moment in came if moment is not None]
        if len(known) == len(came):
            return verdict("late", max(known), f"{_late_by(max(known) - missed)} late")
        return verdict("failed" if ended else "late", missed, "its limit has passed")
    if objective.met and None not in came and not (objective.never and not ended):
        return verdict("met", max(moment for moment in came if moment is not None), "in time")
    if ended and not objective.met:
        return verdict("met", now_ms, "it did not happen")
    return verdict("open", None, _why_open(objective, milestones) if ended else "not decided")


def _lapsed(objective: Objective, milestones: Mapping[str, int], missed_ms: int | None) -> str:
    """The reason why a missed deadline was no longer required by that time, in words; empty if it was
    still required.
    """
    if missed_ms is None:
        return ""
    before = [name for name in objective.unless if name in milestones and milestones[name] <= missed_ms]
    return f"no longer required after {_told(before[0])}" if before else ""


def asked_in_time(objective: Objective) -> list[str]:
    """The deadlines and unwanted milestones of `objective` in words: `within 10 min of the first alert`."""
    within = [
        f"within {in_words(within_ms)} of {_told(anchor)}"
        for deadline in objective.met
        for anchor, within_ms in deadline.within.items()
    ]
    unwanted = [MILESTONES[name].facts.marks for name in objective.never]
    asked = [" and ".join(within)] if within else []
    return [*asked, f"must not happen: {', or '.join(unwanted)}"] if unwanted else asked


def _late_by(late_ms: int) -> str:
    """The delay to the second, rounded down like the clock times next to it; at least one second."""
    return in_words(max(late_ms, SECOND_MS))


def _why_open(objective: Objective, milestones: Mapping[str, int]) -> str:
    """Limits that even a complete drill could not decide: those after its end, and those whose anchor was
    never reached.
    """
    causes = []
    for deadline in objective.met:
        if deadline.milestone in milestones:
            continue
        limits = _limits(deadline, milestones)
        if limits:
            first = min(limits, key=lambda anchor: limits[anchor])
            limit = f"{in_words(deadline.within[first])} after {_told(first)}"
            causes.append(f"its limit, {limit}, is after the end of the drill")
        else:
            causes.append(f"never happened: {' or '.join(_told(one) for one in deadline.within)}")
    return "; ".join(dict.fromkeys(causes))


def _first_broken(deadlines: Iterable[Deadline], milestones: Mapping[str, int], now_ms: int) -> int | None:
    """The time at which the first of `deadlines` passed without its milestone; None if each is still open
    or was met.
    """
    moments = [_broken(deadline, milestones, now_ms) for deadline in deadlines]
    return min((moment for moment in moments if moment is not None), default=None)


def due_ms(deadline: Deadline, milestones: Mapping[str, int]) -> int | None:
    """The earliest limit whose anchor has been reached; None if there is none."""
    return min(_limits(deadline, milestones).values(), default=None)


def latest_ms(objectives: Iterable[Objective], milestone: str, milestones: Mapping[str, int]) -> int | None:
    """The latest time that `objectives` allow for `milestone`; None if it is not required, or if no anchor
    has been reached.
    """
    limits = [
        due_ms(deadline, milestones)
        for one in objectives
        for deadline in (one.failed or one.met)
        if deadline.milestone == milestone
    ]
    return min((limit_ms for limit_ms in limits if limit_ms is not None), default=None)


def _limits(deadline: Deadline, milestones: Mapping[str, int]) -> dict[str, int]:
    """The limit from each anchor that has been reached; for several milestones, from the last of them."""
    came = {anchor: [milestones.get(name) for name in anchor.split(AND)] for anchor in deadline.within}
    return {
        anchor: max(moment for moment in moments if moment is not None) + deadline.within[anchor]
        for anchor, moments in came.items()
        if None not in moments
    }


def _told(anchor: str) -> str:
    """An anchor in words: `the onset`."""
    return AND.join(MILESTONES[name].facts.in_words or name for name in anchor.split(AND))


def _broken(deadline: Deadline, milestones: Mapping[str, int], now_ms: int) -> int | None:
    """The time at which the earliest known limit passed without the milestone; None if none did."""
    limit_ms, came_ms = due_ms(deadline, milestones), milestones.get(deadline.milestone)
    if limit_ms is None or (came_ms is not None and came_ms <= limit_ms):
        return None
    return limit_ms if limit_ms < now_ms else None
