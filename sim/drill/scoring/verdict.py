"""The verdict on an objective, as a record."""

from dataclasses import dataclass
from typing import Literal

State = Literal["open", "met", "late", "missed", "failed"]


@dataclass(frozen=True, slots=True)
class ObjectiveVerdict:
    """The verdict on an objective; `at_ms` is when it was decided, None while it is open.

    `late`: its limit has passed, its last moment has not; `missed`: a figure is worse than asked, but not bad
    enough to fail. `cause` is the reason in words.
    """

    id: str
    state: State
    at_ms: int | None
    cause: str
