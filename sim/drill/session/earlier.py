"""An earlier moment of a drill, played again from its inputs, with progress; it can be stopped."""

from sim.drill.session.branch import give_again
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS


class Earlier:
    """The drill of `session` as it was at `at_ms`. `run` plays it; the session itself is not touched."""

    def __init__(self, session: Session, at_ms: int) -> None:
        self.at_ms = at_ms
        self.reached_ms = 0
        self._inputs = tuple(one for one in session.inputs if one[0] <= at_ms)
        self._of = session
        self._stopped = False

    def stop(self) -> None:
        """Have `run` return None soon; from another thread."""
        self._stopped = True

    def run(self) -> Session | None:
        """The drill at that moment, not journaled; None if it was stopped."""
        other = Session(self._of.original, self._of.seed, None, self._of.people)
        waiting = list(self._inputs)
        while not self._stopped:
            to_ms = min(self.at_ms, other.now_ms + HOUR_MS)
            due = [one for one in waiting if one[0] <= to_ms]
            del waiting[: len(due)]
            give_again(other, due, to_ms)
            self.reached_ms = other.now_ms
            if other.now_ms >= self.at_ms or other.ended:
                return other
        return None
