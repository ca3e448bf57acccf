"""The gateway's inbound deliveries and its queue: pause, resume, retry, longer retention."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.command import Command, Facts, InYourProduct, arg
from sim.drill.drill import Drill
from sim.kernel.draws import mix, within
from sim.kernel.duration import DAY_MS, MINUTE_MS, format_duration
from sim.mail.rows import BOUNCED, REJECTED

LONGEST_RETENTION_MS = 60 * DAY_MS
Side = Literal["inbound"]


def _side() -> Side:
    side: Side = arg("choice", "which deliveries; so far only inbound", choices=("inbound",))
    return side


def _nothing_waits(drill: Drill) -> str | None:
    return None if drill.world.queue.depth() else "nothing is in the inbound queue"


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
    """Force an attempt of everything in the inbound queue now, instead of at each message's own time."""

    side: Side = _side()

    words: ClassVar = ("queue", "retry")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=5 * MINUTE_MS,
        lead_ms=0,
        undo="no",
        exposes="a server that is not ready is flooded",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue, select all, Retry",
            who="Basic Administrator or higher",
            how_long="5 minutes; then as fast as the server takes it",
            simplified="everything at once, and the server takes it at its steady rate",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if drill.world.queue.paused:
            return "inbound deliveries are paused; `deliveries resume inbound` offers everything"
        return None

    def act(self, drill: Drill) -> str:
        waiting = drill.world.queue.depth()
        drill.world.retry()
        drill.reach("queue.retried")
        what = f"attempt forced for {waiting:,} messages, mail between colleagues included"
        if drill.world.queue.answers:
            return f"{what}; the server is taking them"
        return f"{what}: {drill.last_error()}"


@dataclass(frozen=True, slots=True)
class QueueReject(Command):
    """Take everything out of the inbound queue and refuse it for good; its senders are told at once."""

    side: Side = _side()

    words: ClassVar = ("queue", "reject")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=5 * MINUTE_MS,
        lead_ms=0,
        undo="no",
        exposes="nothing; the mail is gone, but for the archive's copy",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue, select all, Reject: beside Retry",
            who="Basic Administrator or higher",
            how_long="5 minutes",
            simplified="all that waits, not single messages; mail between colleagues included",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return _nothing_waits(drill)

    def act(self, drill: Drill) -> str:
        before = drill.world.queue.depth()
        drill.world.remove(REJECTED)
        return f"{before - drill.world.queue.depth():,} messages rejected; their senders are told"


@dataclass(frozen=True, slots=True)
class QueueBounce(Command):
    """Return everything in the inbound queue to its senders now, as if its time were up."""

    side: Side = _side()

    words: ClassVar = ("queue", "bounce")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=5 * MINUTE_MS,
        lead_ms=0,
        undo="no",
        exposes="nothing; the mail is gone, but for the archive's copy",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue, select all, Bounce",
            who="Basic Administrator or higher",
            how_long="5 minutes",
            simplified="all that waits, not single messages; mail between colleagues included",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return _nothing_waits(drill)

    def act(self, drill: Drill) -> str:
        before = drill.world.queue.depth()
        drill.world.remove(BOUNCED)
        return f"{before - drill.world.queue.depth():,} messages returned to their senders"


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
