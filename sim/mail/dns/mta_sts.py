"""MTA-STS (RFC 8461) as one sender applies it, when the MX changes while a policy is cached.

A drill runs `sim.mail.routes.zone`, for all senders at once; tests compare it with this.

If the cached `enforce` policy does not name a host, that is a *temporary* failure: the message waits and does
not bounce. Before delivery the sender looks for a new policy: first the id in the TXT record (`_mta-sts`,
cached by its resolver like any record), then the policy over HTTPS (§3.3, §5.1). The right order of changes
is therefore the HTTPS policy, then the TXT id, then the MX; there is no need to wait for max_age. Integer
milliseconds.
"""

from enum import StrEnum

from sim.kernel.frozen import frozen


class Mode(StrEnum):
    """The modes of a policy (RFC 8461 §3.2)."""

    ENFORCE = "enforce"
    TESTING = "testing"
    NONE = "none"


@frozen
class Policy:
    """A policy as published over HTTPS. `mx`: host names, or `*.` and a parent (§4.1)."""

    mode: Mode
    mx: tuple[str, ...]
    max_age_ms: int

    def names(self, host: str) -> bool:
        """True if `host` matches one of the patterns; a wildcard matches exactly one label."""
        host = host.rstrip(".").lower()
        return any(_matches(pattern.rstrip(".").lower(), host) for pattern in self.mx)


@frozen
class Cached:
    """A policy in a sender's cache: the TXT id with which it was fetched, and the time."""

    policy: Policy
    id: str
    fetched_ms: int

    def good_at(self, t_ms: int) -> bool:
        """True if the policy's max_age has not passed."""
        return t_ms < self.fetched_ms + self.policy.max_age_ms


@frozen
class Published:
    """The result of a sender's look-up now: the id from its resolver (None: no record), and the policy
    served over HTTPS (None: it cannot be reached, or the certificate is invalid).
    """

    id: str | None
    policy: Policy | None


class MtaStsDecision(StrEnum):
    """The result of an attempt to deliver to a host."""

    DELIVER = "deliver"
    TEMPORARY_FAILURE = "temporary failure"
    """The host may not be used now, so the message is queued and retried (§5.1)."""


def look_up(cached: Cached | None, published: Published, t_ms: int) -> Cached | None:
    """The cache after a sender has looked for a policy at `t_ms`.

    A new id makes the sender fetch the policy; if that fails, the cached policy stays in force until its
    max_age is over (§3.3). If the id disappears, nothing changes before then (§3.1, §5.1).
    """
    good = cached if cached is not None and cached.good_at(t_ms) else None
    if published.id is None or published.policy is None:
        return good
    if good is not None and good.id == published.id:
        return good
    return Cached(published.policy, published.id, t_ms)


def judge(
    cached: Cached | None, host: str, published: Published, t_ms: int
) -> tuple[MtaStsDecision, Cached | None]:
    """Whether the sender may deliver to `host` now, and the cache afterwards.

    The sender queries the id first and fetches a new policy before it delivers, which §5.1 permits. In modes
    `testing` and `none` mail is delivered to any host (§5).
    """
    good = look_up(cached, published, t_ms)
    allowed = good is None or _allows(good.policy, host)
    return MtaStsDecision.DELIVER if allowed else MtaStsDecision.TEMPORARY_FAILURE, good


def _allows(policy: Policy, host: str) -> bool:
    return policy.mode is not Mode.ENFORCE or policy.names(host)


def _matches(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        first, _, rest = host.partition(".")
        return bool(first) and rest == pattern[2:]
    return pattern == host
