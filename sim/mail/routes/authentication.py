"""How receivers respond to mail that leaves by a route other than the usual one: SPF, DKIM, DMARC, port 25,
names.

SPF (RFC 7208 §2.6) shows if a message may come from this address, DKIM (RFC 6376 §6.3) shows the signer, and
the domain's DMARC policy requests a response (RFC 7489 §6.3); but the receiver chooses its own response. The
state of a route therefore decides shares of mail, not the outcome of each message.
"""

from dataclasses import field
from typing import Literal

from sim.kernel.frozen import frozen
from sim.mail.senders.hosts.host import Behaviour

Spf = Literal["pass", "softfail", "fail"]
Policy = Literal["none", "quarantine", "reject"]
Address = Literal["known", "cold", "listed"]
Verdict = Literal["pass", "fail"]


@frozen
class Path:
    """The properties of a route that receivers see. For the usual route, all of them have their default
    values.
    """

    spf: Spf = "pass"
    """The result of the domain's SPF record for the route's addresses: listed, or covered by `~all` or
    `-all` (RFC 7208 §8).
    """
    signed: bool = True
    """True if a host on the route signs with a DKIM key of the domain (RFC 6376 §5)."""
    dmarc: Policy = "none"
    """The policy in the domain's DMARC record (`p=`)."""
    port_25: bool = True
    """True if the route may open connections to port 25 on the internet."""
    names: bool = True
    """True if the PTR record, the address it names, and HELO agree (RFC 1912 §2.1, RFC 5321 §4.1.1.1)."""
    address: Address = "known"
    """The sending address as receivers see it: familiar, never seen, or on a block list."""


@frozen
class Receivers:
    """Responses of recipients' systems, in ‰ of messages. Such shares are unpublished: all are assumed."""

    reject_dmarc: int = 700
    """Rejected share of mail that fails DMARC with p=reject; the rest is junked."""
    junk_dmarc: int = 900
    """Junked share of mail that fails DMARC with p=quarantine."""
    reject_spf: int = 100
    """Rejected share of mail with SPF `fail` that DMARC does not cover (RFC 7208 §8.4 leaves the choice
    open).
    """
    junk_spf: int = 200
    """Junked share of mail with SPF `fail` or `softfail` that DMARC does not cover."""
    reject_names: int = 400
    """Rejected share of mail from an address whose names do not agree."""
    junk_cold: int = 150
    """Junked share of mail from an address without a history."""
    reject_listed: int = 600
    """Rejected share of mail from an address on a block list."""


@frozen
class Fate:
    """The effect of a route on mail: shares in ‰ of all; `junked` is a share of all, not of the accepted
    mail.
    """

    times_out: bool
    """True if connections are never answered, so no mail leaves."""
    rejected: int
    junked: int
    because: tuple[str, ...] = field(default=())
    """The faults of the route in words, most serious first; empty if there are none."""

    @property
    def behaviour(self) -> Behaviour:
        """The answer that the mail server's own queue gets at the far end of the route."""
        if self.times_out:
            return Behaviour("timeout")
        return Behaviour("reject", self.rejected) if self.rejected else Behaviour()

    @property
    def junked_of_taken(self) -> int:
        """Share junked, in ‰ of the accepted mail; rounded to the nearest."""
        taken = 1000 - self.rejected
        return (1000 * self.junked + taken // 2) // taken if taken else 0


def dmarc_verdict(path: Path) -> Verdict:
    """DMARC passes if SPF or DKIM passes for the domain in From (RFC 7489 §3.1, §6.6.2).

    The organisation's envelope sender and signature use its own domain, so a pass is aligned.
    """
    return "pass" if path.spf == "pass" or path.signed else "fail"


def fate_of(path: Path, receivers: Receivers) -> Fate:
    """The effect of `path` on mail; each fault affects the mail that earlier faults let pass."""
    if not path.port_25:
        return Fate(True, 0, 0, obstacles(path)[:1])
    rejects, junks = _by_policy(path, receivers)
    because = _words(path)
    if not path.names:
        rejects.append(receivers.reject_names)
    if path.address == "listed":
        rejects.append(receivers.reject_listed)
    if path.address == "cold":
        junks.append(receivers.junk_cold)
    rejected = _either(rejects)
    junked = (1000 - rejected) * _either(junks) // 1000
    return Fate(False, rejected, junked, because)


def authentication_results(path: Path, receiver: str) -> str:
    """The header that `receiver` adds (RFC 8601 §2.2), without the addresses."""
    dkim = "pass" if path.signed else "none"
    return (
        f"Authentication-Results: {receiver}; dkim={dkim}; spf={path.spf}; "
        f"dmarc={dmarc_verdict(path)} (p={path.dmarc})"
    )


def _by_policy(path: Path, receivers: Receivers) -> tuple[list[int], list[int]]:
    """Shares rejected and junked because of SPF, DKIM and DMARC."""
    if dmarc_verdict(path) == "pass":
        return [], []
    if path.dmarc == "reject":
        return [receivers.reject_dmarc], [1000]
    if path.dmarc == "quarantine":
        return [], [receivers.junk_dmarc]
    return ([receivers.reject_spf] if path.spf == "fail" else []), [receivers.junk_spf]


def _either(shares: list[int]) -> int:
    """Share of mail affected by at least one of several independent faults, in ‰, rounded down."""
    spared, whole = 1, 1
    for share in shares:
        spared, whole = spared * (1000 - share), whole * 1000
    return 1000 * (whole - spared) // whole


def obstacles(path: Path) -> tuple[str, ...]:
    """Reasons against using the route that a look-up shows, the most serious first."""
    found = [] if path.port_25 else ["outbound port 25 is closed"]
    if dmarc_verdict(path) == "fail":
        found.append(f"DMARC fails (SPF {path.spf}, no DKIM signature), p={path.dmarc}")
    if path.address == "listed":
        found.append("the sending address is on a block list")
    if not path.names:
        found.append("PTR and HELO do not match")
    return tuple(found)


def _words(path: Path) -> tuple[str, ...]:
    """Faults of the route, the most serious first."""
    found = list(obstacles(path))
    if path.address == "cold":
        found.append("the sending address has no history")
    if path.spf != "pass" and path.signed:
        found.append(f"SPF {path.spf}, but DKIM passes")
    return tuple(found)
