"""Sentences about the recovery: retry storm, backlog, forced attempts, user-hours, mail queued at the end."""

from sim.drill.commands.gateway.queue_report import of_batch
from sim.drill.instruments.arrival_logs import herd
from sim.drill.scenario.milestones import Milestone
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.quantities import counted
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.report.findings.bounces import pauses
from sim.report.outcome import RunOutcome


def retry_storm(session: Session) -> str:
    """The half hour of the retry storm; empty if it was small."""
    found = herd(session.drill)
    if (
        found is None
        or found.came < 2 * found.usual
        or found.came - found.usual < session.scenario.organisation.users // 10
    ):
        return ""
    when = session.drill.clock(found.from_ms)
    written = f"{found.usual:,} {'was' if found.usual == 1 else 'were'} written"
    return (
        f"The retry storm peaked in the half hour from {when}: {found.came:,} messages arrived from the "
        f"internet, and {written}; the excess had been queued at its senders."
    )


def backlog_finding(figures: RunOutcome, nothing: RunOutcome) -> str:
    """Size of the backlog and the time until it was delivered, compared with doing nothing."""
    if figures.backlog.drained_after_ms is None:
        return ""
    if not figures.backlog.messages and not nothing.backlog.messages:
        return "There was no backlog to deliver after the recovery, with or without any action."
    if not figures.backlog.messages:
        text = "There was no backlog to deliver after the recovery"
    else:
        text = f"After the recovery, the backlog of {_messages(figures)} took {_time(figures)} to deliver"
    if figures.backlog.internal > nothing.backlog.internal:
        text += (
            f"; {figures.backlog.internal:,} of them were mail between colleagues, which continuity routes "
            "through the gateway and which would otherwise stay in Outboxes"
        )
    if nothing.backlog.drained_after_ms is None:
        return f"{text}."
    if not nothing.backlog.messages:
        return f"{text}. Without any action, there would not have been a backlog."
    return f"{text}. Without any action, {_messages(nothing)} would have taken {_time(nothing)}."


LONGER_MS = 30 * MINUTE_MS
"""Smallest difference to a run with no action from which the debrief explains why a backlog took longer."""


def backlog_reason(session: Session, figures: RunOutcome, nothing: RunOutcome) -> str:
    """The reason why a backlog took longer than with no action: the time depends on the backlog's last
    message, not on its size.
    """
    mine_ms, theirs_ms = figures.backlog.drained_after_ms, nothing.backlog.drained_after_ms
    if mine_ms is None or theirs_ms is None or mine_ms < theirs_ms + LONGER_MS:
        return ""
    drill = session.drill
    back_ms, drained_ms = drill.milestones[Milestone.OUTAGE_END], drill.milestones[Milestone.QUEUE_DRAINED]
    last = " and ".join(
        f"{counted(count, 'message')} {where}" for where, count in drill.last_queued.items() if count > 0
    )
    text = "A backlog is cleared only when its last message has been delivered"
    text += f": a minute before that, {last} still had to be delivered." if last else "."
    led = [
        one
        for one in drill.dns.led(drill.now_ms)
        if one.from_ms <= drained_ms and (one.until_ms is None or one.until_ms > back_ms)
    ]
    if led:
        until = "the end" if led[-1].until_ms is None else drill.clock(led[-1].until_ms)
        text += (
            f" From {drill.clock(led[0].from_ms)} to {until} the MX directed senders elsewhere. "
            "During that time, senders whose resolver still held a different answer, or whose MTA-STS policy "
            "did not list the host, could not deliver."
        )
    held = [end_ms for start_ms, end_ms in pauses(session) if start_ms < drained_ms and end_ms > back_ms]
    if held:
        text += f" Inbound deliveries were paused until {drill.clock(held[-1])}."
    return text


def _messages(figures: RunOutcome) -> str:
    return counted(figures.backlog.messages, "message")


def _time(figures: RunOutcome) -> str:
    span_ms = figures.backlog.drained_after_ms or 0
    return in_words(span_ms, MINUTE_MS) if span_ms >= MINUTE_MS else "less than a minute"


def forced_attempts(session: Session) -> str:
    """The result of each forced retry; if there are many, of the first one and the last three."""
    all_ = [batch for batch in session.drill.batches.all if len(batch.ids) > 1]
    if not all_:
        return ""
    shown = all_ if len(all_) <= 6 else [*all_[:3], *all_[-3:]]
    lines = "; ".join(of_batch(session.drill, batch) for batch in shown)
    return f"Retries forced by hand ({len(all_)}): {lines}."


def left_queued(session: Session, figures: RunOutcome) -> str:
    """Mail still queued although all faults are repaired, for each direction of the gateway."""
    drill, queue = session.drill, session.drill.world.queue
    if not queue.answers or Milestone.OUTAGE_END not in drill.milestones:
        return ""
    told = []
    if queue.paused:
        again = _never_resumed(queue)
        told.append(f"Deliveries were {again}: the mail server is up, but the mail is still at the gateway.")
    outgoing = drill.world.writers.outgoing
    if outgoing.queue.paused:
        waits = counted(outgoing.depth(), "message")
        told.append(
            f"Outbound deliveries were {_never_resumed(outgoing.queue)}: {waits} still at the gateway."
        )
    if not told and session.complete and figures.backlog.drained_after_ms is None:
        told.append(f"The drill ended before the backlog was delivered{_in_queues(figures)}.")
    return " ".join(told)


def _in_queues(figures: RunOutcome) -> str:
    """The queued messages in words: `; in queues: 1 message inbound, 30 messages outbound`."""
    waits = {
        "inbound": figures.inbound.queued + figures.inbound.elsewhere,
        "outbound": figures.outbound.queued,
        "between colleagues": figures.internal.queued,
    }
    parts = [f"{counted(count, 'message')} {whither}" for whither, count in waits.items() if count]
    return f"; in queues: {', '.join(parts)}" if parts else ""


def _never_resumed(queue: DeliveryQueue) -> str:
    return "not resumed again" if len(queue.pauses) > 1 else "never resumed"


def hours_spared(figures: RunOutcome, nothing: RunOutcome) -> str:
    """User-hours without a mailbox, compared with doing nothing."""
    if nothing.people.user_hours_without_mail == 0:
        return ""
    without = round(nothing.people.user_hours_without_mail)
    here = round(figures.people.user_hours_without_mail)
    if without - here < 1:
        return "Continuity saved less than one user-hour without a mailbox."
    return (
        f"Users were without a mailbox for {here:,} user-hours; without any action, {without:,}. "
        f"Saved: {counted(without - here, 'user-hour')}."
    )
