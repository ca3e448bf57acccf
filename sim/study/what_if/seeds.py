"""Variations with other seeds: the same inputs at the same times, but other random draws."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sim.study.what_if.cost import RunCost, share_of
from sim.study.what_if.regret import NOTABLE, Regret
from sim.study.what_if.subject import AS_GIVEN, Subject, Variation

CONFIRMED = 5
"""Number of the costliest choices that are confirmed with other seeds."""

SeedRuns = Callable[[Sequence[tuple[Subject, Variation]]], Iterable[RunCost]]
"""Function that returns the costs of the given runs in the same order, wherever they are computed."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A variation, run with other seeds."""

    variation: Variation
    better: int
    """Number of seeds with which the other choice is notably better."""
    worse: int
    """Number of seeds with which the other choice is notably worse."""
    of: int


def confirmed(one: Subject, found: Sequence[Regret], seeds: int, runs: SeedRuns) -> tuple[Confirmed, ...]:
    """The costliest of `found`, which is sorted, repeated with `seeds` other seeds.

    With another seed, an answer such as an approval may come later, but then it does so in both runs.
    """
    chosen = [each for each in found if each.gain >= NOTABLE][:CONFIRMED]
    if not chosen or not seeds:
        return ()
    others = [replace(one, seed=one.seed + number) for number in range(1, seeds + 1)]
    variations = [AS_GIVEN, *(each.variation for each in chosen)]
    jobs = [(other, variation) for other in others for variation in variations]
    costs = list(runs(jobs))
    gains: dict[Variation, list[float]] = {variation: [] for variation in variations}
    for at in range(0, len(jobs), len(variations)):
        did, *instead = costs[at : at + len(variations)]
        for each, cost in zip(chosen, instead, strict=True):
            gains[each.variation].append(share_of(did, each.stake) - share_of(cost, each.stake))
    return tuple(
        Confirmed(
            each.variation,
            sum(gain >= NOTABLE for gain in gains[each.variation]),
            sum(gain <= -NOTABLE for gain in gains[each.variation]),
            seeds,
        )
        for each in chosen
    )
