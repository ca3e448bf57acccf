"""The gateway's inbound deliveries and its queue: pause, resume, retry, longer retention."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.command import Command, Facts, InYourProduct, arg
from sim.drill.drill import Drill
from sim.kernel.draws import mix, within
from sim.kernel.duration import DAY_MS, MINUTE_MS, format_duration
from sim.mail.rows import BOUNCED, REJECTED

LONGEST_RETENTION_MS = 60 * DAY_MS
MOST_DIGITS = 15
Side = Literal["inbound"]


def _side() -> Side:
    side: Side = arg("choice", "which deliveries; so far only inbound", choices=("inbound",))
    return side


def _message() -> str:
    number: str = arg("word", "only this one, by its number in the queue's list", key="message", default="")
    return number


def _named(drill: Drill, message: str) -> int | None:
    """The identity that `message=` names; None if it names none, or something that is no number."""
    if not (message.isascii() and message.isdigit()) or len(message) > MOST_DIGITS:
        return None
    return drill.world.numbering.identity(int(message), drill.now_ms)


def _not_there(drill: Drill, message: str, *, waits: bool = False) -> str | None:
    """Why that message cannot be acted on; None if it can, or if all are meant. `waits`: between attempts."""
    if not message:
        return None
    if not (message.isascii() and message.isdigit()):
        return f"`{message}` is no message's number; take one from the queue's list, such as message=4711"
    named = _named(drill, message)
    if named is None or named not in drill.world.live().id:
        return f"there is no message {message} in the inbound queue; take a number from the queue's list"
    if waits and named not in drill.world.queue.between_attempts().id:
        return f"message {message} is being delivered at this moment; wait for what comes of it"
    return None


def _nothing_waits(drill: Drill, message: str) -> str | None:
    if not drill.world.queue.depth():
        return "nothing is in the inbound queue"
    return _not_there(drill, message)


def _taken_out(drill: Drill, kind: int, message: str) -> int:
    """How many messages have left the queue as `kind`: all that waited, or the named one."""
    before = drill.world.queue.depth()
    drill.world.remove(kind, _named(drill, message))
    return before - drill.world.queue.depth()


def _being_taken(message: str) -> str:
    return f"message {message} is being taken by the server; nothing came of it"


@dataclass(frozen=True, slots=True)
class DeliveriesPause(Command):
    """Pause deliveries to the mail server: mail waits without limit, makes no attempts, does not bounce."""

    side: Side = _side()

    words: ClassVar = ("deliveries", "pause")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=3 * MINUTE_MS,
        lead_ms=0,
        undo="deliveries resume inbound",
        exposes="nothing; but nothing tells you any more that the server is back",
        product=InYourProduct(
            path="Mimecast: Gateway | Delivery Routes, pause inbound deliveries",
            who="Basic Administrator or higher",
            how_long="3 minutes",
            simplified="all inbound routes at once",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if drill.world.queue.paused:
            return "inbound deliveries are paused already; `deliveries resume inbound` starts them again"
        return None

    def act(self, drill: Drill) -> str:
        drill.world.pause()
        drill.reach("deliveries.paused")
        drill.reach("pause.decided")
        return f"inbound deliveries paused with {drill.world.queue.depth():,} messages in the queue"


@dataclass(frozen=True, slots=True)
class DeliveriesResume(Command):
    """Resume deliveries: everything that waited is offered to the mail server in arrival order."""

    side: Side = _side()

    words: ClassVar = ("deliveries", "resume")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=3 * MINUTE_MS,
        lead_ms=0,
        undo="deliveries pause inbound",
        exposes="what is past its limit bounces if the server refuses it",
        product=InYourProduct(
            path="Mimecast: Gateway | Delivery Routes, resume inbound deliveries",
            who="Basic Administrator or higher",
            how_long="3 minutes; delivery is gradual",
            simplified="not published: whether mail past 96 h bounces at its first failed try; here it does",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not drill.world.queue.paused:
            return "inbound deliveries are not paused; `queue retry inbound` forces an attempt"
        return None

    def act(self, drill: Drill) -> str:
        waiting = drill.world.queue.depth()
        drill.world.resume()
        drill.reach("deliveries.resumed")
        return f"inbound deliveries resumed, {waiting:,} messages offered"


@dataclass(frozen=True, slots=True)
class QueueRetry(Command):
    """Force an attempt of everything in the inbound queue, or of one message, now instead of at its time."""

    side: Side = _side()
    message: str = _message()

    words: ClassVar = ("queue", "retry")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=5 * MINUTE_MS,
        lead_ms=0,
        undo="no",
        exposes="a server that is not ready is flooded",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue, select all or one, Retry",
            who="Basic Administrator or higher",
            how_long="5 minutes; then as fast as the server takes it",
            simplified="everything at once, and the server takes it at its steady rate",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if drill.world.queue.paused:
            return "inbound deliveries are paused; `deliveries resume inbound` offers everything"
        return _not_there(drill, self.message, waits=True)

    def act(self, drill: Drill) -> str:
        if self.message:
            drill.world.retry(_named(drill, self.message))
            what, them = f"attempt forced for message {self.message}", "it"
        else:
            waiting, them = drill.world.queue.depth(), "them"
            drill.world.retry()
            drill.reach("queue.retried")
            what = f"attempt forced for {waiting:,} messages, mail between colleagues included"
        if drill.world.queue.answers:
            return f"{what}; the server is taking {them}"
        return f"{what}: {drill.last_error()}"


@dataclass(frozen=True, slots=True)
class QueueReject(Command):
    """Take everything, or one message, out of the inbound queue for good; its senders are told at once."""

    side: Side = _side()
    message: str = _message()

    words: ClassVar = ("queue", "reject")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=5 * MINUTE_MS,
        lead_ms=0,
        undo="no",
        exposes="nothing; the mail is gone, but for the archive's copy",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue, select all or one, Reject: beside Retry",
            who="Basic Administrator or higher",
            how_long="5 minutes",
            simplified="all that waits or one message, no selection; mail between colleagues included",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return _nothing_waits(drill, self.message)

    def act(self, drill: Drill) -> str:
        count = _taken_out(drill, REJECTED, self.message)
        if not self.message:
            return f"{count:,} messages rejected; their senders are told"
        return f"message {self.message} rejected; its sender is told" if count else _being_taken(self.message)


@dataclass(frozen=True, slots=True)
class QueueBounce(Command):
    """Return everything in the inbound queue, or one message, to its senders now, as if its time were up."""

    side: Side = _side()
    message: str = _message()

    words: ClassVar = ("queue", "bounce")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=5 * MINUTE_MS,
        lead_ms=0,
        undo="no",
        exposes="nothing; the mail is gone, but for the archive's copy",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue, select all or one, Bounce",
            who="Basic Administrator or higher",
            how_long="5 minutes",
            simplified="all that waits or one message, no selection; mail between colleagues included",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return _nothing_waits(drill, self.message)

    def act(self, drill: Drill) -> str:
        count = _taken_out(drill, BOUNCED, self.message)
        if not self.message:
            return f"{count:,} messages returned to their senders"
        return f"message {self.message} returned to its sender" if count else _being_taken(self.message)


@dataclass(frozen=True, slots=True)
class QueueExtend(Command):
    """Ask the vendor's support to keep inbound mail for longer, counted from each message's arrival."""

    side: Side = _side()
    to_ms: int = arg("duration", "the new retention, from arrival", example="8d")

    words: ClassVar = ("queue", "extend")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="phone",
        hands_on_ms=15 * MINUTE_MS,
        lead_ms=4 * 60 * MINUTE_MS,
        undo="no",
        exposes="nothing",
        product=InYourProduct(
            path="Mimecast: a support case (phone for priority 1), with an identity check",
            who="a named support contact",
            how_long="one to four hours (practice, not published)",
            simplified="always granted; covers mail already queued, which is not published",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        now_ms = drill.world.queue.slots.limit_ms
        if self.to_ms <= now_ms:
            return f"retention is {format_duration(now_ms)} already; name a longer one"
        if self.to_ms > LONGEST_RETENTION_MS:
            return f"{format_duration(self.to_ms)} is more than support grants; ask for at most 60d"
        return None

    def lead_ms(self, drill: Drill) -> int:
        takes = drill.scenario.organisation.gateway.retention_case.takes
        bits = mix(drill.seed, "support case", drill.commands_given)
        return takes.least_ms + int(within(bits, takes.most_ms - takes.least_ms + 1)[0])

    def act(self, drill: Drill) -> str:
        drill.world.extend(self.to_ms)
        drill.reach("queue.extended")
        return f"support: inbound retention is now {format_duration(self.to_ms)}"
