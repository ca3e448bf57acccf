"""A sender's lookup of the MX record: the meaning of each result, and the order in which hosts are tried."""

from collections.abc import Mapping
from enum import StrEnum

from sim.kernel.frozen import frozen
from sim.mail.platforms.smtp_reply import ReplyMeaning, ReplyScope, SenderAction, overridden


class Lookup(StrEnum):
    """Ways in which the look-up of a domain's mail hosts ends without a host."""

    SERVFAIL = "servfail"
    """The look-up failed or timed out, so nothing is known about the domain."""
    NXDOMAIN = "nxdomain"
    NO_DATA = "no_data"
    """The name exists, but has neither MX nor address records, so there is no host, not even an implicit
    MX.
    """
    NULL_MX = "null_mx"
    """`MX 0 .`: the domain does not accept mail (RFC 7505)."""
    DANGLING_MX = "dangling_mx"
    """MX records exist, but none of their hosts has an address."""


_LOOKUPS: Mapping[Lookup, tuple[SenderAction, str]] = {
    Lookup.SERVFAIL: (SenderAction.WAIT, "4.4.3"),
    Lookup.NXDOMAIN: (SenderAction.BOUNCE, "5.1.2"),
    Lookup.NO_DATA: (SenderAction.BOUNCE, "5.4.4"),
    Lookup.NULL_MX: (SenderAction.BOUNCE, "5.1.10"),
    Lookup.DANGLING_MX: (SenderAction.BOUNCE, "5.4.4"),
}
"""The standard action for each: RFC 5321 §5.1 (temporary errors queue the message; a domain that does not
exist is an error; if MX records exist but none has a usable host, that is an error and the domain's own
addresses must not be used) and RFC 7505 §4.1 (null MX).
"""


def classify_lookup(found: Lookup, overrides: Mapping[str, SenderAction] | None = None) -> ReplyMeaning:
    """The meaning of a failed look-up. `overrides`: actions of a product that differ from the standards,
    by `Lookup` value.
    """
    outcome, status = _LOOKUPS[found]
    return overridden(ReplyMeaning(outcome, ReplyScope.MESSAGE, found.value, status), overrides)


@frozen
class MailHost:
    """One MX record; `addresses`: the number of addresses of its host (0: the host does not exist)."""

    preference: int
    name: str
    addresses: int = 1


def hosts_in_order(
    mx: tuple[MailHost, ...] | None, own_addresses: int, domain: str
) -> tuple[MailHost, ...] | Lookup:
    """The hosts to attempt, lowest preference value first (RFC 5321 §5.1), or the reason why there are none.

    `mx`: the MX records, empty if there are none, None if the domain does not exist. Without MX the domain's
    own addresses are an implicit MX with preference 0. Hosts of equal preference keep the given order,
    because the caller shuffles them with its own draw.
    """
    if mx is None:
        return Lookup.NXDOMAIN
    if not mx:
        return (MailHost(0, domain, own_addresses),) if own_addresses else Lookup.NO_DATA
    if len(mx) == 1 and mx[0].name in (".", ""):
        return Lookup.NULL_MX
    usable = tuple(sorted((host for host in mx if host.addresses), key=lambda host: host.preference))
    return usable or Lookup.DANGLING_MX
