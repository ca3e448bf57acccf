"""The door for tools and tests: JSON lines on a Unix socket that only its owner can open.

A client says hello with the token of a seat, then gives lines (`do`), requests its seat's view (`look`), and
follows its events (`resume`). The door never waits for a client: a client that does not read is cut off, and
can continue from the last event that it has.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sim.kernel.user_mistake import Mistake
from sim.table.exercise import Exercise
from tui.table.lines_client import LONGEST_LINE_BYTES, Keys, LinesClient
from tui.table.second_client import ANSWER_S, SecondClient

MOST_CLIENTS = 32
EVERY_S = 0.05
"""Wall time between two checks for new events."""
WAITS = "This seat has a client already. The facilitator has one minute to admit you."
"""The text sent to a second client while the facilitator is being asked."""


class LinesDoor:
    """Serves JSON lines on the Unix socket at `path`. `report` shows the facilitator a line.

    `ask`: asks whether a second client may have a seat of this door; None: a second client is refused.
    """

    def __init__(
        self,
        exercise: Exercise,
        keys: Keys,
        path: Path,
        wall: Callable[[], float],
        report: Callable[[str], None],
        ask: SecondClient | None = None,
    ) -> None:
        self._ask = ask
        self._exercise, self._keys, self._path = exercise, keys, path
        self._wall, self._report = wall, report
        self._clients: set[LinesClient] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._news: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Create the socket, accessible only to its owner, and accept connections. Raises Mistake if the
        path is taken.
        """
        listening = _bound(self._path)
        self._server = await asyncio.start_unix_server(self._serve, sock=listening, limit=LONGEST_LINE_BYTES)
        self._news = asyncio.create_task(self._tell_news(), name="lines door")

    async def close(self) -> None:
        """Stop listening, end every connection and remove the socket."""
        if self._news is not None:
            self._news.cancel()
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.send({"is": "end", "text": "the door is closed"})
            client.cut_off("")
        if self._serving:
            await asyncio.wait(self._serving)
        self._path.unlink(missing_ok=True)

    def free(self, seat: str) -> None:
        """End the connections to that seat."""
        for client in tuple(self._clients):
            if client.seat == seat:
                client.cut_off("the facilitator has freed the seat")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = LinesClient(
            self._exercise, self._keys, reader, writer, self._wall, self._report, self._given
        )
        if len(self._clients) >= MOST_CLIENTS:
            client.send({"is": "error", "text": f"the door has {MOST_CLIENTS} clients; close one first"})
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(client)
        self._serving.add(task)
        try:
            await client.serve()
        finally:
            self._clients.discard(client)
            self._serving.discard(task)
            writer.close()

    async def _given(self, seat: str, new: "LinesClient") -> bool:
        """True if `new` may have the seat: no other client holds it, or the facilitator agrees."""
        if not any(one.holds(seat) for one in self._clients if one is not new):
            return True
        if self._ask is None:
            return False
        new.send({"is": "wait", "text": WAITS})
        try:
            async with asyncio.timeout(ANSWER_S):
                given = await self._ask(seat, "a client on JSON lines", "another client on JSON lines")
        except TimeoutError:
            return False
        if given and not new.gone:
            for one in tuple(self._clients):
                if one is not new and one.seat == seat:
                    one.cut_off("the seat was opened elsewhere")
        return given

    async def _tell_news(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            for client in tuple(self._clients):
                client.tell_news()


def _bound(path: Path) -> socket.socket:
    """A socket at `path` that only its owner can open; one left behind by a dead process is replaced."""
    if not hasattr(socket, "AF_UNIX"):
        raise Mistake("--doors lines: this system has no Unix sockets; leave it out")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        if path.is_socket() and not _answers(path):
            path.unlink()
        listening.bind(str(path))
    except OSError as why:
        listening.close()
        raise Mistake(
            f"{path}: {(why.strerror or 'cannot be made').lower()}; choose another --socket"
        ) from None
    finally:
        os.umask(before)
    listening.setblocking(False)
    return listening


def _answers(path: Path) -> bool:
    """True if a process listens at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried, suppress(OSError):
        tried.settimeout(1)
        tried.connect(str(path))
        return True
    return False
