"""Painted bytes on their way to one client: their number is limited, and the painter never waits for them."""

import asyncio
from collections.abc import Awaitable, Callable

MOST_PENDING = 512 << 10
"""Maximum number of octets held for a client that reads slowly; anything beyond is dropped, and the screen
is painted again later.
"""
PATIENCE_S = 20.0
"""Wall time within which a client has to accept a piece; otherwise it is disconnected."""


class Outlet:
    """Takes painted bytes from a seat and passes them to the task that sends them.

    `behind` is called when bytes were dropped and the client reads again: the seat then paints everything.
    """

    def __init__(self, behind: Callable[[], None]) -> None:
        self._behind = behind
        self._pending = bytearray()
        self._ready = asyncio.Event()
        self._dropped = self._closed = False

    def put(self, data: bytes) -> None:
        """Take `data` and return at once. After an overflow everything is dropped until `take`."""
        if self._closed or self._dropped:
            return
        if len(self._pending) + len(data) > MOST_PENDING:
            self._pending.clear()
            self._dropped = True
        else:
            self._pending += data
        self._ready.set()

    async def take(self) -> bytes:
        """All pending bytes, as soon as there are some; empty if closed."""
        while not self._closed:
            await self._ready.wait()
            self._ready.clear()
            if self._dropped:
                self._dropped = False
                self._behind()
            if self._pending:
                piece = bytes(self._pending)
                self._pending.clear()
                return piece
        return b""

    def close(self) -> None:
        """Accept no more bytes; `take` returns."""
        self._closed = True
        self._pending.clear()
        self._ready.set()


async def pour(outlet: Outlet, send: Callable[[bytes], Awaitable[None]]) -> None:
    """Send everything from `outlet` until it is closed. Raises TimeoutError if the client stops reading."""
    while piece := await outlet.take():
        async with asyncio.timeout(PATIENCE_S):
            await send(piece)
