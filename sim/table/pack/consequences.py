"""Consequences of a missing or late action, from branches of the reference runbook that are run in advance.

Each branch is the reference runbook with the same seed, without the commands that lead to one milestone, or
with those commands after a delay. Steps that wait for that milestone are then not taken either, or later. All
other commands draw as in the reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sim.drill.commands.grammar import parse
from sim.drill.room.draw_keys import CommandDrawn
from sim.drill.scenario.anchor import Clock, Elapsed, Instant, Since, parse_anchor
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.runbook import Runbook, reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, format_duration
from sim.mail.users.time_without_mail import lost_user_ms
from sim.report.outcome import outcome
from sim.table.msel.timings import expected_milestones


@dataclass(frozen=True, slots=True)
class PlayedFigures:
    """Figures of one complete run."""

    user_hours: int
    """User-hours without mail."""
    bounced: int
    """Inbound messages that bounced or were rejected."""
    late: int
    """Messages that were no longer useful when they could be read."""
    calls: int
    """Calls to the helpdesk."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """One branch. `milestone` is empty for the reference itself; `nothing`: the branch without any action."""

    milestone: str
    says: str
    """The missing action, in words."""
    figures: PlayedFigures
    reference: PlayedFigures
    late: PlayedFigures | None = None
    """The figures if the action is taken `LATE_MS` later than in the reference; None if the action cannot
    be postponed.
    """

    @property
    def differs(self) -> bool:
        """True if any figure differs from that of the reference."""
        return self.reference != self.figures or self.late not in (None, self.reference)


NOTHING = "nothing"
LATE_MS = 4 * HOUR_MS
"""How much later the action is taken in branches with a late action."""


def consequences(
    scenario: Scenario, seed: int, told: Callable[[int], None] = lambda _count: None
) -> tuple[Consequence, ...]:
    """The reference, doing nothing, and a branch for each expected action. Raises BadFile.

    Empty without a reference runbook. `told`: called after each run.
    """
    reference = reference_runbook(scenario, parse)
    if reference is None:
        return ()
    whole = _played(scenario, reference, seed)
    drawn = whole.drill.draw_keys.drawn
    told(1)

    def figures_of(runbook: Runbook | None) -> PlayedFigures:
        branch = _played(scenario, runbook, seed, drawn)
        told(1)
        return _figures(branch)

    usual = _figures(whole)
    found = [
        Consequence("", "the reference runbook", usual, usual),
        Consequence(NOTHING, "no action at all", figures_of(None), usual),
    ]
    for name in expected_milestones(scenario):
        left = without(reference, name)
        if left is not None:
            figures = figures_of(left)
            later = postponed(reference, name, LATE_MS)
            late = None if later is None else figures_of(later)
            found.append(Consequence(name, MILESTONES[name].facts.marks, figures, usual, late))
    return tuple(found)


def branches(scenario: Scenario) -> int:
    """The number of runs that `consequences` makes."""
    reference = reference_runbook(scenario, parse)
    if reference is None:
        return 0
    names = expected_milestones(scenario)
    missing = sum(without(reference, name) is not None for name in names)
    return 2 + missing + sum(postponed(reference, name, LATE_MS) is not None for name in names)


def without(reference: Runbook, milestone: str) -> Runbook | None:
    """The runbook without the commands that lead to `milestone`; None if it has no such command."""
    brought_by = MILESTONES[milestone].facts.brought_by
    steps = tuple(one for one in reference.steps if not one.do.startswith(brought_by))
    if len(steps) == len(reference.steps):
        return None
    return reference.model_copy(update={"steps": steps})


def postponed(reference: Runbook, milestone: str, by_ms: int) -> Runbook | None:
    """The runbook with the commands that lead to `milestone` postponed by that much; None if that is
    impossible.

    A step at a time of day, or one for each alert, cannot be postponed.
    """
    brought_by = MILESTONES[milestone].facts.brought_by
    steps = []
    for step in reference.steps:
        at = step.at
        if step.do.startswith(brought_by):
            if step.at.for_alert or any(isinstance(one, Clock) for one in step.at.moments):
                return None
            at = parse_anchor(" and ".join(_later(one, by_ms) for one in step.at.moments))
        steps.append(step.model_copy(update={"at": at}))
    return None if tuple(steps) == reference.steps else reference.model_copy(update={"steps": tuple(steps)})


def _later(moment: Elapsed | Since | Instant | Clock, by_ms: int) -> str:
    """The moment postponed by that much, in runbook notation."""
    match moment:
        case Elapsed(after_ms):
            return f"T+{format_duration(after_ms + by_ms)}"
        case Since(name, offset_ms):
            offset_ms += by_ms
            return f"{name} {'-' if offset_ms < 0 else '+'} {format_duration(abs(offset_ms))}"
        case Instant(local):
            return f"{local + timedelta(milliseconds=by_ms):%Y-%m-%dT%H:%M:%S}"
        case Clock():
            raise AssertionError("a time of day cannot be postponed")


def _played(
    scenario: Scenario, runbook: Runbook | None, seed: int, drawn: tuple[CommandDrawn, ...] | None = None
) -> Session:
    """The run of `runbook`; `drawn`: the reference's commands, whose draws its own commands share."""
    session = Session(scenario, seed, None)
    if drawn is not None:
        session.drill.draw_keys.as_before(drawn)
    play(session, runbook)
    return session


def _figures(session: Session) -> PlayedFigures:
    found, drill = outcome(session), session.drill
    return PlayedFigures(
        user_hours=lost_user_ms(drill.world.users, session.now_ms) // HOUR_MS,
        bounced=found.lost.bounces,
        late=drill.world.flags()["late"],
        calls=drill.helpdesk.calls_before(session.now_ms),
    )
