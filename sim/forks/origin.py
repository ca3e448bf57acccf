"""The start of a drill, from which copies are made, and answers about any of its moments by replay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.drill.facilitation.inputs import Input, given_in
from sim.drill.room.draw_keys import CommandDrawn
from sim.drill.room.staff import Newcomer
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.branch import give_again
from sim.drill.session.journal_header import start_in
from sim.drill.session.journal_reading import BadJournal, read_journal
from sim.drill.session.session import Session

Reading = Callable[[Session], Any]
"""A question about a drill at one moment, which may advance the drill. The question is sent to another
process, so it has to be a module-level function, or a `partial` of one.
"""


@dataclass(frozen=True, slots=True)
class DrillOrigin:
    """The start of a drill."""

    scenario: Scenario
    seed: int
    people: tuple[Newcomer, ...] | None = None
    """See `Session`."""
    drawn: tuple[CommandDrawn, ...] | None = None
    """See `Session`."""

    def begin(self) -> Session:
        """A drill at its start, not journaled."""
        return Session(self.scenario, self.seed, None, self.people, self.drawn)


def origin_of(session: Session) -> DrillOrigin:
    """The start of `session`."""
    return DrillOrigin(session.original, session.seed, session.people, session.drawn)


def read_origin(path: Path) -> tuple[DrillOrigin, tuple[Input, ...], int]:
    """The start of the drill of the journal at `path`, its inputs, and its last moment, without a replay.

    Raises BadJournal, BadFile. Only a replay can prove the rest.
    """
    entries = read_journal(path)
    start = start_in(entries[0], path)
    try:
        given = [(int(entry["t"]), given_in(entry)) for entry in entries[1:]]
    except (KeyError, TypeError, ValueError) as error:
        raise BadJournal(f"{path}: cannot be replayed ({error}); the file is damaged") from None
    inputs = tuple((t_ms, what) for t_ms, what in given if what is not None)
    origin = DrillOrigin(
        start.scenario,
        start.seed,
        None if start.people is None else tuple(start.people),
        None if start.drawn is None else tuple(start.drawn),
    )
    return origin, inputs, given[-1][0] if given else 0


class ReplayedDrill:
    """Answers about any moment by replaying the drill from its start, with the same results as its copies."""

    def __init__(self, origin: DrillOrigin) -> None:
        self._origin = origin

    def play(self, inputs: Sequence[Input], at_ms: int, reading: Reading) -> Any:
        """The answer to `reading` of the drill with `inputs`, run to `at_ms` or to its end."""
        return reading(give_again(self._origin.begin(), inputs, at_ms))

    def play_ahead(self, inputs: Sequence[Input], at_ms: int, readings: Sequence[Reading]) -> list[Any]:
        """The answers to `readings`, each from a separate replay."""
        return [self.play(inputs, at_ms, one) for one in readings]
