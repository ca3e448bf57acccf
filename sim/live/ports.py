"""Ports on loopback, which stay reserved while their server is down, so connections to them are refused.

This is the only module that creates sockets, and it creates them on loopback only. A *held* port is bound but
not listening: the kernel refuses connections to it and does not give its number to another program, so that a
mail server comes back on the same port.
"""

import asyncio
import contextlib
import ipaddress
import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sim.kernel.user_mistake import Mistake

LOOPBACK = "127.0.0.1"


class NotLoopback(ValueError):
    """The address is not a loopback address."""


class PortTaken(Mistake):
    """Another program uses the port; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the lab's SMTP servers, all on 127.0.0.1."""

    mx: int
    """The organisation's MX: send mail here."""
    mx_2: int
    """The gateway's second MX host."""
    smart_host: int
    """The gateway, for outbound mail from the mail server."""
    mail_server: int
    """The organisation's mail server, for deliveries from the gateway."""
    direct: int
    """The organisation's mail server, for senders that bypass the gateway."""
    backup: int
    """The backup MX."""
    internet: int
    """All external domains: bounces arrive here."""


def purposes(domain: str, mail_server: Path | None, internet: Path) -> dict[str, str]:
    """The purpose of each port, in a few words. `mail_server`, `internet`: mailboxes; None: the user's own
    mail server takes the place of the lab's.
    """
    delivered = f"where the gateway delivers; mailbox {mail_server}"
    if mail_server is None:
        delivered = (
            "your own mail server, where the gateway delivers, with TLS if it offers STARTTLS;"
            " the lab does not open this port"
        )
    return {
        "MX": f"accepts mail for any address at {domain}",
        "MX 2": "the same, at the gateway's second host",
        "smart host": "the gateway, for outbound mail to any address",
        "mail server": delivered,
        "direct": "the mail server, for senders that bypass the gateway",
        "backup": f"the backup MX of {domain}",
        "internet": f"where outbound mail and bounces arrive; mailbox {internet}",
    }


def require_other(mail_server_port: int, own: Collection[int]) -> None:
    """Raises PortTaken if the port of the user's own mail server is one of the lab's own."""
    if mail_server_port and mail_server_port in own:
        raise PortTaken(f"port {mail_server_port} is not your mail server's: the lab itself uses it")


def require_loopback(host: str) -> str:
    """`host` if it is a literal loopback address (RFC 1122 3.2.1.3, RFC 4291 2.5.3).

    A host name is not accepted either, because looking it up would contact a resolver. Raises NotLoopback.
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
        if os.name == "posix":  # on other systems, the option would let two programs share the port
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setblocking(False)
        held.bind((host, port))
    except OSError as why:
        held.close()
        raise PortTaken(f"port {port} on {host} cannot be used: {why.strerror}") from why
    return held


def hold_udp(port: int, host: str = LOOPBACK) -> socket.socket:
    """A UDP socket bound to `port` on `host`. Raises NotLoopback, or PortTaken."""
    require_loopback(host)
    held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    try:
        held.setblocking(False)
        held.bind((host, port))
    except OSError as why:
        held.close()
        raise PortTaken(f"UDP port {port} on {host} cannot be used: {why.strerror}") from why
    return held


def number(held: socket.socket) -> int:
    """The port number of a bound socket."""
    port = held.getsockname()[1]
    assert isinstance(port, int)
    return port


def silence(held: socket.socket) -> socket.socket:
    """Make a held port lose the packets of all connection attempts, as a dead network does.

    The port listens with the shortest queue. One connection fills this queue and keeps the port silent until
    that connection, which is returned, is closed. Linux then drops further SYN packets, so a client hangs
    until it times out. On other systems the client may be able to connect, but never gets a banner. Raises
    OSError.
    """
    held.listen(0)
    filling = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    filling.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        filling.connect((LOOPBACK, number(held)))
    return filling


async def connect(port: int, host: str = LOOPBACK, known: set[int] | None = None) -> socket.socket:
    """A connected, non-blocking TCP socket to `port` on loopback.

    The socket's own port is added to `known` before it connects, so that a server can recognise the
    connection. Raises NotLoopback, or OSError (ConnectionRefusedError while the port is only held).
    """
    require_loopback(host)
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    link.setblocking(False)
    try:
        if known is not None:
            link.bind((host, 0))
            known.add(number(link))
        await asyncio.get_running_loop().sock_connect(link, (host, port))
    except BaseException:
        link.close()
        raise
    return link
