"""A drill small enough to see through, and a lab around it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from sim.drill.services.real_mail import Effect, Letter
from sim.drill.services.wire import Attempt, Door, PortAnswer
from sim.drill.services.zone_records import ZoneRecords
from sim.drill.session.journal import DiskFull
from sim.live.lab import Lab
from sim.live.lab_session import Site
from sim.mail.dns.dead_spells import Spell
from tests.examples import KILLS

STARTS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SITE = Site(
    drill="drill-1",
    domain="contoso.test",
    mx_host="mx.contoso.test",
    mx_2_host="mx2.contoso.test",
    mail_host="mail.contoso.test",
    direct_host="direct.contoso.test",
    backup_host="backup.example",
    backup_tls="opportunistic",
    local=lambda ms: STARTS + timedelta(milliseconds=ms),
)

LINE_S = 600 if KILLS else 60
"""Wall time to wait for a line of a program; `make kills` runs for an hour beside other work."""
OpenLab = Callable[..., Awaitable[Lab]]


@dataclass
class SmallDrill:
    """Does what the test says: no world behind it."""

    now_ms: int = 0
    ended: bool = False
    server_listens: bool = False
    met: dict[Door, PortAnswer] = field(default_factory=dict)
    """What ports other than the mail server's answer; they are open unless named here."""
    letters: list[Letter] = field(default_factory=list)
    made: list[Effect] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    settlements: list[int] = field(default_factory=list)
    full: str = ""
    """Not empty: the journal's disk is full."""
    journaled: asyncio.Event = field(default_factory=asyncio.Event)
    on_mark: Callable[[], None] = lambda: None
    on_receive: Callable[[Letter], None] = lambda _letter: None

    def meets(self, door: Door) -> PortAnswer:
        if door == "mail server" and not self.server_listens:
            return PortAnswer("refused", step="connect")
        return self.met.get(door, PortAnswer())

    def hits(self, met: PortAnswer, attempt: Attempt) -> bool:
        """A share concerns the attempts with the lowest numbers of a thousand."""
        return met.answer != "up" and attempt.number <= met.per_mille

    def zone_records(self, persona: str | None, spells: Sequence[Spell] = ()) -> ZoneRecords:
        soa = "ns1.contoso.test. hostmaster.contoso.test. 1 1 1 1 60"
        ttl_s = 300 if persona is None else 300 - self.now_ms // 1000 % 300
        return ZoneRecords(
            ("contoso.test",),
            {
                ("contoso.test", "SOA"): (3600, (soa,)),
                ("contoso.test", "MX"): (ttl_s, ("10 mx.contoso.test.", "20 mx2.contoso.test.")),
                ("mx.contoso.test", "A"): (3600, ("127.0.0.1",)),
                ("_dmarc.contoso.test", "TXT"): (3600, ('"v=DMARC1; p=reject"',)),
                ("long.contoso.test", "TXT"): (60, tuple(f'"{n:0200d}"' for n in range(20))),
            },
        )

    @property
    def spooled(self) -> frozenset[str]:
        return frozenset(letter.spool for letter in self.letters)

    def mark(self) -> None:
        if self.full:
            raise DiskFull(self.full)
        self.on_mark()
        self.marks.append(self.now_ms)

    @property
    def settled(self) -> frozenset[int]:
        return frozenset(self.settlements)

    def receive_all(self, letters: Sequence[Letter]) -> None:
        if self.full:
            raise DiskFull(self.full)
        for letter in letters:
            self.on_receive(letter)
            self.letters.append(letter)

    def effects(self, since: int = 0) -> list[Effect]:
        return [effect for effect in self.made if effect.n >= since]

    def settle(self, effect: int) -> None:
        if self.full:
            raise DiskFull(self.full)
        self.settlements.append(effect)
        self.journaled.set()

    async def settles(self, effects: list[int]) -> None:
        """Return when exactly these have been settled, in this order."""
        while self.settlements != effects:
            self.journaled.clear()
            await asyncio.wait_for(self.journaled.wait(), 20)

    def happens(self, kind: Literal["relay", "bounce"], message: int) -> Effect:
        letter = self.letters[message]
        effect = Effect(
            n=len(self.made),
            t_ms=self.now_ms,
            kind=kind,
            message=message,
            recipients=letter.recipients,
            envelope_from=letter.envelope_from,
            spool=letter.spool,
            arrived_ms=0,
            tried_ms=90 * 3_600_000,
            reply="connection refused",
        )
        self.made.append(effect)
        return effect


class Program:
    """`mxdrill` as a process of its own, read line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    @classmethod
    async def start(cls, *words: str) -> "Program":
        pipe = asyncio.subprocess.PIPE
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what runs behind it
            signal.signal(signal.SIGINT, signal.default_int_handler)  # the program must not inherit that
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tui.cli", *words),
                stdin=pipe,
                stdout=pipe,
                stderr=asyncio.subprocess.STDOUT,
            )
        )

    async def line(self) -> str:
        """The next line of output, empty when the program has ended."""
        assert self.process.stdout is not None
        text = (await asyncio.wait_for(self.process.stdout.readline(), LINE_S)).decode().rstrip("\n")
        self.lines.append(text)
        return text

    async def until(self, wanted: str) -> str:
        """The next line that holds `wanted`."""
        return await self.until_any(wanted)

    async def until_any(self, *wanted: str) -> str:
        """The next line that holds one of these."""
        while line := await self.line():
            if any(text in line for text in wanted):
                return line
        raise AssertionError(f"ended without {wanted}:\n" + "\n".join(self.lines))

    async def port(self, name: str) -> int:
        """The number that the program has given a port."""
        return int((await self.until(f"{name} ")).split("127.0.0.1:")[1].split()[0])

    def type(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n".encode())

    async def end(self) -> int:
        """Read to the end of the output; the exit status."""
        while await self.line():
            pass
        return await asyncio.wait_for(self.process.wait(), 60)

    async def kill(self) -> None:
        """kill -9, and wait for it."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()


@pytest.fixture
async def mxdrill() -> AsyncIterator[Callable[..., Awaitable[Program]]]:
    """Starts `mxdrill` with these words; what still runs at the end of the test is killed."""
    started: list[Program] = []

    async def start(*words: str) -> Program:
        started.append(await Program.start(*words))
        return started[-1]

    yield start
    for program in started:
        await program.kill()


@pytest.fixture
def drill() -> SmallDrill:
    return SmallDrill()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
async def open_lab(drill: SmallDrill, said: list[str], tmp_path: Path) -> AsyncIterator[OpenLab]:
    """Starts labs on one mail folder, one after the other as after a kill, and stops them all."""
    running: list[Lab] = []

    async def start(**options: int) -> Lab:
        lab = Lab(drill, SITE, tmp_path / "drill.mail", drill.spooled, say=said.append, **options)
        running.append(lab)
        await lab.start()
        return lab

    yield start
    for lab in running:
        await lab.stop()


@pytest.fixture
async def lab(open_lab: OpenLab) -> Lab:
    return await open_lab()
