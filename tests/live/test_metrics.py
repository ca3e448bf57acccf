"""The port for a monitoring system: any request is answered or closed, and few connections are open."""

import asyncio

from sim.live import ports
from sim.live.metrics import MOST_CLIENTS, Figures, MetricsServer

NOW = Figures(0.0, 1, 2, 3.0, False, 4, 5, 6, 7, 8, {"MX": 1})


async def answer_of(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(sock=await ports.connect(port))
    writer.write(request)
    async with asyncio.timeout(20):
        found = await reader.read()
    writer.close()
    return found


async def test_connections_that_wait_do_not_use_up_the_descriptors_of_the_lab() -> None:
    server = MetricsServer(lambda: NOW)
    await server.open()
    try:
        idle = [
            await asyncio.open_connection(sock=await ports.connect(server.port)) for _ in range(MOST_CLIENTS)
        ]
        assert await answer_of(server.port, b"") == b""
        for _reader, writer in idle:
            writer.close()
            await writer.wait_closed()
        found = b""
        async with asyncio.timeout(20):
            while not found:  # until the server has seen that the others are gone
                found = await answer_of(server.port, b"GET /metrics HTTP/1.1\r\n\r\n")
        assert b"mxdrill_helpdesk_calls_total 4.0" in found
    finally:
        await server.release()


async def test_any_request_is_answered_or_closed() -> None:
    server = MetricsServer(lambda: NOW)
    await server.open()
    try:
        for request in (
            b"\x16\x03\x01\r\n\r\n",
            b"\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET /\xff HTTP/9\r\n\r\n",
            b"POST /metrics x\r\n\r\n",
        ):
            assert (await answer_of(server.port, request)).startswith(b"HTTP/1.1 404")
        assert await answer_of(server.port, b"x" * (1 << 16)) == b""
    finally:
        await server.release()
