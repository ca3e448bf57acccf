"""Real mail in a drill: messages that came through a socket, and their fate in the world.

The world decides when a message is relayed or bounced; `sim.live` carries that out over a socket, once for
each effect.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.kernel.duration import NEVER_MS
from sim.mail.message.rows import DELIVERED, Gone
from sim.mail.message.traffic import REAL_MAIL


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it was accepted. `envelope_from` is empty for a null sender."""

    envelope_from: str
    recipients: tuple[str, ...]
    subject: str
    size: int
    spool: str
    """Name of its file in the spool."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that must happen on a real socket, once. `n` counts from 0 in the drill."""

    n: int
    t_ms: int
    kind: Literal["relay", "bounce"]
    message: int
    recipients: tuple[str, ...]
    envelope_from: str
    spool: str
    arrived_ms: int
    tried_ms: int | None
    """The moment of the last failed attempt; None: none failed."""
    reply: str
    """The mail server's last reply to a failed attempt; empty for a relay."""


class Letters:
    """All real messages of a drill by number, and the effects that they led to."""

    def __init__(self) -> None:
        self.all: list[Letter] = []
        self.effects: list[Effect] = []

    def add(self, letter: Letter) -> int:
        """Register the message `letter`; returns its number."""
        self.all.append(letter)
        return len(self.all) - 1

    def of(self, identity: int) -> Letter | None:
        """The real message behind an identity; None for simulated mail."""
        return self.all[identity - REAL_MAIL] if identity >= REAL_MAIL else None

    def left(self, out: Gone, reply: str) -> list[Effect]:
        """Messages have left; returns the new effects. A message with a null reverse-path never bounces.

        `reply`: the mail server's last reply to a failed attempt.
        """
        fresh: list[Effect] = []
        for row in np.flatnonzero(out.id >= REAL_MAIL).tolist():
            identity = int(out.id[row])
            letter = self.all[identity - REAL_MAIL]
            bounced = bool(out.kind[row] != DELIVERED)
            if bounced and not letter.envelope_from:
                continue
            kind: Literal["relay", "bounce"] = "bounce" if bounced else "relay"
            fresh.append(
                Effect(
                    n=len(self.effects) + len(fresh),
                    t_ms=int(out.time_ms[row]),
                    kind=kind,
                    message=identity,
                    recipients=letter.recipients,
                    envelope_from=letter.envelope_from,
                    spool=letter.spool,
                    arrived_ms=int(out.arrival_ms[row]),
                    tried_ms=int(out.tried_ms[row]) if out.tried_ms[row] != NEVER_MS else None,
                    reply=reply if bounced else "",
                )
            )
        self.effects += fresh
        return fresh
