"""Chooses the moments at which copies are kept, evenly spaced in computing time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 32
"""Maximum number of copies kept at a time."""
MOST_KIB = 512 * 1024
"""Limit, in KiB, for the memory of all processes together; copies are dropped beyond it."""
FEWEST = 2
"""Minimum number of copies that are always kept, including the copy at the start."""
MEASURED_AGAIN = 8
"""Number of new copies after which memory is measured again; a measurement takes a few milliseconds per
process.
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """A moment at which a copy is kept."""

    t_ms: int
    given: int
    """Number of inputs given before the copy."""
    cost_s: float
    """Computing time from the start of the drill to the moment of the copy."""


def one_too_many(spots: Sequence[Spot], head_s: float) -> int:
    """Index of the spot to drop: the spot whose loss costs least.

    Without that spot, moments up to its successor have to be replayed from its predecessor. `head_s`: the
    computing time up to the present. The first spot, the start of the drill, always stays.
    """
    costs = [*(one.cost_s for one in spots), head_s]
    return min(range(1, len(spots)), key=lambda at: costs[at + 1] - costs[at - 1])


def apart_s(head_s: float, most: int = MOST) -> float:
    """Computing time after which the next copy is made: less than an even share, since some copies are
    dropped later.
    """
    return max(SHORTEST_S, head_s / (2 * most))


def is_due(spots: Sequence[Spot], head_s: float, before_input: bool, most: int = MOST) -> bool:
    """True if the present moment should be copied: the last copy is far back, or different inputs may
    begin here.
    """
    since_s = head_s - spots[-1].cost_s
    return since_s >= (SHORTEST_INPUT_S if before_input else apart_s(head_s, most))


SHORTEST_INPUT_S = 0.02
"""Minimum distance between copies in computing time, even just before an input, where many other runs of
the drill begin.
"""
SHORTEST_S = 0.03
"""Distance below which a further copy makes no noticeable difference, because forking and reading a moment
take as long.
"""
