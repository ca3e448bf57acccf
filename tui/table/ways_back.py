"""Doors and ports of an exercise, stored next to its journal, so that a resumed table has the same
addresses.
"""

import json
import re
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from sim.drill.session.journal import beside, for_its_owner
from sim.kernel.file_bounds import read_bounded
from tui.table.log_on import secret_in

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
    stem = _BRANCH.sub("", journal.name.removesuffix(".jsonl"))
    return journal.with_name(f"{stem}{'.jsonl' if journal.name.endswith('.jsonl') else ''}")


def keep(journal: Path, ways: KeptWays) -> None:
    """Store the doors in a file that only their owner can read. Raises OSError."""
    path = _file(journal)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with open(unfinished, "w", encoding="utf-8", opener=for_its_owner) as file:
            json.dump(asdict(ways), file)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def kept(journal: Path) -> KeptWays | None:
    """The doors that the exercise had, with those of their ports that are free; None if none are known."""
    ways = _known(_file(journal))
    return ways and KeptWays(ways.doors, _free(ways.port), _free(ways.ssh_port), ways.lan)


def _known(path: Path) -> KeptWays | None:
    """The doors in the file at `path`; None for any other file."""
    try:
        told = json.loads(read_bounded(path).decode("utf-8"))
        return KeptWays(
            tuple(map(str, told["doors"])), int(told["port"]), int(told["ssh_port"]), str(told["lan"])
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None


def forget(journal: Path) -> None:
    """Remove the doors and the secret of the tokens of an exercise that is over or deleted.

    Other files of these names are kept. Raises OSError.
    """
    if _known(_file(journal)) is not None:
        _file(journal).unlink()
    if secret_in(key_of(journal)) is not None:
        key_of(journal).unlink()


def is_last(journal: Path) -> bool:
    """True if no other journal of its exercise, before or after going back, is kept next to `journal`."""
    root = root_of(journal)
    return all(path == journal or root_of(path) != root for path in journal.parent.iterdir())


def key_of(journal: Path) -> Path:
    """The file with the secret of the tokens."""
    return beside(root_of(journal), ".key")


def _file(journal: Path) -> Path:
    return beside(root_of(journal), ".doors")


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
