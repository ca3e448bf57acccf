"""The clock of a lab without the console: it follows the wall clock, stops, steps and jumps."""

from collections.abc import Callable

from sim.drill.session.session import Session
from sim.drill.session.stops import StopAt, StopWatch
from sim.kernel.duration import MINUTE_MS

LONGEST_GAP_S = 0.5
"""Maximum wall time that a gap counts for, so that the drill does not jump after the machine was
suspended.
"""
JUMP_BUDGET_S = 0.04
"""Maximum wall time of a jump between two updates of the ports."""
JUMP_SLICE_MS = 5 * MINUTE_MS


class LabClock:
    """Drives `session` by the wall clock `wall`, at `speed` simulated seconds per second, to `until_ms`."""

    def __init__(
        self, session: Session, wall: Callable[[], float], speed: float, until_ms: int | None = None
    ) -> None:
        self._session, self._wall, self._until_ms = session, wall, until_ms
        self.speed = speed
        self.paused = False
        self.stopped = ""
        """The reason why the clock stopped by itself, until it is read."""
        self._last_s = wall()
        self._owed_ms = 0.0
        self._jumps = False
        self._watch: StopWatch | None = None

    @property
    def over(self) -> bool:
        """True if the drill has ended, or has reached its limit."""
        session, until_ms = self._session, self._until_ms
        return session.ended or (until_ms is not None and session.now_ms >= until_ms)

    def frame(self, stop: Callable[[], bool]) -> None:
        """Advance by the wall time since the last frame, or a part of a jump; less if `stop` becomes true."""
        now_s = self._wall()
        gap_s, self._last_s = min(now_s - self._last_s, LONGEST_GAP_S), now_s
        if self.paused:
            return
        if self._jumps:
            self._jump_on(now_s + JUMP_BUDGET_S, stop)
            return
        self._owed_ms += gap_s * 1000 * self.speed
        whole_ms = int(self._owed_ms)
        self._owed_ms -= whole_ms
        self._advance(self._session.now_ms + whole_ms, stop)

    def pause(self) -> None:
        """Stop the clock, and a jump in progress."""
        self.paused, self._jumps, self._watch = True, False, None

    def go(self) -> None:
        """Follow the wall clock from now on."""
        self.paused, self._jumps, self._watch, self._owed_ms = False, False, None, 0.0
        self._last_s = self._wall()

    def step(self, by_ms: int, stop: Callable[[], bool]) -> None:
        """Advance once, then pause."""
        self.pause()
        self._advance(self._session.now_ms + by_ms, stop)

    def jump(self, aim: StopAt | None) -> None:
        """Advance as fast as possible to the next `aim`, then pause; None: to the end."""
        self.paused, self._jumps = False, True
        self._watch = None if aim is None else StopWatch(self._session, frozenset({aim}))

    def _advance(self, to_ms: int, stop: Callable[[], bool]) -> None:
        until_ms = self._until_ms
        self._session.advance(to_ms if until_ms is None else min(to_ms, until_ms), stop)

    def _jump_on(self, until_s: float, stop: Callable[[], bool]) -> None:
        session, watch = self._session, self._watch
        while not (self.over or stop()) and self._wall() < until_s:
            to_ms = session.now_ms + JUMP_SLICE_MS
            if watch is None:
                self._advance(to_ms, stop)
                continue
            horizon_ms = watch.horizon_ms()
            if horizon_ms is not None:
                to_ms = min(to_ms, max(horizon_ms, session.now_ms + 1))
            self._advance(to_ms, lambda: stop() or bool(watch.reason()))
            reason = watch.reason()
            if reason:
                self.pause()
                self.stopped = reason
                return
