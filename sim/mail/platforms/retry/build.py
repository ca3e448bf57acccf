"""Makes a platform's retry rule from its settings."""

from collections.abc import Mapping
from typing import Any

from sim.kernel.frozen import frozen
from sim.mail.platforms.platform_file import Notice, RetryKind, Role
from sim.mail.platforms.retry.aged_backoff import AgedBackoff
from sim.mail.platforms.retry.groups import Groups
from sim.mail.platforms.retry.host_clock import EximRule, HostClock
from sim.mail.platforms.retry.lifetime import QueueLifetime
from sim.mail.platforms.retry.never import Never
from sim.mail.platforms.retry.next_hop_clock import NextHopClock
from sim.mail.platforms.retry.notice import NoticeRule
from sim.mail.platforms.retry.offsets import Offsets
from sim.mail.platforms.retry.polynomial import Polynomial
from sim.mail.platforms.retry.queue_runs import QueueRuns
from sim.mail.platforms.retry.rule import RetryRule
from sim.mail.platforms.retry.scans import Scans

NO_HOSTS = "!*"
"""Exim's host list without any host."""


@frozen
class Roles:
    """Settings by their role. A role for which the platform has no parameter raises KeyError, unless a
    default is given: this is a mistake in the platform's file, and a test loads all files.
    """

    named: Mapping[Role, Any]

    def duration(self, role: Role) -> int:
        """The setting in milliseconds."""
        return int(self.named[role])

    def seconds(self, role: Role) -> int:
        """The setting in whole seconds, for servers that count in seconds."""
        return self.duration(role) // 1000

    def count(self, role: Role) -> int:
        """The setting as a count."""
        return int(self.named[role])

    def gaps(self, role: Role) -> tuple[int, ...]:
        """The setting as a list of durations in ms."""
        return tuple(self.named[role])

    def word(self, role: Role, otherwise: str = "") -> str:
        """The setting as one of the parameter's choices."""
        return str(self.named.get(role, otherwise))

    @property
    def connect_ms(self) -> int:
        """How long dropped packets hold an attempt: the server's own time-out or its kernel's, whichever is
        shorter. With TCP Fast Open, the server regards the connection as made and waits for the greeting.
        """
        own = "greeting_timeout" if self.word("fast_open", NO_HOSTS) != NO_HOSTS else "connect_timeout"
        waits_ms = self.duration(own)  # type: ignore[arg-type]
        return min(waits_ms, self.duration("kernel_timeout")) if "kernel_timeout" in self.named else waits_ms

    def exim_rules(self) -> tuple[EximRule, ...]:
        """The setting as Exim's retry rules."""
        return tuple(self.named["rule"])


def build_rule(kind: RetryKind, roles: Roles, scan_phase_ms: int) -> RetryRule:
    """The rule of `kind` with these settings; one scan happens at the absolute time `scan_phase_ms`."""
    match kind:
        case "offsets":
            return Offsets(roles.gaps("gaps"), lifetime(roles))
        case "aged-backoff":
            low_ms, high_ms = roles.duration("backoff_min"), roles.duration("backoff_max")
            return AgedBackoff(low_ms, high_ms, lifetime(roles), Scans(roles.duration("scan"), scan_phase_ms))
        case "host-clock":
            runs = Scans(roles.duration("scan"), scan_phase_ms)
            return HostClock(roles.exim_rules(), runs, roles.seconds("rule_max"))
        case "next-hop-clock":
            return _next_hop_clock(roles)
        case "polynomial":
            by_age = "skip" in roles.named
            return Polynomial(roles.count("skip" if by_age else "coefficient"), by_age, lifetime(roles))
        case "queue-runs":
            runs = Scans(roles.duration("scan"), scan_phase_ms)
            return QueueRuns(runs, roles.duration("min_queue_age"), lifetime(roles))
        case "groups":
            return _groups(roles)
        case "never":
            return Never()


def _next_hop_clock(roles: Roles) -> NextHopClock:
    return NextHopClock(
        glitch=(roles.count("glitch_count"), roles.duration("glitch_gap")),
        transient=(roles.count("transient_count"), roles.duration("transient_gap")),
        steady_ms=roles.duration("steady_gap"),
        message_ms=roles.duration("message_gap"),
        lifetime=lifetime(roles),
    )


def _groups(roles: Roles) -> Groups:
    return Groups(
        alpha_ms=roles.duration("alpha"),
        beta=roles.count("beta"),
        gamma_ms=roles.duration("gamma"),
        max_delta=roles.count("max_delta"),
        suppress_ms=roles.duration("suppress"),
        lifetime=lifetime(roles),
        notice_ms=roles.duration("notice_after"),
    )


def lifetime(roles: Roles) -> QueueLifetime:
    """How long a message is kept."""
    at_limit = roles.word("expiry", "next-attempt") == "at-limit"
    attempts = roles.count("attempts") if "attempts" in roles.named else None
    return QueueLifetime(roles.duration("lifetime"), at_limit, attempts)


def build_notice(notice: Notice, roles: Roles) -> NoticeRule:
    """The rule of delay notices; a threshold of 0 turns them off, as in Postfix. If a sender sends none by
    default but an age is set, it sends one at the first failed attempt from that age on. A server may also
    send its notices a little before the age (`notice_early`).
    """
    after = roles.named.get("notice_after", ())
    early_ms = int(roles.named.get("notice_early", 0))
    ages = {int(a) for a in (after if isinstance(after, tuple) else (after,)) if a}
    after_ms = tuple(sorted(max(0, age_ms - early_ms) for age_ms in ages))
    when = "at-failure" if notice.when == "off" else notice.when
    return NoticeRule(when if after_ms else "off", after_ms, notice.repeats)
