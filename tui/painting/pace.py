"""The clock of a drill as the header shows it, and the modes of a drill."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["guided", "exam", "free"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Speed, pause and lag of the clock at one moment."""

    speed: int
    paused: bool
    lags: bool
    reached: int
    """The actual speed during the last second of wall time."""
    jumps: str = ""
    """The target of the jump in progress, such as `next event`."""
