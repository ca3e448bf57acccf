"""Ports on loopback: held while their server is down, so that "down" means refused for everybody.

The only module that makes sockets, and it makes them on loopback only. A port that is *held* is
bound and not listening: a connection to it is refused by the kernel, and no other program can be
given its number, so a mail server comes back where it was.
"""

import asyncio
import ipaddress
import os
import socket
from dataclasses import dataclass

from sim.kernel.user_mistake import Mistake

LOOPBACK = "127.0.0.1"


class NotLoopback(ValueError):
    """Someone asked for an address that is not this machine's own."""


class PortTaken(Mistake):
    """The port is in use by another program; the text is one line for people."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the lab listens, all on 127.0.0.1."""

    mx: int
    """The organisation's MX: send mail here."""
    mail_server: int
    """The organisation's mail server; refused while it is down."""
    internet: int
    """Everybody else: bounces arrive here."""


def require_loopback(host: str) -> str:
    """`host` if it is a literal loopback address (RFC 1122 3.2.1.3, RFC 4291 2.5.3).

    A name is refused too: looking it up would already ask somebody else. Raises NotLoopback.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise NotLoopback(f"{host!r} is not a loopback address; mxdrill only binds and contacts {LOOPBACK}")
    return host


def hold(port: int = 0, host: str = LOOPBACK) -> socket.socket:
    """A TCP socket bound to `port` (0: a free one) on `host`, not yet listening.

    Raises NotLoopback, or PortTaken when another program has the port or it may not be used.
    """
    require_loopback(host)
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere the option would let two programs share the port
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setblocking(False)
        held.bind((host, port))
    except OSError as why:
        held.close()
        raise PortTaken(f"port {port} on {host} cannot be used: {why.strerror}") from why
    return held


def number(held: socket.socket) -> int:
    """The port number of a bound socket."""
    port = held.getsockname()[1]
    assert isinstance(port, int)
    return port


async def connect(port: int, host: str = LOOPBACK) -> socket.socket:
    """A connected, non-blocking TCP socket to `port` on loopback.

    Raises NotLoopback, or OSError (ConnectionRefusedError while the port is only held).
    """
    require_loopback(host)
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    link.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(link, (host, port))
    except BaseException:
        link.close()
        raise
    return link
