"""The clock of a table: drives the exercise for all seats, frame by frame, and measures how late it is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from sim.drill.session.journal import DiskFull
from tui.painting.pace import Pace
from tui.playing.pacer import FRAME_S, Pacer

MUCH_LATE_S = 1.0
"""Smallest lag that is reported, at most once in `PAUSE_S`."""
PAUSE_S = 60.0
_FADES = 0.98
"""Share of the lag that is left after each frame."""


class DrivenExercise(Protocol):
    """An exercise as its clock drives it; the facilitator's words set speed and freeze."""

    @property
    def now_ms(self) -> int:
        """The simulated time."""

    @property
    def ended(self) -> bool:
        """True after ENDEX."""

    @property
    def frozen(self) -> bool:
        """True while the clock is stopped for everyone."""

    @property
    def speed(self) -> float:
        """Simulated seconds per second of the wall clock."""

    def advance(self, to_ms: int) -> None:
        """Advance over [now, to_ms), unless the exercise is frozen or over."""

    def mark(self, *, digest: bool = False) -> None:
        """Journal that the current time has been reached. Raises DiskFull."""


class _Driven:
    """The exercise in the shape that a pacer drives."""

    def __init__(self, exercise: DrivenExercise) -> None:
        self._exercise = exercise
        self.mark = exercise.mark

    @property
    def now_ms(self) -> int:
        return self._exercise.now_ms

    @property
    def ended(self) -> bool:
        return self._exercise.ended

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """`stop` is only for drills of one person."""
        self._exercise.advance(to_ms)

    def catch_up(self) -> None:
        """Does nothing, because seats read the world at times of their own."""


class TableClock:
    """Drives the exercise by the wall clock, within a budget for each frame."""

    def __init__(
        self, exercise: DrivenExercise, wall: Callable[[], float], report: Callable[[str], None]
    ) -> None:
        """`report`: shows the facilitator a line."""
        self._exercise, self._wall, self._report = exercise, wall, report
        self._pacer = Pacer(_Driven(exercise), wall, self._speed)
        self._full = ""
        self.late_s = 0.0
        """The process's lag: the longest wall time by which a frame was late in the last few seconds."""
        self._begun = False
        self._framed_s = wall()
        self._reported_s = self._framed_s - PAUSE_S

    @property
    def _speed(self) -> int:
        return max(1, round(self._exercise.speed))

    @property
    def pace(self) -> Pace:
        """Present speed, freeze and lag."""
        return replace(self._pacer.pace, speed=self._speed, paused=self._exercise.frozen)

    def frame(self) -> None:
        """Advance the exercise by the wall time since the last frame. A full disk is reported once."""
        now_s = self._wall()
        if not self._begun:  # the time before the first frame does not count as lag
            self._begun, self._framed_s = True, now_s
        self.late_s = max(now_s - self._framed_s - FRAME_S, self.late_s * _FADES)
        self._framed_s = now_s
        if self.late_s >= MUCH_LATE_S and now_s - self._reported_s >= PAUSE_S:
            self._reported_s = now_s
            self._report(
                f"this computer is {self.late_s:.1f} s behind, so seats respond late and repaint less "
                "often; close other programs or choose a lower speed"
            )
        self._pacer.speed, self._pacer.paused = self._speed, self._exercise.frozen
        try:
            self._pacer.frame()
            self._full = ""
        except DiskFull as full:
            if str(full) != self._full:
                self._full = str(full)
                self._report(f"{full}; the exercise continues")
