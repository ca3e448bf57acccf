"""Judging objectives from the milestones that have come. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sim.drill.scenario import Deadline, Objective

State = Literal["open", "met", "failed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has become of an objective; `at_ms` is when that was decided, None while it is open.

    `cause` says in words what decided it.
    """

    id: str
    state: State
    at_ms: int | None
    cause: str


def judge(objective: Objective, milestones: Mapping[str, int], now_ms: int, ended: bool) -> Verdict:
    """The verdict at `now_ms`; at the drill's end nothing stays open that can be decided."""
    for name in objective.never:
        if name in milestones:
            return Verdict(objective.id, "failed", milestones[name], f"{name} came")
    broken = [
        found for deadline in objective.failed if (found := _broken(deadline, milestones, now_ms)) is not None
    ]
    if broken:
        return Verdict(objective.id, "failed", min(broken), "the last moment for it has passed")
    kept = [_kept(deadline, milestones) for deadline in objective.met]
    if objective.met and all(moment is not None for moment in kept):
        decided_ms = max(moment for moment in kept if moment is not None)
        if not objective.never or ended:
            return Verdict(objective.id, "met", decided_ms, "in time")
    if ended:
        if not objective.met:
            return Verdict(objective.id, "met", now_ms, "it never came")
        missed = any(_broken(deadline, milestones, now_ms) is not None for deadline in objective.met)
        if missed:
            return Verdict(objective.id, "failed", now_ms, "later than asked")
    return Verdict(objective.id, "open", None, "not decided")


def _due_ms(deadline: Deadline, milestones: Mapping[str, int]) -> int | None:
    """The earliest of its limits that is known."""
    known = [
        milestones[anchor] + within_ms
        for anchor, within_ms in deadline.within.items()
        if anchor in milestones
    ]
    return min(known) if known else None


def _kept(deadline: Deadline, milestones: Mapping[str, int]) -> int | None:
    """When the milestone came, if that was within every limit whose anchor has come."""
    due_ms, came_ms = _due_ms(deadline, milestones), milestones.get(deadline.milestone)
    return came_ms if came_ms is not None and (due_ms is None or came_ms <= due_ms) else None


def _broken(deadline: Deadline, milestones: Mapping[str, int], now_ms: int) -> int | None:
    """When the limit passed without the milestone; None if it has not, or was kept."""
    due_ms, came_ms = _due_ms(deadline, milestones), milestones.get(deadline.milestone)
    if due_ms is None or (came_ms is not None and came_ms <= due_ms):
        return None
    return due_ms if due_ms < now_ms else None
