"""From a platform's settings to its retry rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.mail.platform_file import RetryKind, Role
from sim.mail.retry.host_clock import EximRule, HostClock
from sim.mail.retry.lifetime import Lifetime
from sim.mail.retry.offsets import Offsets
from sim.mail.retry.rule import RetryRule
from sim.mail.retry.scans import Scans


@dataclass(frozen=True, slots=True)
class Roles:
    """Settings by the part they play. A role that a platform has no parameter for raises KeyError,
    unless a default is given: that is a mistake in its file, and a test loads them all.
    """

    named: Mapping[Role, Any]

    def duration(self, role: Role) -> int:
        """Milliseconds."""
        return int(self.named[role])

    def seconds(self, role: Role) -> int:
        """Whole seconds, for servers that count so."""
        return self.duration(role) // 1000

    def count(self, role: Role, otherwise: int | None = None) -> int | None:
        """A count; `otherwise` where the platform has none."""
        return int(self.named[role]) if role in self.named else otherwise

    def gaps(self, role: Role) -> tuple[int, ...]:
        """A list of durations in ms."""
        return tuple(self.named[role])

    def word(self, role: Role, otherwise: str = "") -> str:
        """One of the parameter's choices."""
        return str(self.named.get(role, otherwise))

    def exim_rules(self) -> tuple[EximRule, ...]:
        """Exim's retry rules."""
        return tuple(self.named["rule"])


def build_rule(kind: RetryKind, roles: Roles, scan_phase_ms: int) -> RetryRule:
    """The rule of `kind` with these settings; a scan happens at the absolute time `scan_phase_ms`."""
    match kind:
        case "offsets":
            return Offsets(roles.gaps("gaps"), lifetime(roles))
        case "host-clock":
            runs = Scans(roles.duration("scan"), scan_phase_ms)
            return HostClock(roles.exim_rules(), runs, roles.seconds("rule_max"))
        case _:
            raise ValueError(kind)


def lifetime(roles: Roles) -> Lifetime:
    """How long a message lives."""
    at_limit = roles.word("expiry", "next-attempt") == "at-limit"
    return Lifetime(roles.duration("lifetime"), at_limit, roles.count("attempts"))
