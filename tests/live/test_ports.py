"""Only loopback, and a port that is down is refused and stays ours."""

import asyncio
import errno
import socket

import pytest

from sim.live import ports
from sim.live.listener import Listener


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.1", "", "localhost", "mx.contoso.test", "8.8.8.8", "127.0.0.1.example"]
)
async def test_any_other_address_is_refused(host: str) -> None:
    with pytest.raises(ports.NotLoopback, match="not a loopback address"):
        ports.hold(0, host)
    with pytest.raises(ports.NotLoopback, match="not a loopback address"):
        await ports.connect(25, host)


def test_held_port_is_bound_to_loopback_and_belongs_to_nobody_else() -> None:
    with ports.hold() as held:
        assert held.getsockname()[0] == "127.0.0.1"
        with socket.socket() as other, pytest.raises(OSError, match="in use") as refused:
            other.bind(("127.0.0.1", ports.number(held)))
        assert refused.value.errno == errno.EADDRINUSE


def test_port_in_use_is_one_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            ports.PortTaken, match=f"port {port} on 127.0.0.1 cannot be used: Address already in use"
        ):
            ports.hold(port)


async def test_port_is_refused_while_down_and_accepts_while_up_fifty_times() -> None:
    listener = Listener(object(), "mail.contoso.test")
    port = listener.port
    try:
        for _ in range(50):
            with pytest.raises(ConnectionRefusedError):
                await ports.connect(port)
            await listener.open()
            assert await greeting(port) == b"220 mail.contoso.test mxdrill EXERCISE\r\n"
            await listener.close()
        assert listener.port == port
    finally:
        await listener.release()


async def test_crash_of_the_server_cuts_its_connections() -> None:
    listener = Listener(object(), "mail.contoso.test")
    await listener.open()
    try:
        reader, writer = await asyncio.open_connection(sock=await ports.connect(listener.port))
        assert await reader.readline()
        await listener.close()
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        await writer.wait_closed()
        assert not listener.connections
    finally:
        await listener.release()


async def test_opening_twice_and_closing_twice_change_nothing() -> None:
    listener = Listener(object(), "mail.contoso.test")
    await listener.close()
    await listener.open()
    await listener.open()
    assert (await greeting(listener.port)).startswith(b"220 ")
    await listener.release()
    await listener.release()
    assert not listener.listening


async def greeting(port: int) -> bytes:
    reader, writer = await asyncio.open_connection(sock=await ports.connect(port))
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    await writer.wait_closed()
    return line
