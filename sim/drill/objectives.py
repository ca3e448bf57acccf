"""Judging objectives from the milestones that have come. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sim.drill.anchor import MILESTONES
from sim.drill.scenario import Deadline, Objective
from sim.kernel.duration import MINUTE_MS, SECOND_MS, format_duration

State = Literal["open", "met", "late", "failed"]

_ANCHORS = {
    "outage.start": "the onset",
    "outage.end": "the server's return",
    "alert.first": "the first alert",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has become of an objective; `at_ms` is when that was decided, None while it is open.

    `late`: its limit has passed, its last moment has not. `cause` says in words what decided it.
    """

    id: str
    state: State
    at_ms: int | None
    cause: str


def judge(objective: Objective, milestones: Mapping[str, int], now_ms: int, ended: bool) -> Verdict:
    """The verdict at `now_ms`; at the drill's end nothing stays open that can be decided."""
    for name in objective.never:
        if name in milestones:
            return Verdict(objective.id, "failed", milestones[name], f"it came: {MILESTONES[name]}")
    broken = _first_broken(objective.failed, milestones, now_ms)
    if broken is not None:
        return Verdict(objective.id, "failed", broken, "the last moment for it has passed")
    missed = _first_broken(objective.met, milestones, now_ms)
    came = [milestones.get(deadline.milestone) for deadline in objective.met]
    if missed is not None:
        known = [moment for moment in came if moment is not None]
        if len(known) == len(came):
            return Verdict(objective.id, "late", max(known), f"{_rounded_up(max(known) - missed)} late")
        return Verdict(objective.id, "failed" if ended else "late", missed, "its limit has passed")
    if objective.met and None not in came and not (objective.never and not ended):
        return Verdict(objective.id, "met", max(moment for moment in came if moment is not None), "in time")
    if ended and not objective.met:
        return Verdict(objective.id, "met", now_ms, "it never came")
    return Verdict(objective.id, "open", None, _why_open(objective, milestones) if ended else "not decided")


def limit_of(objective: Objective) -> str:
    """What is asked, in words: `within 10m of the first alert`."""
    asked = [
        f"within {format_duration(within_ms)} of {_ANCHORS.get(anchor, anchor)}"
        for deadline in objective.met
        for anchor, within_ms in deadline.within.items()
    ]
    return " and ".join([*asked, *(f"never: {MILESTONES[name]}" for name in objective.never)])


def _rounded_up(late_ms: int) -> str:
    """Whole seconds below two minutes, whole minutes from there on; never less than it was."""
    unit_ms = SECOND_MS if late_ms < 2 * MINUTE_MS else MINUTE_MS
    return format_duration(-(-late_ms // unit_ms) * unit_ms)


def _why_open(objective: Objective, milestones: Mapping[str, int]) -> str:
    """Why a drill that is over did not decide: limits that lie beyond its end, or never began to run."""
    causes = []
    for deadline in objective.met:
        if deadline.milestone in milestones:
            continue
        limits = {
            anchor: milestones[anchor] + ms for anchor, ms in deadline.within.items() if anchor in milestones
        }
        if limits:
            first = min(limits, key=lambda anchor: limits[anchor])
            limit = f"{format_duration(deadline.within[first])} after {_ANCHORS.get(first, first)}"
            causes.append(f"its limit, {limit}, had not come")
        else:
            causes.append(f"never came: {' or '.join(_ANCHORS.get(one, one) for one in deadline.within)}")
    return "; ".join(dict.fromkeys(causes))


def _first_broken(deadlines: Iterable[Deadline], milestones: Mapping[str, int], now_ms: int) -> int | None:
    """When the first of the deadlines passed without its milestone; None if none has."""
    moments = [_broken(deadline, milestones, now_ms) for deadline in deadlines]
    return min((moment for moment in moments if moment is not None), default=None)


def _broken(deadline: Deadline, milestones: Mapping[str, int], now_ms: int) -> int | None:
    """When the earliest known limit passed without the milestone; None if it has not, or was kept."""
    known = [
        milestones[anchor] + within_ms
        for anchor, within_ms in deadline.within.items()
        if anchor in milestones
    ]
    came_ms = milestones.get(deadline.milestone)
    if not known or (came_ms is not None and came_ms <= min(known)):
        return None
    return min(known) if min(known) < now_ms else None
