"""The truth of an exercise at one moment, for the facilitator only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from sim.drill.scenario.fault import Fault
from sim.drill.session.session import Session
from sim.mail.users.time_without_mail import without_mail


@dataclass(frozen=True, slots=True)
class TrueFault:
    """A fault of the timeline."""

    id: str
    fault: str
    from_ms: int
    until_ms: int
    state: Literal["to come", "in force", "over"]


@dataclass(frozen=True, slots=True)
class Truth:
    """The state of the world and of the story, whether or not people have noticed it."""

    t_ms: int
    faults: tuple[TrueFault, ...]
    milestones: tuple[tuple[str, int], ...]
    """The time in ms of each milestone reached so far."""
    users_without_mail: int
    """Users who can neither read nor send."""
    users_in_part: int
    """Users who have a mailbox but lack the gateway's services: no links, no portal, no outside mail."""
    queue: int
    """Messages in the gateway's inbound delivery queue."""
    bounced: int
    """Messages that the gateway has returned to their senders."""
    at_senders: int
    """Inbound messages queued at the sending organisations."""
    elsewhere: int
    """Inbound messages held by the gateway, in the backup's queue, or not yet in their mailbox."""
    lost: int
    """Inbound messages that will not arrive: bounced by any system, permanently rejected, or never sent."""
    outbound_queued: int
    """Outbound messages queued at the mail server or the gateway, held by the gateway, or in an Outbox."""
    outbound_lost: int
    """Outbound messages that were bounced or permanently rejected."""


_LOST = ("bounced", "rejected", "suppressed", "lost")
"""Accounts in the ledger for messages that will not arrive."""


def truth(session: Session) -> Truth:
    """The truth now. Reading it does not change anything."""
    drill, now_ms = session.drill, session.now_ms
    queue, at = drill.world.queue, np.array([now_ms], dtype=np.int64)
    users, custody = drill.world.users, drill.world.custody()
    inbound, outbound = custody["inbound"], custody["outbound"]
    without = int(without_mail(users, at)[0])
    return Truth(
        now_ms,
        tuple(_faults(drill.scenario.timeline, now_ms)),
        tuple(sorted(drill.milestones.items(), key=lambda one: one[1])),
        without,
        users.count - without if users.membership.apart else 0,
        int((queue.entered.before(at) - queue.left.before(at))[0]),
        int(queue.bounced.before(at)[0]),
        inbound.get("at_sender", 0),
        _sum(inbound, "held", "relay_queue", "server_queue"),
        _sum(inbound, *_LOST),
        _sum(outbound, "at_sender", "gateway_queue", "held", "server_queue"),
        _sum(outbound, *_LOST),
    )


def _sum(accounts: Mapping[str, int], *names: str) -> int:
    return sum(accounts.get(name, 0) for name in names)


def _faults(timeline: Sequence[Fault], now_ms: int) -> Iterator[TrueFault]:
    """Each fault once, from the beginning of its first part to the end of its last."""
    for _id, found in groupby(timeline, key=lambda one: one.id):
        parts = list(found)
        last = parts[-1]
        whole = last.model_copy(update={"at_ms": parts[0].at_ms, "for_ms": last.until_ms - parts[0].at_ms})
        yield _fault(whole, now_ms)


def _fault(one: Fault, now_ms: int) -> TrueFault:
    state: Literal["to come", "in force", "over"] = "in force"
    if now_ms < one.at_ms:
        state = "to come"
    elif now_ms >= one.until_ms:
        state = "over"
    return TrueFault(one.id, one.fault, one.at_ms, one.until_ms, state)
