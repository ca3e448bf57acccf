"""The results of decisions on continuity events: starting one, and ending it."""

from sim.drill.room.decisions import Judged
from sim.drill.session.session import Session
from sim.kernel.quantities import counted
from sim.report.decisions.outage_span import (
    PAYS_MS,
    TurnedOut,
    is_over,
    minutes_text,
    outage_left_ms,
    up_to_the_end,
)


def continuity(session: Session, one: Judged) -> TurnedOut:
    """An event was worth it if its apps worked and it was needed and in force for a while; otherwise not
    starting one was right.
    """
    lasted_ms = outage_left_ms(session, one.t_ms)
    helped = not any(start <= one.t_ms < end for start, end in _apps_unreachable(session))
    what = "it was needed"
    if not session.drill.world.users.absences.stretches:
        what = "every user had a mailbox; queued mail could be read through the event"
    span = f"for another {minutes_text(lasted_ms)}{up_to_the_end(session)}"
    text = f"{what} {span}" if lasted_ms else "the outage was over"
    needed = helped and lasted_ms >= PAYS_MS
    if not needed or one.answer == "no":
        return TurnedOut(
            needed == (one.answer == "yes"), text if helped else "the gateway's apps were unreachable"
        )
    covered_ms = _covered_ms(session, one.t_ms)
    enough = covered_ms >= PAYS_MS
    return TurnedOut(
        enough,
        text if enough else f"{text}, and an event was in force for only {minutes_text(covered_ms)} of that",
    )


def _covered_ms(session: Session, from_ms: int) -> int:
    """How long an event was in force during the outage, from then on."""
    covered_ms, until_ms = 0, from_ms
    for event in sorted(session.drill.world.users.membership.events, key=lambda event: event.start_ms):
        start_ms = max(event.start_ms, until_ms, session.scenario.outage_start_ms)
        end_ms = min(event.end_ms, session.scenario.outage_end_ms)
        end_ms = end_ms if is_over(session) else min(end_ms, session.now_ms)
        covered_ms += max(0, end_ms - start_ms)
        until_ms = max(until_ms, end_ms)
    return covered_ms


def continuity_end(session: Session, one: Judged) -> TurnedOut:
    """Ending an event turned out well if the outage was over and queued mail reached mailboxes soon
    afterwards.

    The queued mail is measured by the mail that leaves the gateway's queue from then on, which is never more
    than the queue held, and exactly as much if the gateway delivers in order of arrival.
    """
    queue, lasted_ms = session.drill.world.queue, outage_left_ms(session, one.t_ms)
    soon_ms = session.scenario.organisation.decision_rules.drained_below_ms
    came = queue.entered.before(one.t_ms)
    waits = [
        came - queue.left.before(moment_ms) for moment_ms in (one.t_ms, one.t_ms + soon_ms, session.now_ms)
    ]
    then, after, still = (max(0, int(count)) for count in waits)
    text = f"the outage went on for {minutes_text(lasted_ms)}" if lasted_ms else "the outage was over"
    if after:
        longest, spell = (still, "to the end of the drill")
        if not still:
            longest, spell = (after, f"for more than {minutes_text(soon_ms)}")
        left = f"{'all' if longest == then else f'{longest:,}'} of them {spell}"
        text += (
            f", and {counted(then, 'message')} waited at the gateway, where users could not read them, {left}"
        )
    return TurnedOut(not lasted_ms and not after, text)


def _apps_unreachable(session: Session) -> list[tuple[int, int]]:
    """Spans in which the gateway's apps were unreachable."""
    return [
        (fault.at_ms, fault.until_ms)
        for fault in session.scenario.timeline
        if fault.console_state == "unreachable"
    ]
