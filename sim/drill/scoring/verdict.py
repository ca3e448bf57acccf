"""The verdict on an objective, as a record."""

from dataclasses import dataclass
from typing import Literal

State = Literal["open", "met", "late", "missed", "failed"]


@dataclass(frozen=True, slots=True)
class ObjectiveVerdict:
    """What has become of an objective; `at_ms` is when that was decided, None while it is open.

    `late`: its limit has passed, its last moment has not; `missed`: a figure is worse than asked, not
    so bad as to fail. `cause` says in words what decided it.
    """

    id: str
    state: State
    at_ms: int | None
    cause: str
