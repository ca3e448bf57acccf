"""The WebSocket between a browser and its seat: painted bytes out, keys and window sizes in."""

import asyncio
import re
from collections.abc import Callable
from enum import IntEnum

from aiohttp import WSMsgType, web

from tui.table.limits import FIRST_WORD_S, LONGEST_MESSAGE, Flood
from tui.table.seat.driver import UnusableInput
from tui.table.seat.outlet import pour
from tui.table.seat.seat import OVER, WAITS, Attached, Client, SeatTaken
from tui.table.seat.seats import Seats

HEARTBEAT_S = 15.0
"""Wall time between two heartbeats; a browser that does not send any is disconnected."""
CLOSING_S = 3.0
"""Wall time allowed for closing a connection on both sides."""
_SIZE = re.compile(r"([1-9]\d{0,2})x([1-9]\d{0,2})")


class WireEnd(IntEnum):
    """Reasons for which the table closes a WebSocket; the page reconnects by itself only after `CLOSED`."""

    LET_GO = 4000
    TAKEN = 4001
    TOO_MUCH = 4002
    UNUSABLE = 4003
    CLOSED = 4004
    OVER = 4005
    """Close code: the exercise has ended, so the page does not reconnect."""


class BrowserWire:
    """One WebSocket to one browser."""

    def __init__(self, seats: Seats, name: str, client: Client, wall: Callable[[], float]) -> None:
        self._seats, self._name, self._client = seats, name, client
        self._flood = Flood(wall)
        self._socket = web.WebSocketResponse(
            max_msg_size=LONGEST_MESSAGE, heartbeat=HEARTBEAT_S, compress=False, timeout=2.0
        )

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Carry keys and painted bytes until one side ends it."""
        await self._socket.prepare(request)
        try:
            async with asyncio.timeout(FIRST_WORD_S):
                size = _size(await self._socket.receive())
        except TimeoutError:
            size = None
        if size is None:
            await self._end(WireEnd.UNUSABLE, "the browser did not give the size of its window")
            return self._socket
        if self._seats.must_wait(self._name, self._client):
            await self._socket.send_bytes(WAITS.encode())
        try:
            held = await self._seats.take(self._name, self._client, *size)
        except SeatTaken as why:
            await self._end(self._unless_closed(WireEnd.TAKEN), str(why))
            return self._socket
        painting = asyncio.create_task(self._paint(held, request.transport))
        try:
            await self._hear(held)
        finally:
            held.end()
            # time for the last frame, which may give the reason
            await asyncio.wait([painting], timeout=CLOSING_S)
            painting.cancel()
        return self._socket

    async def _paint(self, held: Attached, transport: asyncio.Transport | None) -> None:
        """Send painted bytes until the seat ends the connection, or until the browser stops reading: then
        the connection is cut.
        """
        try:
            await pour(held.outlet, self._socket.send_bytes)
        except (TimeoutError, ConnectionError):
            held.end("the browser stopped reading")
            if transport is not None:
                transport.abort()
            return
        await self._end(self._unless_closed(WireEnd.LET_GO), held.why)

    def _unless_closed(self, end: WireEnd) -> WireEnd:
        """The given reason, or the reason for which the table has been closed."""
        if not self._seats.closed:
            return end
        return WireEnd.OVER if self._seats.why_closed == OVER else WireEnd.CLOSED

    async def _hear(self, held: Attached) -> None:
        async for message in self._socket:
            octets = len(message.data) if isinstance(message.data, (bytes, str)) else 0
            if not self._flood.takes(octets):
                await self._end(WireEnd.TOO_MUCH, "too much input at once")
                return
            if (size := _size(message)) is not None:
                held.resize(*size)
            elif message.type is WSMsgType.BINARY:
                try:
                    held.feed(message.data)
                except UnusableInput as why:
                    await self._end(WireEnd.UNUSABLE, str(why))
                    return
            else:
                await self._end(WireEnd.UNUSABLE, "not a message of this page")
                return

    async def _end(self, code: WireEnd, why: str) -> None:
        """Close with a reason, which a WebSocket limits to 123 octets."""
        await self._socket.close(code=code, message=why.encode()[:120])


def _size(message: object) -> tuple[int, int] | None:
    """Columns and rows of a message such as `120x40`; None for other messages."""
    text = getattr(message, "data", None)
    found = _SIZE.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1]), int(found[2])) if found is not None else None
