"""Sentences about figures that depend on the mix of senders, with their ranges over assumed mixes."""

from collections.abc import Mapping

from sim.drill.session.session import Session
from sim.kernel.quantities import counted
from sim.report.outcome import RunOutcome
from sim.report.range_text import span


def returned(figures: RunOutcome, nothing: RunOutcome) -> str:
    """Mail that bounced at its senders, compared with doing nothing."""
    if not figures.lost.at_senders.count and not nothing.lost.at_senders.count:
        return ""
    did, would = (
        f"{one.lost.at_senders.count:,}{{}}{f' (band: {told})' if told else ''}"
        for one in (figures, nothing)
        for told in [span(one.lost.at_senders.low, one.lost.at_senders.high)]
    )
    text = f"{did.format(' messages')} bounced at the sender (retry limit reached)"
    text += f"; without any action, {would.format('')}"
    return f"{text}. Each platform has its own limit. These messages are not in your archive."


def of_one_mix(figures: RunOutcome) -> str:
    """The reason why figures that depend on the senders are shown only for one mix."""
    if not figures.timing.why_one_mix or not (
        figures.lost.at_senders.count or figures.timing.late.count or figures.timing.copies.count
    ):
        return ""
    what = "Mail bounced at the sender, late mail and duplicates are shown for your own mix of senders only"
    return f"{what}: {figures.timing.why_one_mix}."


def copies(session: Session, figures: RunOutcome) -> str:
    """Duplicates, and their causes."""
    world = session.drill.world
    told = (
        span(figures.timing.copies.low, figures.timing.copies.high)
        if figures.timing.copies.low != figures.timing.copies.high
        else ""
    )
    return came_twice(world.copies.counts(world.inbound.hop), f" (band: {told})" if told else "")


def came_twice(counts: Mapping[str, int], mixes: str) -> str:
    """The sentence about copies, by cause; `mixes`: the range over mixes of senders, in brackets."""
    causes = {
        "outbox": "sent again in the app while the first copy was in an Outbox or in the server's queue",
        "notice": "sent again by your users after your server's delay notice",
        "notice_outside": "sent again by outside senders after a delay notice",
        "after_the_dot": "accepted, but the connection broke before the reply",
    }
    if not sum(counts.values()):
        return ""
    parts = [f"{counts[cause]:,} {why}" for cause, why in causes.items() if counts[cause]]
    return f"{counted(sum(counts.values()), 'message')} arrived twice{mixes}: {'; '.join(parts)}."
