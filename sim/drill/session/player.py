"""Runs a runbook: each step is given once its anchor has been reached and people can know of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sim.drill.commands.grammar import format_command
from sim.drill.commands.outcome import Refused
from sim.drill.organisation.working_hours import next_duty_ms, parse_hours
from sim.drill.scenario.anchor import ALERT_OPEN, resolve
from sim.drill.scenario.runbook import Runbook, Step
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.frozen import frozen

Delay = Callable[[Step], int]
"""Returns the delay in ms of a step compared with the runbook."""


@frozen
class StepRefused:
    """A step without effect: it was refused when it was given, or when its turn came."""

    t_ms: int
    step: Step
    reason: str


@frozen
class Followed:
    """How a runbook was followed."""

    never_due: tuple[Step, ...] = ()
    """Steps that were never due."""
    left_out: tuple[Step, ...] = ()
    """Steps that were not given, because a milestone in their `unless` had been reached."""
    refused: tuple[StepRefused, ...] = ()
    """Refused steps, in chronological order."""


def play(
    session: Session,
    runbook: Runbook | None,
    until_ms: int = FOREVER_MS,
    delay: Delay = lambda _step: 0,
) -> Followed:
    """Follow `runbook` (None: do nothing) until the drill ends or `until_ms` is reached."""
    session.drill.stops_at(until_ms)
    refused: list[StepRefused] = []
    by_text: dict[str, Step] = {}
    since = len(session.events())
    waiting = [_Waiting(step) for step in runbook.steps] if runbook else []
    left_out: list[Step] = []
    while not session.ended and session.now_ms < until_ms:
        one, due_ms = _next(waiting, session, delay)
        something_came = _milestone_after(session)
        session.advance(min(due_ms, until_ms), something_came)
        if one is None or session.now_ms < due_ms or something_came():
            continue  # other steps may be due now, or the drill may be over
        if any(milestone in session.drill.known for milestone in one.step.unless):
            waiting.remove(one)
            if not one.given:
                left_out.append(one.step)
            continue
        given_ms, answer = session.now_ms, session.dispatch(one.step.do)
        if isinstance(answer, Refused):
            refused.append(StepRefused(given_ms, one.step, answer.reason))
        else:
            by_text[format_command(answer.command)] = one.step
        one.given = True
        if one.step.every_ms is None:
            waiting.remove(one)
        else:
            one.not_before_ms = due_ms + one.step.every_ms
    refused += _failed(session, since, by_text)
    return Followed(
        tuple(one.step for one in waiting if not one.given),
        tuple(left_out),
        tuple(sorted(refused, key=lambda one: one.t_ms)),
    )


def _failed(session: Session, since: int, by_text: Mapping[str, Step]) -> list[StepRefused]:
    """Steps that were accepted, but could not be carried out when their turn came."""
    return [
        StepRefused(event.t_ms, by_text[event.ref], event.text.removeprefix(f"{event.ref}: "))
        for event in session.events(since)
        if event.kind == "failed" and event.ref in by_text
    ]


@dataclass(slots=True, eq=False)
class _Waiting:
    """A step that is still to be given, or to be given again."""

    step: Step
    not_before_ms: int = 0
    given: bool = False
    come: Mapping[str, int] | None = None
    """The milestones that had been reached when `due_ms` was computed."""
    due_ms: int | None = None
    """The time at which the step is due; None if its anchor has not been reached."""


def _milestone_after(session: Session) -> Callable[[], bool]:
    """True if, after `now`, a milestone was reached or an unacknowledged alert arrived."""
    known, open_ms = len(session.drill.known), session.drill.alerting.open_ms()
    return lambda: len(session.drill.known) > known or session.drill.alerting.open_ms() != open_ms


def _next(waiting: list[_Waiting], session: Session, delay: Delay) -> tuple[_Waiting | None, int]:
    """The step that is due first and its time, never before now; if several are due, the first in the
    file.
    """
    found: _Waiting | None = None
    first_ms, come = FOREVER_MS, _come(session)
    if waiting and waiting[0].come == come:
        come = waiting[0].come  # the same object, so that the remaining steps skip the comparison
    for one in waiting:
        if one.come is come and one.due_ms is None:
            continue  # most steps wait for a milestone that has not been reached
        given_ms = _due_ms(one, session, come, delay)
        if given_ms is not None and given_ms < first_ms:
            found, first_ms = one, given_ms
    return found, first_ms


def _come(session: Session) -> Mapping[str, int]:
    """The times of the moments that steps can wait for; that of an alert only while it is unacknowledged."""
    open_ms = session.drill.alerting.open_ms()
    return session.drill.known | ({} if open_ms is None else {ALERT_OPEN: open_ms})


def _due_ms(one: _Waiting, session: Session, come: Mapping[str, int], delay: Delay) -> int | None:
    """The time at which the step is given, never before now; None while its anchor has not `come`."""
    scenario, step = session.scenario, one.step
    if one.come is not come:
        one.come, one.due_ms = come, resolve(step.at, come, scenario.starts_utc_ms, scenario.zone)
    if one.due_ms is None:
        return None
    given_ms = max(one.due_ms + delay(step), one.not_before_ms, session.now_ms)
    if step.hours is None:
        return given_ms
    start_ms, zone = scenario.starts_utc_ms, scenario.zone
    return next_duty_ms(parse_hours(step.hours), start_ms + given_ms, zone) - start_ms
