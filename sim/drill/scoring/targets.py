"""Judges the figures that objectives use. Pure: figures are measured elsewhere."""

from collections.abc import Callable, Mapping
from typing import Literal

from sim.drill.scenario.objective import Objective, Target
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.scoring.verdict import ObjectiveVerdict, State
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.frozen import frozen

Measured = Mapping[str, int | None]
"""The current value of each figure, by name; None if there is nothing to measure."""

Beyond = Callable[[str, int], int | None]
"""Called with a figure's name and a number: the time at which the figure first exceeded the number; None
if unknown.
"""


_MINUTES = "{} min"
_MANY_MINUTES = 120
"""Number of minutes from which a figure is written in hours and days."""


@frozen
class TargetReached:
    """The comparison of a figure with its target."""

    state: Literal["met", "missed", "failed"]
    text: str
    """The comparison in words: `false statements: 2 (at most 0)`."""


def compare(target: Target, value: int) -> TargetReached:
    """The figure's `value`, compared with the target."""
    bound = target.at_most if target.at_least is None else target.at_least
    assert bound is not None
    worse_by = (value - bound) if target.at_least is None else (bound - value)
    asked = "at most" if target.at_least is None else "at least"
    label, told, limit_told = FIGURES[target.measure].label, f"{value:,}", f"{bound:,}"
    if _MINUTES in label and value >= _MANY_MINUTES:
        label, told = label.replace(_MINUTES, "{}"), in_words(value * MINUTE_MS)
        limit_told = in_words(bound * MINUTE_MS)
    text = f"{label.format(told)} ({asked} {limit_told})"
    if worse_by <= 0:
        return TargetReached("met", text)
    limit = bound if target.failed_beyond is None else target.failed_beyond
    beyond = (value - limit) if target.at_least is None else (limit - value)
    return TargetReached("failed" if beyond > 0 else "missed", text)


def asked_of(target: Target) -> str:
    """The target in words: `promised updates sent on time: at least 90 %`."""
    limit = f"at most {target.at_most:,}" if target.at_least is None else f"at least {target.at_least:,}"
    return FIGURES[target.measure].label.format(limit)


def by_figures(
    objective: Objective, now_ms: int, ended: bool, measured: Measured, beyond: Beyond
) -> ObjectiveVerdict:
    """The verdict on the figures alone, without deadlines."""
    known = {
        target: value for target in objective.targets if (value := measured.get(target.measure)) is not None
    }
    reached = [compare(target, value) for target, value in known.items()]
    lost = {
        target: one.text
        for target, one in zip(known, reached, strict=True)
        if one.state == "failed"
        and (ended or (FIGURES[target.measure].only_grows and target.at_most is not None))
    }
    if lost:
        moments = [now_ms if (at := _lost_ms(target, beyond)) is None else at for target in lost]
        return ObjectiveVerdict(objective.id, "failed", min(moments), "; ".join(lost.values()))
    if not ended:
        return ObjectiveVerdict(objective.id, "open", None, "not decided")
    missed = [target for target, one in zip(known, reached, strict=True) if one.state != "met"]
    state: State = "missed" if missed else "met"
    unmeasured = [target.measure for target in objective.targets if target not in known]
    if unmeasured and state == "met":
        what = f": {', '.join(unmeasured)}" if reached else ""
        return ObjectiveVerdict(objective.id, "open", None, f"there was nothing to measure{what}")
    moments = [moment for target in missed if (moment := _missed_ms(target, beyond)) is not None]
    return ObjectiveVerdict(
        objective.id, state, min(moments, default=now_ms), "; ".join(one.text for one in reached)
    )


def _lost_ms(target: Target, beyond: Beyond) -> int | None:
    """The time at which a figure exceeded its limit for failure; None if it is not known."""
    if target.failed_beyond is None or target.at_most is None:
        return _missed_ms(target, beyond)
    return beyond(target.measure, target.failed_beyond)


def _missed_ms(target: Target, beyond: Beyond) -> int | None:
    """The time at which the figure exceeded its limit; None if it is unknown."""
    return None if target.at_most is None else beyond(target.measure, target.at_most)
