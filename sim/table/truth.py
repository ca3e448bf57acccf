"""The truth of an exercise at one moment, for the facilitator only."""

from dataclasses import dataclass
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
    """The state of the world and of the story, whether anyone has noticed it or not."""

    t_ms: int
    faults: tuple[TrueFault, ...]
    milestones: tuple[tuple[str, int], ...]
    """The milestones reached so far, each with its time, ms."""
    users_without_mail: int
    queue: int
    """Messages in the gateway's inbound delivery queue."""
    bounced: int
    """Messages that the gateway has returned to their senders."""


def truth(session: Session) -> Truth:
    """The truth now. Looking changes nothing."""
    drill, now_ms = session.drill, session.now_ms
    queue, at = drill.world.queue, np.array([now_ms], dtype=np.int64)
    return Truth(
        now_ms,
        tuple(_fault(one, now_ms) for one in drill.scenario.timeline),
        tuple(sorted(drill.milestones.items(), key=lambda one: one[1])),
        int(without_mail(drill.world.users, at)[0]),
        int((queue.entered.before(at) - queue.left.before(at))[0]),
        int(queue.bounced.before(at)[0]),
    )


def _fault(one: Fault, now_ms: int) -> TrueFault:
    state: Literal["to come", "in force", "over"] = "in force"
    if now_ms < one.at_ms:
        state = "to come"
    elif now_ms >= one.until_ms:
        state = "over"
    return TrueFault(one.id, one.fault, one.at_ms, one.until_ms, state)
