"""The interface between a lab and its drill, which `sim.drill.session.session.Session` implements."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sim.drill.services.real_mail import Effect, Letter
from sim.drill.services.wire import Attempt, Door, PortAnswer
from sim.drill.services.zone_records import ZoneRecords
from sim.mail.dns.dead_spells import Spell

Say = Callable[[str], None]
"""Function that shows one line about the lab itself, outside the simulation."""


@dataclass(frozen=True, slots=True)
class Site:
    """Names of the organisation's hosts, and the organisation's local time."""

    drill: str
    """Mark of the drill; it distinguishes the drill's mail folder from those of other drills."""
    domain: str
    mx_host: str
    mx_2_host: str
    mail_host: str
    direct_host: str
    backup_host: str
    backup_tls: Literal["none", "opportunistic", "required"]
    """How the backup offers encryption: not at all, with STARTTLS, or only with STARTTLS."""
    local: Callable[[int], datetime]
    """Function that returns the simulated wall clock, with its time zone, for a simulated time in ms since
    the start.
    """


class LabSession(Protocol):
    """The part of a session that real mail uses. This part must be called only in the event loop's thread."""

    @property
    def now_ms(self) -> int:
        """The simulated time, ms since the start."""

    @property
    def ended(self) -> bool:
        """True if the drill is over and does not accept any more mail."""

    def meets(self, door: Door) -> PortAnswer:
        """The answer of one port at the current time."""

    def hits(self, met: PortAnswer, attempt: Attempt) -> bool:
        """True if this attempt by a real client gets the answer in `met`; False if it gets through."""

    def zone_records(self, persona: str | None, spells: Sequence[Spell] = ()) -> ZoneRecords:
        """The organisation's zone at the current time, as served by a resolver or by the authority (None).

        `spells`: the times in which the authority did not answer resolvers.
        """

    @property
    def settled(self) -> Set[int]:
        """Effects that have been carried out; the set grows during the drill."""

    def mark(self) -> None:
        """Journal that the drill has reached the current time. Raises DiskFull."""

    def receive_all(self, letters: Sequence[Letter]) -> None:
        """Journal messages that arrive now, in one write. Raises DiskFull, in which case none is
        journaled.
        """

    def effects(self, since: int = 0) -> list[Effect]:
        """The effects, except the first `since`, in the order in which they happened."""

    def settle(self, effect: int) -> None:
        """Journal that an effect has been carried out. Raises DiskFull."""
