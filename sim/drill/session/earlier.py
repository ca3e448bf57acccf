"""An earlier moment of a drill: replays its inputs, shows the progress, and can be stopped."""

from collections.abc import Callable, Sequence

from sim.drill.session.branch import give_again
from sim.drill.session.session import Session
from sim.drill.snapshot.console import Snapshot
from sim.drill.snapshot.plan_steps import PlanStepView
from sim.kernel.duration import HOUR_MS
from sim.kernel.frozen import frozen


@frozen
class DrillMoment:
    """The parts of an earlier moment that a console needs in addition to the drill."""

    snapshot: Snapshot
    events: int
    """Number of events that had happened by that moment."""
    plotted_ms: int
    """The time up to which the gateway's console had plotted its figures; see `Session.series`."""
    steps: tuple[PlanStepView, ...] = ()
    """The steps of the plan, if the drill follows one."""


PlanSteps = Callable[[Session], Sequence[PlanStepView]]
"""Function that returns the steps of a plan as a drill shows them."""


def read_moment(session: Session, steps: PlanSteps | None = None) -> DrillMoment:
    """The current moment of `session`."""
    drill = session.drill
    shown = tuple(steps(session)) if steps is not None else ()
    return DrillMoment(session.snapshot(), len(drill.events), drill.last_seen.plotted_ms(), shown)


class Earlier:
    """The drill of `session` as it was at `at_ms`. `run` replays it; the session itself is not changed."""

    def __init__(self, session: Session, at_ms: int, steps: PlanSteps | None = None) -> None:
        """`steps`: function that returns the steps of the plan that the drill follows."""
        self.at_ms = at_ms
        self.reached_ms = 0
        self._steps = steps
        self._inputs = tuple(one for one in session.inputs if one[0] <= at_ms)
        self._of = session
        self._stopped = False

    def stop(self) -> None:
        """Make `run` return None soon; called from another thread."""
        self._stopped = True

    def run(self) -> DrillMoment | None:
        """The earlier moment; None if the replay was stopped."""
        other = self.play()
        return None if other is None else read_moment(other, self._steps)

    def play(self) -> Session | None:
        """The drill at that moment, not journaled; None if the replay was stopped."""
        other = Session(self._of.original, self._of.seed, None, self._of.people, self._of.drawn)
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
