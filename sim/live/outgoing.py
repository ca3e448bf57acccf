"""Messages for effects, with their stamps, and their transmission over SMTP.

Between the bridge and the server, the stamp is the first header field. The server removes it before it stores
the message, so that no delivered message contains a stamp. Its signature uses a key that exists only in
memory, for the lifetime of the lab; a forged stamp is treated as part of the message.
"""

import asyncio
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from typing import cast

import aiosmtplib

from sim.drill.services.real_mail import Effect, domain_of
from sim.live.bounce import FailedDelivery, bounce
from sim.live.disk.spool import Spool
from sim.live.lab_session import Site

_FIELD = b"X-Mxdrill-Effect: "
_STAMP = re.compile(_FIELD + rb"(\d{1,9}) ([0-9a-f]{64})\r\n")


REPLY_TIMEOUT_S = 30.0
LARGE = 1 << 20
"""Messages of at least this size, in octets, are sent one at a time."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message with its envelope; `sender` is empty for the null sender.

    `wire`: the content as it is sent after DATA, without the lone dot (see `on_wire`). `size`: its octets
    without the doubled dots (RFC 1870).
    """

    sender: str
    recipients: tuple[str, ...]
    wire: bytes
    size: int


def on_wire(content: bytes) -> tuple[bytes, int]:
    """`content` with CRLF line ends and doubled dots (RFC 5321 4.5.2), and its size without those dots.

    Bare CR and LF become CRLF. The time does not depend on the number of lines, unlike that of a regular
    expression.
    """
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    size = len(lines)
    lines = lines.replace(b"\r\n.", b"\r\n..")
    return (b"." + lines if lines.startswith(b".") else lines), size


class LargeMessages:
    """Lets the routes send only one large message at a time, because each needs several times its size in
    memory.
    """

    def __init__(self, size: Callable[[Effect], int]) -> None:
        """`size`: octets of the message that an effect sends."""
        self._size, self._one = size, asyncio.Lock()

    def turn(self, effect: Effect) -> contextlib.AbstractAsyncContextManager[None]:
        """A lock that is held while the message is in memory."""
        return self._one if self._size(effect) > LARGE else contextlib.nullcontext()


Write = Callable[[Effect], Outgoing]
"""Returns the message for an effect. Raises FileNotFoundError if the original is no longer in the spool."""


class EffectStamp:
    """Adds stamps and checks them, with a key of its own."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def put_on(self, effect: int, content: bytes) -> bytes:
        """`content` with the stamp of `effect` as its first header field."""
        number = b"%d" % effect
        return _FIELD + number + b" " + self._signature(number) + b"\r\n" + content

    def check(self, content: bytes | bytearray) -> tuple[int | None, int]:
        """The effect, and the length of its stamp at the beginning in octets; None and 0 if there is no
        valid stamp.
        """
        found = _STAMP.match(content)
        if found is None or not hmac.compare_digest(found[2], self._signature(found[1])):
            return None, 0
        return int(found[1]), found.end()

    def _signature(self, number: bytes) -> bytes:
        return hmac.new(self._key, number, hashlib.sha256).hexdigest().encode("ascii")


def outgoing(site: Site, spool: Spool, stamp: EffectStamp | None) -> Write:
    """A function that builds the message of an effect. The function raises FileNotFoundError if the original
    has been lost.

    `stamp`: None for a destination outside the lab, which would not remove the stamp.
    """

    def stamped(effect: Effect, content: bytes) -> tuple[bytes, int]:
        return on_wire(content if stamp is None else stamp.put_on(effect.n, content))

    def write(effect: Effect) -> Outgoing:
        letter = spool.get(effect.spool)
        if effect.kind == "relay":
            return Outgoing(effect.envelope_from, effect.recipients, *stamped(effect, letter))
        name = f"<{effect.kind}.{effect.n}.{site.drill}@{reporting(site, effect)}>"
        notice = bounce(_failure(site, effect), letter, name)
        return Outgoing("", (effect.envelope_from,), *stamped(effect, notice))

    return write


def reporting(site: Site, effect: Effect) -> str:
    """Name of the host that accepted the message and that now reports its outcome."""
    return site.backup_host if effect.way == "backup" else site.mx_host


def _failure(site: Site, effect: Effect) -> FailedDelivery:
    outside = f"mx.{domain_of(effect.recipients[0])}"
    return FailedDelivery(
        domain=site.domain,
        reporting_mta=reporting(site, effect),
        remote_mta=outside if effect.way == "smart host" else site.mail_host,
        sender=effect.envelope_from,
        recipients=effect.recipients,
        arrived=site.local(effect.arrived_ms),
        gave_up=site.local(effect.t_ms),
        last_attempt=None if effect.tried_ms is None else site.local(effect.tried_ms),
        diagnostic=effect.reply,
        rejected=effect.rejected,
        retry_until=None if effect.retry_until_ms is None else site.local(effect.retry_until_ms),
    )


class TlsFailed(Exception):
    """STARTTLS was offered and failed; the text is one line with the reason. The connection is closed."""


async def hand_over(
    link: socket, message: Outgoing, helo: str, tls: ssl.SSLContext | None = None
) -> dict[str, tuple[int, str]]:
    """One SMTP transaction. Returns the replies to recipients that were not accepted, if others were.

    `tls`: used only if the server offers STARTTLS. Raises OSError, aiosmtplib's errors when no recipient is
    accepted, or TlsFailed.
    """
    client = aiosmtplib.SMTP(
        sock=link,
        local_hostname=helo,  # otherwise aiosmtplib would look up a name with the system's resolver
        start_tls=False,
        timeout=REPLY_TIMEOUT_S,
    )
    async with client:
        if tls is not None:
            await _encrypt(client, tls)
        return await _transaction(client, message)


async def _transaction(client: aiosmtplib.SMTP, message: Outgoing) -> dict[str, tuple[int, str]]:
    """Send MAIL, RCPT and the content. aiosmtplib's own way to send content takes seconds for millions of
    short lines.
    """
    if client.is_ehlo_or_helo_needed:
        await _greet(client)
    size = [f"SIZE={message.size}"] if client.supports_extension("size") else []
    await client.mail(message.sender, options=size)
    refused = []
    for recipient in message.recipients:
        try:
            await client.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as one:
            refused.append(one)
    if len(refused) == len(message.recipients):
        raise aiosmtplib.SMTPRecipientsRefused(refused)
    for command, expected in ((b"DATA", 354), (b".", 250)):
        reply = await client.execute_command(command)
        if reply.code != expected:
            raise aiosmtplib.SMTPDataError(reply.code, reply.message)
        if command == b"DATA":
            cast("asyncio.Transport", client.transport).write(message.wire)
    return {one.recipient: (one.code, one.message) for one in refused}


async def _greet(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()  # the server has no extensions


async def _encrypt(client: aiosmtplib.SMTP, tls: ssl.SSLContext) -> None:
    await _greet(client)
    if client.supports_extension("starttls"):
        try:
            await client.starttls(tls_context=tls)
        except (OSError, aiosmtplib.SMTPException) as failed:
            client.close()
            raise TlsFailed(in_words(failed)) from failed


def in_words(failed: OSError | aiosmtplib.SMTPException) -> str:
    """The error in one line: the SMTP reply, or the system's error message."""
    if isinstance(failed, aiosmtplib.SMTPResponseException):
        return f"{failed.code} {' '.join(failed.message.split())}"
    if isinstance(failed, OSError) and failed.errno:
        return os.strerror(failed.errno).lower()
    return " ".join(str(failed).split()) or type(failed).__name__
