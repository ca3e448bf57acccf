"""The reference band: doing nothing, the reference runbook, and runbooks with human delays.

All of these are runs of the same scenario and seed. A result between doing nothing and the reference is an
improvement. Runs with human delays, of the reference and of your runbook, show the effect of delays that a
plan cannot remove.
"""

from sim.drill.commands.grammar import parse
from sim.drill.room.delays import wait_ms
from sim.drill.scenario.runbook import Runbook, Step, reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.player import Delay, play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.draws import mix_one
from sim.kernel.frozen import frozen
from sim.report.outcome import RunOutcome, outcome, verdicts

THIS, DELAYED = "this run", "with delays"
"""The names of two rows: the run itself, and a run of the same runbook with human delays."""


@frozen
class Column:
    """One run of the band, or the run that is compared with it."""

    name: str
    outcome: RunOutcome
    met: int
    """Number of objectives met."""
    asked: int


def band(session: Session, runbook: Runbook | None = None) -> tuple[Column, ...]:
    """`session` and its band, up to the same time unless the drill has reached its end.

    `runbook`: the runbook that the session followed, if it is not the reference; it is also run with delays.

    Without a reference runbook, or without numbers for human delays, the columns for them are left out.
    Raises BadFile if the runbook cannot be used.
    """
    scenario, until_ms = session.scenario, FOREVER_MS if session.complete else session.now_ms
    delay, book = human_delay(scenario, session.seed), reference_runbook(scenario, parse)
    columns = [_column(THIS, session)]
    if runbook is not None and delay is not None and runbook != book:
        columns.append(_played(DELAYED, session, runbook, until_ms, delay))
    columns.append(_played("doing nothing", session, None, until_ms))
    if book is not None:
        columns.append(_played("reference", session, book, until_ms))
        if delay is not None:
            columns.append(_played("human delays", session, book, until_ms, delay))
    return tuple(columns)


def human_delay(scenario: Scenario, seed: int) -> Delay | None:
    """The people's delay before each step of a runbook; None if the organisation has no numbers for it."""
    rules = scenario.organisation.delays
    if rules is None:
        return None

    def late_ms(step: Step) -> int:
        return wait_ms(seed, "human delay", mix_one(0, step.id) >> 1, rules.step_minutes)

    return late_ms


def _played(
    name: str, session: Session, book: Runbook | None, until_ms: int, delay: Delay = lambda _step: 0
) -> Column:
    ghost = Session(session.scenario, session.seed, None, session.people)
    play(ghost, book, until_ms, delay)
    return _column(name, ghost)


def _column(name: str, session: Session) -> Column:
    states = [verdict.state for verdict in verdicts(session)]
    return Column(name, outcome(session), states.count("met"), len(states))
