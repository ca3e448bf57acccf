"""Figures about mail: bounced, rejected, late, quarantined, left in queues, and the backlog."""

from sim.drill.drill import Drill
from sim.drill.instruments.unapproved_time import minutes, passed_ms, total_ms
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.drain_time import behind_min, drained_due_ms
from sim.drill.scoring.figures import causes
from sim.drill.scoring.figures.figure import Dated, Figure
from sim.drill.scoring.mail_shares import duplicates, late_or_returned, put_aside, written_again
from sim.drill.scoring.unfinished_mail import left_waiting, lost_again, oldest_ms
from sim.kernel.duration import MINUTE_MS
from sim.mail.accounts.return_times import Who
from sim.mail.message.traffic import DIRECTIONS, INBOUND

REFUSED_IN_SIGHT: tuple[Who, ...] = (
    "gateway refused",
    "backup refused",
    "server refused senders",
    "server was refused",
)
"""Permanent rejections by hosts whose consoles show them; no console shows rejections by other hosts."""


def _returns_beyond(*who: Who) -> Dated:
    """Function that finds the time at which more than a given number of messages had been returned or
    rejected in these ways.
    """
    return lambda drill, number: drill.world.ledger.returns.beyond(number, *who)


def _given_up(drill: Drill) -> int:
    world = drill.world
    return world.custody()["inbound"].get("bounced", 0) - int(world.ledger.expired[INBOUND])


def _rejected(drill: Drill) -> int:
    return sum(drill.world.custody()[name].get("rejected", 0) for name in DIRECTIONS)


def _rejected_in_sight(drill: Drill) -> int:
    lost, server = drill.last_seen.gateway_losses(), drill.last_seen.server()
    return sum(lost.rejected) + server.rejected + server.refused


def _behind_beyond(drill: Drill, number: int) -> int | None:
    due_ms = drained_due_ms(drill)
    return None if due_ms is None else due_ms + number * MINUTE_MS


def _left_because(drill: Drill) -> str:
    oldest = [age_ms for one in ("outbound", "internal") if (age_ms := oldest_ms(drill, one)) is not None]
    return f"the oldest was written at {drill.clock(drill.now_ms - max(oldest))}" if oldest else ""


def _behind_because(drill: Drill) -> str:
    due_ms, drained_ms = drained_due_ms(drill), drill.milestones.get(Milestone.QUEUE_DRAINED)
    if due_ms is None:
        return ""
    drained = "not drained by the end" if drained_ms is None else f"drained at {drill.clock(drained_ms)}"
    return f"possible by {drill.clock(due_ms)}, {drained}"


def _late_or_returned_because(drill: Drill) -> str:
    ways: dict[Who, str] = {
        "gateway expired": "bounced by the gateway",
        "senders gave up": "bounced at the sender",
    }
    ways |= {
        "backup expired": "bounced by the backup",
        "senders were refused": "permanently rejected",
        "backup refused": "rejected on the way from the backup",
    }
    late = drill.world.flags()["late"]
    return ", ".join(filter(None, (f"{late:,} late" if late else "", causes.returned(ways)(drill))))


FIGURES = (
    Figure(
        name="bounced",
        counts="inbound messages that the gateway bounced, at its retention limit or by hand",
        label="inbound messages bounced by the gateway: {}",
        only_grows=True,
        measure=lambda drill: int(drill.world.ledger.expired[INBOUND]),
        beyond=_returns_beyond("gateway expired"),
        because=causes.returned({"gateway expired": "by the gateway"}),
        seen=lambda drill: drill.last_seen.gateway_losses().returned[INBOUND],
        seen_beyond=_returns_beyond("gateway expired"),
    ),
    Figure(
        name="returned-by-senders",
        counts="inbound messages that bounced at the sender or at the backup (retry limit reached)",
        label="inbound messages bounced at the sender: {}",
        only_grows=True,
        measure=_given_up,
        beyond=_returns_beyond("senders gave up", "backup expired"),
        because=causes.returned(causes.BOUNCED_BY),
    ),
    Figure(
        name="rejected",
        counts="messages permanently rejected (5xx), a self-inflicted loss",
        label="messages permanently rejected: {}",
        only_grows=True,
        measure=_rejected,
        beyond=_returns_beyond(
            "gateway refused", "backup refused", "senders were refused", "server was refused"
        ),
        because=causes.rejected,
        seen=_rejected_in_sight,
        seen_beyond=_returns_beyond(*REFUSED_IN_SIGHT),
    ),
    Figure(
        name="late-or-returned-permille",
        counts=(
            "inbound messages that arrived too late to be useful, that bounced, or that were not sent "
            "during the outage because of an earlier permanent rejection; per thousand written in the "
            "outage, rounded up"
        ),
        label="inbound mail late or bounced, per 1,000 messages of the outage: {}",
        measure=late_or_returned,
        because=_late_or_returned_because,
    ),
    Figure(
        name="put-aside-permille",
        counts="inbound messages quarantined or junked, per thousand written during the outage, rounded up",
        label="inbound mail quarantined or junked, per 1,000 messages of the outage: {}",
        measure=put_aside,
    ),
    Figure(
        name="duplicates-permille",
        counts="duplicates, per thousand messages written during the outage in the affected directions, "
        "rounded up",
        label="duplicates, per 1,000 messages of the outage: {}",
        measure=duplicates,
    ),
    Figure(
        name="left-waiting",
        counts="outbound and internal messages that were written long before the end (house rule: 1 h) and "
        "have been neither delivered nor returned",
        label="users' messages neither delivered nor returned at the end: {}",
        measure=left_waiting,
        because=_left_because,
    ),
    Figure(
        name="outbound-lost-again-min",
        counts="minutes in which outbound mail had lost its restored route, because the connector routed "
        "to a host that did not accept mail",
        label="outbound route lost again after it had been restored: {} min",
        measure=lambda drill: minutes(total_ms(lost_again(drill))),
        beyond=lambda drill, number: passed_ms(lost_again(drill), number * MINUTE_MS),
        because=lambda drill: ", ".join(
            f"from {drill.clock(from_ms)} to {drill.clock(to_ms)}" for from_ms, to_ms in lost_again(drill)
        ),
    ),
    Figure(
        name="written-again-permille",
        counts="messages that users sent again while the first copy was queued, counted from the time at "
        "which an update to users was due; per thousand messages that could have been sent again, "
        "rounded up",
        label="sent again while the first copy was queued, per 1,000 messages: {}",
        measure=written_again,
    ),
    Figure(
        name="drain-behind-min",
        counts="minutes by which draining the backlog took longer than the mail server needs at its own pace",
        label="delay in draining the backlog, beyond the mail server's own pace: {} min",
        measure=behind_min,
        beyond=_behind_beyond,
        because=_behind_because,
    ),
)
