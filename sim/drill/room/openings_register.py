"""The register of openings, which are changes that let mail pass with less protection: open, closed or proven
closed.

A command that makes an opening enters it automatically. Undoing the command closes the opening; only a test
from outside proves this. An entry stays on the register, and counts as unproven until then.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from sim.kernel.frozen import frozen

KINDS = (
    "lock",
    "firewall",
    "skip-filter",
    "connector",
    "backup-mx",
    "low-ttl",
    "cloud-signin",
    "break-glass",
)
"""The kinds of opening: the tenant's lock to the gateway, the firewall's rule, a rule that skips filters,
a connector that bypasses the gateway, a backup MX that accepts mail, a lowered TTL, sign-ins by a password
outside the directory, the emergency account in use.
"""


@frozen
class Opening:
    """One entry of the register."""

    number: int
    kind: str
    command: str
    """The text of the command that made the opening."""
    by: str
    opened_ms: int
    closed_ms: int | None = None
    """The time at which a command closed the opening."""
    proven_ms: int | None = None
    """The time at which a test from outside showed that the opening is closed."""


@dataclass(slots=True)
class Openings:
    """The register of one drill."""

    entries: list[Opening] = field(default_factory=list)

    def opened(self, kind: str, command: str, by: str, now_ms: int) -> bool:
        """Record that `kind` is open from now on; False if it was already open."""
        if any(one.kind == kind and one.closed_ms is None for one in self.entries):
            return False
        self.entries.append(Opening(len(self.entries) + 1, kind, command, by, now_ms))
        return True

    def closed(self, kind: str, now_ms: int) -> bool:
        """Record that a command has closed `kind`; False if it was not open."""
        return self._mark(kind, closed_ms=now_ms)

    def prove(self, kind: str, now_ms: int) -> bool:
        """Record a test from outside; False if `kind` is still open, or never was."""
        if self.is_open(kind) or not self.unproven(kind):
            return False
        for one in self.unproven(kind):
            self.entries[one.number - 1] = replace(one, proven_ms=now_ms)
        return True

    def is_open(self, kind: str) -> bool:
        return any(one.kind == kind and one.closed_ms is None for one in self.entries)

    def unproven(self, kind: str | None = None) -> list[Opening]:
        """Entries that are not proven closed, of one kind or of all kinds."""
        return [one for one in self.entries if one.proven_ms is None and kind in (None, one.kind)]

    def state(self, kind: str) -> Literal["open", "closed", "proven closed"]:
        """The state of a kind of opening that was made at least once."""
        if self.is_open(kind):
            return "open"
        return "closed" if self.unproven(kind) else "proven closed"

    def _mark(self, kind: str, closed_ms: int) -> bool:
        for one in self.entries:
            if one.kind == kind and one.closed_ms is None:
                self.entries[one.number - 1] = replace(one, closed_ms=closed_ms)
                return True
        return False
