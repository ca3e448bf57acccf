"""Ways to make the runs of all variations of a subject: one after the other, and equal runs only once."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from sim.drill.facilitation.inputs import Input
from sim.study.what_if.cost import RunCost
from sim.study.what_if.subject import How, Subject, Variation

Runs = Callable[[Sequence[Variation]], Iterable[RunCost]]
"""Function that returns the cost of the drill with each of the given variations, in the same order, wherever
it is computed.

The runs begin with the call. Reading a cost waits for its run, so that the caller can begin other runs
meanwhile.
"""


_Run = tuple[str, tuple[Input, ...]]
"""For each variation: how the organisation differs (a route in the SPF record, an account, or empty), and
the inputs.
"""
_OTHERS: tuple[How, ...] = ("listed", "account")
"""Variations that change the organisation instead of the inputs."""


def each_once(one: Subject, runs: Runs) -> Runs:
    """`runs`, but with a single run for all variations with the same inputs."""
    kept: dict[_Run, RunCost] = {}
    begun: dict[_Run, Iterator[tuple[_Run, RunCost]]] = {}

    def cost(run: _Run) -> RunCost:
        while run not in kept:
            ended, found = next(begun[run])
            kept[ended] = found
        return kept[run]

    def costs(variations: Sequence[Variation]) -> Iterator[RunCost]:
        inputs = [
            (f"{each.how} {each.text}" if each.how in _OTHERS else "", one.inputs(each))
            for each in variations
        ]
        new: dict[_Run, Variation] = {}
        for given, each in zip(inputs, variations, strict=True):
            if given not in begun:
                new.setdefault(given, each)
        begun.update(dict.fromkeys(new, zip(new, runs(tuple(new.values())), strict=True)))
        return map(cost, inputs)

    return costs


def in_turn(one: Subject) -> Runs:
    """Make the runs one after the other, here."""
    return lambda variations: [one.cost(variation) for variation in variations]
