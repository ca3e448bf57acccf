"""The doors of a table, as asked for on the command line: browsers, JSON lines."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.kernel.user_mistake import Mistake
from tui.table.lines_door import LinesDoor
from tui.table.log_on import Keyring, Tries, kept_secret
from tui.table.serving import Around, Door

if TYPE_CHECKING:
    from tui.table.browser_door import BrowserDoor
    from tui.table.seats import Seats

DOORS = ("browser", "lines")
LONGEST_SOCKET_PATH = 100
"""Octets: a Unix socket's path is short on every system."""


@dataclass(frozen=True, slots=True)
class WantedDoors:
    """The doors as asked for."""

    names: tuple[str, ...] = DOORS
    port: int = 0
    lan: str = ""
    socket: Path | None = None
    """None: next to the journal."""


class MissingExtra(Mistake):
    """A door needs packages that are not installed."""


def doors_of(around: Around, wanted: WantedDoors) -> list[Door]:
    """The doors that are wanted, closed. Raises MissingExtra."""
    secret = kept_secret(around.journal.with_suffix(".key"))
    made: list[Door] = []
    if "browser" in wanted.names:
        made.append(_browsers(around, secret, wanted))
    if "lines" in wanted.names:
        made.append(_LinesWithTokens(around, secret, wanted.socket))
    return made


class _LinesWithTokens:
    """The door of JSON lines with its tokens."""

    def __init__(self, around: Around, secret: bytes, path: Path | None) -> None:
        self._keyring = Keyring(secret, around.exercise.names)
        self._names = around.exercise.names
        self._path = path or socket_of(around.journal)
        self._door = LinesDoor(around.exercise, self._keyring, self._path, time.monotonic, around.say)

    async def open(self) -> None:
        await self._door.open()

    async def close(self) -> None:
        self._keyring.void()
        await self._door.close()

    def links(self) -> list[str]:
        rows = [f"lines {name}: token {self._keyring.token('seat', name)}" for name in self._names]
        return [f"JSON lines on {self._path}", *rows]

    def free(self, seat: str) -> None:
        self._door.free(seat)


def _browsers(around: Around, secret: bytes, wanted: WantedDoors) -> Door:
    try:
        from tui.table.browser_door import BrowserDoor
    except ImportError as missing:
        raise MissingExtra(
            f"browsers need the package {missing.name}; install mxdrill[table], or give --doors lines"
        ) from None
    from tui.painting.local_time import LocalTime
    from tui.playing.drill_language import DrillLanguage
    from tui.table.seat_desk import SharedTable
    from tui.table.seats import Seats

    exercise = around.exercise
    scenario = exercise.session.scenario
    table = SharedTable(
        exercise,
        around.clock,
        exercise.series,
        DrillLanguage(scenario.rules, scenario.organisation),
        LocalTime(scenario.starts_utc_ms, scenario.zone),
        scenario.briefing,
    )
    names = tuple(one.name for one in exercise.seats)
    seats = Seats(table, names, time.monotonic, around.say)
    keyring = Keyring(secret, names)
    door = BrowserDoor(table, seats, keyring, Tries(time.monotonic), time.monotonic, around.say)
    return _BrowserSeats(door, seats, keyring, wanted)


class _BrowserSeats:
    """The door for browsers with its seats and tokens."""

    def __init__(self, door: "BrowserDoor", seats: "Seats", keyring: Keyring, wanted: WantedDoors) -> None:
        self._door, self._seats, self._keyring, self._wanted = door, seats, keyring, wanted

    async def open(self) -> None:
        await self._door.open(self._wanted.port, self._wanted.lan)

    async def close(self) -> None:
        self._keyring.void()
        await self._seats.close()
        await self._door.close()

    def links(self) -> list[str]:
        rows = [f"seat {name}: {self._door.link('seat', name)}" for name in self._seats.names]
        phones = [f"phone {name}: {self._door.link('phone', name)}" for name in self._seats.names]
        open_to = f"open to everyone on the network at {self._door.address}: " if self._wanted.lan else ""
        return [*rows, *phones, f"{open_to}projector: {self._door.link('room')}"]

    def free(self, seat: str) -> None:
        if seat in self._seats.names:
            self._seats.free(seat)


def socket_of(journal: Path) -> Path:
    """The socket next to the journal; in the folder for temporary files if that path is too long."""
    path = journal.with_suffix(".sock")
    if len(str(path).encode()) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.gettempdir()) / f"mxdrill-{journal.stem[-40:]}.sock"
