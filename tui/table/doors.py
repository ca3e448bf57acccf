"""The doors of a table, as requested on the command line: browsers, SSH, JSON lines."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.drill.session.journal import beside
from sim.kernel.user_mistake import Mistake
from tui.table.door_protocol import Around, Door
from tui.table.lines_door import LinesDoor
from tui.table.log_on import Keyring, kept_secret
from tui.table.second_client import SecondClients
from tui.table.ways_back import KeptWays, keep, key_of, root_of

if TYPE_CHECKING:  # JSON lines do not need Textual
    from textual.strip import Strip

USUAL_DOORS = ("browser", "lines")
LONGEST_SOCKET_PATH = 100
"""Maximum length of a Unix socket's path in octets; every system limits it."""


@dataclass(frozen=True, slots=True)
class WantedDoors:
    """The requested doors."""

    names: tuple[str, ...] = USUAL_DOORS
    port: int = 0
    ssh_port: int = 0
    lan: str = ""
    socket: Path | None = None
    """Path of the Unix socket; None: next to the journal."""


class MissingExtra(Mistake):
    """A door needs packages that are not installed."""


def doors_of(around: Around, wanted: WantedDoors) -> list[Door]:
    """The requested doors, not yet open. Raises MissingExtra."""
    secret = kept_secret(key_of(around.journal))
    keep(around.journal, KeptWays(wanted.names, wanted.port, wanted.ssh_port, wanted.lan))
    made: list[Door] = []
    if {"browser", "ssh"} & set(wanted.names):
        made.append(_seat_doors(around, secret, wanted))
    if "lines" in wanted.names:
        made.append(_LinesWithTokens(around, secret, wanted.socket))
    return made


def _seat_doors(around: Around, secret: bytes, wanted: WantedDoors) -> Door:
    try:
        from tui.table.seat_doors import SeatDoors, SeatPorts

        ports = SeatPorts(
            wanted.port if "browser" in wanted.names else None,
            wanted.ssh_port if "ssh" in wanted.names else None,
            wanted.lan,
        )

        def opened(browser: int, ssh: int) -> None:
            keep(around.journal, KeptWays(wanted.names, browser, ssh, wanted.lan))

        return SeatDoors(around, secret, ports, opened)
    except ImportError as missing:
        raise MissingExtra(
            f"this door needs the package {missing.name}; install mxdrill[table], or give --doors lines"
        ) from None


class _LinesWithTokens:
    """The door of JSON lines with its tokens."""

    def __init__(self, around: Around, secret: bytes, path: Path | None) -> None:
        self._keyring = Keyring(secret, around.exercise.names)
        self._names = around.exercise.names
        self._path = path or socket_of(around.journal)
        self._second = SecondClients(around.say)
        self._door = LinesDoor(
            around.exercise, self._keyring, self._path, time.monotonic, around.say, self._second.ask
        )

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

    def admit(self, seat: str) -> bool:
        return self._second.admit(seat)

    def asking(self) -> Mapping[str, str]:
        return self._second.asking

    def away(self, seat: str) -> bool:
        return False

    async def hold(self, seat: str, columns: int, rows: int) -> None:
        return None

    def painted(self, seat: str) -> "list[Strip]":
        return []

    def code(self, of: str) -> list[str]:
        return []


def socket_of(journal: Path) -> Path:
    """The path of the socket next to the journal; in the folder for temporary files if that path is too
    long.
    """
    path = beside(root_of(journal), ".sock")
    if len(str(path).encode()) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.gettempdir()) / f"mxdrill-{path.stem[-40:]}.sock"
