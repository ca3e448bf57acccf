"""The record of a figure that objectives can ask for. To add a figure, add its record to the module of its
theme.

Figures know the truth, so they are for judging, never for a trainee's view during the drill. The exception is
`seen`, the part of the truth that an instrument has shown already.
"""

from collections.abc import Callable

from sim.drill.drill import Drill
from sim.drill.scenario.milestones import Milestone
from sim.kernel.frozen import frozen

Value = Callable[[Drill], int | None]
"""Measures a figure at the drill's current time; None if there is nothing to measure."""

Dated = Callable[[Drill, int], int | None]
"""The time in ms at which a figure first exceeded a number; None if it never did, or if its times are not
kept.
"""


Told = Callable[[Drill], str]
"""The reason why a figure misses its target, in one clause with times; empty if unknown."""


def unexplained(drill: Drill) -> str:
    """The cause for figures without a cause of their own."""
    return ""


def undated(drill: Drill, number: int) -> None:
    """Placeholder for the time of a figure that records none; its objective then gets the drill's end."""


@frozen
class Figure:
    """A figure of the whole drill: its name in files, its description, and how it is measured."""

    name: str
    """Name of the figure in scenario files; it ends in the unit, if there is one (`-min`, `-h`,
    `-percent`, `-permille`).
    """
    counts: str
    """The definition of the figure, for authors of scenarios."""
    label: str
    """The figure in words for trainees; `{}` is replaced by its value or its limit, before the unit."""
    measure: Value
    beyond: Dated = undated
    because: Told = unexplained
    only_grows: bool = False
    """True if the figure never gets smaller, so a value above the limit decides the objective early."""
    seen: Callable[[Drill], int] | None = None
    """The part of the figure that instruments have shown, never more than the truth; None if only the
    debrief shows the figure.
    """
    seen_beyond: Dated = undated
    """Like `beyond`, but according to these instruments."""
    needs: Milestone | None = None
    """The milestone without which the figure cannot meet its target; None if no action is needed for that."""


def nth(moments: list[int], number: int) -> int | None:
    """The time at which the number of `moments` first exceeded `number`; None if it never did."""
    return sorted(moments)[number] if number < len(moments) else None
