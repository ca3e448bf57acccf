"""A sender's memory of a domain that has answered, and of the mail that its next success releases.

Source: mta.c of OpenSMTPD (hoststat).
"""

from dataclasses import dataclass, field, replace


@dataclass(slots=True)
class KnownDomain:
    """`remembers_ms`: how long after its last answer the domain is known; `most`: messages remembered.

    `heard_ms`: the last time that a host of the domain answered about a message, None if that is forgotten;
    `waiting`: messages that the next success releases.
    """

    remembers_ms: int
    most: int
    heard_ms: int | None = None
    waiting: list[int] = field(default_factory=list)

    def copied(self) -> "KnownDomain":
        """A copy, to be changed independently."""
        return replace(self, waiting=self.waiting.copy())

    def hears(self, now_ms: int) -> None:
        """Record that a host has answered about a message."""
        self._forget_if_old(now_ms)
        self.heard_ms = now_ms

    def remember(self, message: int, now_ms: int) -> None:
        """Remember a message for which no host could be reached, if the domain is known."""
        self._forget_if_old(now_ms)
        if self.heard_ms is not None and len(self.waiting) < self.most and message not in self.waiting:
            self.waiting.append(message)

    def forget(self, message: int) -> None:
        """Do not release a message that a host has answered."""
        if message in self.waiting:
            self.waiting.remove(message)

    def released(self, now_ms: int) -> list[int]:
        """The messages that a success at `now_ms` releases; they are forgotten."""
        self._forget_if_old(now_ms)
        released, self.waiting = self.waiting, []
        return released

    def _forget_if_old(self, now_ms: int) -> None:
        if self.heard_ms is not None and now_ms - self.heard_ms >= self.remembers_ms:
            self.heard_ms, self.waiting = None, []
