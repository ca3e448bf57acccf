"""One client of the door for tools and tests: the JSON lines that it sends, and the answers to them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, Literal, Protocol

from sim.drill.room.events import Event
from sim.drill.room.table_record import FACILITATOR
from sim.drill.session.journal import DiskFull
from sim.kernel.user_mistake import Mistake
from sim.table.exercise import Exercise
from sim.table.looks import told
from tui.table.limits import FIRST_WORD_S, Allowance

VERSION = 1
LONGEST_LINE_BYTES = 8 << 10
"""Maximum length, in octets, of a line from a client."""
MOST_PENDING_BYTES = 1 << 20
"""Maximum number of octets held for a client; a client with more is disconnected."""
LINES_PER_S, LINES_AT_ONCE = 20.0, 60.0
LOOK_COSTS = 4
"""Number of lines that a `look` counts as."""


class Keys(Protocol):
    """The tokens of the seats; `Keyring` implements it."""

    def opens(self, kind: Literal["seat"], token: str) -> str | None:
        """The seat of that token; None if it is not the token of a seat."""


class WrongLine(Mistake):
    """A line that the door does not understand; the text is the mistake and the right form."""


class LinesClient:
    """One connection. It plays the person at a seat once it has said hello with the seat's token."""

    def __init__(
        self,
        exercise: Exercise,
        keys: Keys,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        wall: Callable[[], float],
        report: Callable[[str], None],
        given: Callable[[str, "LinesClient"], Awaitable[bool]],
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
                raise WrongLine(f"{self._person} no longer has the seat {self._seat}; say hello again")
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
            raise WrongLine(f"{here} has the seat {seat}; ask the facilitator to free it")
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
            self._after_seq = min(self._after_seq, len(back) - 2)  # the last event reports this
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
