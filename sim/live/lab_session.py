"""The part of a drill that real mail needs: `sim.drill.session.session.Session` has it."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sim.drill.services.real_mail import Effect, Letter

Say = Callable[[str], None]
"""Shows one line about the lab itself to whoever runs it; never part of the world."""


@dataclass(frozen=True, slots=True)
class Site:
    """Names of the organisation's hosts, and its local time."""

    drill: str
    """Name of the drill: mail of another one is never taken for this one's."""
    domain: str
    mx_host: str
    mail_host: str
    local: Callable[[int], datetime]
    """The wall clock, with its zone, at a simulated time in ms since the start."""


class LabSession(Protocol):
    """The part of a session that real mail goes through. Called in the loop's own thread only."""

    @property
    def now_ms(self) -> int:
        """The simulated time, ms since the start."""

    @property
    def ended(self) -> bool:
        """Whether the drill is over: it takes no more mail."""

    @property
    def gateway_says(self) -> str:
        """What the gateway answers to mail now, with its code; empty while it takes it."""

    @property
    def server_listens(self) -> bool:
        """Whether the organisation's mail server accepts connections now."""

    @property
    def settled(self) -> Set[int]:
        """Effects that have been carried out; it grows while the drill goes on."""

    def mark(self) -> None:
        """Journal that this moment has been reached. Raises DiskFull."""

    def receive(self, letter: Letter) -> int:
        """Journal a letter; its message id. Raises DiskFull: then it was not."""

    def effects(self, since: int = 0) -> list[Effect]:
        """Effects with `n` >= `since`, in the order in which they happened."""

    def settle(self, effect: int) -> None:
        """Journal that an effect has been carried out. Raises DiskFull."""
