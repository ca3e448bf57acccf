"""Messages that left a queue of the gateway recently, which message tracking can still show."""

from sim.mail.message.rows import Gone, merged

KEPT = 5_000
"""Minimum number of messages kept. A tracking view has pages, and users never go back further than this."""


class Lately:
    """The last messages that have left, by time."""

    def __init__(self) -> None:
        self._parts: list[Gone] = []
        self._held = 0

    def note(self, out: Gone) -> None:
        """Record that `out` has left."""
        self._parts.append(out)
        self._held += len(out)
        while self._parts and self._held - len(self._parts[0]) >= KEPT:
            self._held -= len(self._parts.pop(0))

    def all(self) -> Gone | None:
        """The messages, by time; None if there are none yet."""
        return merged(self._parts) if self._parts else None
