"""Earlier moments of the drill on the console; if a replay would take too long, they come from copies of
the drill.
"""

import contextlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from sim.drill.facilitation.inputs import Input
from sim.drill.session.earlier import DrillMoment, Earlier, PlanSteps, read_moment
from sim.drill.session.session import Session
from sim.forks.copies import AVAILABLE, CopiesLost, DrillCopies
from sim.forks.origin import Reading, ReplayedDrill, origin_of

COPIES_FROM = 80
"""Number of changes above which copies of a drill are kept; with 1,000 users, replaying that many takes
about 0.4 s.
"""


class Rewinder:
    """Answers about earlier moments of `session`. If the process with the copies dies, replays replace
    them.
    """

    def __init__(self, session: Session, steps: PlanSteps | None = None) -> None:
        """`steps`: function that returns the steps of the plan that the drill follows."""
        self._session, self._steps = session, steps
        self._copies: DrillCopies | None = None
        self._lost = not AVAILABLE
        self._at_work: Future[None] | None = None
        self._followed_ms = 0
        self._one_by_one = ThreadPoolExecutor(1, "copies")

    def follow(self) -> None:
        """Make the copies follow the drill; returns at once. In an exam, there are no copies before its
        end.
        """
        session = self._session
        exam = session.launch.get("mode") == "exam" and not session.ended
        if self._lost or exam or session.drill.changes < COPIES_FROM or self._busy:
            return
        if session.now_ms > self._followed_ms:
            self._at_work = self._one_by_one.submit(self._follow, session.inputs, session.now_ms)

    @property
    def _busy(self) -> bool:
        return self._at_work is not None and not self._at_work.done()

    def _follow(self, inputs: tuple[Input, ...], to_ms: int) -> None:
        """Make the copies follow the drill, in the thread."""
        try:
            if self._copies is None:
                self._copies = DrillCopies(origin_of(self._session))
                if self._lost:  # the drill has been closed in the meantime
                    self._copies.close()
            self._copies.follow(inputs, to_ms)
            self._followed_ms = to_ms
        except CopiesLost:
            self._lost = True

    def earlier(self, at_ms: int) -> "EarlierByCopy":
        """A replay of the moment `at_ms`."""
        copies = None if self._lost or self._copies is None or self._busy else self._copies
        return EarlierByCopy(self._session, at_ms, copies, self._steps)

    def play_ahead(self, readings: Sequence[Reading]) -> Sequence[Any]:
        """The answers to `readings` from a copy of the drill as it is now; for a thread, with the clock
        stopped.
        """
        now = self._session.inputs, self._session.now_ms
        with contextlib.suppress(CopiesLost):
            if self._copies is not None and not self._lost and not self._busy:
                return self._copies.play_ahead(*now, readings)
        return ReplayedDrill(origin_of(self._session)).play_ahead(*now, readings)

    def kept(self) -> str:
        """The copies in words: `23 copies, 300 MB`; empty if there are none."""
        kept = self._copies.kept if self._copies is not None and not self._lost else None
        return f"{kept.copies} copies, {kept.kib // 1000} MB" if kept is not None and kept.copies else ""

    def close(self) -> None:
        """End the process with the copies."""
        self._lost = True
        self._one_by_one.shutdown(wait=False, cancel_futures=True)
        if self._copies is not None:
            self._copies.close()


class EarlierByCopy:
    """An earlier moment from the copies; if there are none, or if they are lost, from a replay."""

    def __init__(
        self, session: Session, at_ms: int, copies: DrillCopies | None, steps: PlanSteps | None
    ) -> None:
        self._replay = Earlier(session, at_ms, steps)
        self._copies = copies
        self._all = session.inputs, session.now_ms
        self._asked = (
            tuple(one for one in session.inputs if one[0] <= at_ms),
            at_ms,
            partial(read_moment, steps=steps),
        )

    @property
    def reached_ms(self) -> int:
        """The moment that the replay has reached."""
        return self._replay.reached_ms

    def run(self) -> DrillMoment | None:
        """The drill at the earlier moment; None if the replay was stopped."""
        if self._copies is not None:
            with contextlib.suppress(CopiesLost):
                self._copies.follow(*self._all)
                moment: DrillMoment = self._copies.play(*self._asked)
                return moment
        return self._replay.run()

    def stop(self) -> None:
        """Make `run` return soon."""
        self._replay.stop()
