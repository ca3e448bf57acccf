"""One SMTP server on a reserved port, which can be opened and closed in the running event loop.

aiosmtpd's controllers start their own loop and cannot reopen a port, so its protocol class is served directly
by the running loop.
"""

import asyncio
import contextlib
import logging
import re
import socket
import sys
from collections.abc import Callable
from typing import Any, AnyStr, Literal, Protocol, cast

from aiosmtpd.smtp import SMTP, Envelope

from sim.live import ports
from sim.live.certificate import StartTls
from sim.live.data_phase import Reserved, Room, receive

BUFFER = 64 << 10
"""Read-ahead of a connection in octets; the longest command line is far shorter."""
CONNECTIONS = 100
"""Maximum number of connections to one server; fewer if the system allows only a few open files."""
FILES_OF_THE_REST = 72
"""Number of open files that the program needs in addition to its SMTP connections, including name servers."""
SERVERS = 7
"""Number of SMTP servers in one lab."""
ACCEPTED_AT_ONCE = 8
"""Number of connections that the loop accepts before it counts them again."""
QUEUED = 128
"""Number of new connections that the system queues for the loop; if the queue is full, a connection waits
for a second or more.
"""
SIZE_LIMIT = 25 << 20
"""Maximum message size in octets (SIZE, RFC 1870); large providers accept messages of the same size."""
IDENT = "mxdrill EXERCISE"
"""Text after the host name in the greeting; it shows that these servers are not real ones."""
ROOM = 52 << 20
"""Octets of messages that all servers of a lab together can hold in memory: two of the largest messages,
or many small ones.
"""
TOO_MANY_ENCRYPTED = "454 4.7.0 Too many encrypted connections, try again later"
TOO_MANY = b"421 4.3.2 Too many connections, try again later\r\n"

_PLAIN_PATH = re.compile(r"<([\w.+=-]+@[\w.-]+)>\s*(.*)", re.ASCII)
"""An address as nearly every client writes it, and the parameters after it."""

# aiosmtpd logs errors of clients; without a handler Python would write them over the console.
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


class _Mute(asyncio.Protocol):
    """A connection that never gets a banner; it ends when its client ends it, or when the state of the
    port changes.
    """

    def __init__(self, listener: "Listener", transport: asyncio.Transport) -> None:
        self._listener, self._transport = listener, transport
        transport.set_protocol(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._listener.connections.discard(self)

    def cut(self) -> None:
        """Cut the connection, which no task is serving."""
        self._transport.abort()


class _Protocol(SMTP):
    """One connection, registered with its listener so that a crash of the server cuts it."""

    line_length_limit = BUFFER

    def __init__(self, listener: "Listener", **options: Any) -> None:
        super().__init__(listener.handler, **options)
        self._listener = listener
        self._encrypted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is not None:  # the same client, after STARTTLS
            super().connection_made(transport)
            return
        transport = cast("asyncio.Transport", transport)  # its class differs by event loop
        if len(self._listener.connections) >= self._listener.most_connections:
            transport.set_protocol(asyncio.Protocol())  # ignores what the client sends
            transport.write(TOO_MANY)
            transport.close()
            return
        greeting = self._listener.gate.at_connect(transport.get_extra_info("peername"))
        if greeting == "silent":
            self._listener.connections.add(_Mute(self._listener, transport))
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


def most_connections() -> int:
    """Maximum number of connections to each of the lab's servers, given the system's limit of open files."""
    if sys.platform == "win32":
        return CONNECTIONS
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(2, min(CONNECTIONS, (files - FILES_OF_THE_REST) // SERVERS))


class Listener:
    """An SMTP server that can be taken down.

    `handler` has aiosmtpd's `handle_…` hooks. The port (0: a free one) is reserved at construction and
    refuses connections until `open`; `close` makes it refuse connections again, `release` releases the port.
    Raises PortTaken.
    """

    def __init__(
        self,
        handler: object,
        hostname: str,
        gate: Gate | None = None,
        *,
        port: int = 0,
        size_limit: int = SIZE_LIMIT,
        tls: StartTls | None = None,
        room: Room | None = None,
    ) -> None:
        """`gate`: decides the answers to clients before a message is accepted; None: every client is served.
        `room`: memory shared with other servers; None: the server has its own.

        `tls`: None: STARTTLS is not offered.
        """
        self._tls: dict[str, Any] = {}
        if tls is not None:
            self._tls = {"tls_context": tls.context, "require_starttls": tls.required}
        self.handler = handler
        self.gate: Gate = gate or OpenGate()
        self.room = room or Room(ROOM)
        self.most_connections = most_connections()
        self.connections: set[_Protocol | _Mute] = set()
        self._hostname = hostname
        self.size_limit = size_limit
        self._held: socket.socket | None = ports.hold(port)
        self.port = ports.number(self._held)
        self._server: asyncio.Server | None = None
        self._filling: socket.socket | None = None

    @property
    def listening(self) -> bool:
        """True while the server accepts connections."""
        return self._server is not None

    @property
    def silent(self) -> bool:
        """True while connection attempts hang."""
        return self._filling is not None

    async def become(self, port: Literal["open", "closed", "silent"]) -> bool:
        """Bring the port into this state. Returns True if it was just opened. Raises PortTaken."""
        if port == "open":
            opened = not self.listening
            await self.open()
            return opened
        if port == "closed":
            await self.close()
        elif not self.silent:
            await self.close()
            if self._held is None:
                self._held = ports.hold(self.port)
            self._filling = ports.silence(self._held)
        return False

    async def open(self) -> None:
        """Start accepting connections. Does nothing if open. Raises PortTaken."""
        if self._server is not None:
            return
        if self.silent:
            await self.close()
        held = self._held if self._held is not None else ports.hold(self.port)
        loop = asyncio.get_running_loop()
        factory: Callable[[], asyncio.BaseProtocol] = lambda: _Protocol(  # noqa: E731
            self,
            hostname=self._hostname,
            ident=IDENT,
            data_size_limit=self.size_limit,
            loop=loop,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            **self._tls,
        )
        try:
            self._server = await loop.create_server(factory, sock=held, backlog=ACCEPTED_AT_ONCE)
            held.listen(QUEUED)
        except OSError as why:
            held.close()
            raise ports.PortTaken(f"port {self.port} cannot be opened: {why.strerror}") from why
        finally:
            self._held = None

    async def close(self) -> None:
        """Refuse new connections and cut existing ones. Does nothing if closed."""
        if self._filling is not None and self._held is not None:
            self._filling.close()
            self._held.close()
            self._filling = self._held = None
            with contextlib.suppress(ports.PortTaken):  # `open` reports it
                self._held = ports.hold(self.port)
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        tasks = {task for link in tuple(self.connections) if (task := link.cut()) is not None}
        with contextlib.suppress(ports.PortTaken):  # `open` reports it
            self._held = ports.hold(self.port)
        if tasks:
            await asyncio.wait(tasks)
        await server.wait_closed()

    async def release(self) -> None:
        """Close, and release the port. The listener can be opened again if the port is free."""
        await self.close()
        if self._held is not None:
            self._held.close()
            self._held = None
