"""One SMTP server on one held port, opened and closed while the program's loop goes on.

aiosmtpd's controllers start a loop of their own and cannot reopen a port, so its protocol class is
served by the running loop directly.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP

from sim.live import ports

LINE_LIMIT = 1 << 20
"""Octets a line may have. RFC 5321 4.5.3.1.6 asks for 1,000 at least; files with bare line feeds,
as some clients send them unchanged, look like one long line."""

# aiosmtpd logs what clients do wrong; without a handler Python would write it over the console.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


class _Protocol(SMTP):
    """One connection, known to its listener so that a crash of the server cuts it."""

    line_length_limit = LINE_LIMIT

    def __init__(self, listener: "Listener", **options: Any) -> None:
        super().__init__(listener.handler, **options)
        self._listener = listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._listener.connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._listener.connections.discard(self)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Read an address as aiosmtpd does; the standard library's parser falls over a lone `<`."""
        try:
            return super()._getaddr(arg)
        except IndexError:
            return None, None

    def cut(self) -> "asyncio.Task[None] | None":
        """End the connection as a crash does, without a goodbye; the task that served it."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        return self._handler_coroutine


class Listener:
    """An SMTP server that can be down.

    `handler` has aiosmtpd's `handle_…` hooks. The port (0: a free one) is held from the start and
    refuses connections until `open`; `close` refuses them again, `release` gives the port up.
    Raises PortTaken.
    """

    def __init__(
        self, handler: object, hostname: str, *, port: int = 0, size_limit: int | None = None
    ) -> None:
        self.handler = handler
        self.connections: set[_Protocol] = set()
        self._hostname = hostname
        self._size_limit = size_limit
        self._held: socket.socket | None = ports.hold(port)
        self.port = ports.number(self._held)
        self._server: asyncio.Server | None = None

    @property
    def listening(self) -> bool:
        """Does it accept connections now?"""
        return self._server is not None

    async def open(self) -> None:
        """Accept connections from now on. Does nothing when open. Raises PortTaken."""
        if self._server is not None:
            return
        held = self._held if self._held is not None else ports.hold(self.port)
        loop = asyncio.get_running_loop()
        factory: Callable[[], asyncio.BaseProtocol] = lambda: _Protocol(  # noqa: E731
            self, hostname=self._hostname, ident="mxdrill", data_size_limit=self._size_limit, loop=loop
        )
        try:
            self._server = await loop.create_server(factory, sock=held)
        except OSError as why:
            held.close()
            raise ports.PortTaken(f"port {self.port} cannot be opened: {why.strerror}") from why
        finally:
            self._held = None

    async def close(self) -> None:
        """Refuse connections from now on and cut those there are. Does nothing when closed."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        tasks = {task for link in tuple(self.connections) if (task := link.cut()) is not None}
        with contextlib.suppress(ports.PortTaken):  # then `open` says so when its turn comes
            self._held = ports.hold(self.port)
        if tasks:
            await asyncio.wait(tasks)
        await server.wait_closed()

    async def release(self) -> None:
        """Close, and give the port back to the system. The listener can be opened again if it is free."""
        await self.close()
        if self._held is not None:
            self._held.close()
            self._held = None
