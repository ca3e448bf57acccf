"""A jump of the clock for everyone: to a reason to stop, with a summary of the skipped time."""

from collections import Counter
from collections.abc import Callable

from sim.drill.room.events import EVENT_NAMES, HIDDEN_FROM_TRAINEE
from sim.drill.session.session import Session
from sim.drill.session.stops import StopAt, StopWatch
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import in_words
from sim.kernel.quantities import counted

FACILITATORS = "a stop of the facilitator"
"""The reason for a stop that is shown to players; the real reason might give away what they are not meant
to know.
"""


class ClockJump:
    """A jump in progress; `step` advances it."""

    def __init__(
        self, session: Session, aim: StopAt | None, advance: Callable[[int, Callable[[], bool]], bool]
    ) -> None:
        """`aim`: the reason to stop; None: the end of the drill.

        `advance`: advances to a moment, or less far if a function becomes true; returns True at one of the
        facilitator's stops.
        """
        self._session, self._advance = session, advance
        self._watch = None if aim is None else StopWatch(session, frozenset({aim}))
        self._from_ms, self._seq = session.now_ms, len(session.events())
        self._queued = session.snapshot(0).queue.depth

    def step(self, by_ms: int) -> str:
        """Advance by at most that much; returns the reason why the jump is over, or empty if it continues."""
        session, watch = self._session, self._watch
        to_ms = min(session.now_ms + by_ms, FOREVER_MS)
        if watch is None:
            stopped = self._advance(to_ms, lambda: False)
        else:
            horizon_ms = watch.horizon_ms()
            if horizon_ms is not None:
                to_ms = min(to_ms, max(horizon_ms, session.now_ms + 1))
            stopped = self._advance(to_ms, lambda: bool(watch.reason()))
        if session.ended:
            return "the end of the drill"
        if stopped:
            return FACILITATORS
        return watch.reason() if watch is not None else ""

    def meanwhile(self) -> str:
        """One line about the skipped time, without any truth: `2 h 5 min passed: 3 tickets, 1 call;
        queue on the console 0 → 840`, or nothing about the queue if it is as long as before.
        """
        session = self._session
        seen = Counter(
            one.kind for one in session.events(self._seq) if one.kind not in HIDDEN_FROM_TRAINEE | {"talk"}
        )
        news = (
            ", ".join(counted(number, EVENT_NAMES.get(kind, kind)) for kind, number in seen.most_common())
            or "no news"
        )
        passed = in_words((session.now_ms - self._from_ms) // 1000 * 1000) or "0 s"
        queued = session.snapshot(0).queue.depth
        queue = f"; queue on the console {self._queued:,} → {queued:,}" if queued != self._queued else ""
        return f"{passed} passed: {news}{queue}"
