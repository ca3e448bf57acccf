"""A message and everything that happened to it; the times are milliseconds of the world's clock."""

from dataclasses import dataclass, field


@dataclass
class Message:
    """`attempts`: (time, host) of every host that was tried for it, over a new or a kept connection.
    `put_off`: when it was looked at and deferred without any. `ended_ms`, `host`: of its fate; `cause`: what
    went wrong last, if it bounced. `in_hand`: somebody works on it now. The rest is what its sender's retry
    rule remembers.
    """

    id: int
    arrival_ms: int
    attempts: list[tuple[int, str]] = field(default_factory=list)
    put_off: list[int] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)
    fate: str = "waiting"
    ended_ms: int | None = None
    host: str = ""
    cause: str = ""
    status: str = ""
    failures: int = 0
    last_failed_ms: int = 0
    due_ms: int = 0
    notified: int = 0
    in_hand: bool = False

    @property
    def open(self) -> bool:
        """Whether it is still in the sender's queue."""
        return self.fate == "waiting"
