"""Real mail in a drill: messages received over real SMTP, and what happens to them in the world.

The world decides when a message is relayed or bounced, and `sim.live` does it over SMTP, once for each
effect.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.real_arrivals import Way
from sim.mail.message.rows import DELIVERED, REJECTED, Gone
from sim.mail.message.traffic import REAL_MAIL, real_number

EffectKind = Literal["relay", "bounce", "delay"]
_KINDS: tuple[EffectKind, ...] = ("relay", "bounce", "delay")
_EACH = 4
"""Each message has this many numbers for its effects; the last is for `rejected_outside`."""


def domain_of(address: str) -> str:
    """The domain of an address in lower case (RFC 5321 2.4: the case of domains does not matter)."""
    return address.rpartition("@")[2].lower()


@frozen
class Letter:
    """A message as it was accepted. `envelope_from` is empty for a null sender."""

    envelope_from: str
    recipients: tuple[str, ...]
    subject: str
    size: int
    spool: str
    """Name of the message's file in the spool."""
    way: Way = "gateway"
    """The host in the simulation that accepted the message."""


@frozen
class Effect:
    """An action that must happen on a real connection, once."""

    n: int
    """The effect's number; it follows from the message and the kind, regardless of other events."""
    t_ms: int
    kind: EffectKind
    """The action: the message is relayed, or a bounce or a delay notice is sent to its sender."""
    message: int
    recipients: tuple[str, ...]
    envelope_from: str
    spool: str
    arrived_ms: int
    tried_ms: int | None
    """The time of the last failed attempt; None if no attempt failed."""
    reply: str
    """The receiver's last reply to a failed attempt; empty for a relay."""
    way: Way = "gateway"
    rejected: bool = False
    """For a bounce: True if the message was permanently rejected, False if it was too old."""
    retry_until_ms: int | None = None
    """For a delay notice: the time at which the message will bounce."""


def rejection_number(relay: int) -> int:
    """The number of the bounce if a server outside the simulation rejects this relayed message."""
    return relay + _EACH - 1


def rejected_outside(relay: Effect, recipients: Sequence[str], reply: str, t_ms: int) -> Effect:
    """The bounce for recipients that a server outside the simulation rejected with `reply` at `t_ms`."""
    return replace(
        relay,
        n=rejection_number(relay.n),
        t_ms=t_ms,
        kind="bounce",
        recipients=tuple(recipients),
        tried_ms=t_ms,
        reply=reply,
        rejected=True,
    )


class Letters:
    """All real messages of a drill by number, and the effects that follow from them."""

    def __init__(self) -> None:
        self.all: list[Letter] = []
        self.identities: list[int] = []
        """The identity of each message, in the same order as `all`."""
        self.effects: list[Effect] = []
        """All effects, in the order in which they happened."""
        self.queued: set[int] = set()
        """Outbound messages at the gateway for which no delay notice has been sent yet."""

    def add(self, letter: Letter, identity: int) -> None:
        """Register the message `letter`."""
        self.all.append(letter)
        self.identities.append(identity)
        if letter.way == "smart host" and letter.envelope_from:
            self.queued.add(identity)

    def of(self, identity: int) -> Letter | None:
        """The real message behind an identity; None for simulated mail."""
        return self.all[real_number(identity)] if identity >= REAL_MAIL else None

    def left(self, way: Way, out: Gone, reply: str) -> Effect | None:
        """The effect of one message that has left the queue of `way`; None for a message with a null
        reverse-path, which never bounces.

        `reply`: the receiver's last reply to a failed attempt.
        """
        identity, kind = int(out.id[0]), int(out.kind[0])
        letter = self.all[real_number(identity)]
        self.queued.discard(identity)
        bounced = kind != DELIVERED
        if bounced and not letter.envelope_from:
            return None
        return self._happens(
            "bounce" if bounced else "relay",
            int(out.time_ms[0]),
            identity,
            way,
            arrived_ms=int(out.arrival_ms[0]),
            tried_ms=int(out.tried_ms[0]) if out.tried_ms[0] != NEVER_MS else None,
            reply=reply if bounced else "",
            rejected=kind == REJECTED,
        )

    def is_late(
        self, identity: int, now_ms: int, arrived_ms: int, tried_ms: int, reply: str, retry_until_ms: int
    ) -> Effect:
        """Send the sender of an outbound message that is still queued its only delay notice now."""
        self.queued.discard(identity)
        return self._happens(
            "delay",
            now_ms,
            identity,
            "smart host",
            arrived_ms=arrived_ms,
            tried_ms=tried_ms,
            reply=reply,
            retry_until_ms=retry_until_ms,
        )

    def _happens(
        self,
        kind: EffectKind,
        t_ms: int,
        identity: int,
        way: Way,
        *,
        arrived_ms: int,
        tried_ms: int | None,
        reply: str,
        rejected: bool = False,
        retry_until_ms: int | None = None,
    ) -> Effect:
        number = real_number(identity)
        letter = self.all[number]
        effect = Effect(
            n=number * _EACH + _KINDS.index(kind),
            t_ms=t_ms,
            kind=kind,
            message=identity,
            recipients=letter.recipients,
            envelope_from=letter.envelope_from,
            spool=letter.spool,
            arrived_ms=arrived_ms,
            tried_ms=tried_ms,
            reply=reply,
            way=way,
            rejected=rejected,
            retry_until_ms=retry_until_ms,
        )
        self.effects.append(effect)
        return effect
