"""Figures of what became of mail: returned, refused, late, put aside, left waiting, and the backlog."""

from sim.drill.drill import Drill
from sim.drill.instruments.unapproved_time import minutes, passed_ms, total_ms
from sim.drill.scoring.drain_time import behind_min, drained_due_ms
from sim.drill.scoring.figures.figure import Dated, Figure
from sim.drill.scoring.mail_shares import duplicates, late_or_returned, put_aside, written_again
from sim.drill.scoring.unfinished_mail import left_waiting, lost_again
from sim.kernel.duration import MINUTE_MS
from sim.mail.accounts.return_times import Who
from sim.mail.message.traffic import DIRECTIONS, INBOUND

REFUSED_IN_SIGHT: tuple[Who, ...] = (
    "gateway refused",
    "backup refused",
    "server refused senders",
    "server was refused",
)
"""What was refused for good and stands on a console: what other hosts refused to senders does not."""


def _returns_beyond(*who: Who) -> Dated:
    """When more than a number of messages had been returned or refused in one of these ways."""
    return lambda drill, number: drill.world.ledger.returns.beyond(number, *who)


def _given_up(drill: Drill) -> int:
    world = drill.world
    return world.custody()["inbound"].get("bounced", 0) - int(world.ledger.expired[INBOUND])


def _rejected(drill: Drill) -> int:
    return sum(drill.world.custody()[name].get("rejected", 0) for name in DIRECTIONS)


def _rejected_in_sight(drill: Drill) -> int:
    gateway, server = drill.last_seen.gateway(), drill.last_seen.server()
    return sum(gateway.rejected) + server.rejected + server.refused


def _behind_beyond(drill: Drill, number: int) -> int | None:
    due_ms = drained_due_ms(drill)
    return None if due_ms is None else due_ms + number * MINUTE_MS


FIGURES = (
    Figure(
        name="bounced",
        counts="inbound messages that the gateway bounced, at the retention limit or by hand",
        label="inbound messages bounced by the gateway: {}",
        only_grows=True,
        measure=lambda drill: int(drill.world.ledger.expired[INBOUND]),
        beyond=_returns_beyond("gateway expired"),
        seen=lambda drill: drill.last_seen.gateway().returned[INBOUND],
        seen_beyond=_returns_beyond("gateway expired"),
    ),
    Figure(
        name="returned-by-senders",
        counts="inbound messages bounced at the sender (retry limit reached)",
        label="inbound messages bounced at the sender: {}",
        only_grows=True,
        measure=_given_up,
        beyond=_returns_beyond("senders gave up", "backup expired"),
    ),
    Figure(
        name="rejected",
        counts="messages permanently rejected (5xx)",
        label="messages permanently rejected: {}",
        only_grows=True,
        measure=_rejected,
        beyond=_returns_beyond(
            "gateway refused", "backup refused", "senders were refused", "server was refused"
        ),
        seen=_rejected_in_sight,
        seen_beyond=_returns_beyond(*REFUSED_IN_SIGHT),
    ),
    Figure(
        name="late-or-returned-permille",
        counts="inbound messages that were of no use on arrival, that bounced, or that were never sent "
        "after a permanent rejection, per thousand written in the outage, rounded up",
        label="inbound mail late or bounced, per 1,000 of the outage: {}",
        measure=late_or_returned,
    ),
    Figure(
        name="put-aside-permille",
        counts="inbound messages in quarantine or junk, per thousand written in the outage, rounded up",
        label="inbound mail in quarantine or junk, per 1,000 of the outage: {}",
        measure=put_aside,
    ),
    Figure(
        name="duplicates-permille",
        counts="messages that arrived twice, per thousand written in the outage in the affected directions, "
        "rounded up",
        label="arrived twice, per 1,000 of the outage: {}",
        measure=duplicates,
    ),
    Figure(
        name="left-waiting",
        counts="outbound and internal messages written long before the end (house rule: 1 h) and neither "
        "delivered nor returned",
        label="users' messages still queued at the end: {}",
        measure=left_waiting,
    ),
    Figure(
        name="outbound-lost-again-min",
        counts="minutes without an outbound route after it had been restored once: the connector pointed to "
        "a host that did not accept mail",
        label="no outbound route again: {} min",
        measure=lambda drill: minutes(total_ms(lost_again(drill))),
        beyond=lambda drill, number: passed_ms(lost_again(drill), number * MINUTE_MS),
    ),
    Figure(
        name="written-again-permille",
        counts="queued messages that users wrote again after an update to them was due, per thousand they "
        "could have, rounded up",
        label="written again while queued, per 1,000 messages: {}",
        measure=written_again,
    ),
    Figure(
        name="drain-behind-min",
        counts="minutes that the backlog took beyond the time that the mail server needs at its own pace",
        label="backlog delivered later than the server's pace allows: {} min",
        measure=behind_min,
        beyond=_behind_beyond,
    ),
)
