"""Sentences about mail that was rejected, suppressed, unfiltered or greylisted: the cost of the changes."""

from sim.drill.scoring.bypass_costs import prices
from sim.drill.session.session import Session
from sim.kernel.quantities import counted
from sim.report.outcome import RunOutcome


def self_inflicted(figures: RunOutcome, nothing: RunOutcome) -> str:
    """Permanently rejected mail, compared with doing nothing."""
    did = figures.lost.rejected + figures.outbound.rejected
    would = nothing.lost.rejected + nothing.outbound.rejected
    if not did and not would:
        return ""
    text = f"{counted(did, 'message')} {'was' if did == 1 else 'were'} permanently rejected (5xx)"
    if figures.lost.rejected and figures.outbound.rejected:
        text += f": {figures.lost.rejected:,} inbound, {figures.outbound.rejected:,} outbound"
    text += f"; without any action, {would:,}"
    if did <= would:
        return f"{text}."
    return (
        f"{text}. The difference is self-inflicted: queued mail can still be delivered, rejected mail cannot."
    )


def suppressed(session: Session) -> str:
    """Addresses that bulk senders suppress after a permanent rejection, and mail that was never sent."""
    world = session.drill.world
    if not world.suppression.addresses and not world.ledger.suppressed:
        return ""
    return (
        f"Bulk senders treat a permanently rejected address as dead: {world.suppression.addresses:,} pairs "
        f"of account and address are on their suppression lists, and {world.ledger.suppressed:,} later "
        "messages were never sent (assumed). `notify partners advise=clear-lists` asks partners with such "
        "accounts to clear the lists; an address that is still rejected afterwards is listed again."
    )


def past_the_gateway(session: Session) -> str:
    """The cost of bypassing the gateway: mail missing from its archive, and unwanted mail that was not
    filtered.
    """
    costs = prices(session.drill)
    if not costs.unwanted and not costs.unarchived:
        return ""
    routes = {
        "through the backup, which filters less or not at all": costs.by_the_backup,
        "through the opened lock, from other hosts at the backup's addresses": costs.by_the_lock,
        "directly to the server": costs.straight,
    }
    text = f"{counted(costs.unarchived, 'message')} bypassed the gateway and are not in its archive"
    if not costs.unwanted:
        return f"{text}."
    parts = "; ".join(f"{count:,} {route}" for route, count in routes.items() if count)
    return f"{text}. Unwanted mail that its filter would have stopped (assumed shares): {parts}."


def greylisted(session: Session) -> str:
    """First contacts that the backup deferred (greylisting)."""
    count = session.drill.world.inbound.first_contacts()
    return (
        f"The backup greylisted {count:,} first contacts: each was deferred until an attempt after the "
        "backup's delay. Messages whose sender tries only once bounced."
        if count
        else ""
    )
