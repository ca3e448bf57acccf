"""Doors and ports of an exercise, stored next to its journal, so that a resumed table has the same
addresses.
"""

import json
import re
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from sim.drill.session.journal import for_its_owner

_BRANCH = re.compile(r"-branch-\d+$", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeptWays:
    """The doors of an exercise (servers for clients) and their ports; 0 for no port, or for any free port."""

    doors: tuple[str, ...]
    port: int = 0
    ssh_port: int = 0
    lan: str = ""


def root_of(journal: Path) -> Path:
    """The journal of the exercise before anyone went back; the tokens, sockets and ports are named after
    it.
    """
    return journal.with_name(f"{_BRANCH.sub('', journal.stem)}{journal.suffix}")


def keep(journal: Path, ways: KeptWays) -> None:
    """Store the doors in a file that only their owner can read. Raises OSError."""
    with open(_file(journal), "w", encoding="utf-8", opener=for_its_owner) as file:
        json.dump(asdict(ways), file)


def kept(journal: Path) -> KeptWays | None:
    """The doors that the exercise had, with those of their ports that are free; None if none are known."""
    try:
        told = json.loads(_file(journal).read_text(encoding="utf-8"))
        ways = KeptWays(
            tuple(map(str, told["doors"])), int(told["port"]), int(told["ssh_port"]), str(told["lan"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return KeptWays(ways.doors, _free(ways.port), _free(ways.ssh_port), ways.lan)


def forget(journal: Path) -> None:
    """Remove the doors and the secret of the tokens of an exercise that is deleted."""
    for path in (_file(journal), key_of(journal)):
        path.unlink(missing_ok=True)


def key_of(journal: Path) -> Path:
    """The file with the secret of the tokens."""
    return root_of(journal).with_suffix(".key")


def _file(journal: Path) -> Path:
    return root_of(journal).with_suffix(".doors")


def _free(port: int) -> int:
    """The port, or 0 if something else listens there."""
    if not 0 < port <= 65_535:
        return 0
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
