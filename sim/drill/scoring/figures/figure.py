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
"""Measures a figure at the moment that the drill has reached; None: nothing to measure."""

Dated = Callable[[Drill, int], int | None]
"""The moment at which a figure first exceeded a number, ms; None: it never did, or its moments are not
kept.
"""


Told = Callable[[Drill], str]
"""The cause of a figure that misses its target, in one clause with times; empty: unknown."""


def unexplained(drill: Drill) -> str:
    """The cause for figures without one of their own."""
    return ""


def undated(drill: Drill, number: int) -> None:
    """The moment for figures whose moments are not kept: an objective that they decide is dated at the
    drill's end.
    """


@frozen
class Figure:
    """A figure of the whole drill: its name in files, its words, and how it is measured."""

    name: str
    """Its name in scenario files; ends in its unit if it has one (`-min`, `-h`, `-percent`, `-permille`)."""
    counts: str
    """The definition, for authors of scenarios."""
    label: str
    """The figure in words for trainees; `{}`: a number, or its limit, before the unit."""
    measure: Value
    beyond: Dated = undated
    because: Told = unexplained
    only_grows: bool = False
    """True if it never gets smaller, so that it can decide early: too many now is too many at the end."""
    seen: Callable[[Drill], int] | None = None
    """The part that instruments have shown, never more than the truth; None: only the debrief can tell."""
    seen_beyond: Dated = undated
    """`beyond`, according to the same instruments."""
    needs: Milestone | None = None
    """The milestone without which it cannot meet its target; None: it can meet it without any action."""


def nth(moments: list[int], number: int) -> int | None:
    """The moment at which the number of `moments` first exceeded `number`; None: it never did."""
    return sorted(moments)[number] if number < len(moments) else None
