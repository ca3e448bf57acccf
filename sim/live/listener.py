"""One SMTP server on a reserved port, which can be opened and closed in the running event loop.

aiosmtpd's controllers start their own loop and cannot reopen a port, so its protocol class is served directly
by the running loop.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from typing import Any, Literal

from sim.live import ports
from sim.live.certificate import StartTls
from sim.live.connection import Connection, Gate, MuteConnection, OpenGate
from sim.live.data_phase import Room

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
        self.connections: set[Connection | MuteConnection] = set()
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
        factory: Callable[[], asyncio.BaseProtocol] = lambda: Connection(  # noqa: E731
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
