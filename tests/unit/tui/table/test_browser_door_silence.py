"""The browser door and clients that say nothing or stop reading: they are sent away; the others go on."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.at_table import AtTable, browser, painted, wire, with_door
from tui.table import browser_door, browser_wire
from tui.table.browser_wire import WireEnd
from tui.table.limits import FIRST_WORD_S
from tui.table.seat import outlet


async def undisturbed(socket: aiohttp.ClientWebSocketResponse) -> None:
    """The seat of that browser still answers."""
    await socket.send_bytes(b"note undisturbed\r")
    await painted(socket, "noted note undisturbed")


async def test_a_connection_that_asks_for_nothing_is_closed_and_one_that_has_asked_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser_door, "FIRST_WORD_S", 0.02)
    made = browser_door.web.AppRunner  # which would close it as well, but later

    def patient(app: Any, **more: Any) -> Any:
        return made(app, **{**more, "keepalive_timeout": 3600.0})

    monkeypatch.setattr(browser_door.web, "AppRunner", patient)
    async with with_door() as here, browser(here, "dns") as one, wire(here, one, "dns") as bystander:
        await bystander.send_str("100x30")
        await painted(bystander, "EXERCISE")
        silent = [await asyncio.open_connection("127.0.0.1", here.door.port) for _ in range(3)]
        async with asyncio.timeout(60):
            for reader, _writer in silent:
                waiting = asyncio.create_task(reader.read())
                while not waiting.done():
                    here.wall.go(FIRST_WORD_S)
                    await asyncio.wait([waiting], timeout=0.02)
                assert waiting.result() == b""
        await undisturbed(bystander)
        for _reader, writer in silent:
            writer.close()


async def test_a_wire_without_a_size_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_wire, "FIRST_WORD_S", 0.05)
    async with with_door() as here, browser(here, "lead") as one, wire(here, one, "lead") as silent:
        async with asyncio.timeout(60):
            message = await silent.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, WireEnd.UNUSABLE)
        assert not here.seats.client_of("lead")


def connections(here: AtTable) -> int:
    """Open connections of the door."""
    runner = here.door._runner
    assert runner is not None
    assert runner.server is not None
    return len(runner.server.connections)


async def test_the_connection_of_a_browser_that_does_not_read_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outlet, "PATIENCE_S", 0.2)
    monkeypatch.setattr(browser_wire, "HEARTBEAT_S", 3600.0)  # which would end it as well, but later
    monkeypatch.setattr(browser_wire, "CLOSING_S", 0.0)
    async with (
        with_door() as here,
        browser(here, "lead") as one,
        browser(here, "dns") as other,
        wire(here, other, "dns") as bystander,
    ):
        await bystander.send_str("100x30")
        await painted(bystander, "EXERCISE")
        async with wire(here, one, "lead") as lazy:
            await lazy.send_str("120x40")
            await painted(lazy, "EXERCISE")
            held = connections(here)
            assert lazy._response.connection is not None
            assert lazy._response.connection.transport is not None
            lazy._response.connection.transport.pause_reading()  # type: ignore[attr-defined]
            async with asyncio.timeout(60):
                while connections(here) == held:
                    if here.seats.client_of("lead"):
                        here.seats._seats["lead"].driver.write("x" * 100_000)
                    await asyncio.sleep(0)
            assert not here.seats.client_of("lead")
            await undisturbed(bystander)
