"""The addresses on which a door listens: this machine only, and at most one of its network addresses."""

import ipaddress
import os

from sim.kernel.user_mistake import Mistake

LOOPBACK = ("127.0.0.1", "::1")
"""Addresses that can be reached only from this machine."""


class NoDoor(Mistake):
    """A door (a server for clients) cannot be opened; the text has the address and the reason."""


def addresses(lan: str) -> list[str]:
    """Loopback, and `lan` if it is not empty. Raises NoDoor."""
    return [*LOOPBACK, *([lan_address(lan)] if lan else [])]


def lan_address(text: str) -> str:
    """One address of this machine. Raises NoDoor for a name, and for an address that means all addresses."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise NoDoor(f"--lan {text}: give one IP address of this machine, such as 192.168.1.20") from None
    if address.is_unspecified or address.is_multicast:
        raise NoDoor(f"--lan {text}: give one IP address; the exercise does not listen on all of them")
    return str(address)


def no_door(address: str, port: int, why: OSError) -> NoDoor:
    """The error in one line: `127.0.0.1:8443: address already in use`."""
    known = os.strerror(why.errno) if why.errno else str(why)
    return NoDoor(f"{address}:{port}: {known.lower()}")


def in_url(address: str) -> str:
    """The address in the form that a URL needs."""
    return f"[{address}]" if ":" in address else address
