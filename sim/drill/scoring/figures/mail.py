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
        counts="inbound messages that the gateway returned, when their time was up or by hand",
        label="inbound messages returned by the gateway: {}",
        only_grows=True,
        measure=lambda drill: int(drill.world.ledger.expired[INBOUND]),
        beyond=_returns_beyond("gateway expired"),
        seen=lambda drill: drill.last_seen.gateway().returned[INBOUND],
        seen_beyond=_returns_beyond("gateway expired"),
    ),
    Figure(
        name="returned-by-senders",
        counts="inbound messages that those who sent them gave up",
        label="inbound messages given up by their senders: {}",
        only_grows=True,
        measure=_given_up,
        beyond=_returns_beyond("senders gave up", "backup expired"),
    ),
    Figure(
        name="rejected",
        counts="messages refused for good: own goals",
        label="messages refused for good: {}",
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
        counts="inbound messages of no use any more when they came, those that came back "
        "to their senders, and those never sent in the outage after a refusal for good, per thousand written "
        "in the outage, rounded up",
        label="inbound mail late or returned, for each 1,000 of the outage: {}",
        measure=late_or_returned,
    ),
    Figure(
        name="put-aside-permille",
        counts="inbound messages that lie in quarantine or junk, per thousand written in the "
        "outage, rounded up",
        label="inbound mail in quarantine or junk, for each 1,000 of the outage: {}",
        measure=put_aside,
    ),
    Figure(
        name="duplicates-permille",
        counts="messages that came twice, per thousand written in the outage in the directions "
        "hit, rounded up",
        label="came twice, for each 1,000 of the outage: {}",
        measure=duplicates,
    ),
    Figure(
        name="left-waiting",
        counts="messages to the outside and between colleagues that were written long before the end "
        "(house rule: 1 h) and have come nowhere, neither there nor back",
        label="messages of users left waiting at the end: {}",
        measure=left_waiting,
    ),
    Figure(
        name="outbound-lost-again-min",
        counts="minutes in which outbound mail had no way, after it had had one again: the "
        "connector led where nothing was taken",
        label="outbound without a way again: {} min",
        measure=lambda drill: minutes(total_ms(lost_again(drill))),
        beyond=lambda drill, number: passed_ms(lost_again(drill), number * MINUTE_MS),
    ),
    Figure(
        name="written-again-permille",
        counts="what users wrote again of their own mail that waited, once a word to them was "
        "due, per thousand of what they could have, rounded up",
        label="written again while it waited, of 1,000 messages: {}",
        measure=written_again,
    ),
    Figure(
        name="drain-behind-min",
        counts="minutes that the backlog took beyond what the mail server needs for it at its pace",
        label="backlog behind the mail server's own pace: {} min",
        measure=behind_min,
        beyond=_behind_beyond,
    ),
)
