"""Sentences on mail that was rejected, suppressed, unfiltered or greylisted: the cost of what was changed."""

from sim.drill.scoring.bypass_costs import prices
from sim.drill.session.session import Session
from sim.kernel.plural import counted
from sim.report.outcome import RunOutcome


def self_inflicted(figures: RunOutcome, nothing: RunOutcome) -> str:
    """What was refused for good, beside doing nothing."""
    did = figures.lost.rejected + figures.outbound.rejected
    would = nothing.lost.rejected + nothing.outbound.rejected
    if not did and not would:
        return ""
    text = f"{counted(did, 'message')} {'was' if did == 1 else 'were'} refused for good and returned at once"
    text += f", {would:,} if nobody had acted"
    if figures.lost.rejected and figures.outbound.rejected:
        text += (
            f" ({figures.lost.rejected:,} that were written to you, {figures.outbound.rejected:,} of yours)"
        )
    if did <= would:
        return f"{text}."
    return f"{text}: own goals. What waits can still be delivered; what is refused with 5xx is gone."


def suppressed(session: Session) -> str:
    """What bulk senders make of a refusal for good."""
    world = session.drill.world
    if not world.suppression.addresses and not world.ledger.suppressed:
        return ""
    return (
        f"Bulk senders take a refusal for good for a dead address: {world.suppression.addresses:,} pairs of "
        f"account and address stand on their lists, and {world.ledger.suppressed:,} later messages were "
        "never sent (assumed). `notify partners advise=clear-lists` asks those who have such accounts to "
        "clear them; what is still refused by then is listed again."
    )


def past_the_gateway(session: Session) -> str:
    """What the ways round the gateway cost, day by day."""
    costs = prices(session.drill)
    if not costs.unwanted and not costs.unarchived:
        return ""
    ways = {
        "by the backup, whose filter is weaker or none": costs.by_the_backup,
        "by the opened lock, from others at the backup's addresses": costs.by_the_lock,
        "straight to the server": costs.straight,
    }
    text = f"{counted(costs.unarchived, 'message')} went past the gateway: its archive has no copy of them"
    if not costs.unwanted:
        return f"{text}."
    parts = ", ".join(f"{count:,} {way}" for way, count in ways.items() if count)
    return f"{text}. Unwanted mail that its filter would have kept (assumed shares): {parts}."


def greylisted(session: Session) -> str:
    """What the backup put off because it had never seen who sent it."""
    count = session.drill.world.inbound.first_contacts()
    return (
        f"The backup greylisted: {count:,} first contacts were put off, each until its sender's next try; "
        "what a sender tries once was returned."
        if count
        else ""
    )
