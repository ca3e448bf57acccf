"""Replies with which outside receivers permanently reject mail, by the fault of its route."""

from typing import Literal

from sim.mail.routes.authentication import Path, dmarc_verdict

Receiver = Literal["gmail", "microsoft"]

NO_DMARC = {
    "gmail": "550-5.7.26 unauthenticated email is not accepted due to the domain's DMARC policy",
    "microsoft": "550 5.7.509 sending domain does not pass DMARC verification and has a policy of reject",
}
NO_NAMES = {
    "gmail": "550-5.7.25 the sending address has no matching PTR record",
    "microsoft": "550 5.7.25 reverse DNS lookup of the sending address failed",
}
LISTED = {
    "gmail": "550-5.7.1 the sending address is likely to send unsolicited mail",
    "microsoft": "550 5.7.606 access denied, banned sending address",
}


def refused_by(receiver: Receiver, path: Path) -> str | None:
    """The reply for the most serious fault of the route; None if the route does not make mail bounce."""
    if dmarc_verdict(path) == "fail" and path.dmarc == "reject":
        return NO_DMARC[receiver]
    if not path.names:
        return NO_NAMES[receiver]
    return LISTED[receiver] if path.address == "listed" else None
