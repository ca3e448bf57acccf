"""Sentences on bounces: returned by the gateway, next to doing nothing, and what was done about them."""

from sim.drill.scenario.milestones import Milestone
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, format_duration
from sim.kernel.plural import counted
from sim.report.outcome import RunOutcome


def bounces(session: Session, figures: RunOutcome, nothing: RunOutcome) -> str:
    """What was returned to its senders, beside doing nothing, and what people did about it."""
    did, would = figures.lost.bounced, nothing.lost.bounced
    if not did and not would:
        return _among_colleagues(figures, nothing) or _nothing_bounces(session, nothing)
    if did:
        text = f"{_bounced(figures)}; " + (
            f"{would:,} would have if nobody had acted." if would else "none if nobody had acted."
        )
    else:
        text = f"{counted(would, 'message')} would have bounced if nobody had acted; none did."
    return " ".join(
        [text, *_too_late(session, figures), *measures(session, nothing, bounced=did > figures.lost.by_hand)]
    )


def _too_late(session: Session, figures: RunOutcome) -> list[str]:
    """What the gateway has returned although the mail server was back: it did not try once more."""
    back_ms = session.drill.milestones.get(Milestone.OUTAGE_END)
    if back_ms is None or figures.lost.by_hand:
        return []
    count = session.drill.world.ledger.returns.since(back_ms, "gateway expired")
    if not count:
        return []
    return [
        f"{count:,} of them bounced with the server back: their next try lay beyond their limit, and "
        "`queue retry inbound` at the return would have brought them."
    ]


def _bounced(figures: RunOutcome) -> str:
    """How many the gateway has returned, by whom, and how old they were at least."""
    text = f"{counted(figures.lost.bounced, 'message')} bounced"
    if figures.lost.by_hand == figures.lost.bounced:
        return f"{text}, by hand"
    old = f"each at least {(figures.lost.youngest_ms or 0) // HOUR_MS} h old"
    return (
        f"{text}, {figures.lost.by_hand:,} by hand, the others {old}"
        if figures.lost.by_hand
        else f"{text}, {old}"
    )


def _among_colleagues(figures: RunOutcome, nothing: RunOutcome) -> str:
    """Nothing from outside was returned by the gateway, and some of the mail between colleagues was."""
    did, would = figures.internal.returned, nothing.internal.returned
    if not did and not would:
        return ""
    return (
        f"Nothing from outside bounced at the gateway; of what colleagues wrote to each other by it "
        f"{counted(did, 'message')} came back, {would or 'none'} if nobody had acted."
    )


def _nothing_bounces(session: Session, nothing: RunOutcome) -> str:
    if not session.complete:
        return "Nothing has bounced so far, nor would it have if nobody had acted."
    lasted = format_duration(session.scenario.outage_end_ms - session.scenario.outage_start_ms)
    if nothing.lost.rejected:
        return ""
    if nothing.lost.at_senders.count:
        where = "what it does not take waits with its senders"
        return f"The outage lasted {lasted}; nothing bounces at the gateway, {where}."
    kept = f"{nothing.lost.retention_ms // HOUR_MS} h"
    tail = "Pausing is needless here, and was left alone."
    if Milestone.DELIVERIES_PAUSED in session.drill.milestones:
        tail = "Pausing was needless here."
    elif session.drill.world.writers.outgoing.queue.pauses:
        tail = "Pausing is needless here; what goes out was paused."
    return f"The outage lasted {lasted}, the gateway keeps each message for {kept}: nothing bounces. {tail}"


def measures(session: Session, nothing: RunOutcome, *, bounced: bool) -> list[str]:
    """Pauses and extensions as they were, and what was wrong with them when mail bounced all the same."""
    drill, told = session.drill, []
    spans = pauses(session)
    if spans:
        paused_ms = sum(end_ms - start_ms for start_ms, end_ms in spans)
        told.append(f"Deliveries were paused for {_hours(paused_ms)}, and paused mail does not expire.")
    if Milestone.QUEUE_EXTENDED in drill.milestones:
        told.append(f"Inbound mail is kept for {format_duration(drill.world.queue.slots.limit_ms)} by now.")
    if not bounced:
        return told
    if not spans:
        last_ms = (
            nothing.lost.retention_ms * drill.scenario.organisation.decision_rules.pause_by_percent // 100
        )
        leaks = any(fault.kind.leaks for fault in drill.scenario.timeline)
        what = "A longer retention" if leaks else "A pause, or a longer retention,"
        tail = "; a pause would hold back what gets through as well" if leaks else ""
        told.append(f"{what} before the oldest is {_age(last_ms)} old keeps them{tail}.")
    elif spans[0][0] > drill.milestones[Milestone.BOUNCE_FIRST]:
        told.append("The pause came after the first bounce.")
    outages = drill.world.users.absences.stretches
    if any(start_ms <= end < end_ms for _start, end in spans for start_ms, end_ms, _who in outages):
        told.append("A resume while the mail server is down returns what is past its limit at once.")
    return told


def pauses(session: Session) -> list[tuple[int, int]]:
    """Stretches in which inbound deliveries were paused, whatever was known of it; the last one up to now."""
    return [
        (span[0], span[1] if len(span) > 1 else session.now_ms) for span in session.drill.world.queue.pauses
    ]


def _age(span_ms: int) -> str:
    """Whole hours as hours, 72 h rather than 3d: an age in a queue is told so."""
    return format_duration(span_ms) if span_ms % HOUR_MS else f"{span_ms // HOUR_MS} h"


def _hours(span_ms: int) -> str:
    return f"{span_ms // HOUR_MS} h {span_ms % HOUR_MS // 60_000:02d} min"
