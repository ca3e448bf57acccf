"""Sentences about mail that the gateway bounced, compared with doing nothing, and about the measures
against it.
"""

from sim.drill.scenario.milestones import Milestone
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from sim.kernel.quantities import counted
from sim.report.outcome import RunOutcome


def all_bounces(figures: RunOutcome, nothing: RunOutcome) -> str:
    """Inbound mail that bounced, by the three ways in which its sender is notified, compared with doing
    nothing.
    """
    if not figures.lost.bounces and not nothing.lost.bounces:
        return ""
    return f"Inbound mail: {_split(figures)}. Without any action: {_split(nothing)}."


def _split(figures: RunOutcome) -> str:
    """The bounced mail in words: `598 messages bounced (583 at the sender, retry limit reached; 15
    permanently rejected, 5xx)`.
    """
    lost = figures.lost
    ways = {
        "by the gateway": lost.bounced,
        "at the sender, retry limit reached": lost.at_senders.count,
        "permanently rejected, 5xx": lost.rejected,
    }
    parts = [f"{count:,} {how}" for how, count in ways.items() if count]
    if len(parts) == 1 < lost.bounces:
        parts = [f"all {how}" for how, count in ways.items() if count]
    return f"{counted(lost.bounces, 'message')} bounced ({'; '.join(parts)})" if parts else "none bounced"


def bounces(session: Session, figures: RunOutcome, nothing: RunOutcome) -> str:
    """Mail that the gateway bounced, compared with doing nothing, and the measures that were taken."""
    did, would = figures.lost.bounced, nothing.lost.bounced
    if not did and not would:
        among = _among_colleagues(figures, nothing)
        return among or ("" if figures.lost.bounces else _nothing_bounces(session, nothing))
    if did:
        text = f"{_bounced(figures)}; " + (
            f"without any action, {would:,} would have." if would else "without any action, none would have."
        )
    else:
        text = (
            f"The gateway did not bounce any messages; without any action, it would have bounced {would:,}."
        )
    return " ".join(
        [text, *_too_late(session, figures), *measures(session, nothing, bounced=did > figures.lost.by_hand)]
    )


def _too_late(session: Session, figures: RunOutcome) -> list[str]:
    """Mail that the gateway bounced after the mail server had recovered: without a further attempt, or
    because the server deferred it again.
    """
    back_ms = session.drill.milestones.get(Milestone.OUTAGE_END)
    if back_ms is None or figures.lost.by_hand:
        return []
    count = session.drill.world.ledger.returns.since(back_ms, "gateway expired")
    if not count:
        return []
    queue, told = session.drill.world.queue, f"{count:,} of them bounced after the server had recovered"
    if (queue.last_failure_ms or 0) >= back_ms and queue.last_reply.startswith("4"):
        why = "its disk was full, or its own queue was too long"
        return [f"{told}. For part of that time, the server deferred mail: {why}."]
    return [
        f"{told}: their next attempt was due after their retention limit. `queue retry inbound` at the "
        "recovery would have attempted them in time."
    ]


def _bounced(figures: RunOutcome) -> str:
    """The number of messages that the gateway bounced, the number bounced by hand, and the lowest age of
    the others.
    """
    text = f"The gateway bounced {counted(figures.lost.bounced, 'message')}"
    if figures.lost.by_hand == figures.lost.bounced:
        return f"{text}, by hand"
    old = f"each of them at least {(figures.lost.youngest_ms or 0) // HOUR_MS} h old"
    return (
        f"{text}, {figures.lost.by_hand:,} by hand, the others {old}"
        if figures.lost.by_hand
        else f"{text}, {old}"
    )


def _among_colleagues(figures: RunOutcome, nothing: RunOutcome) -> str:
    """A sentence for the case that the gateway bounced only mail between colleagues."""
    did, would = figures.internal.returned, nothing.internal.returned
    if not did and not would:
        return ""
    told = f"{counted(did, 'message')}; without any action, {would:,}."
    return f"The gateway did not bounce inbound mail. Bounced mail between colleagues: {told}"


def _nothing_bounces(session: Session, nothing: RunOutcome) -> str:
    if not session.complete:
        return "The gateway has not bounced any mail so far, and would not have without any action either."
    lasted = in_words(session.scenario.outage_end_ms - session.scenario.outage_start_ms)
    if nothing.lost.rejected:
        return ""
    if nothing.lost.at_senders.count:
        where = "messages that it does not accept stay in their senders' queues"
        return f"The outage lasted {lasted}. The gateway did not bounce any mail: {where}."
    kept = in_words(nothing.lost.retention_ms)
    tail = "A pause was not needed, and deliveries were not paused."
    if Milestone.DELIVERIES_PAUSED in session.drill.milestones:
        tail = "The pause was not needed."
    elif session.drill.world.writers.outgoing.queue.pauses:
        tail = (
            "Inbound deliveries did not need to be paused, and were not; only outbound deliveries were "
            "paused."
        )
    return (
        f"The outage lasted {lasted}, and the gateway keeps each message for {kept}, so it bounced none. "
        f"{tail}"
    )


def measures(session: Session, nothing: RunOutcome, *, bounced: bool) -> list[str]:
    """Pauses and extensions, with the mistakes in them if mail bounced nevertheless."""
    drill, told = session.drill, []
    spans = pauses(session)
    if spans:
        paused_ms = sum(end_ms - start_ms for start_ms, end_ms in spans)
        told.append(
            f"Deliveries were paused for {in_words(paused_ms, MINUTE_MS)}, and paused mail does not expire."
        )
    if Milestone.QUEUE_EXTENDED in drill.milestones:
        told.append(f"Retention of inbound mail is now {in_words(drill.world.queue.slots.limit_ms)}.")
    if not bounced:
        return told
    if not spans:
        last_ms = (
            nothing.lost.retention_ms * drill.scenario.organisation.decision_rules.pause_by_percent // 100
        )
        leaks = any(fault.kind.leaks for fault in drill.scenario.timeline)
        what = "A longer retention" if leaks else "A pause, or a longer retention,"
        tail = "; a pause would also hold back the mail that gets through" if leaks else ""
        told.append(
            f"{what} before the oldest message was {in_words(last_ms)} old would have kept them{tail}."
        )
    elif spans[0][0] > drill.milestones[Milestone.BOUNCE_FIRST]:
        told.append("The pause came after the first bounce.")
    outages = drill.world.users.absences.stretches
    if any(start_ms <= end < end_ms for _start, end in spans for start_ms, end_ms, _who in outages):
        told.append(
            "Deliveries were resumed while the mail server was down, which bounces all mail past its "
            "retention limit at once."
        )
    return told


def pauses(session: Session) -> list[tuple[int, int]]:
    """Spans in which inbound deliveries were paused, whether or not people knew; the last one ends now."""
    return [
        (span[0], span[1] if len(span) > 1 else session.now_ms) for span in session.drill.world.queue.pauses
    ]
