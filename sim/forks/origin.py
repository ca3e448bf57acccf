"""The start of a drill, from which its copies are made, and answers about its moments by replay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.drill.facilitation.inputs import Input
from sim.drill.room.staff import Newcomer
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.branch import give_again
from sim.drill.session.session import Session

Reading = Callable[[Session], Any]
"""A question to a drill at one moment; it may play the drill on. It is sent to another process: a function of
a module, or a `partial` of one."""


@dataclass(frozen=True, slots=True)
class DrillOrigin:
    """The start of a drill."""

    scenario: Scenario
    seed: int
    people: tuple[Newcomer, ...] = ()

    def begin(self) -> Session:
        """A drill at its start, not journaled."""
        return Session(self.scenario, self.seed, None, self.people)


def origin_of(session: Session) -> DrillOrigin:
    """The start of `session`."""
    return DrillOrigin(session.original, session.seed, session.people)


class ReplayedDrill:
    """Answers about any moment by replaying the drill from its start, with the same results as its copies."""

    def __init__(self, origin: DrillOrigin) -> None:
        self._origin = origin

    def play(self, inputs: Sequence[Input], at_ms: int, reading: Reading) -> Any:
        """`reading` of the drill with `inputs`, played to `at_ms` or to its end."""
        return reading(give_again(self._origin.begin(), inputs, at_ms))

    def play_ahead(self, inputs: Sequence[Input], at_ms: int, readings: Sequence[Reading]) -> list[Any]:
        """Each of `readings` of a replay of its own."""
        return [self.play(inputs, at_ms, one) for one in readings]
