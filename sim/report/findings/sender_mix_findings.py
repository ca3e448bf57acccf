"""What hangs on who writes to the organisation: sentences of a debrief, with ranges over mixes of senders."""

from collections.abc import Mapping

from sim.drill.session.session import Session
from sim.kernel.plural import counted
from sim.report.outcome import RunOutcome
from sim.report.sender_ranges import span


def returned(figures: RunOutcome, nothing: RunOutcome) -> str:
    """What senders gave up, beside doing nothing."""
    if not figures.lost.at_senders.count and not nothing.lost.at_senders.count:
        return ""
    did, would = (
        f"{one.lost.at_senders.count:,}{{}}{f' ({told} by who writes to you)' if told else ''}"
        for one in (figures, nothing)
        for told in [span(one.lost.at_senders.low, one.lost.at_senders.high)]
    )
    text = f"Senders gave up {did.format(' messages')}, {would.format('')} if nobody had acted"
    return f"{text}: each after its platform's own time. No archive of yours has them."


def of_one_mix(figures: RunOutcome) -> str:
    """Why what hangs on who writes is told for one mix of senders alone."""
    if not figures.timing.why_one_mix or not (
        figures.lost.at_senders.count or figures.timing.late.count or figures.timing.copies.count
    ):
        return ""
    what = "What senders gave up, what came too late and what came twice here"
    return f"{what} is of the organisation's own mix of senders alone: {figures.timing.why_one_mix}."


def copies(session: Session, figures: RunOutcome) -> str:
    """What came twice, and why."""
    world = session.drill.world
    told = (
        span(figures.timing.copies.low, figures.timing.copies.high)
        if figures.timing.copies.low != figures.timing.copies.high
        else ""
    )
    return came_twice(
        world.copies.counts(world.inbound.hop), f" ({told} by who writes to you)" if told else ""
    )


def came_twice(counts: Mapping[str, int], mixes: str) -> str:
    """The sentence on so many copies by cause; `mixes`: what it would be with others who write."""
    causes = {
        "outbox": "stood in an Outbox or the server's queue when written again in the app",
        "notice": "written again after your server's delay notice",
        "notice_outside": "written again outside after a delay notice",
        "after_the_dot": "taken when the connection broke before the answer",
    }
    if not sum(counts.values()):
        return ""
    parts = [f"{counts[cause]:,} {why}" for cause, why in causes.items() if counts[cause]]
    return f"{counted(sum(counts.values()), 'message')} came twice{mixes}: {'; '.join(parts)}."
