"""The gateway's delivery queues by hand: an attempt now, out of it, a longer retention."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.commands.gateway.selection import (
    SELECTED_BY,
    Selecting,
    Side,
    deliveries,
    picked,
    selected,
    side,
    wrong,
)
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.decisions import DecisionTaken
from sim.drill.scenario.milestones import Milestone
from sim.kernel.draws import mix, within
from sim.kernel.duration import DAY_MS, MINUTE_MS, format_duration
from sim.kernel.plural import counted
from sim.mail.message.rows import BOUNCED, REJECTED

LONGEST_RETENTION_MS = 60 * DAY_MS


_NOTHING_MOVES = "nothing moves until the gateway itself works"


def _nothing_waits(drill: Drill, command: Selecting) -> str | None:
    if not deliveries(drill, command.side).queue.depth():
        return f"nothing is in the {command.side} queue"
    return wrong(drill, command)


def _taken_out(drill: Drill, kind: int, command: Selecting) -> int:
    """How many messages have left the queue as `kind`: all that waited, or those that it names."""
    one = deliveries(drill, command.side)
    before, returned = one.queue.depth(), int(drill.world.ledger.recoverable.sum())
    one.remove(kind, picked(drill, command, one.live()))
    drill.first_bounce.by_hand(int(drill.world.ledger.recoverable.sum()) - returned)
    if before > one.queue.depth():
        drill.reach(Milestone.BOUNCE_BY_HAND)
    return before - one.queue.depth()


def _being_taken(number: str) -> str:
    return f"message {number} is being taken by the server; nothing came of it"


@dataclass(frozen=True, slots=True)
class QueueRetry(Selecting):
    """Force an attempt of everything in a delivery queue, or of a part of it, now instead of at its time.

    In batches, `queue retry inbound oldest=2000`, the server's own queue stays short.
    """

    words: ClassVar = ("queue", "retry")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="no",
        exposes="a server that is not ready is flooded",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue, select, Retry",
            who="Basic Administrator or higher",
            how_long="5 minutes; then as fast as the server takes it",
            simplified=SELECTED_BY,
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        queue = deliveries(drill, self.side).queue
        if queue.paused:
            return f"{self.side} deliveries are paused; `deliveries resume {self.side}` offers everything"
        if self.side == "outbound" and not queue.depth():
            return "nothing is in the outbound queue"
        return wrong(drill, self, waits=True)

    def act(self, drill: Drill, by: str) -> str:
        one = deliveries(drill, self.side)
        waiting, depth = one.queue.between_attempts(), one.queue.depth()
        ids = picked(drill, self, waiting)
        if not depth:
            if self.side == "inbound":
                drill.reach(Milestone.QUEUE_RETRIED)
            return f"nothing waits in the {self.side} queue; there is nothing to try"
        if one.queue.stopped:
            one.retry(ids)
            return f"attempt asked for; {_NOTHING_MOVES}"
        forced = waiting if ids is None else waiting.take(np.isin(waiting.id, ids))
        beside = depth - len(waiting)
        if self.side == "inbound":
            drill.batches.begin(forced, selected(self), drill.now_ms, beside if ids is None else 0)
        one.retry(ids)
        what, them = f"attempt forced for message {self.message}", "it"
        if not self.message:
            if self.side == "inbound":
                drill.reach(Milestone.QUEUE_RETRIED)
            count = counted(len(forced), "message") if ids is None else f"{len(ids):,} of {depth:,} messages"
            what, them = f"attempt forced for {count}, {selected(self)}", "them"
            if ids is None and beside:
                what += f"; {beside:,} more were being offered already"
        if self.side == "outbound":
            return f"{what}; {counted(one.queue.depth(), 'message')} left waiting"
        if drill.world.queue.answers:
            return f"{what}; the server is taking {them}"
        return f"{what}: {drill.last_error()}"


def _for_good(path: str) -> Facts:
    """Of a command that takes mail out of a queue and cannot be undone; `path` in the product's console."""
    return Facts(
        role="messaging-admin",
        where="gateway console",
        undo="no",
        exposes="nothing; the mail is gone, but for the archive's copy",
        product=InYourProduct(
            path=path,
            who="Basic Administrator or higher",
            how_long="5 minutes",
            simplified=SELECTED_BY,
        ),
    )


@dataclass(frozen=True, slots=True)
class QueueReject(Selecting):
    """Take everything, or a part, out of a delivery queue for good; its senders are told at once."""

    words: ClassVar = ("queue", "reject")
    facts: ClassVar = _for_good("Mimecast: Message Center | Delivery Queue, select, Reject: beside Retry")

    def refusal(self, drill: Drill) -> str | None:
        return _nothing_waits(drill, self)

    def act(self, drill: Drill, by: str) -> str:
        count = _taken_out(drill, REJECTED, self)
        if not self.message:
            return f"{counted(count, 'message')} rejected; their senders are told"
        return f"message {self.message} rejected; its sender is told" if count else _being_taken(self.message)


@dataclass(frozen=True, slots=True)
class QueueBounce(Selecting):
    """Return everything in a delivery queue, or a part, to its senders now, as if its time were up."""

    words: ClassVar = ("queue", "bounce")
    facts: ClassVar = _for_good("Mimecast: Message Center | Delivery Queue, select, Bounce")

    def refusal(self, drill: Drill) -> str | None:
        return _nothing_waits(drill, self)

    def act(self, drill: Drill, by: str) -> str:
        count = _taken_out(drill, BOUNCED, self)
        if not self.message:
            return f"{counted(count, 'message')} returned to their senders"
        return f"message {self.message} returned to its sender" if count else _being_taken(self.message)


@dataclass(frozen=True, slots=True)
class QueueExtend(Command):
    """Ask the vendor's support to keep mail for longer, counted from each message's arrival."""

    side: Side = side()
    to_ms: int = arg("duration", "the new retention, from arrival", example="8d")

    words: ClassVar = ("queue", "extend")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="phone",
        lead_ms=4 * 60 * MINUTE_MS,
        undo="no",
        product=InYourProduct(
            path="Mimecast: a support case (phone for priority 1), with an identity check",
            who="a named support contact",
            how_long="one to four hours (practice, not published)",
            simplified="always granted; whether queued mail is covered, the organisation's file says",
        ),
    )

    def ruled_out(self, organisation: Organisation, rules: HouseRules) -> str | None:
        if self.to_ms > LONGEST_RETENTION_MS:
            return f"{format_duration(self.to_ms)} is more than support grants; ask for at most 60d"
        return None

    def refusal(self, drill: Drill) -> str | None:
        now_ms = deliveries(drill, self.side).queue.slots.limit_ms
        if self.to_ms <= now_ms:
            return f"retention is {format_duration(now_ms)} already; name a longer one"
        return None

    def lead_ms(self, drill: Drill) -> int:
        takes = drill.scenario.organisation.gateway.retention_case.takes
        bits = mix(drill.seed, "support case", drill.commands_given)
        return takes.least_ms + int(within(bits, takes.most_ms - takes.least_ms + 1)[0])

    def decides(self) -> DecisionTaken:
        return DecisionTaken("retention" if self.side == "inbound" else "outbound retention")

    def act(self, drill: Drill, by: str) -> str:
        one = deliveries(drill, self.side)
        before_ms = one.queue.slots.limit_ms
        covers = drill.scenario.organisation.gateway.retention_case.covers_queued
        one.extend(self.to_ms, covers_queued=covers)
        if self.side == "inbound":
            drill.reach(Milestone.QUEUE_EXTENDED)
        text = f"support: {self.side} retention is now {format_duration(self.to_ms)}"
        return text if covers else f"{text} for new mail; what is queued keeps {format_duration(before_ms)}"
