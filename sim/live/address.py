"""Envelope addresses (RFC 5321 4.1.2): the syntax that is accepted, and the domain of an address."""

import re

_DOT_STRING = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
_ADDRESS = re.compile(rf"{_DOT_STRING}@{_DOMAIN}")
_LONGEST = 254  # RFC 5321 4.5.3.1.3 allows a path of 256 octets, its angle brackets included

BAD_SENDER = "553 5.1.7 Sender address is not accepted, write local@domain"
BAD_RECIPIENT = "553 5.1.3 Recipient address is not accepted, write local@domain"


def is_address(text: str) -> bool:
    """True if `text` is a plain `local@domain`. Quoted local parts and address literals are not accepted."""
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None


def domain_of(address: str) -> str:
    """The domain in lower case (RFC 5321 2.4: the case of domains does not matter)."""
    return address.rpartition("@")[2].lower()
