"""Sentences on the recovery: retry storm, backlog, forced attempts, user-hours, mail queued at the end."""

from sim.drill.commands.gateway.queue_report import of_batch
from sim.drill.instruments.arrival_logs import herd
from sim.drill.scenario.milestones import Milestone
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.kernel.plural import counted
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.report.outcome import RunOutcome


def retry_storm(session: Session) -> str:
    """The rush of what had waited with its senders."""
    found = herd(session.drill)
    if (
        found is None
        or found.came < 2 * found.usual
        or found.came - found.usual < session.scenario.organisation.users // 10
    ):
        return ""
    when = session.drill.clock(found.from_ms)
    return (
        f"The herd came in the half hour from {when}: {found.came:,} messages from the internet, of which "
        f"{found.usual:,} were written in it; the rest had waited with their senders."
    )


def backlog_finding(figures: RunOutcome, nothing: RunOutcome) -> str:
    """Size of the backlog and the time until it was delivered, next to doing nothing."""
    if figures.backlog.drained_after_ms is None:
        return ""
    text = f"After the return {_backlog(figures)} to be delivered"
    if figures.backlog.internal > nothing.backlog.internal:
        text += (
            f"; {figures.backlog.internal:,} of them were mail between colleagues, which continuity brings "
            "through the gateway, and which stands in Outboxes without it"
        )
    if nothing.backlog.drained_after_ms is None:
        return f"{text}."
    return f"{text}. If nobody had acted, {_backlog(nothing)}."


def _backlog(figures: RunOutcome) -> str:
    """How many messages and how long they took: only both together can be compared with another play."""
    count = counted(figures.backlog.messages, "message")
    return f"the backlog of {count} took {_hours(figures.backlog.drained_after_ms or 0)}"


def forced_attempts(session: Session) -> str:
    """What each forced attempt came to; of many the first and the last few."""
    all_ = [batch for batch in session.drill.batches.all if len(batch.ids) > 1]
    if not all_:
        return ""
    shown = all_ if len(all_) <= 6 else [*all_[:3], *all_[-3:]]
    lines = "; ".join(of_batch(session.drill, batch) for batch in shown)
    return f"Attempts forced by hand, {len(all_)} in all: {lines}."


def left_queued(session: Session, figures: RunOutcome) -> str:
    """What still waits although all is repaired, for each side that the gateway delivers to."""
    drill, queue = session.drill, session.drill.world.queue
    if not queue.answers or Milestone.OUTAGE_END not in drill.milestones:
        return ""
    told = []
    if queue.paused:
        again = _never_resumed(queue)
        told.append(f"Deliveries were {again}: the mail server is up and the mail waits at the gateway.")
    outgoing = drill.world.writers.outgoing
    if outgoing.queue.paused:
        waits = counted(outgoing.depth(), "message")
        told.append(
            f"Outbound deliveries were {_never_resumed(outgoing.queue)}: {waits} wait at the gateway."
        )
    if not told and session.complete and figures.backlog.drained_after_ms is None:
        told.append(f"The drill ended before the backlog was delivered{_in_queues(figures)}.")
    return " ".join(told)


def _in_queues(figures: RunOutcome) -> str:
    """`; in queues: 1 message from outside, 30 messages to the outside`."""
    waits = {
        "from outside": figures.inbound.queued + figures.inbound.elsewhere,
        "to the outside": figures.outbound.queued,
        "between colleagues": figures.internal.queued,
    }
    parts = [f"{counted(count, 'message')} {whither}" for whither, count in waits.items() if count]
    return f"; in queues: {', '.join(parts)}" if parts else ""


def _never_resumed(queue: DeliveryQueue) -> str:
    return "not resumed again" if len(queue.pauses) > 1 else "never resumed"


def _hours(span_ms: int) -> str:
    return f"{span_ms // HOUR_MS} h {span_ms % HOUR_MS // 60_000:02d} min"


def hours_spared(figures: RunOutcome, nothing: RunOutcome) -> str:
    """User-hours without a mailbox, next to doing nothing."""
    if nothing.people.user_hours_without_mail == 0:
        return ""
    spared = nothing.people.user_hours_without_mail - figures.people.user_hours_without_mail
    if spared < 1:
        return "Nobody was spared an hour without a mailbox: no continuity event helped."
    return (
        f"Users were without a mailbox for {figures.people.user_hours_without_mail:,.0f} hours in all, "
        f"{nothing.people.user_hours_without_mail:,.0f} if nobody had acted: {spared:,.0f} user-hours spared."
    )
