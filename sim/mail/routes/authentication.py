"""What becomes of mail that leaves by another path than the usual one: SPF, DKIM, DMARC, port 25, names.

SPF (RFC 7208 §2.6) and DKIM (RFC 6376 §6.3) say of a message whether it may come from this address and who
signed it; what is done about it is the receiver's choice, which the domain's DMARC policy asks for
(RFC 7489 §6.3). Readiness is therefore no fate: most of it comes out as shares.
"""

from dataclasses import dataclass, field
from typing import Literal

from sim.mail.senders.hosts.host import Behaviour

Spf = Literal["pass", "softfail", "fail"]
Policy = Literal["none", "quarantine", "reject"]
Address = Literal["known", "cold", "listed"]
Verdict = Literal["pass", "fail"]


@dataclass(frozen=True, slots=True)
class Path:
    """What receivers find when mail comes by this path. The usual path is all defaults."""

    spf: Spf = "pass"
    """Of the path's addresses by the domain's record: listed, or met by `~all` or `-all` (RFC 7208 §8)."""
    signed: bool = True
    """Whether somebody on the path signs with a DKIM key of the domain (RFC 6376 §5)."""
    dmarc: Policy = "none"
    """The domain's `p=`."""
    port_25: bool = True
    """Whether the path may open connections to port 25 of the internet."""
    names: bool = True
    """Whether PTR, its address, and HELO agree (RFC 1912 §2.1, RFC 5321 §4.1.1.1)."""
    address: Address = "known"
    """What receivers know of the sending address: used to it, never seen, or on a block list."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """What recipients' systems do, in ‰ of messages. Nobody publishes such shares: all are assumed."""

    reject_dmarc: int = 700
    """Of mail that fails DMARC with p=reject: refused; the rest is put aside as junk."""
    junk_dmarc: int = 900
    """Of mail that fails DMARC with p=quarantine: put aside as junk."""
    reject_spf: int = 100
    """Of mail with SPF `fail` that DMARC does not speak of: refused (RFC 7208 §8.4 leaves it open)."""
    junk_spf: int = 200
    """Of mail with SPF `fail` or `softfail` that DMARC does not speak of: put aside."""
    reject_names: int = 400
    """Of mail from an address whose names do not agree: refused."""
    junk_cold: int = 150
    """Of mail from an address that nobody knows: put aside."""
    reject_listed: int = 600
    """Of mail from an address on a block list: refused."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What a path does to mail: shares in ‰ of all; `junked` is of all, and not of what is taken."""

    times_out: bool
    """Nothing leaves: connections are never answered."""
    rejected: int
    junked: int
    because: tuple[str, ...] = field(default=())
    """In words, the gravest first; empty: nothing is wrong."""

    @property
    def behaviour(self) -> Behaviour:
        """How the far end of the path answers the mail server's own queue."""
        if self.times_out:
            return Behaviour("timeout")
        return Behaviour("reject", self.rejected) if self.rejected else Behaviour()

    @property
    def junked_of_taken(self) -> int:
        """Share put aside, in ‰ of what is taken; rounded to the nearest."""
        taken = 1000 - self.rejected
        return (1000 * self.junked + taken // 2) // taken if taken else 0


def dmarc_verdict(path: Path) -> Verdict:
    """DMARC passes if SPF or DKIM passes for the domain in From (RFC 7489 §3.1, §6.6.2).

    The organisation's envelope sender and signature are of its own domain, so what passes is aligned.
    """
    return "pass" if path.spf == "pass" or path.signed else "fail"


def fate_of(path: Path, receivers: Receivers) -> Fate:
    """What becomes of mail by `path`; each trouble acts on what the ones before have let through."""
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
    """Shares refused and put aside because of SPF, DKIM and DMARC."""
    if dmarc_verdict(path) == "pass":
        return [], []
    if path.dmarc == "reject":
        return [receivers.reject_dmarc], [1000]
    if path.dmarc == "quarantine":
        return [], [receivers.junk_dmarc]
    return ([receivers.reject_spf] if path.spf == "fail" else []), [receivers.junk_spf]


def _either(shares: list[int]) -> int:
    """Share that meets one of several independent troubles, ‰, rounded down."""
    spared, whole = 1, 1
    for share in shares:
        spared, whole = spared * (1000 - share), whole * 1000
    return 1000 * (whole - spared) // whole


def obstacles(path: Path) -> tuple[str, ...]:
    """What whoever looks the path up takes for a reason not to send by it, the gravest first."""
    found = [] if path.port_25 else ["outbound port 25 is closed"]
    if dmarc_verdict(path) == "fail":
        found.append(f"DMARC fails (SPF {path.spf}, no DKIM signature), p={path.dmarc}")
    if path.address == "listed":
        found.append("the sending address is on a block list")
    if not path.names:
        found.append("PTR and HELO do not agree")
    return tuple(found)


def _words(path: Path) -> tuple[str, ...]:
    """What is wrong with the path, the gravest first."""
    found = list(obstacles(path))
    if path.address == "cold":
        found.append("the sending address is new to everybody")
    if path.spf != "pass" and path.signed:
        found.append(f"SPF {path.spf}, but DKIM passes")
    return tuple(found)
