"""A mailbox on disk that any mail program can open, and that stores each effect once.

Maildir layout (tmp, new, cur). The name of a file contains the number of its effect, so that a message that
arrives again after a crash is recognised and not stored twice.
"""

import asyncio
import re
from pathlib import Path

from sim.live.disk.spool import Pieces, write_durably

_NAME = re.compile(r"([es])(\d{8})\.mxdrill.*")
"""Names of files in a mailbox. `e`: an effect, with its number. `s`: a stray message, sent directly to
this server.
"""


class Mailbox:
    """One Maildir; `folder` is created if necessary. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(mode=0o700, exist_ok=True)
        for torn in (folder / "tmp").iterdir():
            torn.unlink()
        self._effects = set(self._numbers("e"))
        self._strays = max(self._numbers("s"), default=0)

    def paths(self) -> list[Path]:
        """The messages, new and read, in the order of their effects, then stray messages."""
        found = (*(self.folder / "new").iterdir(), *(self.folder / "cur").iterdir())
        return sorted((path for path in found if _NAME.fullmatch(path.name)), key=lambda path: path.name)

    def has(self, effect: int) -> bool:
        """True if the message of this effect is stored, in this run or an earlier one."""
        return effect in self._effects

    async def store(self, content: bytes | Pieces, effect: int | None) -> bool:
        """Store a message durably, in a thread. Returns False, and stores nothing, if its effect is already
        stored.

        `effect` is None for mail that was sent directly to this server. Raises OSError.
        """
        if effect is not None and effect in self._effects:
            return False
        if effect is None:
            self._strays += 1
        name = f"s{self._strays:08d}.mxdrill" if effect is None else f"e{effect:08d}.mxdrill"
        await asyncio.to_thread(
            write_durably, self.folder / "new" / name, content, self.folder / "tmp" / name
        )
        if effect is not None:
            self._effects.add(effect)
        return True

    def _numbers(self, kind: str) -> list[int]:
        matches = (_NAME.fullmatch(path.name) for path in self.paths())
        return [int(match[2]) for match in matches if match is not None and match[1] == kind]
