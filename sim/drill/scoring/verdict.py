"""The verdict on an objective, as a record."""

from typing import Literal

from sim.kernel.frozen import frozen

State = Literal["open", "met", "late", "missed", "failed"]


@frozen
class ObjectiveVerdict:
    """The state of an objective; `at_ms` is the time at which it was decided, None while it is open.

    `late`: its limit has passed, but not its failure limit; `missed`: a figure misses its target without
    failing it. `cause` says in words what decided it.
    """

    id: str
    state: State
    at_ms: int | None
    cause: str
