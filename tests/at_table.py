"""A table around a drill of arithmetic, and its doors on loopback, for tests of seats."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from sim.drill.room.events import Event
from sim.drill.snapshot.console import Snapshot
from sim.table.looks import RequestView, RoomLook
from tests.tui.conftest import LANGUAGE, LOCAL, Wall
from tests.tui.fake_session import HOUR, FakeSession
from tui.painting.pace import Pace
from tui.table.browser_door import BrowserDoor
from tui.table.log_on import Keyring, Tries
from tui.table.seat.seat import Attached, Client
from tui.table.seat.seats import Seats
from tui.table.seat.shared_table import SharedTable
from tui.table.second_client import SecondClient

SEATS = ("lead", "dns")
SECRET = bytes(range(32))


@dataclass(frozen=True)
class Answer:
    text: str
    accepted: bool = True


@dataclass(frozen=True)
class Look:
    snapshot: Snapshot
    places: tuple[str, ...]


@dataclass
class StandIn:
    """An exercise that notes every line, and tells every seat every event, the truth as well."""

    session: FakeSession = field(default_factory=FakeSession)
    people: dict[str, str] = field(default_factory=dict)
    raises: Exception | None = None
    refuses: str = ""
    """The reason for which every line is refused; empty: none is."""
    rewinds: int = 0
    asked: list[RequestView] = field(default_factory=list)

    @property
    def now_ms(self) -> int:
        return self.session.now_ms

    @property
    def ended(self) -> bool:
        return self.session.ended

    def person(self, seat: str) -> str:
        return self.people.get(seat, "")

    def sit(self, seat: str, person: str) -> Answer:
        self.people[seat] = person
        return Answer(f"welcome, {person}")

    def do(self, seat: str, person: str, text: str) -> Answer:
        if self.raises is not None:
            raise self.raises
        if self.refuses:
            return Answer(self.refuses, accepted=False)
        self.session.given.append(f"{seat} {person}: {text}")
        self.session.tell(self.now_ms, "note", seat, text)
        return Answer(f"noted {text}")

    def look(self, seat: str, listed: int = 0) -> Look:
        places = ("DNS", "Phone", "Room", "Log") if seat == "dns" else ()
        return Look(self.session.snapshot(listed), places)

    def requests(self, seat: str) -> list[RequestView]:
        return self.asked

    def room(self) -> RoomLook:
        return RoomLook(False, "", (), 0)

    def events(self, seat: str, after_seq: int = -1) -> list[Event]:
        return self.session.events(after_seq + 1)


@dataclass
class StandInClock:
    pace: Pace = Pace(60, False, False, 60)
    late_s: float = 0.0


class AtTable:
    """Seats with people in them, a door, and everything that the facilitator was shown."""

    def __init__(self, ask: SecondClient | None = None, people: bool = True) -> None:
        self.exercise = StandIn()
        self.exercise.session.advance(3 * HOUR)
        if people:
            self.exercise.people.update(lead="Ann", dns="Bob")
        self.wall = Wall()
        self.reported: list[str] = []
        self.clock = StandInClock()
        self.table = SharedTable(
            self.exercise, self.clock, self.exercise.session.series, LANGUAGE, LOCAL, "It is Monday."
        )
        self.seats = Seats(self.table, SEATS, self.wall, self.reported.append, ask)
        self.keyring = Keyring(SECRET, SEATS)
        self.tries = Tries(self.wall)
        self.door = BrowserDoor(
            self.table, self.seats, self.keyring, self.tries, self.wall, self.reported.append
        )

    async def at(self, seat: str, id: str = "", columns: int = 120, rows: int = 40) -> Attached:
        return await self.seats.take(seat, Client(f"a test {id}", id), columns, rows)


@asynccontextmanager
async def at_table(ask: SecondClient | None = None, people: bool = True) -> AsyncIterator[AtTable]:
    """The table without a door."""
    here = AtTable(ask, people)
    try:
        yield here
    finally:
        await here.seats.close()


@asynccontextmanager
async def with_door(ask: SecondClient | None = None) -> AsyncIterator[AtTable]:
    """The table with its browser door open."""
    async with at_table(ask) as here:
        await here.door.open()
        try:
            yield here
        finally:
            await here.seats.close()
            await here.door.close()


@asynccontextmanager
async def browser(here: AtTable, seat: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that has opened the link of `seat`."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as one:
        async with one.get(here.door.link("seat", seat)) as page:
            assert page.status == 200
        yield one


def wire(here: AtTable, one: aiohttp.ClientSession, seat: str, **more: object):  # type: ignore[no-untyped-def]
    """The WebSocket of `seat`, as its page opens it."""
    home = f"http://127.0.0.1:{here.door.port}"
    return one.ws_connect(f"{home}/seat/{seat}/wire", origin=home, autoclose=False, **more)


async def painted(socket: "aiohttp.ClientWebSocketResponse", until: str) -> str:
    """Everything that is painted until the screen shows `until`."""
    seen = bytearray()
    async with asyncio.timeout(60):
        while until not in plain(bytes(seen)):
            message = await socket.receive()
            assert message.type is aiohttp.WSMsgType.BINARY, message
            seen += message.data
    return plain(bytes(seen))


async def shown(held: Attached, until: str) -> str:
    """The same, of a client without a door."""
    seen = bytearray()
    async with asyncio.timeout(60):
        while until not in plain(bytes(seen)):
            seen += await held.outlet.take()
    return plain(bytes(seen))


def plain(data: bytes) -> str:
    """Painted bytes without escape sequences."""
    return re.sub(r"\x1b\[[0-9;?<]*[A-Za-z]", "", data.decode("utf-8", "replace"))


def asking(answer: bool, asked: list[str]) -> SecondClient:
    """A facilitator who always gives that answer."""

    async def ask(seat: str, before: str, asks: str) -> bool:
        asked.append(f"{seat}: {asks} for {before}")
        return answer

    return ask


Report = Callable[[str], None]
