"""The door for tools and tests: JSON lines on a Unix socket that only its owner can open.

A client says hello with the token of a seat, then gives lines (`do`), requests its seat's view (`look`), and
follows its events (`resume`). The door never waits for a client: a client that does not read is cut off, and
can continue from the last event that it has.
"""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, Protocol

from sim.drill.room.events import Event
from sim.drill.room.table_record import FACILITATOR
from sim.drill.session.journal import DiskFull
from sim.kernel.user_mistake import Mistake
from sim.table.exercise import Exercise
from sim.table.looks import told
from tui.table.limits import FIRST_WORD_S, Allowance
from tui.table.second_client import ANSWER_S, SecondClient

VERSION = 1
LONGEST_LINE_BYTES = 8 << 10
"""Maximum length, in octets, of a line from a client."""
MOST_CLIENTS = 32
MOST_PENDING_BYTES = 1 << 20
"""Maximum number of octets held for a client; a client with more is disconnected."""
EVERY_S = 0.05
"""Wall time between two checks for new events."""
LINES_PER_S, LINES_AT_ONCE = 20.0, 60.0
LOOK_COSTS = 4
"""Number of lines that a `look` counts as."""


WAITS = "This seat has a client already. The facilitator has one minute to admit you."
"""The text sent to a second client while the facilitator is being asked."""


class Keys(Protocol):
    """The tokens of the seats; `Keyring` implements it."""

    def opens(self, kind: Literal["seat"], token: str) -> str | None:
        """The seat of that token; None if it is not the token of a seat."""


class WrongLine(Mistake):
    """A line that the door does not understand; the text is the mistake and the right form."""


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
        self._clients: set[_Client] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._news: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Make the socket, readable only by its owner, and serve it. Raises Mistake if the path is taken."""
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
        client = _Client(self._exercise, self._keys, reader, writer, self._wall, self._report, self._given)
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

    async def _given(self, seat: str, new: "_Client") -> bool:
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


class _Client:
    """One connection of a client."""

    def __init__(
        self,
        exercise: Exercise,
        keys: Keys,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        wall: Callable[[], float],
        report: Callable[[str], None],
        given: Callable[[str, "_Client"], Awaitable[bool]],
    ) -> None:
        """`given`: returns True if this client may have a seat, once the facilitator has been asked."""
        self._exercise, self._keys, self._report, self._given = exercise, keys, report, given
        self._reader, self._writer = reader, writer
        self._waits: asyncio.Future[bool] | None = None
        self._rate = Allowance(LINES_PER_S, LINES_AT_ONCE, wall)
        self._seat = self._person = ""
        self._rewinds = exercise.rewinds
        self._after_seq: int | None = None
        """The number of the last event that was sent; None if the client does not follow events."""

    @property
    def seat(self) -> str:
        """The seat whose token the client sent; empty before that."""
        return self._seat

    @property
    def gone(self) -> bool:
        """True if the connection has ended, from either side."""
        return self._writer.is_closing() or self._reader.at_eof()

    def holds(self, seat: str) -> bool:
        """True if the client plays the person who sits at its seat."""
        return self._seat == seat and self._exercise.person(seat) == self._person and not self.gone

    async def serve(self) -> None:
        """Answer lines until the client leaves, sends too much or does not say hello."""
        while not self._writer.is_closing():
            try:
                async with asyncio.timeout(None if self._seat else FIRST_WORD_S):
                    line = await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError:
                self.cut_off(f"a line is longer than {LONGEST_LINE_BYTES} octets")
                return
            except TimeoutError:
                self.cut_off("no hello")
                return
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            if not self._rate.use(1):
                self.cut_off("too many lines; wait between them")
                return
            await self._take(line)

    async def _take(self, line: bytes) -> None:
        number: Any = None
        try:
            said = _read(line)
            number = said.get("id")
            if said["is"] == "hello":
                await self._hello(said)
            else:
                self._answer(said)
        except (Mistake, DiskFull) as mistake:
            self.send({"is": "error", "text": str(mistake), **({} if number is None else {"id": number})})

    def _answer(self, said: Mapping[str, Any]) -> None:
        match said["is"]:
            case _ if not self._seat:
                raise WrongLine("say hello first")
            case "do" if self._exercise.person(self._seat) != self._person:
                raise WrongLine(f"{self._person} does not sit at {self._seat} any more; say hello again")
            case "do":
                reply = self._exercise.do(self._seat, self._person, _text(said, "text"))
                self.send(
                    {"is": "reply", "id": said.get("id"), "accepted": reply.accepted, "text": reply.text}
                )
            case "look":
                self._look(said)
            case "resume":
                after = said.get("after_seq", -1)
                if type(after) is not int:
                    raise WrongLine("`after_seq` is not a whole number; write -1 for all events")
                self._after_seq = max(-1, after)
                self.tell_news()
            case other:
                raise WrongLine(f"unknown line {str(other)[:40]!r}; write hello, do, look or resume")

    async def _hello(self, said: Mapping[str, Any]) -> None:
        if said.get("version") != VERSION:
            raise WrongLine(f"this door speaks version {VERSION}")
        seat = self._keys.opens("seat", _text(said, "token"))
        if seat is None or seat != said.get("seat", seat):
            self.cut_off("the token does not open that seat")
            return
        here, person = self._exercise.person(seat), said.get("person", "")
        if here and person and person != here:
            raise WrongLine(f"{here} sits at {seat}; the facilitator frees it")
        if not await self._let_in(seat):
            raise WrongLine(f"seat {seat} is taken; ask the facilitator to free it")
        if self.gone:
            return
        if not self._exercise.person(seat):
            reply = self._exercise.sit(seat, _text(said, "person"))
            if not reply.accepted:
                raise WrongLine(reply.text)
        self._seat, self._person = seat, self._exercise.person(seat)
        self.send({"is": "welcome", "version": VERSION, "seat": seat, "person": self._person})

    async def _let_in(self, seat: str) -> bool:
        """True if the client gets the seat; `cut_off` ends the wait for an answer."""
        self._waits = asyncio.ensure_future(self._given(seat, self))
        try:
            await asyncio.wait([self._waits])
            return not self._waits.cancelled() and self._waits.result()
        finally:
            self._waits.cancel()

    def _look(self, said: Mapping[str, Any]) -> None:
        if not self._rate.use(LOOK_COSTS - 1):
            self.cut_off("too many lines; wait between them")
            return
        match said.get("what", "seat"):
            case "seat":
                self.send({"is": "look", "what": "seat", "look": told(self._exercise.look(self._seat))})
            case "truth" if self._seat == FACILITATOR:
                self.send({"is": "look", "what": "truth", "look": asdict(self._exercise.truth())})
            case "script" if self._seat == FACILITATOR:
                rows = [asdict(one) for one in self._exercise.script()]
                self.send({"is": "look", "what": "script", "look": rows})
            case other:
                raise WrongLine(f"`what` is {str(other)[:40]!r}; write seat")

    def tell_news(self) -> None:
        """Send the events since the last one that was sent, if the client follows them."""
        if self._after_seq is None or self._writer.is_closing():
            return
        if self._exercise.rewinds != self._rewinds:
            self._rewinds = self._exercise.rewinds
            back = self._exercise.session.events()
            self._after_seq = min(self._after_seq, len(back) - 2)  # the last one says so
            self.send({"is": "rewind", "t_ms": self._exercise.now_ms, "after_seq": self._after_seq})
        for event in self._exercise.events(self._seat, self._after_seq):
            self._after_seq = event.seq
            self.send(_event(event))

    def send(self, what: Mapping[str, Any]) -> None:
        """Send one line, or cut the client off if it does not read."""
        transport = self._writer.transport
        if self._writer.is_closing():
            return
        if transport.get_write_buffer_size() > MOST_PENDING_BYTES:
            self._report(f"lines door: {self._seat or 'a client'} has stopped reading and is cut off")
            transport.abort()
            return
        self._writer.write(json.dumps(what, separators=(",", ":")).encode() + b"\n")

    def cut_off(self, why: str) -> None:
        """End the connection; `why` is sent and reported, if there is a reason."""
        if why:
            self.send({"is": "error", "text": why})
            self._report(f"lines door: {self._seat or 'a client'}: {why}")
        self._writer.close()
        if self._waits is not None:
            self._waits.cancel()


def _event(event: Event) -> dict[str, Any]:
    return {"is": "event", **asdict(event)}


def _read(line: bytes) -> Mapping[str, Any]:
    """The object in a line, whose `is` names its kind. Raises WrongLine."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise WrongLine("not a line of JSON") from None
    if not isinstance(said, dict) or not isinstance(said.get("is"), str):
        raise WrongLine('not an object with a key "is"; write {"is":"hello",…}')
    return said


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not value:
        raise WrongLine(f"`{key}` is missing or not a text")
    return value


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
