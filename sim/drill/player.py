"""Playing a runbook: each step is given once, as soon as its anchor has come and somebody can know of it."""

from collections.abc import Callable

from sim.drill.anchor import resolve
from sim.drill.runbook import Runbook, Step
from sim.drill.session import Session
from sim.kernel.conductor import FOREVER_MS

Delay = Callable[[Step], int]
"""How much later than the runbook says a step is given, ms."""


def play(
    session: Session,
    runbook: Runbook | None,
    until_ms: int = FOREVER_MS,
    delay: Delay = lambda _step: 0,
) -> tuple[Step, ...]:
    """Play `runbook` (None: do nothing) until the drill ends or `until_ms` is reached.

    Returns the steps that never came due or were left out because of a milestone in `unless`.
    """
    waiting = list(runbook.steps) if runbook else []
    left_out: list[Step] = []
    while not session.ended and session.now_ms < until_ms:
        step, due_ms = _next(waiting, session, delay)
        something_came = _milestone_after(session)
        session.advance(min(due_ms, until_ms), something_came)
        if step is None or session.now_ms < due_ms or something_came():
            continue  # what is due next may have changed, or the drill is over
        waiting.remove(step)
        if any(milestone in session.drill.known for milestone in step.unless):
            left_out.append(step)
        else:
            session.dispatch(step.do)
    return (*left_out, *waiting)


def _milestone_after(session: Session) -> Callable[[], bool]:
    """Whether a milestone has come since now."""
    known = len(session.drill.known)
    return lambda: len(session.drill.known) > known


def _next(waiting: list[Step], session: Session, delay: Delay) -> tuple[Step | None, int]:
    """The step that is due first and when, never before now; of equals the one that stands first."""
    scenario = session.scenario
    found: Step | None = None
    first_ms = FOREVER_MS
    for step in waiting:
        due_ms = resolve(step.at, session.drill.known, scenario.starts_utc_ms, scenario.zone)
        if due_ms is None:
            continue
        given_ms = max(due_ms + delay(step), session.now_ms)
        if given_ms < first_ms:
            found, first_ms = step, given_ms
    return found, first_ms
