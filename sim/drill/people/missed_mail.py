"""The mail that people miss at a moment: late and returned mail, as a share of all that was written.

Calls from users, executives and partners depend on this share (see `patience`). The share is computed at each
change, and every hour while mail is late and users would call.
"""

from collections.abc import Sequence

from sim.drill.drill_state import DrillState
from sim.kernel.duration import MINUTE_MS
from sim.mail.users.patience import late_permille, missed_permille

TENTH = 10
"""If the missed share changes by less than a tenth, the change is ignored."""


def mail_comes_or_not(drill: DrillState) -> None:
    """Update the share of outside mail that users miss; called after a change of mail routes."""
    away, now_ms = drill.users.calls.away, drill.now_ms
    permille = by_users(drill)
    if not (_in_trouble(drill) or permille):
        away.trouble_ms = None
    elif away.trouble_ms is None:
        away.trouble_ms = now_ms
    if _differs(away.permille, permille):
        drill.helpdesk.count(now_ms)
        away.becomes(now_ms, permille, now_ms if away.trouble_ms is None else away.trouble_ms)
    _look_again(drill)


def by_users(drill: DrillState) -> int:
    """The share of the mail from outside that the organisation's users miss now, in permille."""
    return inbound_permille(drill, drill.users.calls.away.patience_ms)


def inbound_permille(drill: DrillState, patience_ms: Sequence[int]) -> int:
    """The share that people with that patience miss now, in permille.

    While no mail reaches a mailbox, the world does not have to be brought up to date for that.
    """
    world, now_ms = drill.lagging_world, drill.now_ms
    if world.intake.may_deliver_before(now_ms):
        world = drill.world
    return missed_permille(world.written_before(now_ms), world.recent.come_ms, now_ms, patience_ms)


def outbound_permille(drill: DrillState, patience_ms: Sequence[int]) -> int:
    """The share of the organisation's outbound mail that has not left, in permille.

    The number of messages to compare with comes from the usual proportion of outbound to inbound mail.
    """
    world, traffic = drill.world, drill.scenario.organisation.traffic
    times = traffic.outbound_per_user_workday / max(1, traffic.inbound_per_user_workday)
    return late_permille(world.outbound_waits(), world.recent.written_ms, times, drill.now_ms, patience_ms)


def at_senders_permille(drill: DrillState, patience_ms: Sequence[int]) -> int:
    """The share of the organisation's inbound mail that is still at its senders or was returned to them,
    in permille.
    """
    recent, begun_ms = drill.world.recent, drill.world.inbound.begun_ms
    since = recent.written_ms[recent.written_ms >= begun_ms]
    return missed_permille(since, recent.sent_ms, drill.now_ms, patience_ms)


def in_ms(minutes: Sequence[int]) -> tuple[int, ...]:
    """Quantiles in milliseconds."""
    return tuple(one * MINUTE_MS for one in minutes)


def _in_trouble(drill: DrillState) -> bool:
    return bool(drill.faults.in_force) or drill.lagging_world.queue.paused


def _differs(before: int, now: int) -> bool:
    """True if the missed share has changed enough to affect the number of calls."""
    return abs(now - before) * TENTH > max(before, now)


def _look_again(drill: DrillState) -> None:
    """Plan the next hourly check, at the beginning of an hour in which users would call.

    The end of a fault is a change itself, so no check is needed before it if mail is not missed yet.
    """
    away, paused = drill.users.calls.away, drill.lagging_world.queue.paused
    if away.trouble_ms is None or (away.looks_at_ms is not None and away.looks_at_ms > drill.now_ms):
        return
    next_ms = away.next_call_hour_ms(drill.now_ms + 1)
    ends_ms = max((fault.until_ms for fault in drill.faults.in_force), default=0)
    if next_ms is not None and (paused or away.permille or next_ms < ends_ms):
        away.looks_at_ms = next_ms
        drill.at(next_ms, lambda: _look(drill))


def _look(drill: DrillState) -> None:
    """Make the hourly check."""
    mail_comes_or_not(drill)
