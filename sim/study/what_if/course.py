"""The course of a run (its milestones, and commands that were refused), and the differences between two
runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS

NOTABLE_MS = 30 * MINUTE_MS
"""Difference in time up to which an earlier or later milestone is not worth mentioning."""
_BESIDE = frozenset(
    {Milestone.OUTAGE_START, Milestone.OUTAGE_END, Milestone.ALERT_FIRST, Milestone.ALERT_QUEUE}
)
"""Milestones that no command changes, or that do not explain anything."""


@dataclass(frozen=True, slots=True)
class RunCourse:
    """The course of one run, to the extent that it explains the run's cost."""

    refused: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """For each command that was refused or failed: the first time at which that happened, and the reason."""
    milestones: Mapping[str, int] = field(default_factory=dict)
    """The time in ms of each milestone."""
    failed: tuple[str, ...] = ()
    """Ids of failed objectives."""


@dataclass(frozen=True, slots=True)
class FollowOn:
    """One difference between a run and the drill."""

    t_ms: int
    """The time at which the difference shows; for something that never happens in the run, the time at
    which it happened in the drill.
    """
    command: str = ""
    """A command that is refused in either the drill or the run, but not in both; otherwise empty."""
    milestone: str = ""
    """A milestone that the run reaches at another time than the drill, or that only one of the two
    reaches; empty if there is none.
    """
    reason: str = ""
    """The reason for a refusal in the run; empty if the command was refused only in the drill."""
    later_ms: int | None = None
    """How much later the milestone is reached in the run (negative: earlier); None if it is reached in
    only one of the drill and the run.
    """
    comes: bool = True
    """False if the milestone is never reached in the run."""


def course_of(session: Session, failed: Sequence[str] = ()) -> RunCourse:
    """The course of `session` up to now; `failed`: the session's objectives that failed."""
    refused: dict[str, tuple[int, str]] = {}
    for event in session.events():
        if event.kind in {"refused", "failed"}:
            refused.setdefault(event.ref, (event.t_ms, event.text.removeprefix(f"{event.ref}: ")))
    return RunCourse(refused, dict(session.drill.milestones), tuple(failed))


def consequences(did: RunCourse, instead: RunCourse, changed: Sequence[str]) -> tuple[FollowOn, ...]:
    """The differences between a run and the drill, in chronological order.

    `changed`: the commands that were changed; their own refusal, and milestones that they reach, do not count
    as consequences.
    """
    found = [
        FollowOn(t_ms, command=text, reason=reason)
        for text, (t_ms, reason) in instead.refused.items()
        if text not in did.refused and text not in changed
    ]
    found += [
        FollowOn(t_ms, command=text)
        for text, (t_ms, _reason) in did.refused.items()
        if text not in instead.refused and text not in changed
    ]
    found += [
        one
        for name in MILESTONES
        if name not in _BESIDE and not _brought(name, changed)
        for one in _milestone(name, did.milestones.get(name), instead.milestones.get(name))
    ]
    return tuple(sorted(found, key=lambda one: (one.t_ms, not one.command)))


def _brought(name: str, changed: Sequence[str]) -> bool:
    """True if one of `changed` reaches the milestone directly, as `lock close` closes the lock."""
    return any(
        f"{text} ".startswith(f"{one} ") for one in MILESTONES[name].facts.brought_by for text in changed
    )


def _milestone(name: str, did_ms: int | None, instead_ms: int | None) -> list[FollowOn]:
    if did_ms is None and instead_ms is None:
        return []
    if instead_ms is None:
        return [FollowOn(did_ms or 0, milestone=name, comes=False)]
    if did_ms is None:
        return [FollowOn(instead_ms, milestone=name)]
    if abs(instead_ms - did_ms) < NOTABLE_MS:
        return []
    return [FollowOn(min(instead_ms, did_ms), milestone=name, later_ms=instead_ms - did_ms)]
