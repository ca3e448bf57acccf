"""The run that a document describes, with the figures from which several keys are read."""

from sim.drill.session.player import Followed
from sim.drill.session.session import Session
from sim.kernel.frozen import frozen
from sim.report.outcome import RunOutcome, outcome
from sim.report.reference_band import Column
from sim.report.sender_ranges import Ranges, weighed


@frozen
class RunFacts:
    """The values from which every key of the document is read."""

    session: Session
    runbook: str
    wall_s: float
    figures: RunOutcome
    ledger: dict[str, dict[str, int]]
    """Number of messages for each account and direction."""
    ranges: Ranges
    each_mix_ran: bool
    """True if each mix of senders had a run of its own; False if the counts were derived from this run by
    weighting.
    """
    followed: Followed
    """How the runbook was followed."""
    band: tuple[Column, ...] | None
    """The range over other runs; None if those runs were not made."""


def run_facts(
    session: Session,
    runbook: str,
    wall_s: float,
    by_mix: Ranges | None,
    followed: Followed,
    band: tuple[Column, ...] | None,
) -> RunFacts:
    """The facts of `session` at its current time."""
    return RunFacts(
        session,
        runbook,
        wall_s,
        outcome(session),
        session.drill.world.custody(),
        by_mix or weighed(session),
        by_mix is not None,
        followed,
        band,
    )
