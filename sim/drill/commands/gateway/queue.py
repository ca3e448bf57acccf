"""Commands for the gateway's delivery queues: retry, reject, bounce, and a longer retention."""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.gateway.selection import (
    SELECTED_BY,
    Selecting,
    Side,
    deliveries,
    picked,
    queued,
    selected,
    side,
    wrong,
)
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.decisions import DecisionTaken
from sim.drill.room.work_given import Turn
from sim.drill.scenario.milestones import Milestone
from sim.kernel.draws import mix, within
from sim.kernel.duration import DAY_MS, MINUTE_MS, in_words
from sim.kernel.frozen import frozen
from sim.kernel.quantities import counted
from sim.kernel.series import among
from sim.mail.message.rows import BOUNCED, REJECTED

LONGEST_RETENTION_MS = 60 * DAY_MS


_NOTHING_MOVES = "mail does not move until the gateway itself works"


def _nothing_waits(drill: Drill, command: Selecting) -> str | None:
    if not deliveries(drill, command.side).queue.depth():
        return f"the {command.side} queue is empty"
    return wrong(drill, command)


def _taken_out(drill: Drill, kind: int, command: Selecting) -> int:
    """Remove the messages that `command` selects, or all of them, from the queue as `kind`; returns their
    number.
    """
    one = deliveries(drill, command.side)
    before, returned = one.queue.depth(), int(drill.world.ledger.recoverable.sum())
    ids = None if command.all_of_it else picked(drill, command, queued(drill, command.side))
    one.remove(kind, ids)
    drill.first_bounce.by_hand(int(drill.world.ledger.recoverable.sum()) - returned)
    if before > one.queue.depth():
        drill.reach(Milestone.BOUNCE_BY_HAND)
    return before - one.queue.depth()


def _being_taken(number: str) -> str:
    return f"message {number} is being accepted by the server at this moment, so it was not changed"


@frozen
class QueueRetry(Selecting):
    """Retry all or part of a delivery queue now instead of at the next scheduled attempt.

    Retries in batches, such as `queue retry inbound oldest=2000`, keep the server's own queue short.
    """

    words: ClassVar = ("queue", "retry")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="no",
        exposes="nothing, but a server that is not ready will be flooded",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue, select, Retry",
            who="Basic Administrator or higher",
            how_long="5 minutes; then as fast as the server accepts mail",
            simplified=SELECTED_BY,
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        queue = deliveries(drill, self.side).queue
        if queue.paused:
            return (
                f"{self.side} deliveries are paused; `deliveries resume {self.side}` offers all queued mail"
            )
        if self.side == "outbound" and not queue.depth():
            return "the outbound queue is empty"
        return wrong(drill, self, waits=True)

    def act(self, drill: Drill, turn: Turn) -> str:
        one = deliveries(drill, self.side)
        waiting, depth = one.queue.between_attempts(), one.queue.depth()
        ids = picked(drill, self, waiting)
        if not depth:
            if self.side == "inbound":
                drill.reach(Milestone.QUEUE_RETRIED)
            return f"the {self.side} queue is empty; there is nothing to retry"
        if one.queue.stopped:
            one.retry(ids, waiting)
            return f"retry requested; {_NOTHING_MOVES}"
        forced = waiting if ids is None else waiting.take(among(waiting.id, ids))
        count, beside = len(forced), depth - len(waiting)
        if self.side == "inbound":
            drill.batches.begin(forced, selected(self), drill.now_ms, beside if ids is None else 0)
        one.retry(ids, waiting)
        what = f"retry forced for message {self.message}"
        if not self.message:
            if self.side == "inbound":
                drill.reach(Milestone.QUEUE_RETRIED)
            some = counted(count, "message") if ids is None else f"{len(ids):,} of {depth:,} messages"
            what = f"retry forced for {some}, {selected(self)}"
            if ids is None and beside:
                what += f"; {beside:,} more are already being offered"
        if self.side == "outbound":
            return f"{what}; {counted(one.queue.depth(), 'message')} still queued"
        if drill.world.queue.answers:
            return f"{what}; the server is accepting mail"
        return f"{what}: {drill.last_error()}"


def _for_good(path: str) -> Facts:
    """Facts about a command that removes mail from a queue permanently; `path`: the command's place in the
    product's console.
    """
    return Facts(
        role="messaging-admin",
        where="gateway console",
        undo="no",
        exposes="nothing, but the mail is lost, apart from the archive's copy",
        product=InYourProduct(
            path=path,
            who="Basic Administrator or higher",
            how_long="5 minutes",
            simplified=SELECTED_BY,
        ),
    )


@frozen
class QueueReject(Selecting):
    """Permanently reject all or part of a delivery queue; its senders are notified at once."""

    words: ClassVar = ("queue", "reject")
    facts: ClassVar = _for_good("Mimecast: Message Center | Delivery Queue, select, Reject (next to Retry)")

    def refusal(self, drill: Drill) -> str | None:
        return _nothing_waits(drill, self)

    def act(self, drill: Drill, turn: Turn) -> str:
        count = _taken_out(drill, REJECTED, self)
        if not self.message:
            return f"{counted(count, 'message')} rejected; their senders are notified"
        return (
            f"message {self.message} rejected; its sender is notified"
            if count
            else _being_taken(self.message)
        )


@frozen
class QueueBounce(Selecting):
    """Bounce all or part of a delivery queue to its senders now, as if its retention had expired."""

    words: ClassVar = ("queue", "bounce")
    facts: ClassVar = _for_good("Mimecast: Message Center | Delivery Queue, select, Bounce")

    def refusal(self, drill: Drill) -> str | None:
        return _nothing_waits(drill, self)

    def act(self, drill: Drill, turn: Turn) -> str:
        count = _taken_out(drill, BOUNCED, self)
        if not self.message:
            return f"{counted(count, 'message')} returned to their senders"
        return f"message {self.message} returned to its sender" if count else _being_taken(self.message)


@frozen
class QueueExtend(Command):
    """Ask vendor support for a longer retention, counted from each message's arrival."""

    side: Side = side()
    to_ms: int = arg("duration", "the new retention, counted from arrival", example="8d")

    words: ClassVar = ("queue", "extend")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="phone",
        lead_ms=4 * 60 * MINUTE_MS,
        lead_is="support's processing time",
        undo="no",
        product=InYourProduct(
            path="Mimecast: a support case (phone for priority 1), with an identity check",
            who="a named support contact",
            how_long="one to four hours (practice, unpublished)",
            simplified="always granted; whether queued mail is covered is set in the organisation's file",
        ),
    )

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        if self.to_ms > LONGEST_RETENTION_MS:
            return f"{in_words(self.to_ms)} is longer than support grants; ask for at most 60d"
        return None

    def refusal(self, drill: Drill) -> str | None:
        now_ms = deliveries(drill, self.side).queue.slots.limit_ms
        if self.to_ms <= now_ms:
            return f"retention is already {in_words(now_ms)}; ask for a longer one"
        return None

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        takes = drill.scenario.organisation.gateway.retention_case.takes
        bits = mix(drill.seed, "support case", turn.key(drill.commands_given))
        return takes.least_ms + int(within(bits, takes.most_ms - takes.least_ms + 1)[0])

    def decides(self) -> DecisionTaken:
        return DecisionTaken("retention" if self.side == "inbound" else "outbound retention")

    def act(self, drill: Drill, turn: Turn) -> str:
        one = deliveries(drill, self.side)
        before_ms = one.queue.slots.limit_ms
        covers = drill.scenario.organisation.gateway.retention_case.covers_queued
        one.extend(self.to_ms, covers_queued=covers)
        if self.side == "inbound":
            drill.reach(Milestone.QUEUE_EXTENDED)
        text = f"support: {self.side} retention is now {in_words(self.to_ms)}"
        return text if covers else f"{text} for new mail; queued mail keeps {in_words(before_ms)}"
