"""A name server's port: UDP and TCP on the same number of 127.0.0.1 (RFC 7766)."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import cast

from sim.live import ports

Answer = Callable[[bytes, bool], bytes | None]
"""Called with (packet, True for UDP); returns the reply, or None if there is no reply."""

CONNECTIONS = 10
"""Maximum number of TCP connections to one name server; further connections are closed at once."""
IDLE_S = 10.0
"""Wall time after which an idle TCP connection is closed (RFC 7766 section 6.2.3 leaves the choice to the
server).
"""
TRIES = 20
"""Number of free TCP ports to try before giving up on finding one whose number is also free for UDP."""


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # its class differs by event loop

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._answer(data, True)
        if reply is not None:
            self._transport.sendto(reply, addr)


class DnsListener:
    """One name server's port (0: a free one), reserved at construction. Raises PortTaken."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self._answer = answer
        self._tcp, self._udp = _pair(port)
        self.port = ports.number(self._tcp)
        self._server: asyncio.Server | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self) -> None:
        """Start answering."""
        loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._serve, sock=self._tcp, backlog=CONNECTIONS)
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._answer), sock=self._udp
        )

    async def release(self) -> None:
        """Stop answering, and release the port."""
        if self._transport is not None:
            self._transport.close()
        if self._server is not None:
            self._server.close()
        serving = dict(self._serving)
        for writer in serving.values():
            writer.transport.abort()  # its reader then gets the end of the stream
        if serving:
            await asyncio.wait(serving)
        if self._server is not None:
            await self._server.wait_closed()
        self._tcp.close()
        self._udp.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(self._serving) < CONNECTIONS:
                self._serving[task] = writer
                await self._converse(reader, writer)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has disconnected, or has no further query
        finally:
            self._serving.pop(task, None)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(IDLE_S):
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                packet = await reader.readexactly(length)
                reply = self._answer(packet, False)
                if reply is None:
                    return
                writer.write(struct.pack("!H", len(reply)) + reply)
                await writer.drain()
                await asyncio.sleep(0)  # a client may have sent thousands of queries at once


def _pair(port: int) -> tuple[socket.socket, socket.socket]:
    """A TCP and a UDP socket with the same number on loopback. Raises PortTaken."""
    for left in reversed(range(TRIES if port == 0 else 1)):
        tcp = ports.hold(port)
        try:
            return tcp, ports.hold_udp(ports.number(tcp))
        except ports.PortTaken:
            tcp.close()
            if not left:
                raise
    raise AssertionError("the loop returns or raises")
