"""An hour at a table through all its doors, in one process, with a rewind and a server that is killed.

`tests/drills/real/test_table_hour.py` plays the same plot with real browsers, `ssh` and `tmux`.
"""

import asyncio
import json
import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncssh
import pytest

from sim.drill.session.load import load_scenario
from sim.kernel.duration import MINUTE_MS
from sim.table.exercise import Exercise
from tests import hour
from tests.hour import BY_SSH, FACILITATOR, PEOPLE, check_history, check_leaks, without_codes
from tui.table.browser_wire import WireEnd
from tui.table.clock import TableClock
from tui.table.door_protocol import Around, Door
from tui.table.doors import WantedDoors, doors_of, socket_of
from tui.table.facilitator.station import Station
from tui.table.seat import screen
from tui.table.ways_back import kept

ALL = ("browser", "ssh", "lines")
SIZE = (160, 45)
PATIENCE_S = 20.0
LOG = b"0"
"""The key of the place that lists every event."""


class Screen:
    """The client of one seat: every byte that it got, through every connection."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.mark = self.typed = 0
        """Octets that it had when the clock reached the present step, and when its last line was typed."""
        self.more = asyncio.Event()

    def add(self, data: bytes) -> None:
        self.got += data
        self.more.set()

    async def until(self, pattern: str) -> re.Match[str]:
        """The first place of `pattern` in what was painted since the mark."""
        while (found := re.search(pattern, self.text)) is None:
            self.more.clear()
            try:
                await asyncio.wait_for(self.more.wait(), PATIENCE_S)
            except TimeoutError:
                pytest.fail(f"not painted: {pattern}; but {self.text[-2000:]}")
        return found

    @property
    def text(self) -> str:
        """Everything that was painted since the mark."""
        return without_codes(bytes(self.got[self.mark :]))


class BrowserSeat(Screen):
    """A browser with its cookie."""

    def __init__(self, seat: str, link: str) -> None:
        super().__init__()
        self._home, _, self._token = link.partition("/join/")
        self._seat, self._link = seat, link
        self._browser = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.wire: aiohttp.ClientWebSocketResponse | None = None
        self.closed = 0

    async def open(self) -> None:
        """Open the link the first time, later the page of the seat."""
        page = self._link if self.wire is None else f"{self._home}/seat/{self._seat}/"
        async with self._browser.get(page) as answer:
            assert answer.status == 200
            self.add(await answer.read())
        self.wire = await self._browser.ws_connect(
            f"{self._home}/seat/{self._seat}/wire", origin=self._home, autoclose=False
        )
        await self.wire.send_str("{}x{}".format(*SIZE))
        self._reading = asyncio.create_task(self._read(self.wire))

    async def _read(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        while (message := await wire.receive()).type is aiohttp.WSMsgType.BINARY:
            self.add(message.data)
        self.closed = int(message.data or 0) if message.type is aiohttp.WSMsgType.CLOSE else 0
        self.more.set()

    async def send(self, data: bytes) -> None:
        assert self.wire is not None
        await self.wire.send_bytes(data)

    async def drop(self) -> None:
        """Lose the connection without a word of the page."""
        assert self.wire is not None
        assert self.wire._response.connection is not None
        self.wire._response.connection.close()
        await self._reading

    async def end(self) -> int:
        """The code with which the door closed."""
        await asyncio.wait_for(self._reading, 30)
        await self._browser.close()
        return self.closed


class SshSeat(Screen):
    """A terminal of OpenSSH's kind."""

    def __init__(self, port: int, password: str) -> None:
        super().__init__()
        self._port, self._password = port, password

    async def open(self) -> None:
        self._connection = await asyncssh.connect(
            "127.0.0.1", self._port, username=BY_SSH, password=self._password, known_hosts=None,
            config=None, client_keys=None, agent_path=None,
        )  # fmt: skip
        self._shell = await self._connection.create_process(
            term_type="xterm-256color", term_size=SIZE, encoding=None
        )
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while piece := await self._shell.stdout.read(1 << 16):
            self.add(piece)

    async def send(self, data: bytes) -> None:
        self._shell.stdin.write(data)

    async def end(self) -> int:
        await asyncio.wait_for(self._reading, 30)
        self._connection.close()
        await self._connection.wait_closed()
        return 0


class LinesSeat(Screen):
    """A tool that follows the events of a seat, and looks at everything that the seat may know."""

    def __init__(self, path: Path, token: str, person: str) -> None:
        super().__init__()
        self.path = path
        self._hello = {"is": "hello", "version": 1, "token": token, "person": person}

    async def open(self) -> None:
        reader, self._writer = await asyncio.open_unix_connection(str(self.path), limit=1 << 24)
        for line in (self._hello, {"is": "resume", "after_seq": -1}):
            self._writer.write(json.dumps(line).encode() + b"\n")
        self._reading = asyncio.create_task(self._read(reader))
        await self.until('"takes the seat')

    def look(self) -> None:
        self._writer.write(b'{"is":"look"}\n')

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            self.add(line)

    async def end(self) -> None:
        await asyncio.wait_for(self._reading, 30)
        self._writer.close()


class Table:
    """The server: an exercise with its doors and the facilitator's station, without a clock of its own."""

    def __init__(self, exercise: Exercise, journal: Path, said: list[str]) -> None:
        self.exercise, self._journal = exercise, journal
        ways = kept(journal)
        around = Around(exercise, TableClock(exercise, time.monotonic, said.append), said.append, journal)
        wanted = WantedDoors(ALL, ways.port if ways else 0, ways.ssh_port if ways else 0)
        self._doors: list[Door] = doors_of(around, wanted)
        self.station = Station(exercise, "Fay", said.append)
        self.station.begin()

    async def open(self) -> dict[str, str]:
        """Open the doors; the links by their names, such as `seat dns`."""
        for door in self._doors:
            await door.open()
        rows = [line for door in self._doors for line in door.links()]
        return dict(row.split(": ", 1) for row in rows if ": " in row)

    async def close(self) -> None:
        for door in self._doors:
            await door.close()


class InOneProcess:
    """A `Stage`."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        """Every line that the facilitator got."""
        self._folder = folder
        self.journal = folder / "hour.jsonl"
        scenario = folder / "zebra-week.yaml"
        scenario.write_text(hour.SCENARIO, encoding="utf-8")
        self.exercise = Exercise.start(
            load_scenario(str(scenario), {"users": hour.USERS}), 1, self.journal, tuple(PEOPLE)
        )
        self.table = Table(self.exercise, self.journal, self.said)
        self.seats: dict[str, BrowserSeat | SshSeat] = {}
        self.tools: dict[str, LinesSeat] = {}
        self.links: dict[str, str] = {}

    async def begin(self) -> None:
        self.links = await self.table.open()
        way, _, password = self.links[f"SSH {BY_SSH}"].partition("  password ")
        port = int(way.split("-p ")[1].split()[0])
        for name in PEOPLE:
            browser = name != BY_SSH
            self.seats[name] = (
                BrowserSeat(name, self.links[f"seat {name}"]) if browser else SshSeat(port, password)
            )
            await self.seats[name].open()
        for seat in self.seats.values():
            await seat.until("Type your name")
        for name, person in PEOPLE.items():
            await self.type(name, person)
            await self.seats[name].until("takes the seat|you have the seat")
            await self.seats[name].send(LOG)
            token = self.links[f"lines {name}"].removeprefix("token ")
            self.tools[name] = LinesSeat(socket_of(self.journal), token, person)
            await self.tools[name].open()
        self.table.station.give("freeze until everyone is here")

    async def reach(self, minute: float) -> None:
        for seat in self.seats.values():
            seat.mark = len(seat.got)
        self.table.exercise.advance(round(minute * MINUTE_MS))
        self.table.exercise.mark()
        self.table.station.show()

    async def type(self, who: str, text: str, *, enter: bool = True) -> None:
        if who == FACILITATOR:
            self.table.station.give(text)
            assert not self.said[-1].startswith("refused"), (text, self.said[-1])
            self.table.station.show()
            return
        self.seats[who].typed = len(self.seats[who].got)
        pasted = b"\x1b[200~" + text.encode() + b"\x1b[201~"  # typed keys take their time
        await self.seats[who].send(pasted + b"\r" * enter)

    async def shows(self, seat: str, words: str) -> None:
        await self.seats[seat].until(re.escape(words))

    async def number(self, seat: str, pattern: str) -> str:
        self.seats[seat].mark = self.seats[seat].typed
        return (await self.seats[seat].until(pattern))[1]

    async def come_back(self, seat: str) -> None:
        here = self.seats[seat]
        assert isinstance(here, BrowserSeat)
        await here.drop()
        here.mark = len(here.got)
        await here.open()

    async def kill_and_resume(self) -> None:
        """Go on from the bytes that a killed server leaves: files are copied while it runs."""
        before = self.table.exercise
        told = {name: before.events(name) for name in before.names}
        left = self._folder / "after-the-kill"
        left.mkdir()
        journal = before.session.journal_path
        assert journal is not None
        for path in (journal, *self._folder.glob("hour*.[dk]*"), *self._folder.glob("ssh*")):
            shutil.copy2(path, left)
        await self.table.close()
        before.close()
        self.journal = left / journal.name
        exercise = Exercise.resume(self.journal)
        assert {name: exercise.events(name) for name in exercise.names} == told
        self.table = Table(exercise, self.journal, self.said)
        assert await self.table.open() == self.links  # the same ports and tokens
        for name, seat in self.seats.items():
            await seat.open()
            await seat.send(LOG)
            await self.tools[name].end()
            self.tools[name].path = socket_of(self.journal)
            await self.tools[name].open()
        self.table.station.give("freeze the exercise has been resumed")
        self.table.station.show()


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[InOneProcess]:
    one = InOneProcess(folder)
    try:
        await one.begin()
        yield one
    finally:
        await one.table.close()


async def test_an_hour_at_a_table_is_one_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "REPAINT_S", 0.05)  # nobody reads these screens
    async with stage(tmp_path) as here:
        await hour.play(here)
        exercise = here.table.exercise
        for tool in here.tools.values():
            tool.look()
            await tool.until('"is":"look"')
        await here.table.close()
        ends = {name: await seat.end() for name, seat in here.seats.items()}
        for tool in here.tools.values():
            await tool.end()
        exercise.close()
        assert set(ends.values()) == {0, WireEnd.OVER}
        assert here.journal.stem == "hour-branch-1"
        check_history(here.journal, exercise.session)
        for clients in (here.seats, here.tools):
            check_leaks({name: bytes(one.got) for name, one in clients.items()}, here.said)
