"""The addresses on which a door listens, and its links as QR codes that a phone's camera reads.

A door listens on this machine only, and on at most one of its network addresses.
"""

import ipaddress
import os

from sim.kernel.user_mistake import Mistake

LOOPBACK = ("127.0.0.1", "::1")
"""Addresses that can be reached only from this machine."""

_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


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


def qr_rows(link: str) -> list[str]:
    """Rows of a QR code made of block characters; the light modules are drawn, since a terminal is dark.
    Raises NoDoor if segno is not installed.
    """
    try:
        import segno
    except ImportError:
        raise NoDoor("QR codes need the package segno; install mxdrill[table]") from None
    light = [[not dark for dark in row] for row in segno.make(link, error="l").matrix_iter(border=2)]
    if len(light) % 2:
        light.append([True] * len(light[0]))
    return [
        "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(light[::2], light[1::2], strict=True)
    ]
