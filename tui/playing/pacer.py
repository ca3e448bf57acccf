"""Turns wall time into simulated time, within a budget for each frame, and reports when it cannot keep up."""

from collections.abc import Callable

from sim.drill.session.journal import DIGEST_S
from sim.kernel.duration import MINUTE_MS
from tui.painting.pace import Pace
from tui.playing.key_first import PressedKey
from tui.playing.protocols import Advancing, Watch
from tui.playing.short_collections import ShortCollections

SPEEDS = (1, 10, 60, 300, 900, 3600)
FRAME_S = 1 / 20
BUDGET_S = 0.025
"""Wall time of each frame that is for the simulation; the rest of the frame is for the screen."""
JUMP_BUDGET_S = 0.04
"""Wall time of each frame that is for the simulation during a jump, when the screen shows little but the
clock.
"""
STEP_MS = MINUTE_MS
LEAP_MS = 15 * MINUTE_MS

_LONGEST_GAP_S = 0.5
"""Maximum wall time that a gap counts for, so that the drill does not jump after the machine was
suspended.
"""
_FAR_MS = 1 << 40
"""A time beyond the end of any drill."""
_FIRST_SLICE_MS = 5_000
_SHORTEST_SLICE_MS = 100
_NO_CHEAPER = 3 / 4
"""Share of a slice's cost: halving the slice is not worthwhile if the shorter one still costs more than
this.
"""


class Pacer:
    """Drives a drill by a given wall clock; the screen calls `frame` 20 times a second."""

    def __init__(
        self,
        drill: Advancing,
        wall: Callable[[], float],
        speed: int = 1,
        watch: Callable[[], Watch | None] = lambda: None,
        key: PressedKey | None = None,
    ) -> None:
        """`watch` is called whenever the clock starts; it returns the reasons that stop the clock from
        then on. `key`: a pressed key, for which a frame ends early, and after which no digest is taken for
        a while.
        """
        self._drill = drill
        self._watch_for, self._key = watch, key or PressedKey(wall)
        self._collections = ShortCollections()
        self._watch: Watch | None = None
        self.jumps = ""
        """The target of the jump in progress; empty if there is none and the clock follows wall time."""
        self.stopped = ""
        """The reason why the clock stopped by itself, until it is read."""
        self._wall = wall
        self.speed = speed
        self.paused = False
        self.marks = 0
        """Number of time marks written."""
        self._last_s = self._marked_s = self._digested_s = self._window_s = wall()
        self._digested_ms = drill.now_ms
        self._window_ms = drill.now_ms
        self._slice_ms = _FIRST_SLICE_MS
        self._slice_s: dict[int, float] = {}
        """For each length of slice, the wall time that the last one took within the present second of wall
        time.
        """
        self._owed_ms = 0.0
        """Simulated time that the next frame makes up for: a fraction of a millisecond, or the rest of a
        frame that was cut short for a key.
        """
        self._reached = speed
        self._lags = False

    @property
    def pace(self) -> Pace:
        """Current speed, pause and lag."""
        lags = self._lags and not self.paused and not self.jumps
        return Pace(self.speed, self.paused, lags, self._reached, self.jumps)

    def frame(self) -> bool:
        """Advance by the wall time since the last frame; True if simulated time moved.

        Marks the journal every second of wall time; with a digest, which takes longer, in a pause or every
        ten minutes. Exceptions of the drill are passed on, and no time is lost.
        """
        wall_s = self._wall()
        gap_s = min(max(0.0, wall_s - self._last_s), _LONGEST_GAP_S)
        self._last_s = wall_s
        if self.paused or self._drill.ended:
            if self._key.calm:
                self._digest(wall_s)
            return False
        before_ms = self._drill.now_ms
        if self.jumps:
            with self._collections.of_the_world():
                self._advance(before_ms + _FAR_MS, wall_s + JUMP_BUDGET_S)
            if self._over():
                self._stop("the end of the drill")
            self._mark(wall_s)
            return self._drill.now_ms != before_ms
        owed = min(self._owed_ms + gap_s * 1000 * self.speed, _LONGEST_GAP_S * 1000 * self.speed)
        target_ms = before_ms + int(owed)
        self._owed_ms = owed - int(owed)
        with self._collections.of_the_world():
            if self._advance(target_ms, wall_s + BUDGET_S):
                self._owed_ms += target_ms - self._drill.now_ms
        self._measure(wall_s)
        self._mark(wall_s)
        return self._drill.now_ms != before_ms

    def _mark(self, wall_s: float) -> None:
        """Mark the journal once a second, and at the end."""
        if self._over() or wall_s - self._marked_s >= 1:  # the end is recorded at once
            self._marked_s = wall_s
            if wall_s - self._digested_s >= DIGEST_S and self._key.calm:
                self._digest(wall_s)
            else:
                self._drill.mark()
            self.marks += 1

    def _over(self) -> bool:
        return self._drill.ended

    def _digest(self, wall_s: float) -> None:
        """Mark the journal with a digest, once for each time that is reached."""
        if self._drill.now_ms != self._digested_ms:
            self._digested_s, self._digested_ms = wall_s, self._drill.now_ms
            self._drill.mark(digest=True)

    def _advance(self, target_ms: int, until_s: float) -> bool:
        """Advance in slices to the target or the end of the budget; the remaining time is dropped. True if it
        stopped before both because of a key.

        A slice ends early at a change that uses up the budget. If the slice was expensive, the next one is
        short, because the cost of a change does not predict that of the time after it.
        """
        drill = self._drill
        drill.catch_up()  # so that the first slice of a resumed drill is short as well
        started_s = self._wall()
        while drill.now_ms < target_ms and not drill.ended:
            from_ms = drill.now_ms
            to_ms = min(target_ms, from_ms + self._slice_ms)
            reason = self._go(to_ms, until_s)
            now_s = self._wall()
            if now_s >= until_s and drill.now_ms < to_ms and not (reason or self.jumps):
                if now_s - started_s > BUDGET_S / 2:
                    self._slice_ms = min(self._slice_ms, _FIRST_SLICE_MS)
            elif drill.now_ms == to_ms or reason or self.jumps:
                self._choose_slice(to_ms - from_ms, now_s - started_s)
            started_s = now_s
            if reason:
                self._stop(reason)
                break
            if now_s >= until_s:
                break
            if self._key.waits:
                return drill.now_ms < target_ms and not self.jumps
        return False

    def _go(self, to_ms: int, until_s: float) -> str:
        """Advance to `to_ms`, or only to the first change after the end of the budget or after a key, or to a
        reason to stop, which is returned.

        The screen will read the world, so bringing mail up to date is part of the slice and of its cost.
        After an expensive change, however, the paint does that, so that keys are handled in between.
        """
        watch, drill, wall, key = self._watch, self._drill, self._wall, self._key
        if watch is None:
            drill.advance(to_ms, lambda: wall() >= until_s or key.waits)
            if drill.now_ms == to_ms or wall() < until_s:
                drill.catch_up()
            return ""
        horizon_ms = watch.horizon_ms()
        if horizon_ms is not None:
            to_ms = min(to_ms, max(horizon_ms, drill.now_ms + 1))
        drill.advance(to_ms, lambda: wall() >= until_s or key.waits or bool(watch.reason()))
        drill.catch_up()
        return watch.reason()

    def _stop(self, reason: str) -> None:
        """Stop the clock; `reason` is shown."""
        self.paused, self.jumps, self.stopped = True, "", reason
        self._restart()

    def jump(self, aim: str, watch: Watch | None) -> None:
        """From the next frame on, advance as fast as possible until `watch` has a reason, or to the end."""
        self._watch, self.jumps, self.paused, self.stopped = watch, aim, False, ""
        self._last_s = self._wall()
        self._restart()

    def watch_anew(self) -> None:
        """Ask again for the reasons to stop, for a running clock."""
        self._watch = self._watch_for()

    def _choose_slice(self, length_ms: int, took_s: float) -> None:
        """Use a longer slice if the last one was cheap, or no more expensive than a shorter one; use a
        shorter slice if it was expensive.

        It is possible that most of a slice's cost does not depend on its length, for example while many
        machines drain their queues.
        """
        known, self._slice_s[length_ms] = dict(self._slice_s), took_s
        shorter = [one for one in known if one * 2 <= length_ms and known[one] > took_s * _NO_CHEAPER]
        if shorter or took_s < BUDGET_S / 8:
            self._slice_ms = min(max(self._slice_ms, length_ms * 2), LEAP_MS)
        elif took_s > BUDGET_S / 2:
            longer = [one for one in known if one >= length_ms * 2 and known[one] * _NO_CHEAPER < took_s]
            self._slice_ms = max(longer, default=max(length_ms // 2, _SHORTEST_SLICE_MS))

    def _measure(self, wall_s: float) -> None:
        """Once a second, measure the speed reached and detect any lag; then try a longer slice."""
        passed_s = wall_s - self._window_s
        if passed_s >= 1:
            self._reached = round((self._drill.now_ms - self._window_ms) / (passed_s * 1000))
            self._lags = self._reached < 0.9 * self.speed
            self._window_s, self._window_ms = wall_s, self._drill.now_ms
            length_ms = self._slice_ms
            self._slice_s = {one: took_s for one, took_s in self._slice_s.items() if one == length_ms}
            if self._lags and self._slice_s.get(length_ms, 0.0) < BUDGET_S:
                self._slice_ms = min(length_ms * 2, LEAP_MS)

    def _restart(self) -> None:
        """Start a new measurement, so that a pause or a new speed does not count as a lag."""
        self._window_s, self._window_ms = self._wall(), self._drill.now_ms
        self._lags, self._reached = False, self.speed

    def toggle(self) -> None:
        """Pause or continue."""
        self.paused = not self.paused
        self.jumps, self.stopped = "", ""
        self._watch = None if self.paused else self._watch_for()
        self._last_s = self._wall()
        self._restart()

    def change_speed(self, by: int) -> None:
        """Go `by` steps up or down the list of speeds; a speed between two entries counts as the lower
        one.
        """
        below = max((i for i, speed in enumerate(SPEEDS) if speed <= self.speed), default=0)
        self.speed = SPEEDS[min(max(below + by, 0), len(SPEEDS) - 1)]
        self._restart()

    def step(self, by_ms: int) -> None:
        """Pause, then advance once by `by_ms`, even if it takes long.

        A step that would end at a whole minute ends a millisecond later: tasks take whole minutes, and a task
        that is done at 11:10 must be done when the clock shows 11:10.
        """
        self.paused = True
        self.jumps = ""
        to_ms = self._drill.now_ms + by_ms
        self._drill.advance(to_ms if to_ms % MINUTE_MS else to_ms + 1)
        self._drill.mark()
        self._restart()
