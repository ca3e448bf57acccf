"""Consequences of a missing action: branches of the reference, run in advance.

Each branch is the reference runbook without the commands that lead to one milestone, on the same seed. Steps
that wait for that milestone are not taken either, as with a team that never reaches it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sim.drill.commands.grammar import parse
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.runbook import Runbook, reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.mail.users.time_without_mail import lost_user_ms
from sim.report.outcome import outcome
from sim.table.msel.timings import expected_milestones


@dataclass(frozen=True, slots=True)
class PlayedFigures:
    """Figures of one play to its end."""

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
    """One branch. `milestone` empty: the reference itself; `nothing`: no action at all."""

    milestone: str
    says: str
    """The action that is missing, in words."""
    figures: PlayedFigures
    reference: PlayedFigures

    @property
    def differs(self) -> bool:
        """True if any figure differs from the reference."""
        return self.figures != self.reference


NOTHING = "nothing"


def consequences(
    scenario: Scenario, seed: int, told: Callable[[int], None] = lambda _count: None
) -> tuple[Consequence, ...]:
    """The reference, doing nothing, and a branch for each expected action. Raises BadFile.

    Empty without a reference runbook. `told`: called after each play.
    """
    reference = reference_runbook(scenario, parse)
    if reference is None:
        return ()
    usual = _played(scenario, reference, seed, told)
    found = [
        Consequence("", "the reference runbook", usual, usual),
        Consequence(NOTHING, "no action at all", _played(scenario, None, seed, told), usual),
    ]
    for name in expected_milestones(scenario):
        left = without(reference, name)
        if left is not None:
            figures = _played(scenario, left, seed, told)
            found.append(Consequence(name, MILESTONES[name].facts.marks, figures, usual))
    return tuple(found)


def branches(scenario: Scenario) -> int:
    """The number of plays that `consequences` makes."""
    reference = reference_runbook(scenario, parse)
    if reference is None:
        return 0
    return 2 + sum(without(reference, name) is not None for name in expected_milestones(scenario))


def without(reference: Runbook, milestone: str) -> Runbook | None:
    """The runbook without commands that lead to `milestone`; None if it has no such command."""
    brought_by = MILESTONES[milestone].facts.brought_by
    steps = tuple(one for one in reference.steps if not one.do.startswith(brought_by))
    if len(steps) == len(reference.steps):
        return None
    return reference.model_copy(update={"steps": steps})


def _played(
    scenario: Scenario, runbook: Runbook | None, seed: int, told: Callable[[int], None]
) -> PlayedFigures:
    session = Session(scenario, seed, None)
    play(session, runbook)
    found, drill = outcome(session), session.drill
    told(1)
    return PlayedFigures(
        user_hours=lost_user_ms(drill.world.users, session.now_ms) // HOUR_MS,
        bounced=found.lost.bounces,
        late=drill.world.flags()["late"],
        calls=drill.helpdesk.calls_before(session.now_ms),
    )
