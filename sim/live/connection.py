"""One connection to an SMTP server of the lab: aiosmtpd's protocol, within limits and behind a gate."""

import asyncio
import logging
import re
import sys
from typing import Any, AnyStr, Protocol, cast

from aiosmtpd.smtp import SMTP, Envelope

from sim.live.data_phase import Reserved, Room, receive

BUFFER = 64 << 10
"""Read-ahead of a connection in octets; the longest command line is far shorter."""
TOO_MANY_ENCRYPTED = "454 4.7.0 Too many encrypted connections, try again later"
TOO_MANY = b"421 4.3.2 Too many connections, try again later\r\n"
_PLAIN_PATH = re.compile(r"<([\w.+=-]+@[\w.-]+)>\s*(.*)", re.ASCII)
"""An address as nearly every client writes it, and the parameters after it."""

# aiosmtpd logs clients' errors; without a handler, Python would print them over the console.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


class Gate(Protocol):
    """Decides the answers to a client before a message is accepted; see `sim.live.gate`."""

    def at_connect(self, peer: object) -> str:
        """The reply to a new connection; empty: serve the client. `silent`: never send a banner. `closed`:
        cut the connection. Anything else: send this reply and close.
        """

    async def at_data(self, server: SMTP, envelope: Envelope) -> str:
        """Return when the client may send its message; if the result is not empty, it is the reply to send
        instead.
        """

    def is_own(self, peer: object) -> bool:
        """True for the lab's own connections, whose messages do not count towards the memory limit: they
        carry one large message at a time.
        """


class OpenGate:
    """A gate that serves every client."""

    def at_connect(self, peer: object) -> str:
        """Serve the client."""
        return ""

    async def at_data(self, server: SMTP, envelope: Envelope) -> str:
        """Let the client send its message."""
        return ""

    def is_own(self, peer: object) -> bool:
        """No client is one of the lab's own connections."""
        return False


class Serving(Protocol):
    """A server as its connections use it; `sim.live.listener.Listener` is one."""

    handler: object
    gate: Gate
    room: Room
    connections: "set[Connection | MuteConnection]"
    most_connections: int
    size_limit: int


class MuteConnection(asyncio.Protocol):
    """A connection that never gets a banner; it ends when its client ends it, or when the state of the
    port changes.
    """

    def __init__(self, listener: Serving, transport: asyncio.Transport) -> None:
        self._listener, self._transport = listener, transport
        transport.set_protocol(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._listener.connections.discard(self)

    def cut(self) -> None:
        """Cut the connection, which no task is serving."""
        self._transport.abort()


class Connection(SMTP):
    """One connection, registered with its listener so that a crash of the server cuts it."""

    line_length_limit = BUFFER

    def __init__(self, listener: Serving, **options: Any) -> None:
        super().__init__(listener.handler, **options)
        self._listener = listener
        self._encrypted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is not None:  # the same client again, after STARTTLS
            super().connection_made(transport)
            return
        transport = cast("asyncio.Transport", transport)  # its class differs by event loop
        if len(self._listener.connections) >= self._listener.most_connections:
            transport.set_protocol(asyncio.Protocol())  # ignores further input from the client
            transport.write(TOO_MANY)
            transport.close()
            return
        greeting = self._listener.gate.at_connect(transport.get_extra_info("peername"))
        if greeting == "silent":
            self._listener.connections.add(MuteConnection(self._listener, transport))
        elif greeting == "closed":
            transport.set_protocol(asyncio.Protocol())
            transport.abort()
        elif greeting:
            transport.set_protocol(asyncio.Protocol())
            transport.write(f"{greeting}\r\n".encode("ascii"))
            transport.close()
        else:
            self._listener.connections.add(self)
            super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._listener.connections.discard(self)
        if self._encrypted:
            self._encrypted = False
            self._listener.room.encrypted += 1
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(self._forget)

    def _forget(self, _served: "asyncio.Task[None]") -> None:
        """Drop the task that has served the client: its error refers to the message that was being received.

        A connection refers to itself (aiosmtpd), so that everything it holds stays in memory until a garbage
        collection.
        """
        self._handler_coroutine = None

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Accept a connection as aiosmtpd does, but only a limited number at a time."""
        room = self._listener.room
        if self._encrypted:
            await self.push("503 5.5.1 This connection is encrypted")
            return
        if self.tls_context and not arg:
            if room.encrypted <= 0:
                await self.push(TOO_MANY_ENCRYPTED)
                return
            room.encrypted -= 1
            self._encrypted = True
        await super().smtp_STARTTLS(arg)

    async def push(self, status: AnyStr) -> None:
        """Send a reply; after a 421 the server closes the connection (RFC 5321 3.8).

        The line that offers AUTH, which aiosmtpd adds over TLS, is left out, because there are no accounts
        here. After each reply other clients have their turn, because one may have sent thousands of
        commands at once.
        """
        if status[:8] in {"250-AUTH", b"250-AUTH"}:
            return
        await super().push(status)
        await asyncio.sleep(0)
        if status[:3] in {"421", b"421"} and self.transport is not None:
            self.transport.close()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Parse an address as aiosmtpd does, but without comments, which SMTP does not have (RFC 5321 4.1.2).

        The standard library's parser takes 5 ms for many comments or dots, and crashes on a lone `<`.
        """
        if plain := _PLAIN_PATH.fullmatch(arg or ""):
            return plain[1], plain[2]
        if "(" in arg:
            return None, None
        try:
            return super()._getaddr(arg)
        except IndexError:
            return None, None

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Handle DATA as aiosmtpd does, but read the content in pieces instead of lines.

        Read by lines, a message of short lines takes a second per megabyte, and forty times its size in
        memory.
        """
        assert self.envelope is not None
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 RCPT first")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        refusal = await self._listener.gate.at_data(self, self.envelope)
        if refusal:
            self._set_post_data_state()  # type: ignore[no-untyped-call]
            await self.push(refusal)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        room = self._room()
        try:
            answer = await self._received(room)
        finally:
            self._set_post_data_state()  # type: ignore[no-untyped-call]
            room.give_back()
        await self.push(answer)

    def _room(self) -> Reserved:
        own = self.session is not None and self._listener.gate.is_own(self.session.peer)
        return (Room(sys.maxsize) if own else self._listener.room).reserve()

    async def _received(self, room: Reserved) -> str:
        """Read a message and hand it to the handler, which holds the only reference. Returns the reply."""
        assert self.envelope is not None
        content = await receive(self._reader, self._listener.size_limit, room)
        if isinstance(content, str):
            return content
        self.envelope.content = self.envelope.original_content = cast("bytes", content)  # not copied
        del content
        answer: str = await self._call_handler_hook("DATA")
        return answer

    def cut(self) -> "asyncio.Task[None] | None":
        """Cut the connection as a crash would, without a reply to QUIT. Returns the task that served it."""
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()
        return self._handler_coroutine
